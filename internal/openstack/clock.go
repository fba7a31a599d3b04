package openstack

import (
	"net/http"
	"sync"
	"time"
)

// clock knows how far the clocks of the server are ahead of ours, from the Date
// header of its answers (RFC 9110, section 6.6.1), which is in whole seconds. The
// nodes of an API need not agree, and nobody knows which of them a request will
// meet: what counts is the one that is most behind.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration // the least since since
	earlier time.Duration // the least in the time before
	since   time.Time     // zero where there has been no answer yet
}

// clockLife is how long an answer counts at least, and half of how long at most:
// clocks are also put right.
const clockLife = 10 * time.Minute

// set takes the header of an answer that was received at a time.
func (c *clock) set(header http.Header, at time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	ahead := date.Sub(at)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch age := at.Sub(c.since); {
	case c.since.IsZero() || age > 2*clockLife:
		c.ahead, c.earlier, c.since = ahead, ahead, at
	case age > clockLife:
		c.ahead, c.earlier, c.since = ahead, c.ahead, at
	default:
		c.ahead = min(c.ahead, ahead)
	}
}

// server returns a time of our clock as that clock of the server shows it which is
// most behind.
func (c *clock) server(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(min(c.ahead, c.earlier)).UTC()
}
