package openstack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
)

// Whatever an error holds, what is shown of it is short, in one line, and moves no cursor.
func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"itemNotFound": {"code": 404, "message": "Snapshot could not be found."}}`))
	f.Add([]byte(`{"a": {"message": ""}, "b": 1}`))
	f.Add([]byte("<html>"))
	f.Add([]byte(`{"\u001b[2J": {"message": "one\n\nRequest id: two \u202e\u2028\u009b"}}`))
	f.Add([]byte(`{"\u001b": {"message": "m"}}`))
	f.Add([]byte(`{"` + strings.Repeat("k", 700) + `": {"message": "m"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		api := apiError("GET", "/", gophercloud.ErrUnexpectedResponseCode{
			Body: body, ResponseHeader: http.Header{"X-Openstack-Request-Id": {string(body)}},
		})
		for _, text := range []string{api.Kind, api.Message, api.RequestID} {
			if n := utf8.RuneCountInString(text); n > 610 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
				t.Errorf("%d characters of %q", n, text)
			}
		}
		if api.Kind == "" && api.Message != "" {
			t.Errorf("a message %q without a kind", api.Message)
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
	for _, raw := range []string{"https://cinder:8776/v3/p", "http://x/v2", "http://x", "ftp://x", "http://x/v3/../y", "://", "http://x/v3?a=b", "http://[fe80::1%25eth0]:8776/v3"} {
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
