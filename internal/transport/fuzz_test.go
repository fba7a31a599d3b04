package transport

import (
	"net/http"
	"testing"
	"time"
)

// Whatever Retry-After says, the pause is never negative and needs no panic.
func FuzzRetryAfter(f *testing.F) {
	f.Add("5", "")
	f.Add("Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:00 GMT")
	f.Add("-1", "x")
	f.Add("99999999999999999999", "")
	f.Fuzz(func(t *testing.T, after, date string) {
		resp := &http.Response{Header: http.Header{"Retry-After": {after}, "Date": {date}}}
		if d, ok := RetryAfter(resp.Header, time.Now()); d < 0 || !ok && d != 0 {
			t.Errorf("%s", d)
		}
	})
}
