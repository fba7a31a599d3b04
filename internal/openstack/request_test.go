package openstack_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
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
		"as long as can be": {400, `{"badRequest": {"message": "` + strings.Repeat("é", 600) + `"}}`, "badRequest", strings.Repeat("é", 600)},
		"very long":         {400, `{"badRequest": {"message": "` + strings.Repeat("é", 5000) + `"}}`, "badRequest", strings.Repeat("é", 600) + " [...]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Compute-Request-Id", "req-7")
				always(row.status, row.body)(w, r)
			})
			_, err := s.open().Get(t.Context(), snapshot)
			var api *openstack.APIError
			if !errors.As(err, &api) {
				t.Fatalf("%T: %v", err, err)
			}
			if api.Status != row.status || api.Kind != row.kind || api.Message != row.message || api.RequestID != "req-7" ||
				api.Method != "GET" || !strings.HasSuffix(api.Path, "/snapshots/"+snapshot) {
				t.Errorf("%+v", api)
			}
			if openstack.IsNotFound(err) != (row.kind == "itemNotFound") {
				t.Error("IsNotFound is wrong")
			}
		})
	}
}

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
	var api *openstack.APIError
	if !errors.As(err, &api) || api.Status != http.StatusTemporaryRedirect {
		t.Errorf("%v", err)
	}
}

// What keeps a request from being sent is in its error.
func TestBodyThatCannotBeSent(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	err := s.open().Do(t.Context(), http.MethodPost, "snapshots", nil, map[string]any{"snapshot": func() {}}, nil)
	var request *openstack.TransportError
	if !errors.As(err, &request) || request.Err == nil {
		t.Errorf("%v", err)
	}
	wantLines(t, s.Requests())
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	// The port of a server that was closed may be that of another test's by now.
	b := newScript(t, nil).open(func(c *openstack.Config) { c.AuthURL = "http://127.0.0.1:1/v3" })
	_, err := b.Get(t.Context(), snapshot)
	var signIn *openstack.SignInError
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
	s := newScript(t, always(200, available))
	_, err := s.open(func(c *openstack.Config) { c.Unknown = []string{"password"} }).Get(t.Context(), snapshot)
	var unconfigured *openstack.UnconfiguredError
	if !errors.As(err, &unconfigured) || len(s.SignIns()) > 0 {
		t.Errorf("%v", err)
	}
}

func TestRegionsShareTheSignIn(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	s.Catalog = "[" + entry("volumev3", at("public", "east", "/v3/"+project), at("public", "west", "/west/v3/"+project)) + "]"
	cloud, err := openstack.New(s.ClientConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"east", "west", "east"} {
		if _, err := (service{cloud.BlockStorage(region)}).Get(t.Context(), snapshot); err != nil {
			t.Error(err)
		}
	}
	wantLines(t, s.Requests(), "GET /snapshots/"+snapshot, "GET /west/v3/"+project+"/snapshots/"+snapshot, "GET /snapshots/"+snapshot)
	if n := len(s.SignIns()); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

// A connection that is not made in the dialer's time is no end of the operation's.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	s := newScript(t, func(http.ResponseWriter, *http.Request) {}).open(func(c *openstack.Config) {
		c.MaxRetries = new(0)
		c.Network = noConnection{}
	})
	_, err := s.Get(t.Context(), snapshot)
	if err == nil || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "i/o timeout") {
		t.Errorf("%v", err)
	}
}

// noConnection is a network in which none is made in time.
type noConnection struct{}

func (noConnection) RoundTrip(req *http.Request) (*http.Response, error) {
	_, err := (&net.Dialer{Deadline: time.Now().Add(-time.Second)}).DialContext(req.Context(), "tcp", "127.0.0.1:1")
	return nil, err
}
