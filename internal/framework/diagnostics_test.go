package framework

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// The advice fits the cause, also where the same status or the same context is
// at the root of several.
func TestAdvice(t *testing.T) {
	t.Parallel()
	refused := func(method client.Method) error {
		return &client.SignInError{
			AuthURL: "https://keystone.example.com/v3", Method: method,
			Err: &client.APIError{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: http.StatusUnauthorized},
		}
	}
	turn := func(setting string, value float64, end error) error {
		return &client.TransportError{
			Method: http.MethodGet, Path: "/v3/snapshots",
			Err: &client.TurnError{Setting: setting, Value: value, Waited: 20 * time.Second, Err: end},
		}
	}
	for name, row := range map[string]struct {
		err       error
		has, lack []string
	}{
		"password refused":   {refused(client.MethodPassword), []string{"user, password, domains"}, []string{"OS_TOKEN", "secret"}},
		"token refused":      {refused(client.MethodToken), []string{"OS_TOKEN", "openstack token issue"}, []string{"user, password", "secret"}},
		"credential refused": {refused(client.MethodApplicationCredential), []string{"OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_SECRET"}, []string{"user, password", "OS_TOKEN"}},
		"too many at a time": {
			turn("max_concurrent_requests", 2, context.DeadlineExceeded),
			[]string{"timed out after 20s", "since max_concurrent_requests is 2.\n", "as its max_concurrent_requests says", "timeouts"},
			[]string{"requests_per_second", "the network"},
		},
		"too fast": {
			turn("requests_per_second", 0.5, context.DeadlineExceeded),
			[]string{"since requests_per_second is 0.5.\n", "as its requests_per_second says"},
			[]string{"max_concurrent_requests", "the network"},
		},
		"interrupted in the line": {
			turn("requests_per_second", 0.5, context.Canceled), []string{"interrupted after 20s", "The run was interrupted."}, []string{"Raise"},
		},
		"pause": {
			turn("", 0, context.DeadlineExceeded),
			[]string{"since the cloud had asked for a pause", "The cloud limits how many requests it takes", "requests_per_second"},
			[]string{"Raise"},
		},
		"timeout": {
			&client.TransportError{Method: http.MethodGet, Err: context.DeadlineExceeded}, []string{"Apply again to go on"}, []string{"requests_per_second"},
		},
		"no answer": {&client.TransportError{Method: http.MethodGet, Err: errors.New("reset")}, []string{"the network"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			detail := Attempt{Summary: "Unable", Tried: "Trying"}.Failed(row.err).Detail()
			for _, text := range row.has {
				if !strings.Contains(detail, text) {
					t.Errorf("it does not say %q:\n%s", text, detail)
				}
			}
			for _, text := range row.lack {
				if strings.Contains(detail, text) {
					t.Errorf("it says %q:\n%s", text, detail)
				}
			}
		})
	}
}
