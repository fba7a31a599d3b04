package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// APIError is an answer of the cloud that is not a success.
type APIError struct {
	// Method and Path are those of the request. The path begins with the API
	// version and carries no host, query or secret.
	Method, Path string
	// Status is the HTTP status code.
	Status int
	// Kind is the key of the error body ("itemNotFound", "overLimit", ...),
	// "" if the body has none.
	Kind string
	// Message is the message of the error body, "" if there is none.
	Message string
	// RequestID is the X-OpenStack-Request-Id header ("req-...") by which the
	// cloud's operators find the request in their logs.
	RequestID string
	// Location is the scheme, host and path that a redirect points to, "" if the
	// answer is none.
	Location string
	// RetryAfter is the time to wait that the API asked for, 0 for none.
	RetryAfter time.Duration
}

// KindReceipt is the Kind of the refusal of a sign-in that takes another factor besides
// (Identity API, section "Multi-Factor Authentication").
const KindReceipt = "receipt"

// Error returns all of it in one line.
func (e *APIError) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Location != "" {
		text += " to " + e.Location
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; it asks to come back after %s", e.RetryAfter)
	}
	if e.RetryAfter > transport.MaxPause {
		text += fmt.Sprintf(", and the longest pause that is made is %s", transport.MaxPause)
	}
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// TransportError is a request without a complete answer of the API: the connection
// failed, the answer was cut off, or it came from something else.
type TransportError struct {
	Method, Path string
	Err          error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Method, e.Path, cause(e.Err))
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// cause says why a request has no answer, and of one that ran out of its time more than
// Go's "context deadline exceeded".
func cause(err error) string {
	if ended := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled); ended && !errors.As(err, new(*transport.TurnError)) {
		return transport.HowEnded(err) + " before the answer was there"
	}
	return fmt.Sprint(err)
}

// SignInError is a sign-in that did not give a token.
type SignInError struct {
	// AuthURL is where the sign-in was tried, without user information and query,
	// and Method how.
	AuthURL string
	Method  Method
	// Who is the user, and the project or domain that was asked for, as configured:
	// `user "backup" of domain "Default", project id "7d0c"`. An application credential
	// is the first in it, without these two words: `id "21dc"`. It is empty for a token
	// without a scope.
	Who string
	// Scoped says that the sign-in asked for a project or a domain.
	Scoped bool
	// Renewal says that an earlier sign-in with the same settings had worked.
	Renewal bool
	// Err is an [*APIError] if the Identity service itself has refused, a
	// [*NotIdentityError] if something else answered, and otherwise why there was no
	// answer.
	Err error
}

func (e *SignInError) Error() string {
	return fmt.Sprintf("signing in to %s by %s: %s", e.AuthURL, e.Method, cause(e.Err))
}

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }

// NotIdentityError is an answer to a sign-in that the Identity service
// (Keystone) does not give, so that nothing is known about the credentials.
type NotIdentityError struct {
	// Answer is what came, whatever its status.
	Answer APIError
	// Lacks is what an answer of success does not have, "" for any other.
	Lacks string
}

func (e *NotIdentityError) Error() string {
	text := e.Answer.Error()
	if e.Lacks != "" {
		text += " without " + e.Lacks
	}
	return text + ", which is not an answer of the Identity service (Keystone)"
}

// EndpointError says that the service catalogue has no block storage endpoint
// of the kind that was asked for.
type EndpointError struct {
	Region, EndpointType string
	// Offered describes the block storage endpoints that the catalogue has.
	Offered []string
}

func (e *EndpointError) Error() string {
	text := "the service catalogue has no block storage endpoint (" + strings.Join(volumeServiceTypes, ", ") + ")"
	if e.EndpointType != "" {
		text += " of type " + e.EndpointType
	}
	if e.Region != "" {
		text += fmt.Sprintf(" in region %q", e.Region)
	}
	if len(e.Offered) > 0 {
		return text + "; it offers " + strings.Join(e.Offered, ", ")
	}
	return text + "; it offers no block storage at all"
}

// CatalogError says that the service catalogue has no usable URL for the block
// storage of a region.
type CatalogError struct {
	Region string
	Err    error
}

func (e *CatalogError) Error() string {
	return fmt.Sprintf("the service catalogue is unusable for region %q: %v", e.Region, e.Err)
}

// Unwrap returns the cause.
func (e *CatalogError) Unwrap() error { return e.Err }

// OverrideError says that the endpoint of a region is not known, because the one in
// [Config.EndpointOverrides] is that of another region.
type OverrideError struct {
	ServiceType string
	// Region is that of the configuration, "" if it names none, and Wanted the
	// one that was asked for.
	Region, Wanted string
}

func (e *OverrideError) Error() string {
	region := "which is not set"
	if e.Region != "" {
		region = fmt.Sprintf("%q", e.Region)
	}
	return fmt.Sprintf("endpoint_overrides gives the endpoint (%s) of the provider's own region, %s, and what was asked for is region %q", e.ServiceType, region, e.Wanted)
}

// UnconfiguredError is the answer of a client whose settings are not known.
type UnconfiguredError struct{ Settings []string }

func (e *UnconfiguredError) Error() string {
	return "these provider settings are not known yet: " + strings.Join(e.Settings, ", ")
}

// IsNotFound reports whether the API itself says that the object does not exist, or
// not for this project (itemNotFound). A bare 404 does not say that: it comes from a
// proxy, a router or a wrong endpoint.
func IsNotFound(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.Status == http.StatusNotFound && api.Kind == "itemNotFound"
}

// RateLimited reports whether the answer is that of a rate limit; see
// [transport.RateLimited].
func (e *APIError) RateLimited() bool { return transport.RateLimited(e.Status, e.RetryAfter) }

// Transient reports whether the same request may be answered the next time.
func Transient(err error) bool {
	var (
		api     *APIError
		request *TransportError
		signIn  *SignInError
	)
	switch {
	case transport.Permanent(err):
		return false
	case errors.As(err, &api):
		return transport.TransientStatus(api.Status) || api.RateLimited()
	case errors.As(err, &request):
		return true
	}
	return errors.As(err, &signIn) && !errors.As(err, new(*NotIdentityError)) && !errors.As(err, new(*transport.ConfigError))
}

// HasStatus reports whether an error is an [*APIError] with one of these statuses.
func HasStatus(err error, codes ...int) bool {
	var api *APIError
	return errors.As(err, &api) && slices.Contains(codes, api.Status)
}

// apiError converts gophercloud's error of an unexpected status. Its texts are without the
// secrets.
func apiError(method, path string, e gophercloud.ErrUnexpectedResponseCode, secrets ...string) *APIError {
	show := func(text string) string { return Shown(conceal(text, secrets)) }
	kind, message := errorBody(e.Body)
	id := e.ResponseHeader.Get("X-Openstack-Request-Id")
	if id == "" {
		id = e.ResponseHeader.Get("X-Compute-Request-Id")
	}
	api := &APIError{Method: method, Path: path, Status: e.Actual, Kind: show(kind), Message: show(message), RequestID: show(id)}
	api.RetryAfter, _ = transport.RetryAfter(e.ResponseHeader, time.Now())
	if e.Actual/100 == 3 {
		api.Location = transport.RedirectTarget(e.URL, e.ResponseHeader)
	}
	return api
}

// errorBody returns KEY and the message of {"KEY": {"code": N, "message": "..."}}, the
// form of Cinder's and Keystone's errors. It ignores anything else, such as the HTML
// of a proxy.
func errorBody(body []byte) (kind, message string) {
	var faults map[string]json.RawMessage
	if json.Unmarshal(body, &faults) != nil {
		return "", ""
	}
	for key, raw := range faults {
		var fault struct {
			Message string `json:"message"`
		}
		if Shown(key) != "" && json.Unmarshal(raw, &fault) == nil && fault.Message != "" {
			return key, withoutValues(fault.Message)
		}
	}
	return "", ""
}

// withoutValues removes the values from a message about metadata or a description that
// a JSON schema refuses: they may be secrets.
func withoutValues(message string) string {
	message = refusedMetadata.ReplaceAllString(message, "${1}{...}. ")
	return refusedDescription.ReplaceAllString(message, "${1}")
}

var (
	refusedMetadata    = regexp.MustCompile(`(?s)^(Invalid input for field/attribute metadata\. Value: ).*\}\. `)
	refusedDescription = regexp.MustCompile(`(?s)^(Invalid input for field/attribute description\.) Value: .*`)
)
