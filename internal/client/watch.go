package client

import (
	"context"
	"sync"
	"time"
)

// The looks at snapshots in the same passing status are shared: one listing of
// all that are in it (section "List snapshots and details", filter "status")
// says of each wait whether it need look for itself yet. It is a hint and no
// more: what a wait ends with is always its own look.
const (
	// company is how many waits there must be. Fewer are better off alone: a
	// shared look comes more often than their own would, since it costs as much
	// for one as for a hundred.
	company = 4
	// watchPause is the time between two shared looks at first. It grows with
	// the age of the youngest wait, a quarter of that, to at most watchPauseMax.
	watchPause    = 400 * time.Millisecond
	watchPauseMax = 4 * time.Second
)

// watch is what the waits for snapshots in one status share.
type watch struct {
	storage *BlockStorage
	status  Status

	mu    sync.Mutex
	waits map[*watched]bool
	// blocked is how many waits have nothing to do until a shared look; running,
	// that somebody makes these.
	blocked int
	running bool
	looked  time.Time // when the last shared look began
	givenUp bool      // the listing failed
}

// watched is one wait.
type watched struct {
	watch *watch
	id    string
	since time.Time
	left  chan struct{} // closed when a look of its own is due; the lock of the watch guards the field
}

// watch gives the watch over a status.
func (b *BlockStorage) watch(status Status) *watch {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.watches[status]
	if w == nil {
		w = &watch{storage: b, status: status, waits: map[*watched]bool{}}
		if b.watches == nil {
			b.watches = map[Status]*watch{}
		}
		b.watches[status] = w
	}
	return w
}

func (w *watch) enter(id string) *watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait := &watched{watch: w, id: id, since: time.Now(), left: make(chan struct{})}
	w.waits[wait] = true
	return wait
}

func (o *watched) leave() {
	w := o.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waits, o)
	if len(w.waits) < company {
		w.release(func(*watched) bool { return true })
	}
}

// rest waits until the next look at a snapshot is due: at least the pause, and
// in company until the snapshot has left its status.
func (o *watched) rest(ctx context.Context, pause time.Duration) error {
	w := o.watch
	w.mu.Lock()
	left := make(chan struct{})
	o.left = left
	w.mu.Unlock()
	if err := sleep(ctx, pause); err != nil {
		return err
	}
	w.mu.Lock()
	if w.givenUp || len(w.waits) < company {
		w.mu.Unlock()
		return nil
	}
	w.blocked++
	if !w.running {
		w.running = true
		go w.run(context.WithoutCancel(ctx))
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.blocked--
	}()
	select {
	case <-left:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run looks for all while any wait is blocked.
func (w *watch) run(ctx context.Context) {
	for {
		w.mu.Lock()
		if w.blocked == 0 || len(w.waits) < company {
			w.running = false
			w.mu.Unlock()
			return
		}
		now := time.Now()
		left := w.looked.Add(w.pause(now)).Sub(now)
		if left <= 0 {
			w.looked = now
		}
		w.mu.Unlock()
		if left > 0 {
			// No longer than for the youngest there may be by then.
			_ = sleep(ctx, min(left, watchPause))
			continue
		}
		w.look(ctx)
	}
}

func (w *watch) pause(now time.Time) time.Duration {
	youngest := watchPauseMax * 4
	for wait := range w.waits {
		youngest = min(youngest, now.Sub(wait.since))
	}
	return min(max(youngest/4, watchPause), watchPauseMax)
}

// look tells the waits whose snapshots are no longer in the status. Where it
// cannot tell, they look for themselves.
func (w *watch) look(ctx context.Context) {
	asked := time.Now()
	page, err := readPage[identified](withPatience(ctx, pagePatience), w.storage, Filter{Status: w.status}.query(none))
	still := map[string]bool{}
	for _, s := range page.Snapshots {
		still[s.id] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.givenUp = w.givenUp || err != nil
	w.release(func(wait *watched) bool { return w.givenUp || wait.since.Before(asked) && !still[wait.id] })
}

// release lets waits look for themselves.
func (w *watch) release(due func(*watched) bool) {
	for wait := range w.waits {
		if !due(wait) {
			continue
		}
		select {
		case <-wait.left:
		default:
			close(wait.left)
		}
	}
}
