package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pace keeps a process to a rate limit that the server has answered with: a limit
// that one request has met is in general one for all. After the pause that the
// cloud asks for one request goes first, and no other until it is answered. The
// rest follow at intervals, which grow with each further refusal and shrink with
// each answer.
type pace struct {
	mu       sync.Mutex
	end      time.Time     // of the pause
	interval time.Duration // between two requests, 0 where no limit is known
	next     time.Time     // when the interval ends that has begun last
	refusals int
	// probing says that nothing has been answered since the last refusal, and
	// probe, unless nil, that the first request after it is on its way: it is
	// closed with the answer.
	probing bool
	probe   chan struct{}
}

const (
	firstInterval = 50 * time.Millisecond
	leastInterval = 10 * time.Millisecond
	// At a limit that wants longer intervals each second request meets a pause, which
	// is better than to go on so slowly when the limit is lifted.
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

// wait waits until a request may be sent, and gives how many refusals there had
// been then. The caller reports to answered what becomes of the request.
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

// answered takes note of what became of a request that was sent after so many
// refusals; resp is nil where it has no answer.
func (p *pace) answered(refusals int, resp *http.Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if refusals != p.refusals {
		// Sent before the last refusal, it says nothing of the time after it.
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
