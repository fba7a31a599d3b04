package openstack

import (
	"net/http"
	"sync"
	"time"
)

// clock is how far the clocks of an API are ahead of the local one, by the header Date
// of its answers (RFC 9110, section 6.6.1), which is in whole seconds. Some servers send
// none, such as uWSGI, and that of a proxy is by the proxy's clock; so it is also by the
// times of what has been created. The clocks of the API's nodes may differ, and it is not
// known which node answers the next request. So the clock that is most behind counts.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration // the least since since
	earlier time.Duration // the least in the time before
	since   time.Time     // zero where no answer has told the time yet
	dated   bool          // answers have the header
}

// clockLife is how long an answer counts at least. It counts at most twice as long,
// since clocks are also corrected.
const clockLife = 10 * time.Minute

// set takes note of an answer, by its header and when that arrived.
func (c *clock) set(header http.Header, at time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dated = true
	c.learn(date.Sub(at), at)
}

// ClockRounding is how far two times of a server that are the same may differ: those of the
// API and the header Date are in whole seconds, rounded down.
const ClockRounding = 2 * time.Second

// setCreated takes note of when something was created, between when the request was sent
// and when the answer arrived. Where answers have the header, which tells the time more
// exactly, that counts only if it shows a clock that is further behind.
func (c *clock) setCreated(created, sent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if created.IsZero() || c.dated && !created.Before(sent.Add(min(c.ahead, c.earlier)-ClockRounding)) {
		return
	}
	c.learn(created.Sub(at), at)
}

func (c *clock) learn(ahead time.Duration, at time.Time) {
	switch age := at.Sub(c.since); {
	case c.since.IsZero() || age > 2*clockLife:
		c.ahead, c.earlier, c.since = ahead, ahead, at
	case age > clockLife:
		c.ahead, c.earlier, c.since = ahead, c.ahead, at
	default:
		c.ahead = min(c.ahead, ahead)
	}
}

// server converts a time of the local clock to the clock that is most behind. known is
// false if no answer has told the time: then that is the local clock.
func (c *clock) server(at time.Time) (server time.Time, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(min(c.ahead, c.earlier)).UTC(), !c.since.IsZero()
}
