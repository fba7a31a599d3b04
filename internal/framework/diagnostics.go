package framework

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// Attempt is what was tried when an error came.
type Attempt struct {
	// Summary is short and the same for each kind of attempt: "Unable to create
	// volume snapshot".
	Summary string
	// Tried names the objects: `Creating snapshot "nightly" of volume ...`.
	Tried string
	// Outcome says what the attempt leaves, such as what is still in the state; ""
	// where that is plain.
	Outcome string
	// Advice says what to do next, where the object knows better than the
	// general advice for this error.
	Advice string
}

// Failed makes the diagnostic of a failed attempt: what was tried, what the API
// said, what to do next.
func (a Attempt) Failed(err error) diag.Diagnostic {
	advice := a.Advice
	if advice == "" {
		advice = generalAdvice(err)
	}
	paragraphs := []string{a.Tried + " failed.", answer(err)}
	if last := strings.TrimSpace(a.Outcome + " " + advice); last != "" {
		paragraphs = append(paragraphs, last)
	}
	return diag.NewErrorDiagnostic(a.Summary, strings.Join(paragraphs, "\n\n"))
}

// answer puts an error into words.
func answer(err error) string {
	var api *client.APIError
	var signIn *client.SignInError
	switch {
	case errors.As(err, &signIn) && errors.As(signIn.Err, &api):
		return fmt.Sprintf("The Identity service at %s refused the sign-in by %s.\n%s", signIn.AuthURL, signIn.Method, apiAnswer(api))
	case errors.As(err, &api):
		return apiAnswer(api)
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func apiAnswer(api *client.APIError) string {
	status := fmt.Sprintf("%d %s", api.Status, http.StatusText(api.Status))
	if api.Kind != "" {
		status += " (" + api.Kind + ")"
	}
	lines := []string{fmt.Sprintf("%s %s was answered with %s.", api.Method, api.Path, status)}
	if api.Message != "" {
		lines = append(lines, "The API says: "+api.Message)
	}
	if api.RequestID != "" {
		lines = append(lines, "Request id: "+api.RequestID)
	}
	return strings.Join(lines, "\n")
}

// generalAdvice says what to do about an error whatever was tried.
func generalAdvice(err error) string {
	var (
		api          *client.APIError
		signIn       *client.SignInError
		endpoint     *client.EndpointError
		unconfigured *client.UnconfiguredError
		transport    *client.TransportError
		turn         *client.TurnError
		project      *client.ProjectError
		override     *client.OverrideError
	)
	switch {
	case errors.As(err, &unconfigured):
		return "The provider block refers to values that only an apply makes known. Apply what they come from first " +
			"(terraform apply -target=...), or give the provider values that are known while planning."
	case errors.As(err, &project):
		return fmt.Sprintf("Sign in to project %s (project_id of the provider, OS_PROJECT_ID; perhaps the environment of another project was loaded), "+
			"then apply again. If the snapshot is to be forgotten without a look, use terraform state rm.", project.ProjectID)
	case errors.As(err, &override) && override.Region == "":
		return fmt.Sprintf("If the endpoint is that of region %q, set region = %q in the provider block. Otherwise use a provider block of its own "+
			"for that region (alias).", override.Wanted, override.Wanted)
	case errors.As(err, &override):
		return fmt.Sprintf("Use a provider block of its own (alias) for region %q, or take endpoint_overrides out so that the service catalogue decides.", override.Wanted)
	case errors.As(err, &endpoint):
		return "Check region and endpoint_type of the provider (OS_REGION_NAME, OS_INTERFACE) and that the sign-in is scoped " +
			"to a project, or give the endpoint itself in endpoint_overrides."
	case errors.Is(err, context.Canceled):
		return "The run was interrupted. Apply again to go on."
	case errors.As(err, &turn) && turn.Setting != "":
		return fmt.Sprintf("The provider itself holds its requests back, as its %s says. Raise that if the cloud takes more, "+
			"give the operation a longer time in the timeouts of the resource, or do less at a time with a lower -parallelism.", turn.Setting)
	case errors.As(err, &turn):
		return adviceRate
	case errors.Is(err, context.DeadlineExceeded):
		return "Apply again to go on, with a longer time in the timeouts of the resource if the cloud is slow."
	case errors.As(err, &signIn) && errors.As(signIn.Err, &api):
		return signInAdvice(signIn.Method)
	case errors.As(err, &signIn):
		return "Check auth_url of the provider (OS_AUTH_URL), the network, and the certificates (cacert_file)."
	case errors.As(err, &api):
		return statusAdvice(api)
	case errors.As(err, &transport):
		return "Check the network between here and the cloud, and what stands between (proxy, load balancer), then apply again."
	}
	return ""
}

const adviceRate = "The cloud limits how many requests it takes. Apply again later, or hold them back with requests_per_second or " +
	"max_concurrent_requests of the provider."

// signInAdvice says what to do about a sign-in that was refused.
func signInAdvice(method client.Method) string {
	const filled = "(also the OS_* variables and clouds.yaml, which fill what the provider block leaves out)."
	switch method {
	case client.MethodToken:
		return "The token may have expired or been revoked, or be of another cloud. Make a new one (openstack token issue) and give it in OS_TOKEN, " +
			"or in token of the provider; where a run outlives its token, sign in by password or application credential. Check auth_url and project too " + filled
	case client.MethodApplicationCredential:
		return "The application credential may have expired or been deleted, or its secret be that of another. Check it (openstack application credential list), " +
			"or make a new one and give its id and secret in OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET, " +
			"or in application_credential_id and application_credential_secret of the provider. Check auth_url too " + filled
	case client.MethodPassword, client.MethodNone:
	}
	return "Check auth_url, user, password, domains and project of the provider " + filled
}

func statusAdvice(api *client.APIError) string {
	switch {
	case api.Status == http.StatusUnauthorized:
		return "The token is no longer accepted and a new sign-in did not help. Check that user and project are still enabled."
	case api.Status == http.StatusForbidden:
		return "The roles of this user in this project do not allow it. Ask an administrator for the role, or sign in as another user."
	case api.Status == http.StatusNotFound && api.Kind == "":
		return "This is not the API's own way to say that something does not exist: something else answered. Check endpoint_overrides, region and " +
			"what stands between here and the cloud (proxy, load balancer)."
	case api.Status == http.StatusTooManyRequests:
		return adviceRate
	case api.Status >= http.StatusInternalServerError:
		return "The cloud has a problem of its own. Apply again later; if it stays, give the request id to its operators."
	}
	return ""
}
