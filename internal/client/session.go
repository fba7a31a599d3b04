package client

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// signInTimeout bounds one sign-in, which belongs to no single caller.
const signInTimeout = 2 * time.Minute

// session holds the sign-in that all requests of a Client share. The first
// request signs in; whoever finds the token refused asks for a new one. At any
// time there is at most one sign-in under way, and all wait for that one, each
// no longer than its own context allows.
type session struct {
	config Config
	http   http.Client

	mu      sync.Mutex
	current *signedIn
	flight  *flight
	refused error // the Identity service said no: asking again would only lock the account
}

// signedIn is what one sign-in gave.
type signedIn struct {
	// provider carries the token. It is never changed once it is here.
	provider *gophercloud.ProviderClient
	catalog  []tokens.CatalogEntry
	// projectID is the token's scope, "" where it has no project.
	projectID string
}

type flight struct {
	done   chan struct{}
	result *signedIn
	err    error
}

// get gives the present sign-in, made now if there is none. A caller whose
// token was refused passes its sign-in as stale and gets a newer one.
func (s *session) get(ctx context.Context, stale *signedIn) (*signedIn, error) {
	s.mu.Lock()
	if s.refused != nil {
		defer s.mu.Unlock()
		return nil, s.refused
	}
	if s.current != nil && s.current != stale {
		defer s.mu.Unlock()
		return s.current, nil
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flight = f
		// The sign-in outlives the caller that started it: others wait for it
		// too, and must not fail because that one was interrupted.
		go s.signIn(context.WithoutCancel(ctx), f)
	}
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		return nil, &SignInError{AuthURL: s.config.AuthURL, Method: s.config.method(), Err: ctx.Err()}
	}
}

func (s *session) signIn(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(withPatience(withdrawable(repeatable(ctx), nil), 0), signInTimeout)
	defer cancel()
	result, err := s.authenticate(ctx)
	if err != nil {
		err = &SignInError{AuthURL: s.config.AuthURL, Method: s.config.method(), Err: err}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.current = result
	} else if hasStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound) {
		s.refused = err
	}
	s.flight = nil
	f.result, f.err = result, err
	close(f.done)
}

func (s *session) authenticate(ctx context.Context) (*signedIn, error) {
	provider, err := openstack.NewClient(s.config.AuthURL)
	if err != nil {
		return nil, err
	}
	provider.HTTPClient = s.http
	if s.config.UserAgent != "" {
		provider.UserAgent.Prepend(s.config.UserAgent)
	}
	options := s.config.authOptions()
	if err := openstack.Authenticate(ctx, provider, options); err != nil {
		var unexpected gophercloud.ErrUnexpectedResponseCode
		if errors.As(err, &unexpected) {
			return nil, apiError(unexpected.Method, urlPath(unexpected.URL), unexpected)
		}
		return nil, err
	}
	result, ok := provider.GetAuthResult().(scopedResult)
	if !ok {
		return nil, errors.New("the Identity service speaks only the v2.0 API, which has been removed from OpenStack; v3 is needed")
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return nil, err
	}
	project, err := result.ExtractProject()
	if err != nil {
		return nil, err
	}
	signed := &signedIn{provider: provider, catalog: catalog.Entries}
	if project != nil {
		signed.projectID = project.ID
	}
	return signed, nil
}

// scopedResult is what the v3 token calls of gophercloud have in common.
type scopedResult interface {
	ExtractServiceCatalog() (*tokens.ServiceCatalog, error)
	ExtractProject() (*tokens.Project, error)
}

// method is the way this configuration signs in.
func (c Config) method() Method {
	if methods := c.Methods(); len(methods) > 0 {
		return methods[0]
	}
	return MethodNone
}

// authOptions puts the settings that the method needs into gophercloud's form,
// which refuses settings of another method. An id has precedence over a name,
// and a name without a domain belongs to the default domain, as in the other
// clients of OpenStack.
func (c Config) authOptions() gophercloud.AuthOptions {
	defaultDomain := cmp.Or(c.DefaultDomain, "default")
	options := gophercloud.AuthOptions{IdentityEndpoint: c.AuthURL}
	user := func() {
		if c.UserID != "" {
			options.UserID = c.UserID
			return
		}
		options.Username = c.UserName
		options.DomainID, options.DomainName = oneOf(c.UserDomainID, c.UserDomainName)
		if options.DomainID == "" && options.DomainName == "" {
			options.DomainID, options.DomainName = oneOf(c.DomainID, c.DomainName)
		}
		if options.DomainID == "" && options.DomainName == "" {
			options.DomainID = defaultDomain
		}
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
		// The credential carries its own scope; the API refuses another.
		return options
	case MethodNone:
	}
	scope := gophercloud.AuthScope{}
	switch {
	case c.ProjectID != "":
		scope.ProjectID = c.ProjectID
	case c.ProjectName != "":
		scope.ProjectName = c.ProjectName
		scope.DomainID, scope.DomainName = oneOf(c.ProjectDomainID, c.ProjectDomainName)
		if scope.DomainID == "" && scope.DomainName == "" {
			scope.DomainID, scope.DomainName = oneOf(c.DomainID, c.DomainName)
		}
		if scope.DomainID == "" && scope.DomainName == "" {
			scope.DomainID = defaultDomain
		}
	default:
		scope.DomainID, scope.DomainName = oneOf(c.DomainID, c.DomainName)
	}
	options.Scope = &scope
	return options
}

// oneOf drops the name where there is an id.
func oneOf(id, name string) (string, string) {
	if id != "" {
		return id, ""
	}
	return "", name
}
