package openstack

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
)

// Whatever the body of an error holds, what is shown of it is short and text.
func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"itemNotFound": {"code": 404, "message": "Snapshot could not be found."}}`))
	f.Add([]byte(`{"a": {"message": ""}, "b": 1}`))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		api := apiError("GET", "/", gophercloud.ErrUnexpectedResponseCode{Body: body})
		kind, message := api.Kind, api.Message
		if n := utf8.RuneCountInString(message); n > 610 || !utf8.ValidString(message) {
			t.Errorf("%d characters of %q", n, message)
		}
		if kind == "" && message != "" {
			t.Errorf("a message %q without a kind", message)
		}
	})
}

// Whatever an id is, it stays one segment of the path.
func FuzzSegment(f *testing.F) {
	for _, id := range []string{"", ".", "..", "../volumes/x", "a/b", "%2e%2e", "a?b=c#d", "\x00", "é", "..%2f"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		escaped, err := PathSegment("id", id)
		if err != nil {
			return
		}
		u, err := url.Parse("http://cloud/v3/p/snapshots/" + escaped + "/metadata")
		if err != nil || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q: %v, %v", id, u, err)
		}
		if parts := strings.Split(u.EscapedPath(), "/"); len(parts) != 6 || u.JoinPath().EscapedPath() != u.EscapedPath() {
			t.Errorf("%q leaves its place: %s", id, u.EscapedPath())
		}
		if back, err := url.PathUnescape(escaped); err != nil || back != id {
			t.Errorf("%q became %q", id, back)
		}
	})
}

// Whatever the endpoint's URL is, requests stay below it.
func FuzzEndpoint(f *testing.F) {
	for _, raw := range []string{"https://cinder:8776/v3/p", "http://x/v2", "http://x", "ftp://x", "http://x/v3/../y", "://", "http://x/v3?a=b"} {
		f.Add("volumev3", raw)
	}
	f.Fuzz(func(t *testing.T, kind, raw string) {
		e, err := parseEndpoint(kind, raw, "p")
		if err != nil {
			return
		}
		if !strings.HasPrefix(e.base, e.root) || !strings.HasSuffix(e.base, "/") || e.major != 2 && e.major != 3 {
			t.Errorf("%+v", e)
		}
		was, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		now, err := url.Parse(e.base)
		if err != nil || now.Host != was.Host || now.Scheme != was.Scheme {
			t.Errorf("%q became %q: %v", raw, e.base, err)
		}
	})
}
