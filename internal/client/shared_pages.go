package client

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// listed is a snapshot on a page.
type listed struct {
	data  []byte
	asked time.Time // when the page was
}

// fetch asks for the next page. It belongs to all reads that wait, and does not end
// with the one that asked for it.
func (l *listing) fetch(ctx context.Context) {
	if l.seen == nil {
		l.seen, l.oldest = map[string]listed{}, time.Now()
		time.AfterFunc(SharedReadLife, l.forget)
	}
	query := Filter{VolumeID: l.volumeID}.query(openstack.NoMicroversion)
	if l.pages > 0 {
		query.Set("marker", l.marker)
	} else if l.total < 0 {
		query.Set("limit", strconv.Itoa(firstPage))
	}
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func(ctx context.Context) {
		asked := time.Now()
		page, err := countedPage[identified](transport.WithOptions(ctx, transport.Options{Budget: transport.NewBudget(pageTimeout)}), l.storage, query)
		l.arrived(ctx, asked, query.Has("limit"), page, err)
	}(ctx)
}

// arrived takes a page, and serves the reads that wait for it.
func (l *listing) arrived(ctx context.Context, asked time.Time, small bool, page page[identified], err error) {
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	left := ctx.Err() != nil // by all who waited for it
	l.cancel()
	l.cancel = nil
	known := len(l.seen)
	for _, s := range page.Snapshots {
		l.seen[s.id] = listed{s.data, asked}
		l.room -= len(s.data)
		l.marker = s.id
	}
	switch n := len(page.Snapshots); {
	case err == nil:
		l.newest = asked
		l.pages++
		l.passed += n
		l.ended = page.last()
		// Pages that have nothing new have no end: the API ignores the marker.
		l.givenUp = l.room < 0 || l.pages > 1 && len(l.seen) == known
		if !l.ended && (!small || n < firstPage) {
			l.size = n
		}
		if page.Count != nil {
			l.total = *page.Count
		}
	case !left:
		// Single reads may succeed, or have a better error.
		l.givenUp = true
	}
	l.serve()
	l.decide(ctx)
}

// identified is a snapshot of which only id and status are decoded.
type identified struct {
	id     string
	status Status
	data   []byte
}

func (i *identified) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID     string `json:"id"`
		Status Status `json:"status"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	if wire.ID == "" {
		return errNoID
	}
	// The caller owns data and uses it again.
	*i = identified{id: wire.ID, status: wire.Status, data: slices.Clone(data)}
	return nil
}

// fresh returns a snapshot as it was listed, or as it was read singly if that is newer,
// so that a snapshot which is read many times is read singly once. It returns nil if
// both are too old, or older than what is known.
func (l *listing) fresh(id string) *Snapshot {
	last, s := l.shared.observed.last(id), l.seen[id]
	// The listing of one volume and that of all may both have it.
	if other := l.shared.other(l); other != nil && other.seen[id].asked.After(s.asked) {
		s = other.seen[id]
	}
	if !s.asked.After(last.at) {
		if last.snapshot == nil || !l.asked() || l.shared.outdated(last.asked) {
			return nil
		}
		snapshot := *last.snapshot
		snapshot.Metadata = maps.Clone(snapshot.Metadata)
		return &snapshot
	}
	if l.shared.outdated(s.asked) {
		return nil
	}
	var snapshot Snapshot
	if json.Unmarshal(s.data, &snapshot) != nil {
		return nil
	}
	return &snapshot
}

// outdated reports whether an answer that was asked for then is too old to be served.
func (r *sharedReads) outdated(asked time.Time) bool {
	return time.Since(asked) >= SharedReadLife || asked.Before(r.listed)
}

// expire begins the listing anew when its oldest page is too old, or older than another
// listing that has been returned. The known length stays, as a guess. What was on its
// newest page may have been returned: the other listing serves nothing older.
func (l *listing) expire() {
	if l.seen == nil || l.cancel != nil || time.Since(l.oldest) < SharedReadLife && !l.oldest.Before(l.shared.listed) {
		return
	}
	l.release()
	if l.newest.After(l.shared.listed) {
		l.shared.listed = l.newest
	}
	l.reads, l.singles = 0, 0
	l.seen, l.marker, l.pages, l.passed, l.room = nil, "", 0, 0, maxShared
	l.ended, l.givenUp = false, false
}

// forget frees the memory of pages that nobody asks for any more.
func (l *listing) forget() {
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	l.expire()
	if l.cancel != nil {
		time.AfterFunc(pageTimeout, l.forget)
	}
}
