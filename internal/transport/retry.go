package transport

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"
)

// retryingTransport sends a request again after a transient failure, if that cannot
// do anything twice. The pauses grow from a quarter of a second, with full jitter, or
// are as the server asks in Retry-After (RFC 9110, section 10.2.3). A rate limit is
// not a failure: the request is sent again for as long as there is time.
type retryingTransport struct {
	next       *limiter
	maxRetries int
	logger     *slog.Logger
}

// MaxPause is the longest pause that a server may ask for. An answer that asks for
// more is an error.
const MaxPause = 5 * time.Minute

func (t *retryingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	options := optionsOf(ctx)
	pauses := NewPauses(250*time.Millisecond, 15*time.Second, 2, 1)
	sent := false // an attempt that the server may have acted on
	for attempts, failures := 1, 0; ; attempts++ {
		attempt := req
		if attempts > 1 {
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
		if turn := new(TurnError); sent && errors.As(err, &turn) {
			return nil, turn.Err
		}
		limited := rateLimited(resp)
		sent = sent || !limited && !Unsent(err)
		if !limited {
			failures++
		}
		var header http.Header
		if resp != nil {
			header = resp.Header
		}
		if failures > t.maxRetries || t.maxRetries == 0 || ctx.Err() != nil || !mayRetry(req, resp, err) {
			return resp, err
		}
		delay := pauses.Next(ctx)
		if after, ok := RetryAfter(header, time.Now()); ok {
			// The jitter keeps all that got the same answer from coming back at once.
			delay = after + time.Duration(random(ctx)*float64(250*time.Millisecond))
			if after > MaxPause {
				return resp, err
			}
		}
		if options.Budget.bound(delay) < delay || !timeFor(UntilSent(ctx), delay) {
			// There is no time for another attempt, and this answer says more than a timeout.
			return resp, err
		}
		if limited && !options.Urgent && options.Budget == nil {
			t.next.line(req).pace.rest(time.Now().Add(delay))
		}
		if t.logger != nil {
			t.logger.LogAttrs(ctx, slog.LevelWarn, "API request failed and will be sent again", slog.String("method", req.Method),
				slog.String("path", req.URL.Path), slog.Int("retry", attempts), slog.Int64("after_milliseconds", delay.Milliseconds()))
		}
		options.Budget.spend(delay)
		if ended := Sleep(UntilSent(ctx), delay); ended != nil {
			if !sent {
				ended = &unsentError{ended}
			}
			return nil, ended
		}
	}
}

// timeFor reports whether the context has so much time left.
func timeFor(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || !time.Now().Add(d).After(deadline)
}

// mayRetry reports whether a request may be sent again after this outcome.
func mayRetry(req *http.Request, resp *http.Response, err error) bool {
	if errors.As(err, new(*TurnError)) || Permanent(err) {
		return false
	}
	if rateLimited(resp) || Unsent(err) {
		return true // the server has not acted on it, whatever the method
	}
	if !optionsOf(req.Context()).Repeatable && (req.Method == http.MethodPost || req.Method == http.MethodPatch) {
		return false
	}
	return err != nil || TransientStatus(resp.StatusCode)
}

// Permanent reports whether the same request would meet the same error again.
func Permanent(err error) bool {
	return errors.As(err, new(*TLSError)) || errors.As(err, new(errTooLarge))
}

// TransientStatus reports whether a status is that of a transient failure, which does
// not say whether the server has acted on the request. Gateways have some of their
// own, such as 520 to 527.
func TransientStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return status >= http.StatusInternalServerError
}

// RateLimited reports whether an answer with this status, and this Retry-After or 0, is
// that of a rate limit: 429, or 413 with a time to wait, as older rate limiters of
// OpenStack send it. An exceeded quota is a 413 without such a time.
func RateLimited(status int, after time.Duration) bool {
	return status == http.StatusTooManyRequests || status == http.StatusRequestEntityTooLarge && after > 0
}

func rateLimited(resp *http.Response) bool {
	if resp == nil {
		return false
	}
	after, _ := RetryAfter(resp.Header, time.Now())
	return RateLimited(resp.StatusCode, after)
}

// Unsent reports whether no byte of the request was sent.
func Unsent(err error) bool {
	return errors.As(err, new(*unsentError)) || errors.As(err, new(*TurnError)) || errors.As(err, new(*TLSError))
}

// RetryAfter returns the value of the header Retry-After, a number of seconds or a
// date, as a duration from now. It is never negative. A date is compared with the
// header Date if there is one.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, math.MaxInt32)) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0), true
}

// Sleep waits for d. If the context ends before that, it returns the context's error
// at once.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
