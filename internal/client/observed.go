package client

import "time"

// observed is what the last request of its own showed of each snapshot. It is
// forgotten after [SharedReadLife] to twice that, when no page is served any more
// that could be older.
type observed struct {
	recent, earlier map[string]observation
	since           time.Time // when recent was begun
}

// observation is an answer about a snapshot.
type observation struct {
	at time.Time // when it came
	// order counts the answers about the snapshot.
	order int
	// snapshot is what the answer showed, nil where it is not to be served, and
	// asked is when it was asked for.
	snapshot *Snapshot
	asked    time.Time
}

// set takes note of an answer that has come now.
func (o *observed) set(id string) {
	now := time.Now()
	order := o.last(id).order + 1
	if age := now.Sub(o.since); age >= SharedReadLife {
		o.earlier = o.recent
		if age >= 2*SharedReadLife {
			o.earlier = nil
		}
		o.recent, o.since = map[string]observation{}, now
	}
	o.recent[id] = observation{at: now, order: order}
}

// keep has the last answer served: the snapshot as it was asked for then, when so
// many answers had come. Where more than one has come since, nobody knows which of
// them is the newest.
func (o *observed) keep(snapshot Snapshot, asked time.Time, order int) {
	if last := o.last(snapshot.ID); last.order == order+1 {
		last.snapshot, last.asked = &snapshot, asked
		o.recent[snapshot.ID] = last
	}
}

// last returns the last answer, zero if none is known.
func (o *observed) last(id string) observation {
	if last, ok := o.recent[id]; ok {
		return last
	}
	return o.earlier[id]
}
