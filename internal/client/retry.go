package client

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// retryingTransport sends a request again that had a passing failure, where
// doing so cannot do anything twice: after pauses that grow from a quarter of a
// second, with full jitter, or as the server asks in Retry-After (RFC 9110,
// section 10.2.3).
type retryingTransport struct {
	next       http.RoundTripper
	maxRetries int
	logger     *slog.Logger
	// pause is begun here and kept by the limiter.
	pause *pause
}

type repeatableKey struct{}

// repeatable marks the requests of a context as ones that may be sent twice
// whatever their method.
func repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

func (t *retryingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	pauses := &backoff.ExponentialBackOff{
		InitialInterval: 250 * time.Millisecond, Multiplier: 2, RandomizationFactor: 1, MaxInterval: 15 * time.Second,
	}
	pauses.Reset()
	for retries := 0; ; retries++ {
		attempt := req
		if retries > 0 {
			attempt = req.Clone(ctx)
			if req.GetBody != nil {
				body, err := req.GetBody()
				if err != nil {
					return nil, err
				}
				attempt.Body = body
			}
		}
		resp, err := t.next.RoundTrip(attempt)
		if retries >= t.maxRetries || ctx.Err() != nil || errors.As(err, new(*TurnError)) || !passing(req, resp, err) {
			return resp, err
		}
		delay := pauses.NextBackOff()
		if after, ok := retryAfter(resp, time.Now()); ok {
			// The jitter keeps all who were told the same from coming back at once.
			delay = after + time.Duration(rand.Int64N(int64(250*time.Millisecond)))
		}
		if deadline, ok := ctx.Deadline(); ok && time.Now().Add(delay).After(deadline) {
			// There is no time for another try: this answer says more than a timeout.
			return resp, err
		}
		if rateLimited(resp) {
			t.pause.until(time.Now().Add(delay))
		}
		if t.logger != nil {
			t.logger.LogAttrs(ctx, slog.LevelWarn, "API request failed and will be sent again", slog.String("method", req.Method),
				slog.String("path", req.URL.Path), slog.Int("retry", retries+1), slog.Int64("after_milliseconds", delay.Milliseconds()))
		}
		if err := sleep(ctx, delay); err != nil {
			return nil, err
		}
	}
}

// passing tells whether a request may be sent again after this outcome.
func passing(req *http.Request, resp *http.Response, err error) bool {
	if errors.As(err, new(*TLSError)) {
		return false
	}
	if rateLimited(resp) || neverSent(err) {
		return true // the API has not acted on it, whatever it was
	}
	idempotent := req.Method != http.MethodPost && req.Method != http.MethodPatch
	if again, _ := req.Context().Value(repeatableKey{}).(bool); !idempotent && !again {
		return false
	}
	if err != nil {
		return !errors.As(err, new(errSlow)) || patience(req.Context()) == 0
	}
	return slices.Contains(passingStatuses, resp.StatusCode)
}

// passingStatuses are those of failures that may pass, and that do not say
// whether the API has acted on the request.
var passingStatuses = []int{
	http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// rateLimited tells an answer that asks to come back later: 429, or 413 with a
// time to wait, as older rate limiters of OpenStack send it. A quota that is
// exceeded is a 413 as well, with no time to wait: waiting would not help.
func rateLimited(resp *http.Response) bool {
	if resp == nil {
		return false
	}
	if resp.StatusCode == http.StatusRequestEntityTooLarge {
		after, ok := retryAfter(resp, time.Now())
		return ok && after > 0
	}
	return resp.StatusCode == http.StatusTooManyRequests
}

// neverSent tells an error from before the API could see a request.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, new(*TurnError)) || errors.As(err, new(*TLSError)) || errors.As(err, &op) && op.Op == "dial"
}

// retryAfter reads the header, a number of seconds or a date, as a duration
// from now, never negative. The date is compared with the server's own, if that
// is in the answer.
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 && seconds < 1<<31 {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0), true
}

// pause holds back all requests of a process until a time: a limit that one of
// them has met is in general one for all.
type pause struct {
	mu  sync.Mutex
	end time.Time
}

func (p *pause) until(end time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end.After(p.end) {
		p.end = end
	}
}

func (p *pause) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := time.Until(p.end)
		p.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// sleep waits, or returns the context's error as soon as that ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
