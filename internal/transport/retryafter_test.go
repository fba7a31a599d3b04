package transport

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	server := "Thu, 01 Jan 2026 12:00:00 GMT"
	for _, row := range []struct {
		after, date string
		want        time.Duration
		ok          bool
	}{
		{"", "", 0, false},
		{"0", "", 0, true},
		{"7", "", 7 * time.Second, true},
		{"-7", "", 0, false},
		{"soon", "", 0, false},
		{"Thu, 01 Jan 2026 00:00:30 GMT", "", 30 * time.Second, true},
		{"Thu, 01 Jan 2026 12:00:30 GMT", server, 30 * time.Second, true}, // whatever our clock shows
		{"Wed, 31 Dec 2025 00:00:00 GMT", "", 0, true},
	} {
		header := http.Header{"Retry-After": {row.after}, "Date": {row.date}}
		if got, ok := RetryAfter(header, now); got != row.want || ok != row.ok {
			t.Errorf("%q at %q: %s, %t", row.after, row.date, got, ok)
		}
	}
	if _, ok := RetryAfter(nil, now); ok {
		t.Error("no answer asks for no time")
	}
}
