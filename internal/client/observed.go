package client

import "time"

// observed knows when a request of its own told something of each snapshot last.
// It forgets that after [SharedReadLife] to twice that, when no page is served any
// more that could be older.
type observed struct {
	recent, earlier map[string]time.Time
	since           time.Time // when recent was begun
}

// set takes note of an answer that has come now.
func (o *observed) set(id string) {
	now := time.Now()
	if age := now.Sub(o.since); age >= SharedReadLife {
		o.earlier = o.recent
		if age >= 2*SharedReadLife {
			o.earlier = nil
		}
		o.recent, o.since = map[string]time.Time{}, now
	}
	o.recent[id] = now
}

// last is when the last answer came, the zero time if none is known.
func (o *observed) last(id string) time.Time {
	if at, ok := o.recent[id]; ok {
		return at
	}
	return o.earlier[id]
}
