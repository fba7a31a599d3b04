package openstack_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func retrying(n int) func(*openstack.Config) {
	return func(c *openstack.Config) { c.MaxRetries = &n }
}

// failing answers the first n requests with a status, and then as the cloud.
func failing(n, status int, header map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if n > 0 {
			n--
			for name, value := range header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			return
		}
		always(200, available)(w, r)
	}
}

func TestRetriesAreCounted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ failures, retries, requests int }{{0, 3, 1}, {1, 3, 2}, {3, 3, 4}, {4, 3, 4}, {1, 0, 1}} {
		s := newScript(t, failing(row.failures, 503, nil))
		_, err := s.open(retrying(row.retries)).Get(t.Context(), snapshot)
		if (err != nil) != (row.failures > row.retries) {
			t.Errorf("%+v: %v", row, err)
		}
		if n := len(s.Requests()); n != row.requests {
			t.Errorf("%+v: %d requests", row, n)
		}
	}
}

func TestWhatIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 400, 403, 404, 405, 409, 413, 501} {
		s := newScript(t, always(status, ""))
		if _, err := s.open(retrying(3)).Get(t.Context(), snapshot); err == nil {
			t.Errorf("%d: no error", status)
		}
		if n := len(s.Requests()); n != 1 {
			t.Errorf("%d: %d requests", status, n)
		}
	}
}

// One 429 holds back every request of the process for as long as it says.
func TestOneRateLimitSlowsAll(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var limited time.Time
	known := make(chan struct{})
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if limited.IsZero() {
			limited = time.Now()
			close(known)
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if early := 3*time.Second - time.Since(limited); early > 0 {
			t.Errorf("a request came %s before the time that the cloud had asked for", early)
		}
		always(200, available)(w, r)
	})
	b := s.open(retrying(3))
	first := make(chan error, 1)
	go func() { _, err := b.Get(t.Context(), snapshot); first <- err }()
	select {
	case <-known:
	case err := <-first:
		t.Fatalf("it ended without the answer: %v", err)
	}
	// The answer is on its way back, on a machine that may be busy.
	time.Sleep(2 * time.Second)
	for _, err := range append(parallel(20, func() error { _, err := b.Get(t.Context(), snapshot); return err }), <-first) {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(s.Requests()); n != 22 {
		t.Errorf("%d requests", n)
	}
}

// A pause that is too long is not made: the error says what was asked for, and
// what would have been done.
func TestAPauseIsBounded(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		s := newScript(t, failing(1, status, map[string]string{"Retry-After": "301"}))
		b := s.open(retrying(5))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := b.Get(ctx, snapshot)
		if err == nil || !strings.Contains(err.Error(), "it asks to come back after 5m1s, and the longest pause that is made is 5m0s") {
			t.Errorf("%v", err)
		}
		// Nor is it one of the requests that come after it.
		if _, err = b.Get(ctx, snapshot); err != nil {
			t.Error(err)
		}
	}
}
