package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func TestAnswersThatAreNotTheAPIs(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"HTML":        always(200, "<html>"),
		"empty":       always(200, ""),
		"truncated":   always(200, `{"snapshot": {"id": "x"`),
		"no snapshot": always(200, `{}`),
		"no id":       always(200, `{"snapshot": {}}`),
		"another":     always(200, strings.ReplaceAll(show("available"), snapshot, volume)),
		"short length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "{")
		},
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newScript(t, answer).open().Get(t.Context(), snapshot)
			var transport *openstack.TransportError
			if !errors.As(err, &transport) || openstack.IsNotFound(err) {
				t.Errorf("%T: %v", err, err)
			}
		})
	}
}

func TestReadsTimesAndAbsence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		`"2016-08-19T16:20:36.000000"`:       time.Date(2016, 8, 19, 16, 20, 36, 0, time.UTC),
		`"2026-11-23T10:19:09.896009"`:       time.Date(2026, 11, 23, 10, 19, 9, 896009000, time.UTC),
		`"2016-08-19T16:20:36"`:              time.Date(2016, 8, 19, 16, 20, 36, 0, time.UTC),
		`"2016-08-19T18:20:36.000000+02:00"`: time.Date(2016, 8, 19, 16, 20, 36, 0, time.UTC),
		`"2016-08-19T16:20:36Z"`:             time.Date(2016, 8, 19, 16, 20, 36, 0, time.UTC),
		`null`:                               {},
		`""`:                                 {},
		`"soon"`:                             {},
	} {
		s := newScript(t, always(200, show("available", `"created_at": `+text, `"name": null, "description": "", "user_id": null, "metadata": null`)))
		got, err := s.open().Get(t.Context(), snapshot)
		if err != nil || !got.CreatedAt.Equal(want) || got.CreatedAt.Location() != time.UTC {
			t.Errorf("%s: %v, %v", text, got.CreatedAt, err)
		}
		if got.Metadata == nil || got.Name+got.Description+got.UserID != "" {
			t.Errorf("%+v", got)
		}
	}
}

// An id cannot leave its place in the path.
func TestIDsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(http.StatusAccepted, ""))
	b := s.open()
	for _, id := range []string{"", ".", "..", "../volumes/x", "a/b", `a\b`} {
		if _, err := b.Get(t.Context(), id); err == nil {
			t.Errorf("%q was read", id)
		}
		if err := b.Delete(t.Context(), id); err == nil {
			t.Errorf("%q was deleted", id)
		}
		if _, err := b.Metadata(t.Context(), id); err == nil {
			t.Errorf("the metadata of %q was read", id)
		}
		if err := b.DeleteMetadataKey(t.Context(), snapshot, id); err == nil {
			t.Errorf("the key %q was deleted", id)
		}
	}
	for _, key := range []string{"x.json", "x.XML", "x.json\n"} {
		if err := b.DeleteMetadataKey(t.Context(), snapshot, key); err == nil {
			t.Errorf("the key %q was deleted, which would have been x", key)
		}
	}
	wantLines(t, s.Requests())
	if err := b.Delete(t.Context(), "a?b#c%2F d"); err != nil {
		t.Error(err)
	}
	wantLines(t, s.Requests(), "DELETE /snapshots/a%3Fb%23c%252F%20d")
}

// A redirect never carries the token to another host.
