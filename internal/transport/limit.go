package transport

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// limiter lets requests pass in the order in which they come: no more at a time than
// there are slots, no faster than the rate, and none during a pause that the server
// has asked for. A request keeps its slot until its whole answer has arrived.
//
// All requests wait in one line, and only its head waits for a slot, the rate and
// the pause. So no request overtakes another one, a request counts for the rate when
// it is sent and not when it comes, and a pause also holds back the requests that
// were in the line when it began.
type limiter struct {
	next  http.RoundTripper
	line  *semaphore.Weighted // of one, the head's
	slots *semaphore.Weighted
	pace  pace
	rate  *rate.Limiter // nil where there is no limit

	// holding is why the head waits or waited last, for errors: one of the others.
	holding                  atomic.Pointer[hold]
	bySlots, byPause, byRate *hold
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
		line:    semaphore.NewWeighted(1),
		slots:   semaphore.NewWeighted(int64(slots)),
		bySlots: &hold{"max_concurrent_requests", float64(slots)},
		byPause: &hold{},
		byRate:  &hold{"requests_per_second", config.RequestsPerSecond},
	}
	l.holding.Store(l.bySlots)
	if config.RequestsPerSecond > 0 {
		l.rate = rate.NewLimiter(rate.Limit(config.RequestsPerSecond), 1)
	}
	return l
}

func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	options := optionsOf(req.Context())
	refusals, err := l.wait(UntilSent(req.Context()), options.Urgent)
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
		l.pace.answered(refusals, nil)
	default:
		l.pace.answered(refusals, resp)
	}
	return resp, err
}

// wait returns when it is the request's turn and it has a slot, with the number of
// rate limits met until then. The error is a [*TurnError], or that of a context which
// had ended before.
func (l *limiter) wait(ctx context.Context, urgent bool) (refusals int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, &unsentError{err}
	}
	begun := time.Now()
	refusals, why, err := l.turn(ctx, urgent)
	if err != nil {
		return 0, &TurnError{Setting: why.setting, Value: why.value, Waited: time.Since(begun), Err: err}
	}
	return refusals, nil
}

// turn is wait, with what the request waited for last. An urgent request waits for a
// slot and the rate only: a pause that one service has asked for is not one for
// another.
func (l *limiter) turn(ctx context.Context, urgent bool) (refusals int, why *hold, err error) {
	if urgent {
		why, err = l.place(ctx, urgent)
		return 0, why, err
	}
	if err := l.line.Acquire(ctx, 1); err != nil {
		return 0, l.holding.Load(), err
	}
	defer l.line.Release(1)
	for {
		// Without a slot, which an urgent request may need, and without a place in the
		// rate, which counts from the end of the pause.
		if wait := l.pace.blocked(); wait != nil {
			why = l.hold(l.byPause, urgent)
			if err = wait(ctx); err != nil {
				return 0, why, err
			}
			continue
		}
		if why, err = l.place(ctx, urgent); err != nil {
			return 0, why, err
		}
		if refusals, ok := l.pace.take(); ok {
			return refusals, why, nil
		}
		l.slots.Release(1) // a pause has begun meanwhile
	}
}

// place waits for a slot and the rate.
func (l *limiter) place(ctx context.Context, urgent bool) (why *hold, err error) {
	why = l.hold(l.bySlots, urgent)
	if err = l.slots.Acquire(ctx, 1); err != nil || l.rate == nil {
		return why, err
	}
	why = l.hold(l.byRate, urgent)
	reserved := l.rate.Reserve()
	if err = Sleep(ctx, reserved.Delay()); err != nil {
		reserved.Cancel()
		l.slots.Release(1)
	}
	return why, err
}

// hold takes note of why the head of the line waits. An urgent request is not in it.
func (l *limiter) hold(why *hold, urgent bool) *hold {
	if !urgent {
		l.holding.Store(why)
	}
	return why
}
