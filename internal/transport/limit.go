package transport

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// limiter lets requests pass first come, first served: no more at a time than
// there are slots, no faster than the rate, and none while the cloud has asked
// for a pause. A request has its slot until the whole of its answer has come.
//
// All wait in one line, and only the head of it waits for a slot and then for
// the rest. So nobody overtakes, a request counts for the rate when it is sent
// and not when it comes, and a pause also holds back those that were in the line
// when it began.
type limiter struct {
	next  http.RoundTripper
	line  *semaphore.Weighted // of one, the head's
	slots *semaphore.Weighted
	pace  pace
	rate  *rate.Limiter // nil where there is no limit

	// For errors: why the head waits, or did last, and all that it may be.
	holding                  atomic.Pointer[hold]
	bySlots, byPause, byRate *hold
}

// hold is why requests wait: a setting of the provider with its value, or none
// for a pause that the cloud has asked for.
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
		// It is not worth that all others wait; they meet the limit themselves.
		l.pace.answered(refusals, nil)
	default:
		l.pace.answered(refusals, resp)
	}
	return resp, err
}

// wait returns a slot when it is the request's turn, and how many rate limits had
// been met then. Its error is a [*TurnError], or the context's where that had
// ended before.
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

// turn returns a slot, or the context's error and what it came to wait for. What is
// urgent waits for a slot and the rate alone: a pause that one service has asked
// for is not one for another.
func (l *limiter) turn(ctx context.Context, urgent bool) (refusals int, why *hold, err error) {
	if !urgent {
		if err := l.line.Acquire(ctx, 1); err != nil {
			return 0, l.holding.Load(), err
		}
		defer l.line.Release(1)
	}
	why = l.hold(l.bySlots)
	if err := l.slots.Acquire(ctx, 1); err != nil {
		return 0, why, err
	}
	if l.rate != nil {
		why = l.hold(l.byRate)
		reserved := l.rate.Reserve()
		if err = Sleep(ctx, reserved.Delay()); err != nil {
			reserved.Cancel()
		}
	}
	if err == nil && !urgent {
		why = l.hold(l.byPause)
		refusals, err = l.pace.wait(ctx)
	}
	if err != nil {
		l.slots.Release(1)
	}
	return refusals, why, err
}

func (l *limiter) hold(why *hold) *hold {
	l.holding.Store(why)
	return why
}
