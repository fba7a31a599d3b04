package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// signedIn is the result of a sign-in.
type signedIn struct {
	// provider carries the token. It is never changed once it is here.
	provider *gophercloud.ProviderClient
	catalog  []tokens.CatalogEntry
	// projectID is the token's scope, "" where it has no project.
	projectID string

	at time.Time
	// renewal says that it replaced another one, and accepted that a service has
	// accepted its token.
	renewal  bool
	accepted atomic.Bool
}

// authenticate signs in. The error is an [*APIError] only if Keystone itself has
// answered, or the failure is transient.
func (c Config) authenticate(ctx context.Context, network http.Client) (*signedIn, error) {
	base, err := identityURL(c.AuthURL)
	if err != nil {
		return nil, err
	}
	provider := &gophercloud.ProviderClient{HTTPClient: network}
	provider.UseTokenLock()
	if c.UserAgent != "" {
		provider.UserAgent.Prepend(c.UserAgent)
	}
	method, options, err := c.tokenRequest()
	if err != nil {
		return nil, err
	}
	target := base + "auth/tokens"
	resp, err := provider.Request(ctx, method, target, options)
	if err != nil {
		var unexpected gophercloud.ErrUnexpectedResponseCode
		if !errors.As(err, &unexpected) {
			return nil, withoutURL(err)
		}
		return nil, c.refusal(method, target, unexpected)
	}
	defer resp.Body.Close()
	var answer struct {
		Token *struct {
			Catalog []tokens.CatalogEntry `json:"catalog"`
			Project tokens.Project        `json:"project"`
		} `json:"token"`
	}
	token, lacks := resp.Header.Get("X-Subject-Token"), ""
	switch err := json.NewDecoder(resp.Body).Decode(&answer); {
	case err != nil:
		lacks = "the JSON of the API"
	case answer.Token == nil:
		lacks = "a token in it"
	case token == "":
		lacks = "the header X-Subject-Token"
	}
	if lacks != "" {
		return nil, &NotIdentityError{Answer: APIError{Method: method, Path: urlPath(target), Status: resp.StatusCode}, Lacks: lacks}
	}
	provider.SetToken(token)
	return &signedIn{provider: provider, catalog: answer.Token.Catalog, projectID: answer.Token.Project.ID}, nil
}

// identityURL returns the URL of the Identity API v3, with a slash at its end: auth_url,
// or one step below it. The version document has it too, but with whatever host the
// server believes to have, and credentials go to no other host than that of auth_url.
func identityURL(authURL string) (string, error) {
	u, err := url.Parse(authURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		// The error of net/url would quote it, and with it a password.
		return "", &transport.ConfigError{Setting: "auth_url", Err: errors.New("not an http or https URL")}
	}
	u.RawQuery, u.Fragment = "", ""
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if slices.Contains(segments, "v2.0") {
		return "", &transport.ConfigError{Setting: "auth_url", Err: errors.New("it names v2.0 of the Identity API, which has been removed from OpenStack; write /v3 in its place")}
	}
	// The last, since a gateway may have a version of its own before it.
	for i, segment := range slices.Backward(segments) {
		if segment == "v3" {
			segments = segments[:i]
			break
		}
	}
	u.Path, u.RawPath = "/"+strings.Join(append(segments, "v3"), "/"), ""
	return u.JoinPath().String() + "/", nil
}

// withoutSecrets removes user information and query from a URL.
func withoutSecrets(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// tokenRequest returns the request for a token by the configured method. A given token
// without a scope is used as it is, and only its catalogue is read.
func (c Config) tokenRequest() (method string, _ *gophercloud.RequestOpts, _ error) {
	request := &gophercloud.RequestOpts{
		KeepResponseBody: true,
		OkCodes:          []int{http.StatusOK, http.StatusCreated, http.StatusNonAuthoritativeInfo},
	}
	options := c.authOptions()
	_, scoped := c.scope()
	if c.method() == MethodToken && !scoped {
		request.MoreHeaders = map[string]string{"X-Auth-Token": c.Token, "X-Subject-Token": c.Token}
		return http.MethodGet, request, nil
	}
	scope, err := options.ToTokenV3ScopeMap()
	if err != nil {
		return "", nil, err
	}
	request.JSONBody, err = options.ToTokenV3CreateMap(scope)
	return http.MethodPost, request, err
}

// refusal returns the error for an answer that is not a success. Keystone's own errors
// have the key "error". Without it the answer is not Keystone's, unless the failure is
// transient.
func (c Config) refusal(method, target string, e gophercloud.ErrUnexpectedResponseCode) error {
	secrets := []string{c.Password, c.Token, c.ApplicationCredentialSecret}
	api := apiError(method, urlPath(target), e, secrets...)
	// Keystone quotes a malformed request in the lines behind the first one.
	kind, message := errorBody(e.Body)
	first, _, _ := strings.Cut(conceal(message, secrets), "\n")
	api.Message = Shown(first)
	if e.Actual == http.StatusUnauthorized && e.ResponseHeader.Get("Openstack-Auth-Receipt") != "" {
		// Multi-factor authentication. The receipt is half a credential.
		api.Kind, api.Message = KindReceipt, "another authentication method is needed besides"
		return api
	}
	if kind == "error" || e.Actual >= http.StatusInternalServerError || api.RateLimited() {
		return api
	}
	return &NotIdentityError{Answer: *api}
}

// authOptions returns the settings of the method for gophercloud, which refuses those of
// another method. An id has precedence over a name, and a name without a domain is in
// the default domain, as in OpenStack's own clients.
func (c Config) authOptions() gophercloud.AuthOptions {
	options := gophercloud.AuthOptions{}
	user := func() {
		if c.UserID != "" {
			options.UserID = c.UserID
			return
		}
		options.Username = c.UserName
		options.DomainID, options.DomainName = c.domain(c.UserDomainID, c.UserDomainName)
	}
	switch c.method() {
	case MethodPassword:
		user()
		options.Password = c.Password
	case MethodToken:
		options.TokenID = c.Token
	case MethodApplicationCredential:
		options.ApplicationCredentialSecret = c.ApplicationCredentialSecret
		if c.ApplicationCredentialID != "" {
			options.ApplicationCredentialID = c.ApplicationCredentialID
		} else {
			options.ApplicationCredentialName = c.ApplicationCredentialName
			user()
		}
	case MethodNone:
	}
	scope, _ := c.scope()
	options.Scope = &scope
	return options
}

// scope returns the scope to ask for, and whether there is one. An application
// credential has its own, and the API refuses another.
func (c Config) scope() (scope gophercloud.AuthScope, asked bool) {
	switch {
	case c.method() == MethodApplicationCredential:
	case c.ProjectID != "":
		scope.ProjectID = c.ProjectID
	case c.ProjectName != "":
		scope.ProjectName = c.ProjectName
		scope.DomainID, scope.DomainName = c.domain(c.ProjectDomainID, c.ProjectDomainName)
	default:
		scope.DomainID, scope.DomainName = oneOf(c.DomainID, c.DomainName)
	}
	return scope, scope != gophercloud.AuthScope{}
}

// domain returns the domain of a user or project that is given by name: its own, or
// else the common one, or else the default.
func (c Config) domain(ownID, ownName string) (id, name string) {
	if id, name = oneOf(ownID, ownName); id == "" && name == "" {
		id, name = oneOf(c.DomainID, c.DomainName)
	}
	if id == "" && name == "" {
		id, name = oneOf(c.DefaultDomain, c.DefaultDomainName)
	}
	if id == "" && name == "" {
		id = "default"
	}
	return id, name
}

// oneOf drops the name if there is an id.
func oneOf(id, name string) (string, string) {
	if id != "" {
		return id, ""
	}
	return "", name
}

func (c Config) signInError(err error) *SignInError {
	_, scoped := c.scope()
	return &SignInError{AuthURL: withoutSecrets(c.AuthURL), Method: c.method(), Who: c.who(), Scoped: scoped, Err: err}
}

// who says what [SignInError.Who] has.
func (c Config) who() string {
	var parts []string
	add := func(kind, id, name, more string) {
		switch {
		case id != "":
			parts = append(parts, fmt.Sprintf("%sid %q", kind, id))
		case name != "":
			parts = append(parts, fmt.Sprintf("%s%q%s", kind, name, more))
		}
	}
	domain := func(id, name string) string {
		if id != "" {
			return fmt.Sprintf(" of domain id %q", id)
		}
		return fmt.Sprintf(" of domain %q", name)
	}
	options := c.authOptions()
	add("", options.ApplicationCredentialID, options.ApplicationCredentialName, "")
	add("user ", options.UserID, options.Username, domain(options.DomainID, options.DomainName))
	if scope := options.Scope; scope.ProjectID != "" || scope.ProjectName != "" {
		add("project ", scope.ProjectID, scope.ProjectName, domain(scope.DomainID, scope.DomainName))
	} else {
		add("domain ", scope.DomainID, scope.DomainName, "")
	}
	return strings.Join(parts, ", ")
}
