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

// wait waits until a request may be sent, and returns the number of refusals until
// then. The caller reports the outcome of the request to answered.
func (p *pace) wait(ctx context.Context) (refusals int, err error) {
	for {
		p.mu.Lock()
		left, probe := max(time.Until(p.end), time.Until(p.next)), p.probe
		if left <= 0 && probe == nil {
			if p.probing {
				p.probe = make(chan struct{})
			}
			p.next = time.Now().Add(p.interval)
			defer p.mu.Unlock()
			return p.refusals, nil
		}
		p.mu.Unlock()
		if left > 0 {
			err = Sleep(ctx, left)
		} else {
			select {
			case <-probe:
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		if err != nil {
			return 0, err
		}
	}
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
