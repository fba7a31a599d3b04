package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// newPoll returns the pauses between the polls of a status: the first short, for
// backends that take a few tenths of a second, then growing to some four seconds.
// The first two together are more than a second, so that a snapshot that is ready
// within a second costs at most two polls.
func newPoll() *transport.Pauses {
	return transport.NewPauses(400*time.Millisecond, 4*time.Second, 1.8, 0.1)
}

// poll reads a snapshot in a transitional status until done says so. It always
// waits first: it is called right after a request whose answer had the status. A
// poll with a transient failure does not count: only the context ends the wait.
func (b *BlockStorage) poll(ctx context.Context, id string, transitional, wanted Status, done func(Snapshot, error) (bool, error)) (Snapshot, error) {
	_, shared, err := b.open(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	start := time.Now()
	watched := shared.watches.of(b, transitional).enter(id)
	defer watched.leave()
	pauses := newPoll()
	var last Snapshot
	var failure error
	ended := func(err error) error {
		return &WaitError{SnapshotID: id, Last: last.Status, Wanted: wanted, Waited: time.Since(start), Err: err, Failure: failure}
	}
	for {
		if watched.rest(ctx, pauses.Next(ctx)) != nil {
			return last, ended(ctx.Err())
		}
		snapshot, err := b.Get(ctx, id)
		if err != nil && ctx.Err() != nil {
			if turn := new(transport.TurnError); errors.As(err, &turn) {
				return last, ended(turn)
			}
			return last, ended(ctx.Err())
		}
		if failure = nil; err == nil {
			last = snapshot
		} else if openstack.Transient(err) {
			failure = err
			continue
		}
		if over, err := done(snapshot, err); over || err != nil {
			return last, b.explainStatus(ctx, err)
		}
	}
}

// unseen is how often the API may answer that a new snapshot does not exist before it
// has shown it once: it may read a copy of the database that is behind.
const unseen = 3

// WaitAvailable waits until a snapshot is available. It returns the snapshot as read
// last, also with an error. The errors are [*UnexpectedStatusError] for a snapshot that
// failed, [*WaitError] if the context ended, and those of [BlockStorage.Get].
func (b *BlockStorage) WaitAvailable(ctx context.Context, id string) (Snapshot, error) {
	missed, seen := 0, false
	return b.poll(ctx, id, StatusCreating, StatusAvailable, func(s Snapshot, err error) (bool, error) {
		if openstack.IsNotFound(err) && !seen && missed < unseen {
			missed++
			return false, nil
		}
		if err != nil {
			return false, err
		}
		seen = true
		if s.Status.Unusable() {
			return false, &UnexpectedStatusError{Snapshot: s, Wanted: StatusAvailable}
		}
		return s.Status == StatusAvailable, nil
	})
}

// WaitGone waits until the API says that a snapshot does not exist. The errors are
// [*UnexpectedStatusError] if the deletion failed or was given up, [*WaitError] if the
// context ended, and those of [BlockStorage.Get].
func (b *BlockStorage) WaitGone(ctx context.Context, id string) error {
	return b.waitGone(ctx, Reference{ID: id})
}

// waitGone also returns a [*ProjectError] if the API says so in another project than the
// snapshot's.
func (b *BlockStorage) waitGone(ctx context.Context, of Reference) error {
	polls := 0
	var absent error
	_, err := b.poll(ctx, of.ID, StatusDeleting, "", func(s Snapshot, err error) (bool, error) {
		polls++ // those that were answered
		switch {
		case openstack.IsNotFound(err):
			absent = err
			return true, nil
		case err != nil:
			return false, err
		case s.Status == StatusErrorDeleting:
			return false, &UnexpectedStatusError{Snapshot: s}
		case (s.Status == StatusAvailable || s.Status == StatusError) && polls > 1:
			// Only the first poll may read a copy of the database that is behind the
			// deletion.
			return false, &UnexpectedStatusError{Snapshot: s}
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return exceptGone(b.absence(ctx, of, absent))
}

// Remove deletes a snapshot and returns when the API says that it does not
// exist. If it is being deleted already, Remove waits for that. In another
// transitional status, such as "creating" or "backing-up", it cannot be deleted, so
// Remove waits for the end of that first. The errors are those of [BlockStorage.Delete] and
// [BlockStorage.WaitGone], [*UnexpectedStatusError] with a Refusal where the API
// does not delete it in its status, and [*ProjectError]. A 404 that
// is not about the snapshot proves nothing: it is about the volume if that is another
// project's now.
func (b *BlockStorage) Remove(ctx context.Context, of Reference) error {
	return b.remove(ctx, of, true)
}

// RemoveIdle is [BlockStorage.Remove], but returns the [*UnexpectedStatusError] at once where
// that would wait for the end of a transitional status.
func (b *BlockStorage) RemoveIdle(ctx context.Context, of Reference) error {
	return b.remove(ctx, of, false)
}

func (b *BlockStorage) remove(ctx context.Context, of Reference, waits bool) error {
	for again := false; ; {
		err := b.Delete(ctx, of.ID)
		if err == nil {
			return b.WaitGone(ctx, of.ID)
		}
		if errors.Is(err, openstack.ErrNotEmpty) {
			// The answer of a proxy says nothing. The snapshot does.
			gone := b.waitGone(ctx, of)
			var there *UnexpectedStatusError
			if errors.As(gone, &there) && there.Snapshot.Status != StatusErrorDeleting {
				return err
			}
			return gone
		}
		var refusal *openstack.APIError
		switch {
		case !errors.As(err, &refusal):
			return err
		case openstack.IsNotFound(err) && strings.HasPrefix(refusal.Message, "Snapshot "):
			return exceptGone(b.absence(ctx, of, err))
		case !openstack.IsNotFound(err) && !openstack.HasStatus(err, http.StatusBadRequest, http.StatusConflict):
			return err
		}
		snapshot, readErr := b.Get(ctx, of.ID)
		switch {
		case openstack.IsNotFound(readErr):
			return exceptGone(b.absence(ctx, of, readErr))
		case readErr != nil:
			return errors.Join(err, readErr)
		case snapshot.Status == StatusDeleting:
			return b.WaitGone(ctx, of.ID)
		case snapshot.Status.transitional() && waits:
			if err := b.settle(ctx, snapshot); err != nil {
				return exceptGone(err)
			}
		case again || snapshot.Status.transitional() || snapshot.Status == StatusErrorDeleting:
			return b.explainStatus(ctx, &UnexpectedStatusError{Snapshot: snapshot, Refusal: refusal})
		default:
			// A transitional status may have ended between the refusal and the read.
			again = true
		}
	}
}

// exceptGone returns nil for the error that the snapshot does not exist, and any other
// as it is.
func exceptGone(err error) error {
	if openstack.IsNotFound(err) {
		return nil
	}
	return err
}

// settle waits until a snapshot is no longer in a transitional status, however that
// ends.
func (b *BlockStorage) settle(ctx context.Context, snapshot Snapshot) error {
	_, err := b.poll(ctx, snapshot.ID, snapshot.Status, StatusAvailable, func(s Snapshot, err error) (bool, error) {
		return err == nil && !s.Status.transitional(), err
	})
	return err
}
