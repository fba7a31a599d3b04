package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
)

func TestErrorsSayWhatTheAPISaid(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status  int
		body    string
		kind    string
		message string
	}{
		"Cinder":              {404, `{"itemNotFound": {"code": 404, "message": "Snapshot X could not be found."}}`, "itemNotFound", "Snapshot X could not be found."},
		"Keystone middleware": {403, `{"error": {"code": 403, "title": "Forbidden", "message": "No."}}`, "error", "No."},
		"HTML of a proxy":     {502, `<html><body>Bad Gateway</body></html>`, "", ""},
		"router's text":       {404, "404 Not Found\n", "", ""},
		"nothing":             {500, "", "", ""},
		"other JSON":          {400, `[1, 2]`, "", ""},
		"JSON without message": {
			400, `{"x": {"code": 1}, "y": 2}`, "", "",
		},
		"very long": {400, `{"badRequest": {"message": "` + strings.Repeat("é", 5000) + `"}}`, "badRequest", strings.Repeat("é", 600) + " [...]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Compute-Request-Id", "req-7")
				always(row.status, row.body)(w, r)
			})
			_, err := s.open().Get(t.Context(), snapshot)
			var api *client.APIError
			if !errors.As(err, &api) {
				t.Fatalf("%T: %v", err, err)
			}
			if api.Status != row.status || api.Kind != row.kind || api.Message != row.message || api.RequestID != "req-7" ||
				api.Method != "GET" || !strings.HasSuffix(api.Path, "/snapshots/"+snapshot) {
				t.Errorf("%+v", api)
			}
			if client.IsNotFound(err) != (row.kind == "itemNotFound") {
				t.Error("IsNotFound is wrong")
			}
		})
	}
}

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
			var transport *client.TransportError
			if !errors.As(err, &transport) || client.IsNotFound(err) {
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
	s := newScript(t, always(200, show("available")))
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
	if err := b.DeleteMetadataKey(t.Context(), snapshot, "x.json"); err == nil {
		t.Error("the key x.json was deleted, which would have been x")
	}
	wantLines(t, s.requests())
	if err := b.Delete(t.Context(), "a?b#c%2F d"); err != nil {
		t.Error(err)
	}
	wantLines(t, s.requests(), "DELETE /snapshots/a%3Fb%23c%252F%20d")
}

// A redirect never carries the token to another host.
func TestRedirectsStayOnTheHost(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host got %s with the token %q", r.URL, r.Header.Get("X-Auth-Token"))
	}))
	t.Cleanup(other.Close)
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := s.open().Get(t.Context(), snapshot)
	var api *client.APIError
	if !errors.As(err, &api) || api.Status != http.StatusTemporaryRedirect {
		t.Errorf("%v", err)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, show("available")))
	b := s.open()
	s.Close()
	_, err := b.Get(t.Context(), snapshot)
	var signIn *client.SignInError
	if !errors.As(err, &signIn) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

func TestContextEndsARequest(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newScript(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.open().Get(ctx, snapshot)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, show("available")))
	_, err := s.open(func(c *client.Config) { c.Unknown = []string{"password"} }).Get(t.Context(), snapshot)
	var unconfigured *client.UnconfiguredError
	if !errors.As(err, &unconfigured) || len(s.signIns()) > 0 {
		t.Errorf("%v", err)
	}
}

func TestRegionsShareTheSignIn(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, show("available")))
	s.catalog = "[" + entry("volumev3", at("public", "east", "/v3/"+project), at("public", "west", "/west/v3/"+project)) + "]"
	cloud, err := client.New(s.config())
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"east", "west", "east"} {
		if _, err := cloud.BlockStorage(region).Get(t.Context(), snapshot); err != nil {
			t.Error(err)
		}
	}
	wantLines(t, s.requests(), "GET /snapshots/"+snapshot, "GET /west/v3/"+project+"/snapshots/"+snapshot, "GET /snapshots/"+snapshot)
	if n := len(s.signIns()); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}
