package framework

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Attempt is what was tried when an error occurred.
type Attempt struct {
	// Summary is short and the same for each kind of attempt: "Unable to create
	// volume snapshot".
	Summary string
	// Tried names the objects: `Creating snapshot "nightly" of volume ...`.
	Tried string
	// Outcome says what the attempt leaves, such as what is still in the state; "" if
	// that is obvious.
	Outcome string
	// Advice says what to do next, if the general advice for the error is not enough.
	Advice string
}

// Failed returns the diagnostic of a failed attempt: what was tried, what the API
// answered, and what to do next.
func (a Attempt) Failed(err error) diag.Diagnostic {
	paragraphs := []string{a.Tried + " failed.", answer(err)}
	if last := strings.TrimSpace(a.Outcome + " " + a.Advice); last != "" {
		paragraphs = append(paragraphs, last)
	}
	// The advice about a sign-in comes before that about the object.
	if a.Advice == "" || errors.As(err, new(*openstack.SignInError)) {
		if advice := generalAdvice(err); advice != "" {
			paragraphs = append(paragraphs, advice)
		}
	}
	return diag.NewErrorDiagnostic(a.Summary, strings.Join(paragraphs, "\n\n"))
}

// answer puts an error into words.
func answer(err error) string {
	var (
		api    *openstack.APIError
		signIn *openstack.SignInError
		other  *openstack.NotIdentityError
	)
	switch {
	case errors.As(err, &other) && errors.As(err, &signIn):
		return fmt.Sprintf("What answered the sign-in by %s to %s is not the Identity service (Keystone).\n%s",
			words(signIn.Method), signIn.AuthURL, apiAnswer(&other.Answer, other.Lacks))
	case errors.As(err, &signIn) && errors.As(signIn.Err, &api):
		outcome := "refused"
		if failure(api) {
			outcome = "could not answer"
		} else if ended(signIn) {
			return fmt.Sprintf("The token was accepted by the Identity service at %s before, and is no longer: it has expired or been revoked.\n%s", signIn.AuthURL, apiAnswer(api, ""))
		}
		who := ""
		if signIn.Who != "" {
			who = " (" + signIn.Who + ")"
		}
		return fmt.Sprintf("The Identity service at %s %s the sign-in by %s%s.\n%s", signIn.AuthURL, outcome, words(signIn.Method), who, apiAnswer(api, ""))
	case errors.As(err, &api):
		return apiAnswer(api, "")
	}
	if text := Sentence(openstack.Printable(err.Error())); text != "" {
		return text
	}
	return fmt.Sprintf("The error says nothing of itself (%T). This is a bug in the provider; please report it.", err)
}

// Sentence returns the text of an error as a sentence: with a capital, unless it begins
// with a name, and a full stop.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if first, _, _ := strings.Cut(text, " "); !strings.ContainsAny(first, "_:") {
		letter, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(letter)) + text[size:]
	}
	return strings.TrimSuffix(text, ".") + "."
}

func words(method openstack.Method) string { return strings.ReplaceAll(string(method), "_", " ") }

// failure reports whether an answer says nothing of the request itself.
func failure(api *openstack.APIError) bool {
	return api.RateLimited() || api.Status >= http.StatusInternalServerError
}

// ended reports whether an error is the refusal of a given token that had worked.
func ended(signIn *openstack.SignInError) bool {
	return signIn.Renewal && signIn.Method == openstack.MethodToken
}

func apiAnswer(api *openstack.APIError, lacks string) string {
	status := fmt.Sprintf("%d %s", api.Status, http.StatusText(api.Status))
	if api.Kind != "" {
		status += " (" + api.Kind + ")"
	}
	if lacks != "" {
		status += ", without " + lacks
	}
	if api.Location != "" {
		status += ", a redirect to " + api.Location
	}
	lines := []string{fmt.Sprintf("%s %s was answered with %s.", api.Method, api.Path, status)}
	if api.Message != "" {
		lines = append(lines, "The API says: "+api.Message)
	}
	switch {
	case api.RetryAfter > transport.MaxPause:
		lines = append(lines, fmt.Sprintf("It asks to come back after %s, and the provider makes no pause of more than %s.", api.RetryAfter, transport.MaxPause))
	case api.RetryAfter > 0:
		lines = append(lines, fmt.Sprintf("It asks to come back after %s.", api.RetryAfter))
	}
	if api.RequestID != "" {
		lines = append(lines, "Request id: "+api.RequestID)
	}
	return strings.Join(lines, "\n")
}

// generalAdvice says what to do about an error whatever was tried.
func generalAdvice(err error) string {
	var (
		api          *openstack.APIError
		signIn       *openstack.SignInError
		endpoint     *openstack.EndpointError
		catalog      *openstack.CatalogError
		unconfigured *openstack.UnconfiguredError
		network      *openstack.TransportError
		turn         *transport.TurnError
		project      *client.ProjectError
		override     *openstack.OverrideError
		other        *openstack.NotIdentityError
		connection   *transport.TLSError
		unusable     *transport.ConfigError
	)
	switch {
	case errors.As(err, &unconfigured):
		return "The provider block refers to values that only an apply makes known. Apply what they come from first " +
			"(terraform apply -target=...), or give the provider values that are known while planning."
	case errors.As(err, &project):
		return fmt.Sprintf("Sign in to project %s (project_id of the provider, OS_PROJECT_ID; perhaps the environment of another project was loaded), "+
			"then apply again. To forget the snapshot unchecked, use terraform state rm ADDRESS.", project.ProjectID)
	case errors.As(err, &override) && override.Region == "":
		return fmt.Sprintf("If the endpoint is that of region %q, set region = %q in the provider block. Otherwise use a provider block of its own "+
			"for that region (alias).", override.Wanted, override.Wanted)
	case errors.As(err, &override):
		return fmt.Sprintf("Use a provider block of its own (alias) for region %q, or take endpoint_overrides out so that the service catalogue decides.", override.Wanted)
	case errors.As(err, &endpoint):
		return "Check region and endpoint_type of the provider (OS_REGION_NAME, OS_INTERFACE) and that the sign-in is scoped " +
			"to a project, or give the endpoint itself in endpoint_overrides."
	case errors.As(err, &catalog):
		return "The cloud's operators have to put its service catalogue right. Until then give the endpoint itself in endpoint_overrides."
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. Apply again to go on."
	case errors.As(err, &turn) && turn.Setting != "":
		return fmt.Sprintf("The provider itself holds its requests back, as its %s says. Raise that if the cloud takes more, "+
			"give the operation a longer time in the timeouts of the resource, or do less at a time with a lower -parallelism.", turn.Setting)
	case errors.As(err, &turn):
		return adviceRate
	case errors.Is(err, context.DeadlineExceeded):
		return "Apply again to go on, with a longer time in the timeouts of the resource if the cloud is slow."
	case errors.As(err, &connection) && errors.As(err, &signIn):
		return tlsAdvice(connection, authURL)
	case errors.As(err, &connection):
		return tlsAdvice(connection, "endpoint_overrides of the provider, which has precedence over the service catalogue")
	case errors.As(err, &other):
		return notIdentityAdvice(other)
	case errors.As(err, &signIn) && errors.As(signIn.Err, &api) && failure(api):
		return statusAdvice(api)
	case errors.As(err, &signIn) && errors.As(signIn.Err, &api):
		return signInAdvice(signIn, api)
	case errors.As(err, &unusable):
		return ""
	case errors.As(err, &signIn):
		return "Check " + authURL + ", and the network between here and there (proxy, firewall, VPN)."
	case errors.As(err, &api):
		return statusAdvice(api)
	case errors.As(err, &network):
		return "Check the network between here and the cloud, and what stands between (proxy, load balancer), then apply again."
	}
	return ""
}

const adviceSomethingElse = "Something else may have answered: check endpoint_overrides, region and what stands between here and the cloud (proxy, load balancer)."

const adviceRate = "The cloud limits how many requests it takes. Apply again later, or hold them back with requests_per_second or " +
	"max_concurrent_requests of the provider."

const (
	authURL = "auth_url of the provider (OS_AUTH_URL)"
	filled  = " The OS_* variables and clouds.yaml fill what the provider block leaves out."
)

// notIdentityAdvice says what to do where auth_url leads to something else.
func notIdentityAdvice(other *openstack.NotIdentityError) string {
	if other.Answer.Location != "" {
		return "Write the address of the Identity service itself in " + authURL + ". The credentials are not sent on to where a redirect points."
	}
	return "Nothing is known about the credentials. Check " + authURL + ", which is to be like https://keystone.example.com:5000/v3, " +
		"and what stands between here and there (proxy, load balancer, portal)."
}

// tlsAdvice says what to do about a connection that cannot be made, to an
// address that stands in this setting.
func tlsAdvice(connection *transport.TLSError, setting string) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case connection.Fault == transport.PlainServer:
		return "Write the address that speaks HTTPS in " + setting + ", or http:// where the cloud has no other: the credentials can then be read on the way."
	case connection.Fault == transport.PlainRequest:
		return "Write https:// in " + setting + "."
	case connection.Fault == transport.HandshakeRefused:
		return "The server may ask for a client certificate: give it in cert and key of the provider (OS_CERT, OS_KEY). The provider speaks TLS 1.2 and newer."
	case errors.As(connection, &unknown):
		return "Give the certificate of the authority that has signed the cloud's in cacert_file of the provider (OS_CACERT)."
	case errors.As(connection, &name):
		return "Write a host that the certificate is for in " + setting + "."
	case errors.As(connection, &invalid) && invalid.Reason == x509.Expired:
		return "Check the clock of this machine. If it is right, the cloud's operators must renew the certificate."
	}
	return "Check cacert_file of the provider (OS_CACERT), and ask the cloud's operators about its certificate."
}

// signInAdvice says what to do about a sign-in that was refused.
func signInAdvice(signIn *openstack.SignInError, api *openstack.APIError) string {
	const (
		newToken = "Make a new one (openstack token issue) and give it in token of the provider (OS_TOKEN)"
		lasting  = "Where a run outlives its token, sign in by password or by application credential, which the provider renews itself."
		unscoped = "A token that comes from an application credential, a trust or OAuth cannot be given another scope: leave out " +
			"project_id, project_name, domain_id and domain_name of the provider (OS_PROJECT_ID, OS_PROJECT_NAME, OS_TENANT_ID, OS_TENANT_NAME, " +
			"OS_DOMAIN_ID, OS_DOMAIN_NAME), and it is used as it is."
	)
	if api.Kind == openstack.KindReceipt {
		return "This user must give another factor besides, such as a one-time password, which a run cannot. Sign in by an application credential or a token " +
			"(openstack application credential create, openstack token issue)."
	}
	switch signIn.Method {
	case openstack.MethodToken:
		switch {
		case ended(signIn):
			return newToken + ". " + lasting
		case signIn.Scoped && api.Status == http.StatusForbidden:
			return unscoped + filled
		case signIn.Scoped:
			return "The token may have expired or been revoked, be of another cloud, or have no role in that project. " + newToken + ". " + lasting + " " + unscoped + filled
		}
		return "The token may have expired or been revoked, or be of another cloud. " + newToken + ". " + lasting + " Check " + authURL + " too." + filled
	case openstack.MethodApplicationCredential:
		return "The application credential may have expired or been deleted, or the secret is wrong. Check it (openstack application credential list), " +
			"or make a new one and give its id and secret in application_credential_id and application_credential_secret of the provider " +
			"(OS_APPLICATION_CREDENTIAL_ID, OS_APPLICATION_CREDENTIAL_SECRET). Check " + authURL + " too." + filled
	case openstack.MethodPassword, openstack.MethodNone:
	}
	return "Check auth_url, user_name or user_id, password, user_domain_name or user_domain_id, project_name or project_id, and project_domain_name or " +
		"project_domain_id of the provider (OS_AUTH_URL, OS_USERNAME, OS_USER_ID, OS_PASSWORD, OS_USER_DOMAIN_NAME, OS_USER_DOMAIN_ID, OS_PROJECT_NAME, " +
		"OS_PROJECT_ID, OS_PROJECT_DOMAIN_NAME, OS_PROJECT_DOMAIN_ID)." + filled
}

func statusAdvice(api *openstack.APIError) string {
	switch {
	case api.Status == http.StatusBadRequest && api.Message == "Malformed request url":
		return "The URL of the request names another project than that of the sign-in. In endpoint_overrides of the provider, write the id of " +
			"that project (project_id; openstack token issue shows it), or a URL without version and project: the provider adds both."
	case api.Location != "":
		return "The token is not sent on to where a redirect points. If that is the API's own address, write it in endpoint_overrides of the provider, " +
			"and tell the cloud's operators that the service catalogue has another."
	case api.Status == http.StatusUnauthorized:
		return "The Identity service gives a token, and block storage does not accept it. An application credential with access rules must allow this method and path. " +
			"Check that endpoint_overrides and region are of the same cloud as auth_url; otherwise ask the cloud's operators, with the request id."
	case api.Status == http.StatusForbidden && api.Kind == "":
		return adviceSomethingElse
	case api.Status == http.StatusForbidden:
		return "The roles of this user in this project do not allow it. Ask an administrator for the role, or sign in as another user."
	case api.Status == http.StatusNotFound && api.Kind == "":
		return "This is not the API's own way to say that something does not exist. " + adviceSomethingElse
	case api.RateLimited():
		return adviceRate
	case api.Status >= http.StatusInternalServerError && api.Kind == "" && api.RequestID == "":
		return "A gateway or proxy before the API may have answered. Apply again later; if it stays, give the time, method and path to the cloud's operators."
	case api.Status >= http.StatusInternalServerError:
		return "The cloud has a problem of its own. Apply again later; if it stays, give the request id to its operators."
	}
	return ""
}
