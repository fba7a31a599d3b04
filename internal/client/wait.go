package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// newPoll gives the pauses between the looks at a status: the first short, for
// backends that take a few tenths of a second, then growing to some four seconds.
// The first two together are more than a second, so that a snapshot that is ready
// within a second has cost at most two looks.
func newPoll() *transport.Pauses {
	return transport.NewPauses(400*time.Millisecond, 4*time.Second, 1.8, 0.1)
}

// poll looks at a snapshot that is passing through a status until done says so.
// It always waits first: it is called right after a request that has just told
// the status. A look that fails in passing has not been one: only the time of the
// wait ends it.
func (b *BlockStorage) poll(ctx context.Context, id string, passing, wanted Status, done func(Snapshot, error) (bool, error)) (Snapshot, error) {
	_, shared, err := b.open(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	start := time.Now()
	watched := shared.watches.of(b, passing).enter(id)
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

// unseen is how often a snapshot that has just been made, and not been seen
// yet, may be unknown to the API: its database may be a copy that is behind.
const unseen = 3

// WaitAvailable waits until a snapshot is available and returns it as last read,
// with an error too if it was read at all. The errors are
// [*UnexpectedStatusError] for a snapshot that failed, [*WaitError] where the
// context ended, and those of [BlockStorage.Get].
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
		switch s.Status {
		case StatusAvailable:
			return true, nil
		case StatusError, StatusErrorDeleting, StatusDeleting:
			return false, &UnexpectedStatusError{Snapshot: s, Wanted: StatusAvailable}
		}
		return false, nil
	})
}

// WaitGone waits until the API says that a snapshot does not exist. The errors
// are [*UnexpectedStatusError] where the deletion failed or was given up, [*WaitError]
// where the context ended, and those of [BlockStorage.Get].
func (b *BlockStorage) WaitGone(ctx context.Context, id string) error {
	looks := 0
	_, err := b.poll(ctx, id, StatusDeleting, "", func(s Snapshot, err error) (bool, error) {
		looks++ // those that were answered
		switch {
		case openstack.IsNotFound(err):
			return true, nil
		case err != nil:
			return false, err
		case s.Status == StatusErrorDeleting:
			return false, &UnexpectedStatusError{Snapshot: s}
		case (s.Status == StatusAvailable || s.Status == StatusError) && looks > 1:
			// Only the first look may be at a copy of the database that has
			// not heard of the deletion.
			return false, &UnexpectedStatusError{Snapshot: s}
		}
		return false, nil
	})
	return err
}

// Remove deletes a snapshot and returns when the API says that it does not
// exist. One that is being deleted already is waited for. One in another passing
// status, such as "creating" or "backing-up", cannot be deleted, so the end of
// that is waited for first. The errors are those of [BlockStorage.Delete] and
// [BlockStorage.WaitGone], [*UnexpectedStatusError] with a Refusal where the API
// does not delete it in its status, and [*ProjectError].
func (b *BlockStorage) Remove(ctx context.Context, of Reference) error {
	for again := false; ; {
		err := b.Delete(ctx, of.ID)
		if err == nil {
			return b.WaitGone(ctx, of.ID)
		}
		var refusal *openstack.APIError
		if !openstack.HasStatus(err, http.StatusBadRequest, http.StatusConflict) || !errors.As(err, &refusal) {
			return exceptGone(b.absence(ctx, of, err))
		}
		snapshot, readErr := b.Get(ctx, of.ID)
		switch {
		case openstack.IsNotFound(readErr):
			return exceptGone(b.absence(ctx, of, readErr))
		case readErr != nil:
			return errors.Join(err, readErr)
		case snapshot.Status == StatusDeleting:
			return b.WaitGone(ctx, of.ID)
		case snapshot.Status.passing():
			if err := b.settle(ctx, snapshot); err != nil {
				return exceptGone(err)
			}
		case again || snapshot.Status == StatusErrorDeleting:
			return b.explainStatus(ctx, &UnexpectedStatusError{Snapshot: snapshot, Refusal: refusal})
		default:
			// A passing status may have ended between the refusal and the look.
			again = true
		}
	}
}

// exceptGone drops the error that says that the snapshot does not exist.
func exceptGone(err error) error {
	if openstack.IsNotFound(err) {
		return nil
	}
	return err
}

// settle waits until a snapshot is no longer in a passing status, however that
// ends.
func (b *BlockStorage) settle(ctx context.Context, snapshot Snapshot) error {
	_, err := b.poll(ctx, snapshot.ID, snapshot.Status, StatusAvailable, func(s Snapshot, err error) (bool, error) {
		return err == nil && !s.Status.passing(), err
	})
	return err
}
