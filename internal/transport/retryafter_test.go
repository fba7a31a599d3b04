package transport

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
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
		{"4294967296", "", math.MaxInt32 * time.Second, true},
		{"99999999999999999999", "", math.MaxInt32 * time.Second, true},
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

// A pause that a server asks for ends with its request, and is not begun where it would outlast
// that, or [MaxPause].
func TestPauseOfARetry(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		after    string // Retry-After
		timeout  time.Duration
		cancel   time.Duration
		requests int
		took     time.Duration
		err      error
	}{
		"interrupted":           {"60", time.Hour, time.Second, 1, time.Second, context.Canceled},
		"outlasts the request":  {"120", time.Minute, time.Hour, 1, 0, nil},
		"as long as can be":     {"300", time.Hour, 2 * time.Hour, 2, 5 * time.Minute, nil},
		"longer than one makes": {"301", time.Hour, 2 * time.Hour, 1, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(0)
				n.answer = func(number int, _ *http.Request) (*http.Response, error) {
					if len(n.paths) > 1 {
						return status(http.StatusOK), nil
					}
					return status(http.StatusServiceUnavailable, "Retry-After", row.after), nil
				}
				ctx, cancel := context.WithTimeout(t.Context(), row.timeout)
				defer cancel()
				time.AfterFunc(row.cancel, cancel)
				began := time.Now()
				err := ask(ctx, Config{}.stack(n), "")
				// A little is added to a pause, so that not all come back at once.
				if took := time.Since(began).Truncate(time.Second); !errors.Is(err, row.err) || took != row.took || len(n.paths) != row.requests {
					t.Errorf("%v after %d requests and %s", err, len(n.paths), took)
				}
			})
		})
	}
}
