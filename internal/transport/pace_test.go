package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a rate limit: so many requests in each second, all others are refused
// as older and newer rate limiters do.
type gate struct {
	perSecond int
	status    int
	after     string // Retry-After, "" for none

	mu      sync.Mutex
	second  int64
	taken   int
	refused int
}

func (g *gate) answer(int, *http.Request) (*http.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now().Unix(); now != g.second {
		g.second, g.taken = now, 0
	}
	if g.taken++; g.taken <= g.perSecond {
		return status(200), nil
	}
	g.refused++
	if g.after == "" {
		return status(g.status), nil
	}
	return status(g.status, "Retry-After", g.after), nil
}

// A rate limit is no failure while there is time, whatever max_retries is: all
// get their answer, and soon at the pace that the server takes.
func TestARateLimitIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		gate     *gate
		requests int
		within   time.Duration
		refused  int // at most
	}{
		"ten at one a second":      {&gate{perSecond: 1, status: 429, after: "1"}, 10, 40 * time.Second, 25},
		"older":                    {&gate{perSecond: 1, status: 413, after: "1"}, 10, 40 * time.Second, 25},
		"without a time":           {&gate{perSecond: 1, status: 429}, 10, 90 * time.Second, 40},
		"at once":                  {&gate{perSecond: 2, status: 429, after: "0"}, 20, 40 * time.Second, 60},
		"two hundred at ten":       {&gate{perSecond: 10, status: 429, after: "1"}, 200, 60 * time.Second, 90},
		"a thousand at a hundred":  {&gate{perSecond: 100, status: 429, after: "1"}, 1000, 40 * time.Second, 400},
		"a date in the past again": {&gate{perSecond: 5, status: 429, after: "Thu, 01 Jan 1970 00:00:00 GMT"}, 20, 40 * time.Second, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(20 * time.Millisecond)
				n.answer = row.gate.answer
				retries := 1
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				began := time.Now()
				wantNone(t, askAll(ctx, Config{MaxRetries: &retries}.stack(n), row.requests))
				if took := time.Since(began); took > row.within {
					t.Errorf("it took %s", took)
				}
				if row.refused < row.gate.refused {
					t.Errorf("%d were refused, want at most %d", row.gate.refused, row.refused)
				}
			})
		})
	}
}

// Behind the pause one goes first.
func TestOneProbeGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.refuse(11, "30")
		wantNone(t, askAll(t.Context(), Config{}.stack(n), 10))
		// Ten at first, one that is refused again, and one before all others.
		for i, at := range n.sent {
			want := time.Duration(0)
			switch {
			case i == 10:
				want = 31 * time.Second
			case i == 11:
				want = 62 * time.Second
			case i > 11:
				want = 63 * time.Second
			}
			if at < want || i < 10 && at > 0 {
				t.Errorf("request %d was sent after %s", i, at)
			}
		}
		if len(n.sent) != 10+1+10 {
			t.Errorf("%d requests", len(n.sent))
		}
	})
}

// A probe that gets no answer lets another one go.
func TestAProbeWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.answer = func(count int, req *http.Request) (*http.Response, error) {
			switch {
			case count < 5:
				return status(429, "Retry-After", "5"), nil
			case count == 5: // the probe
				return nil, errors.New("reset")
			}
			return status(200), nil
		}
		wantNone(t, askAll(t.Context(), Config{}.stack(n), 5))
	})
}

// However often it is refused, a request does not use up its retries.
func TestARateLimitCostsNoRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.answer = func(count int, _ *http.Request) (*http.Response, error) {
			switch {
			case count == 10:
				return status(503), nil
			case count < 20:
				return status(429, "Retry-After", "5"), nil
			}
			return status(200), nil
		}
		retries := 1
		wantNone(t, askAll(t.Context(), Config{MaxRetries: &retries}.stack(n), 1))
		if len(n.sent) != 21 {
			t.Errorf("%d requests", len(n.sent))
		}
	})
}

// When a limit that has refused everything for long is lifted, nothing is slow for
// long after it. (Found by TestSimulation.)
func TestALimitThatIsLifted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(10 * time.Millisecond)
		n.refuse(40, "1")
		stack := Config{}.stack(n)
		wantNone(t, askAll(t.Context(), stack, 1))
		began := time.Now()
		wantNone(t, askAll(t.Context(), stack, 100))
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("a hundred requests took %s", took)
		}
	})
}
