package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

func TestShortWaitsAreTold(t *testing.T) {
	t.Parallel()
	for waited, want := range map[time.Duration]string{
		10 * time.Millisecond:                "timed out after 10ms ",
		1234567 * time.Nanosecond:            "timed out after 1.2ms ",
		999 * time.Millisecond:               "timed out after 1s ",
		123456 * time.Microsecond:            "timed out after 120ms ",
		90*time.Second + 12*time.Millisecond: "timed out after 1m30s ",
		7 * time.Nanosecond:                  "timed out after 7ns ",
		0:                                    "timed out after 0s ",
	} {
		for _, err := range []error{
			&client.WaitError{SnapshotID: snapshot, Waited: waited, Err: context.DeadlineExceeded},
			&transport.TurnError{Waited: waited, Err: context.DeadlineExceeded},
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", waited, err, want)
			}
		}
	}
}

func TestAmbiguousCreatesNameTheirCandidates(t *testing.T) {
	t.Parallel()
	err := &client.AmbiguousCreateError{Candidates: []client.Snapshot{{ID: "s1"}, {ID: "s2"}}, Err: io.ErrUnexpectedEOF}
	if !strings.Contains(err.Error(), "any of the snapshots s1, s2: unexpected EOF") || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// Cinder quotes the whole metadata where it refuses one key.
func TestValuesOfMetadataAreNotRepeated(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`Invalid input for field/attribute metadata. Value: {'é': 'v', 'token': 'se}. cret'}. 'é' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'`://
		`Invalid input for field/attribute metadata. Value: {...}. 'é' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'`,
		"Invalid input for field/attribute description. Value: se\ncret. Description contains control characters"://
		"Invalid input for field/attribute description.",
		`Invalid input for field/attribute name. Value: {}. {} is not of type 'string'`://
		`Invalid input for field/attribute name. Value: {}. {} is not of type 'string'`,
	} {
		s := newScript(t, func(w http.ResponseWriter, _ *http.Request) { fault(w, http.StatusBadRequest, "badRequest", message) })
		_, err := s.open().Create(t.Context(), client.CreateRequest{VolumeID: volume})
		var api *openstack.APIError
		if !errors.As(err, &api) || api.Message != want {
			t.Errorf("%v, want the message %q", err, want)
		}
	}
}
