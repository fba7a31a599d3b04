package client

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// SharedReadLife is the greatest age of what [BlockStorage.Read] returns.
const SharedReadLife = 30 * time.Second

// The cost rule of shared reads. A project may have three snapshots or fifty
// thousand, and it is not known beforehand how many of them will be read. Listing
// costs one request for each page, reading singly one for each snapshot. So reads
// are single until they have cost as many requests as the remaining pages would,
// and then the pages are listed: whatever comes, that costs at most about twice as
// many requests as the better of the two. The answer to the first page counts the
// whole listing, so that page is small.
const (
	// freeReads are single whatever the length of the listing: few reads are cheap.
	freeReads = 5
	// firstPage is the size of the first page, which is there for the count. A full page
	// is half a megabyte, and may not be worth it.
	firstPage = 100
	// usualPage is taken for the size of a page until the first full one (Cinder's
	// osapi_max_limit).
	usualPage = 1000
	// After gatherQuiet without another read, the reads that wait are taken for all that
	// come. The first of them waits gatherMax at most.
	gatherQuiet = 25 * time.Millisecond
	gatherMax   = 100 * time.Millisecond
	// pageTimeout is how long one page may take, with all attempts and the pauses
	// between them.
	pageTimeout = 5 * time.Second
	// maxShared bounds the memory of a listing, in bytes of JSON: some 100,000
	// snapshots.
	maxShared = 64 << 20
)

// Read reads one snapshot like [BlockStorage.Get], but many reads at about the same time
// share pages of a listing (section "List snapshots and details"). What it returns is
// at most [SharedReadLife] old, and never older than the last change of the snapshot
// through this Client, nor than what this Client has returned of it before. A snapshot
// that is not on a page is always read singly. If it does not exist,
// [openstack.IsNotFound] reports true for the error, unless the answer does not prove
// that: then the error is a [*ProjectError].
//
// If the volume is known, the listing may be of the snapshots of that volume only.
func (b *BlockStorage) Read(ctx context.Context, of Reference) (Snapshot, error) {
	if b.client.SingleReads {
		snapshot, err := b.Get(ctx, of.ID)
		return snapshot, b.absence(ctx, of, err)
	}
	_, shared, err := b.open(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	if snapshot := shared.reads.share(ctx, b, of.ID, of.VolumeID); snapshot != nil {
		return *snapshot, nil
	}
	asked, order := time.Now(), shared.reads.order(of.ID)
	snapshot, err := b.Get(ctx, of.ID)
	if err == nil {
		shared.reads.keep(snapshot, asked, order)
	}
	return snapshot, b.absence(ctx, of, err)
}

// sharedReads are the listings that the reads of a block storage API share.
type sharedReads struct {
	mu sync.Mutex
	// first may be of one volume only; then others is for all other snapshots.
	first, others *listing
	// Pages that were asked for before these times are not served: the last answer about
	// the snapshot, and the last listing that was returned.
	observed observed
	listed   time.Time
}

// observe takes note of the answer to a request about a snapshot, which may have changed
// it. The path is "snapshots/ID" with perhaps more behind it.
func (r *sharedReads) observe(path string) {
	rest, found := strings.CutPrefix(path, "snapshots/")
	id, _, _ := strings.Cut(rest, "/")
	if !found || id == "detail" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed.set(id)
}

// order returns the number of answers about a snapshot.
func (r *sharedReads) order(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.observed.last(id).order
}

// keep takes note of the answer to a read; see [observed.keep].
func (r *sharedReads) keep(snapshot Snapshot, asked time.Time, order int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed.keep(snapshot, asked, order)
}

// observeListing takes note of a listing that has been returned.
func (r *sharedReads) observeListing() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listed = time.Now()
}

// other returns the listing beside this one, nil for none.
func (r *sharedReads) other(than *listing) *listing {
	if than == r.first {
		return r.others
	}
	return r.first
}

// share returns a snapshot from a page, nil if it has to be read singly.
func (r *sharedReads) share(ctx context.Context, b *BlockStorage, id, volumeID string) *Snapshot {
	r.mu.Lock()
	l := r.listing(b, volumeID)
	snapshot, waiter := l.read(ctx, id)
	r.mu.Unlock()
	if waiter != nil {
		select {
		case <-waiter.served:
			snapshot = waiter.snapshot
		case <-ctx.Done():
			r.mu.Lock()
			l.leave(waiter)
			r.mu.Unlock()
		}
	}
	return snapshot
}

// listing returns the listing that a snapshot of this volume would be on.
func (r *sharedReads) listing(b *BlockStorage, volumeID string) *listing {
	if r.first == nil {
		r.first = newListing(r, b, volumeID)
	}
	switch {
	case r.first.volumeID == "" || r.first.volumeID == volumeID:
		return r.first
	case !r.first.asked():
		r.first.volumeID, r.first.total = "", -1
		return r.first
	case r.others == nil:
		r.others = newListing(r, b, "")
	}
	return r.others
}

// listing is what is known of one listing. The lock of its sharedReads guards it.
type listing struct {
	shared  *sharedReads
	storage *BlockStorage
	// volumeID is the volume whose snapshots it has, "" for all. It is fixed
	// with the first page.
	volumeID string

	waiting []*waitingRead
	reads   int // all that were asked for
	singles int // those of them that went singly
	// gathering fires when it is time to decide for the reads that wait. It may be put
	// off until latest.
	gathering *time.Timer
	latest    time.Time

	seen   map[string]listed
	oldest time.Time // when the first page was asked for
	newest time.Time // when the last page was
	marker string    // the last snapshot of the last page
	pages  int       // how many have come
	passed int       // how many snapshots have
	room   int       // how many bytes of pages may still come
	// total is the API's count of snapshots, -1 if it has none; size is that of a page, 0
	// if it is not known yet.
	total, size int
	// ended says that no page is left, and givenUp that the listing failed.
	ended, givenUp bool
	cancel         context.CancelFunc // ends the page on its way, nil for none
}

func newListing(shared *sharedReads, storage *BlockStorage, volumeID string) *listing {
	return &listing{shared: shared, storage: storage, volumeID: volumeID, room: maxShared, total: -1}
}

// waitingRead is a read that waits for a page.
type waitingRead struct {
	id       string
	served   chan struct{} // closed when the snapshot is there, or never will be
	snapshot *Snapshot
}

// read returns the snapshot if it has been listed, a waiter if a page may have it, and
// neither if it has to be read singly.
func (l *listing) read(ctx context.Context, id string) (*Snapshot, *waitingRead) {
	l.expire()
	l.reads++
	if snapshot := l.fresh(id); snapshot != nil {
		return snapshot, nil
	}
	if l.givenUp || l.ended {
		return nil, nil
	}
	if l.singles == 0 && !l.asked() {
		// There is no other read yet to wait for.
		l.singles++
		return nil, nil
	}
	waiter := &waitingRead{id: id, served: make(chan struct{})}
	l.waiting = append(l.waiting, waiter)
	switch {
	case l.cancel != nil:
		// The page on its way decides.
	case l.asked() || l.worth():
		l.decide(ctx)
	case l.gathering == nil:
		l.latest = time.Now().Add(gatherMax)
		l.gathering = time.AfterFunc(gatherQuiet, func() { l.gathered(ctx) })
	default:
		l.gathering.Reset(min(gatherQuiet, time.Until(l.latest)))
	}
	return nil, waiter
}

func (l *listing) gathered(ctx context.Context) {
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	l.gathering = nil
	if l.cancel == nil {
		l.decide(ctx)
	}
}

// decide asks for a page, or lets the reads that wait read singly.
func (l *listing) decide(ctx context.Context) {
	switch {
	case len(l.waiting) == 0:
	case l.givenUp, l.ended:
		l.release()
	case !l.worth():
		l.singles += len(l.waiting)
		l.release()
	default:
		l.fetch(ctx)
	}
}

// worth reports whether to ask for the next page: if there have been more reads than the
// listing has pages, or if the reads that wait and the single ones so far would cost
// more requests than the remaining pages.
func (l *listing) worth() bool {
	pages, left := freeReads, freeReads
	switch {
	case l.total >= 0:
		pages, left = l.pagesBehind(0), l.pagesBehind(l.passed)
	case l.pages > 0:
		// Without a count the listing is taken to be twice as long as is known.
		pages, left = l.pages, l.pages
	}
	return l.reads > pages || l.singles+len(l.waiting) > left
}

func (l *listing) pagesBehind(passed int) int {
	size := cmp.Or(l.size, usualPage)
	return max(l.total-passed+size-1, 0) / size
}

func (l *listing) asked() bool { return l.pages > 0 || l.cancel != nil }

// serve serves the reads that wait for what has been listed.
func (l *listing) serve() {
	var still []*waitingRead
	for _, w := range l.waiting {
		if w.snapshot = l.fresh(w.id); w.snapshot != nil {
			close(w.served)
		} else {
			still = append(still, w)
		}
	}
	l.waiting = still
}

// release lets all reads that wait read singly.
func (l *listing) release() {
	for _, w := range l.waiting {
		close(w.served)
	}
	l.waiting = nil
}

// leave removes a read whose context has ended.
func (l *listing) leave(waiter *waitingRead) {
	l.waiting = slices.DeleteFunc(l.waiting, func(w *waitingRead) bool { return w == waiter })
	if len(l.waiting) == 0 && l.cancel != nil {
		l.cancel()
	}
}
