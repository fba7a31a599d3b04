package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pace keeps a process to the rate limit of a server. A limit that one request has
// met is in general one for all. So after the pause that the server has asked for one
// request is sent first, and no other until it is answered. The others follow at
// intervals, which grow with each further refusal and shrink with each answer.
type pace struct {
	mu       sync.Mutex
	end      time.Time     // of the pause
	interval time.Duration // between two requests, 0 where no limit is known
	next     time.Time     // end of the present interval
	refusals int
	// probing says that nothing has been answered since the last refusal. probe,
	// unless nil, is closed when the first request after that refusal is answered.
	probing bool
	probe   chan struct{}
}

const (
	firstInterval = 50 * time.Millisecond
	leastInterval = 10 * time.Millisecond
	// A server with a stricter limit refuses about every second request then. That is
	// better than to go on slowly for long when the limit is lifted.
	mostInterval = time.Second
)

// rest holds all requests back until a time.
func (p *pace) rest(end time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end.After(p.end) {
		p.end = end
	}
}

// blocked returns what waits until it is worth another try, nil if a request may be sent now.
func (p *pace) blocked() (wait func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left, probe := p.left(), p.probe
	switch {
	case left > 0:
		return func(ctx context.Context) error { return Sleep(ctx, left) }
	case probe != nil:
		return func(ctx context.Context) error {
			select {
			case <-probe:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// left is how long the pause and the present interval last.
func (p *pace) left() time.Duration { return max(time.Until(p.end), time.Until(p.next)) }

// take lets a request be sent, which the caller then does, and returns the number of
// refusals until now, for answered. It is not ok if requests are held back.
func (p *pace) take() (refusals int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left() > 0 || p.probe != nil {
		return 0, false
	}
	if p.probing {
		p.probe = make(chan struct{})
	}
	p.next = time.Now().Add(p.interval)
	return p.refusals, true
}

// answered takes note of the outcome of a request that was sent after so many
// refusals. resp is nil if there was no answer.
func (p *pace) answered(refusals int, resp *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if refusals != p.refusals {
		// The request was sent before the last refusal.
		return
	}
	switch {
	case rateLimited(resp):
		p.refusals++
		p.probing = true
		p.interval = min(max(p.interval*3/2, firstInterval), mostInterval)
	case resp != nil:
		p.probing = false
		if p.interval = p.interval * 19 / 20; p.interval < leastInterval {
			p.interval = 0
		}
	}
	if p.probe != nil {
		close(p.probe)
		p.probe = nil
	}
}
