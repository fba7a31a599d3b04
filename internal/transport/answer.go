package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// maxAnswer is the size, in bytes, of the largest answer that is read. A full page
// of 1,000 snapshots is half a megabyte, or some 70 with the largest possible
// metadata on each.
const maxAnswer = 256 << 20

// usualAnswer is the size, in bytes, up to which answers are read at the same time.
// Of the larger ones only one is read at a time, so that the memory of all together
// is bounded by that one and a usual one for each request.
const usualAnswer = 4 << 20

// wholeAnswers returns an answer when all of it has arrived, and an error for one
// that breaks off, is too large, or takes longer than timeout to its last byte.
// Because it reads each answer to the end, the connection can be used again.
type wholeAnswers struct {
	next    http.RoundTripper
	timeout time.Duration
	usual   int64 // bytes
	limit   int64 // bytes
	large   *semaphore.Weighted
}

func newWholeAnswers(next http.RoundTripper, timeout time.Duration) *wholeAnswers {
	return &wholeAnswers{next: next, timeout: timeout, usual: usualAnswer, limit: maxAnswer, large: semaphore.NewWeighted(1)}
}

func (t *wholeAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	options := optionsOf(req.Context())
	timeout := options.Budget.bound(t.timeout)
	ctx, cancel := context.WithTimeoutCause(req.Context(), timeout, errSlow{timeout})
	defer cancel()
	begun := time.Now()
	defer func() { options.Budget.spend(time.Since(begun)) }()
	// Without a connection no byte of the request was sent.
	var connected atomic.Bool
	if options.Withdrawn != nil {
		defer context.AfterFunc(options.Withdrawn, func() { //nolint:contextcheck // the request has two
			if !connected.Load() {
				cancel()
			}
		})()
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		err = t.slow(ctx, withTLSFault(req, ownTime(ctx, err), connected.Load()))
		if !connected.Load() {
			if options.Withdrawn != nil && options.Withdrawn.Err() != nil {
				err = options.Withdrawn.Err()
			}
			err = &unsentError{err}
		}
		return nil, err
	}
	arrived := time.Now()
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, t.usual))
	if err == nil && int64(len(data)) == t.usual {
		if err = t.large.Acquire(ctx, 1); err == nil {
			defer t.large.Release(1)
			var rest []byte
			rest, err = io.ReadAll(io.LimitReader(resp.Body, t.limit-t.usual+1))
			data = append(data, rest...)
		}
	}
	if err != nil {
		return nil, t.slow(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	if int64(len(data)) > t.limit {
		return nil, errTooLarge{t.limit}
	}
	if err := plainRequest(req, resp.StatusCode, data); err != nil {
		return nil, err
	}
	if _, err := req.URL.Parse(resp.Header.Get("Location")); err != nil {
		// The error of net/http for such a redirect would quote it whole.
		resp.Header.Del("Location")
	}
	resp.Body = &wholeBody{Reader: bytes.NewReader(data), arrived: arrived}
	return resp, nil
}

// ownTime returns err, or a copy that does not claim to be the end of the context if that
// has not come: the error of a connection that was not made within the dialer's own time is
// context.DeadlineExceeded too.
func ownTime(ctx context.Context, err error) error {
	if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && !time.Now().Before(deadline) || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errors.New(err.Error())
}

// Arrived returns when the header of an answer arrived, the zero time for an answer
// of another transport.
func Arrived(resp *http.Response) time.Time {
	if body, ok := resp.Body.(*wholeBody); ok {
		return body.arrived
	}
	return time.Time{}
}

// wholeBody is the body of an answer that has arrived.
type wholeBody struct {
	*bytes.Reader
	arrived time.Time // when its header did
}

// Close does nothing.
func (*wholeBody) Close() error { return nil }

// unsentError is an error of a request of which no byte has been sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// errTooLarge is not transient: the same answer would come again.
type errTooLarge struct{ limit int64 }

func (e errTooLarge) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", e.limit)
}

// slow returns an errSlow if the timeout ended the request and not the caller's
// context, and otherwise err.
func (t *wholeAnswers) slow(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.As(cause, new(errSlow)) {
		return cause
	}
	return err
}

// errSlow is not context.DeadlineExceeded, because the operation has time left.
type errSlow struct{ timeout time.Duration }

func (e errSlow) Error() string {
	return fmt.Sprintf("no whole answer within %s (request_timeout)", e.timeout)
}
