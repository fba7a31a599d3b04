package client

import "time"

// observed has the last answer about each snapshot, other than pages of shared
// listings. It forgets an answer after one to two times [SharedReadLife], when no page
// is served any more that could be older.
type observed struct {
	recent, earlier map[string]observation
	since           time.Time // when recent was begun
}

// observation is an answer about a snapshot.
type observation struct {
	at time.Time // when it came
	// order counts the answers about the snapshot.
	order int
	// snapshot is the answer if it may be served to other reads, otherwise nil, and
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

// keep lets the last answer be served to other reads. order is the number of answers
// about the snapshot when it was asked for. If more than one has come since, it is not
// known which is the newest, and none is served.
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
