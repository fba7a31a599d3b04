package transport

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// limiter lets requests pass in the order in which they come: no more at a time than
// there are slots, no faster than the rate, and none to a host during a pause that
// this host has asked for. A request keeps its slot until its whole answer has arrived.
//
// All requests to a host wait in one line, and only its head waits for a slot, the rate
// and the pause. So no request overtakes another one, a request counts for the rate when
// it is sent and not when it comes, and a pause also holds back the requests that
// were in the line when it began.
type limiter struct {
	next  http.RoundTripper
	slots *semaphore.Weighted
	rate  *rate.Limiter // nil where there is no limit

	bySlots, byPause, byRate *hold

	mu    sync.Mutex
	lines map[string]*line // by host and port
}

// line is that of the requests to one host, such as the API of a region.
type line struct {
	head *semaphore.Weighted // of one
	pace pace
	// holding is why the head waits or waited last, for errors.
	holding atomic.Pointer[hold]
}

// hold is why requests wait: a setting of the provider with its value, or no setting
// for a pause that the server has asked for.
type hold struct {
	setting string
	value   float64
}

func newLimiter(next http.RoundTripper, config Config) *limiter {
	slots := config.maxConcurrentRequests()
	l := &limiter{
		next:    next,
		slots:   semaphore.NewWeighted(int64(slots)),
		bySlots: &hold{"max_concurrent_requests", float64(slots)},
		byPause: &hold{},
		byRate:  &hold{"requests_per_second", config.RequestsPerSecond},
		lines:   map[string]*line{},
	}
	if config.RequestsPerSecond > 0 {
		l.rate = rate.NewLimiter(rate.Limit(config.RequestsPerSecond), 1)
	}
	return l
}

// line returns the line of the host that the request is for.
func (l *limiter) line(req *http.Request) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := l.lines[req.URL.Host]
	if to == nil {
		to = &line{head: semaphore.NewWeighted(1)}
		to.holding.Store(l.bySlots)
		l.lines[req.URL.Host] = to
	}
	return to
}

func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	options := optionsOf(req.Context())
	to := l.line(req)
	refusals, err := l.wait(UntilSent(req.Context()), to, options.Urgent)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as every RoundTripper must
		}
		return nil, err
	}
	defer l.slots.Release(1)
	if options.Sending != nil {
		options.Sending()
	}
	resp, err := l.next.RoundTrip(req)
	switch {
	case options.Urgent:
	case options.Budget != nil && rateLimited(resp):
		// A request with a budget is not important enough to hold up all others.
		to.pace.answered(refusals, nil)
	default:
		to.pace.answered(refusals, resp)
	}
	return resp, err
}

// wait returns when it is the request's turn and it has a slot, with the number of
// rate limits met until then. The error is a [*TurnError], or that of a context which
// had ended before.
func (l *limiter) wait(ctx context.Context, to *line, urgent bool) (refusals int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, &unsentError{err}
	}
	begun := time.Now()
	refusals, why, err := l.turn(ctx, to, urgent)
	if err != nil {
		return 0, &TurnError{Setting: why.setting, Value: why.value, Waited: time.Since(begun), Err: err}
	}
	return refusals, nil
}

// turn is wait, with what the request waited for last. An urgent request waits for a
// slot and the rate only: a pause that one service has asked for is not one for
// another at the same host.
func (l *limiter) turn(ctx context.Context, to *line, urgent bool) (refusals int, why *hold, err error) {
	if urgent {
		why, err = l.place(ctx, new(line)) // in none
		return 0, why, err
	}
	if err := to.head.Acquire(ctx, 1); err != nil {
		return 0, to.holding.Load(), err
	}
	defer to.head.Release(1)
	for {
		// Without a slot, which others may need, and without a place in the rate, which
		// counts from the end of the pause.
		if wait := to.pace.blocked(); wait != nil {
			to.holding.Store(l.byPause)
			if err = wait(ctx); err != nil {
				return 0, l.byPause, err
			}
			continue
		}
		if why, err = l.place(ctx, to); err != nil {
			return 0, why, err
		}
		if refusals, ok := to.pace.take(); ok {
			return refusals, why, nil
		}
		l.slots.Release(1) // a pause has begun meanwhile
	}
}

// place waits for a slot and the rate, and says so in the line.
func (l *limiter) place(ctx context.Context, in *line) (why *hold, err error) {
	in.holding.Store(l.bySlots)
	if err = l.slots.Acquire(ctx, 1); err != nil || l.rate == nil {
		return l.bySlots, err
	}
	in.holding.Store(l.byRate)
	reserved := l.rate.Reserve()
	if err = Sleep(ctx, reserved.Delay()); err != nil {
		reserved.Cancel()
		l.slots.Release(1)
	}
	return l.byRate, err
}
