package client

import (
	"net/http"
	"sync"
	"time"
)

// clock knows how far the clock of the server is ahead of ours, from the Date
// header of its answers (RFC 9110, section 6.6.1), which is in whole seconds.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// set takes a Date header that was received at a time.
func (c *clock) set(header http.Header, at time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = date.Sub(at)
}

// server gives a time of our clock as the server's shows it.
func (c *clock) server(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(c.ahead).UTC()
}
