package client

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Waits for snapshots in the same transitional status share their polls: one
// listing of all snapshots in that status (section "List snapshots and details",
// filter "status") says for each wait whether it has to poll by itself yet. It is a
// hint and no more: what ends a wait is always a poll of its own.
const (
	// minShared is the least number of waits that share. Fewer are better off alone: a
	// shared poll comes more often than theirs would, since it costs as much for one
	// as for a hundred.
	minShared = 4
	// watchPause is the time between two shared polls at first. It grows to a quarter
	// of the age of the youngest wait, and to at most watchPauseMax.
	watchPause    = 400 * time.Millisecond
	watchPauseMax = 4 * time.Second
	// watchRest is how long after a failed shared poll there is none.
	watchRest = time.Minute
)

// watch is the waits for snapshots in one status, and their shared polls.
type watch struct {
	storage *BlockStorage
	status  Status

	mu    sync.Mutex
	waits []*watched // the youngest last
	// blocked is how many waits have nothing to do until a shared poll. stop, unless
	// nil, ends the goroutine that polls.
	blocked int
	stop    context.CancelFunc
	polled  time.Time // when the last shared poll began
	failed  time.Time // when one failed last
}

// watched is one wait.
type watched struct {
	watch *watch
	id    string
	since time.Time
	left  chan struct{} // closed when a poll of its own is due; the lock of the watch guards the field
}

// watches has a watch for each status.
type watches struct {
	mu  sync.Mutex
	all map[Status]*watch
}

func (w *watches) of(storage *BlockStorage, status Status) *watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.all[status]
	if one == nil {
		one = &watch{storage: storage, status: status}
		if w.all == nil {
			w.all = map[Status]*watch{}
		}
		w.all[status] = one
	}
	return one
}

func (w *watch) enter(id string) *watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait := &watched{watch: w, id: id, since: time.Now(), left: make(chan struct{})}
	w.waits = append(w.waits, wait)
	return wait
}

func (o *watched) leave() {
	w := o.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = slices.DeleteFunc(w.waits, func(other *watched) bool { return other == o })
	if len(w.waits) < minShared {
		w.release(func(*watched) bool { return true })
	}
}

// rest waits until the next poll of a snapshot is due: at least the pause, and
// where waits share until the snapshot has left its status.
func (o *watched) rest(ctx context.Context, pause time.Duration) error {
	w := o.watch
	w.mu.Lock()
	left := make(chan struct{})
	o.left = left
	w.mu.Unlock()
	if err := transport.Sleep(ctx, pause); err != nil {
		return err
	}
	w.mu.Lock()
	if w.failing() || len(w.waits) < minShared {
		w.mu.Unlock()
		return nil
	}
	w.blocked++
	if w.stop == nil {
		// The polls belong to all waits, and outlive the one that began them.
		polling, stop := context.WithCancel(context.WithoutCancel(ctx))
		w.stop = stop
		go w.run(polling)
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.blocked--; w.blocked == 0 {
			w.stop()
			w.stop = nil
		}
	}()
	select {
	case <-left:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run polls for all while any wait is blocked.
func (w *watch) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		now := time.Now()
		left := w.polled.Add(w.pause(now)).Sub(now)
		if left <= 0 {
			w.polled = now
		}
		w.mu.Unlock()
		if left > 0 {
			// A wait that begins meanwhile may be younger.
			_ = transport.Sleep(ctx, min(left, watchPause))
			continue
		}
		w.poll(ctx)
	}
}

func (w *watch) pause(now time.Time) time.Duration {
	if len(w.waits) == 0 {
		return watchPauseMax
	}
	youngest := now.Sub(w.waits[len(w.waits)-1].since)
	return min(max(youngest/4, watchPause), watchPauseMax)
}

// failing reports whether a shared poll has failed a short time ago.
func (w *watch) failing() bool { return time.Since(w.failed) < watchRest }

// poll releases the waits whose snapshots are no longer in the status, and all of
// them where the listing fails. An API may ignore the filter, so the status of what
// was listed is compared.
func (w *watch) poll(ctx context.Context) {
	asked := time.Now()
	// A request that has been sent is not canceled, because the cloud works on it anyway.
	options := transport.Options{Budget: transport.NewBudget(pageTimeout), Withdrawn: ctx}
	page, err := readPage[identified](transport.WithOptions(context.WithoutCancel(ctx), options), w.storage, Filter{Status: w.status}.query(openstack.NoMicroversion))
	still := map[string]bool{}
	for _, s := range page.Snapshots {
		still[s.id] = s.status == w.status
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return // Nobody waits any more.
	}
	if err != nil {
		w.failed = time.Now()
	}
	w.release(func(wait *watched) bool { return err != nil || wait.since.Before(asked) && !still[wait.id] })
}

// release lets waits poll by themselves.
func (w *watch) release(due func(*watched) bool) {
	for _, wait := range w.waits {
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
