package client

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
	// Message is what the API said, "" if it said nothing readable.
	Message string
	// RequestID is the X-OpenStack-Request-Id header ("req-...") by which the
	// cloud's operators find the request in their logs.
	RequestID string
	// Location is the scheme, host and path that a redirect points to, "" if the
	// answer is none.
	Location string
	// RetryAfter is when the API asked to come back, 0 if it did not.
	RetryAfter time.Duration
}

// Error says all of it in one line.
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
	if e.RetryAfter > MaxPause {
		text += fmt.Sprintf(", and the longest pause that is made is %s", MaxPause)
	}
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// TransportError is a request that got no complete answer: the connection
// failed, the answer was cut off, or it was not what the API speaks.
type TransportError struct {
	Method, Path string
	Err          error
}

func (e *TransportError) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.Path, e.Err) }

// Unwrap gives the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// TurnError is a request that was never sent: its context ended while it waited
// for its turn.
type TurnError struct {
	// Setting is the provider's attribute that held it back, and Value what that
	// is set to; "" stands for a pause that the cloud had asked for.
	Setting string
	Value   float64
	// Waited is how long the wait took.
	Waited time.Duration
	// Err is context.DeadlineExceeded or context.Canceled.
	Err error
}

func (e *TurnError) Error() string {
	reason := "the cloud had asked for a pause"
	if e.Setting != "" {
		reason = fmt.Sprintf("%s is %v", e.Setting, e.Value)
	}
	return fmt.Sprintf("never sent: %s after %s of waiting for its turn, since %s", howEnded(e.Err), readable(e.Waited), reason)
}

// Unwrap gives the context's error.
func (e *TurnError) Unwrap() error { return e.Err }

// readable rounds a duration to a tenth of a second, and one below a second to
// two digits.
func readable(d time.Duration) time.Duration {
	unit := 100 * time.Millisecond
	for unit > time.Nanosecond && d.Abs() < 10*unit {
		unit /= 10
	}
	return d.Round(unit)
}

// howEnded says what ended a context.
func howEnded(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timed out"
	}
	return "interrupted"
}

// SignInError is a sign-in that did not give a token.
type SignInError struct {
	// AuthURL is where the sign-in was tried, without user information and query,
	// and Method how.
	AuthURL string
	Method  Method
	// Scoped says that the sign-in asked for a project or a domain.
	Scoped bool
	// Renewal says that an earlier sign-in with the same settings had worked.
	Renewal bool
	// Err is an [*APIError] where the Identity service itself has refused, a
	// [*NotIdentityError] where something else answered, and otherwise what kept
	// the answer away.
	Err error
}

func (e *SignInError) Error() string {
	return fmt.Sprintf("signing in to %s by %s: %v", e.AuthURL, e.Method, e.Err)
}

// Unwrap gives the cause.
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

// Unwrap gives the cause.
func (e *CatalogError) Unwrap() error { return e.Err }

// OverrideError says that a region was asked for of whose endpoint nothing is
// known: the one in [Config.EndpointOverrides] is that of another region.
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

// ConfigError is a setting that cannot be used.
type ConfigError struct {
	// Setting is the name of the provider's attribute.
	Setting string
	Err     error
}

func (e *ConfigError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// UnconfiguredError is the answer of a client whose settings are not known.
type UnconfiguredError struct{ Settings []string }

func (e *UnconfiguredError) Error() string {
	return "the provider settings " + strings.Join(e.Settings, ", ") + " are not known yet"
}

// UnexpectedStatusError is a wait that ended because the snapshot reached a status from
// which it will not reach the wanted one by itself.
type UnexpectedStatusError struct {
	// Snapshot is the last that was read of it.
	Snapshot Snapshot
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Reason is what the cloud has told the user about it, "" if nothing, and
	// RequestID is that of the request whose work failed.
	Reason, RequestID string
	// Volumes are the ids of those made from the snapshot, where that may be why
	// it was not deleted.
	Volumes []string
	// Refusal is the API's answer to a deletion that it did not accept, nil for
	// none.
	Refusal *APIError
}

func (e *UnexpectedStatusError) Error() string {
	text := fmt.Sprintf("snapshot %s of volume %s is in status %q", e.Snapshot.ID, e.Snapshot.VolumeID, e.Snapshot.Status)
	if e.Reason != "" {
		text += fmt.Sprintf("; the cloud says: %s (request id %s)", e.Reason, e.RequestID)
	}
	if e.Refusal != nil {
		text += fmt.Sprintf("; %v", e.Refusal)
	}
	if len(e.Volumes) > 0 {
		text += "; volumes made from it: " + strings.Join(e.Volumes, ", ")
	}
	return text
}

// WaitError is a wait that its context ended, by timeout or interrupt.
type WaitError struct {
	SnapshotID string
	// Last is the status read last, "" if none was read.
	Last Status
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Waited is how long the wait took.
	Waited time.Duration
	// Err is context.DeadlineExceeded or context.Canceled, or the [*TurnError] of
	// a look that the context ended before it was sent.
	Err error
	// Failure is what became of the last look at the snapshot, nil where that
	// was answered.
	Failure error
}

func (e *WaitError) Error() string {
	wanted := string(e.Wanted)
	if wanted == "" {
		wanted = "gone"
	}
	last := ""
	if e.Last != "" {
		last = fmt.Sprintf("; its last status was %q", e.Last)
	}
	if turn := new(TurnError); errors.As(e.Err, &turn) {
		last += "; the next look at it was " + turn.Error()
	}
	if e.Failure != nil {
		last += "; the last look at it failed: " + e.Failure.Error()
	}
	return fmt.Sprintf("%s after %s while snapshot %s was to become %s%s",
		howEnded(e.Err), readable(e.Waited), e.SnapshotID, wanted, last)
}

// Unwrap gives Err.
func (e *WaitError) Unwrap() error { return e.Err }

// MetadataError says that the cloud answered a metadata write with success,
// but without having stored these keys as they were sent.
type MetadataError struct {
	SnapshotID string
	Keys       []string
}

func (e *MetadataError) Error() string {
	return fmt.Sprintf("snapshot %s: the cloud accepted but did not store the metadata keys %q", e.SnapshotID, e.Keys)
}

// IsNotFound tells whether the API itself says that the object does not exist,
// or not for this project (itemNotFound). A bare 404 says no such thing: it
// comes from a proxy, a router or a wrong endpoint, and whoever took it for an
// absence would forget every snapshot there is.
func IsNotFound(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.Status == http.StatusNotFound && api.Kind == "itemNotFound"
}

// passingError tells that an error says nothing of what was asked, and that the
// same may be answered the next time.
func passingError(err error) bool {
	var (
		api       *APIError
		transport *TransportError
		signIn    *SignInError
	)
	switch {
	case hopeless(err):
		return false
	case errors.As(err, &api):
		return passingStatus(api.Status) || api.Status == http.StatusTooManyRequests
	case errors.As(err, &transport):
		return true
	}
	return errors.As(err, &signIn) && !errors.As(err, new(*NotIdentityError)) && !errors.As(err, new(*ConfigError))
}

func hasStatus(err error, codes ...int) bool {
	var api *APIError
	return errors.As(err, &api) && slices.Contains(codes, api.Status)
}

// apiError turns gophercloud's error of an unexpected status into ours.
func apiError(method, path string, e gophercloud.ErrUnexpectedResponseCode) *APIError {
	kind, message := errorBody(e.Body)
	id := e.ResponseHeader.Get("X-Openstack-Request-Id")
	if id == "" {
		id = e.ResponseHeader.Get("X-Compute-Request-Id")
	}
	api := &APIError{Method: method, Path: path, Status: e.Actual, Kind: kind, Message: shorten(message), RequestID: id}
	api.RetryAfter, _ = retryAfter(e.ResponseHeader, time.Now())
	if e.Actual/100 == 3 {
		api.Location = redirectTarget(e.URL, e.ResponseHeader)
	}
	return api
}

// errorBody reads {"KEY": {"code": N, "message": "..."}}, the form of Cinder's
// and Keystone's errors. Anything else (HTML from a proxy or router, text) says
// nothing that belongs into a message of one line.
func errorBody(body []byte) (kind, message string) {
	var faults map[string]json.RawMessage
	if json.Unmarshal(body, &faults) != nil {
		return "", ""
	}
	for key, raw := range faults {
		var fault struct {
			Message string `json:"message"`
		}
		if key != "" && json.Unmarshal(raw, &fault) == nil && fault.Message != "" {
			return key, withoutValues(fault.Message)
		}
	}
	return "", ""
}

// withoutValues takes the values out of a message about metadata or a
// description that a JSON schema refuses: they may be secrets.
func withoutValues(message string) string {
	message = refusedMetadata.ReplaceAllString(message, "${1}{...}. ")
	return refusedDescription.ReplaceAllString(message, "${1}")
}

var (
	refusedMetadata    = regexp.MustCompile(`(?s)^(Invalid input for field/attribute metadata\. Value: ).*\}\. `)
	refusedDescription = regexp.MustCompile(`(?s)^(Invalid input for field/attribute description\.) Value: .*`)
)

// shorten keeps a message readable: Cinder quotes whole regular expressions of
// several thousand characters.
func shorten(message string) string {
	const limit = 600
	runes := []rune(strings.TrimSpace(message))
	if len(runes) <= limit {
		return string(runes)
	}
	return string(runes[:limit]) + " [...]"
}
