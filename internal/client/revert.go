package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// RevertRefusal is why a volume cannot be reverted to a snapshot.
type RevertRefusal string

// The reasons, in the order in which they are looked for.
const (
	RevertUnknown        RevertRefusal = "the API has no revert, which came with microversion 3.40"
	RevertSnapshotStatus RevertRefusal = "the snapshot is not available"
	RevertVolumeStatus   RevertRefusal = "the volume is not available"
	RevertNotNewest      RevertRefusal = "the snapshot is not the newest of the volume"
	RevertExtended       RevertRefusal = "the volume has another size than the snapshot"
)

// RevertRefusedError says that a volume was not reverted, and not touched.
type RevertRefusedError struct {
	Reason   RevertRefusal
	Snapshot Snapshot
	// Volume is zero for the first two reasons.
	Volume Volume
	// Newest is the newest snapshot of the volume, in whatever status, where that is the
	// reason.
	Newest Snapshot
}

func (e *RevertRefusedError) Error() string {
	return fmt.Sprintf("volume %s cannot be reverted to snapshot %s: %s", e.Snapshot.VolumeID, e.Snapshot.ID, e.Reason)
}

// RevertError says that a revert has failed, or ended in another status than "available".
type RevertError struct {
	Snapshot Snapshot
	// Volume is the volume as read last.
	Volume Volume
	// Leftover is the snapshot that Cinder made of the volume before the revert, and has not
	// deleted: if it is available, it holds the data from before. Its ID is "" where there
	// is none.
	Leftover Snapshot
	// Reason is the cloud's message to the user about a leftover that has failed, "" for
	// none, and RequestID the id of the request whose work failed. Cinder has no message
	// about a revert.
	Reason, RequestID string
}

func (e *RevertError) Error() string {
	text := fmt.Sprintf("volume %s is in status %q", e.Volume.ID, e.Volume.Status)
	if e.Reason != "" {
		text += fmt.Sprintf("; the cloud says: %s (request id %s)", e.Reason, e.RequestID)
	}
	return text
}

// LostRevertError says that it is not known whether the API has begun a revert.
type LostRevertError struct {
	Snapshot Snapshot
	// Err is what became of the answer.
	Err error
}

func (e *LostRevertError) Error() string {
	return fmt.Sprintf("the answer to the request was lost, and volume %s does not show whether it is being reverted: %v", e.Snapshot.VolumeID, e.Err)
}

// Unwrap returns the cause.
func (e *LostRevertError) Unwrap() error { return e.Err }

// Revertible returns a snapshot and its volume if that can be reverted to it, and else a
// [*RevertRefusedError]. Its rules are those of the API (section "Revert volume to
// snapshot"), which counts snapshots in every status.
func (b *BlockStorage) Revertible(ctx context.Context, snapshotID string) (Snapshot, Volume, error) {
	snapshot, err := b.Get(ctx, snapshotID)
	if err != nil {
		return Snapshot{}, Volume{}, err
	}
	refused := &RevertRefusedError{Snapshot: snapshot}
	at, err := b.Endpoint(ctx)
	switch {
	case err != nil:
		return Snapshot{}, Volume{}, err
	case at.Microversion() < openstack.RevertSince:
		refused.Reason = RevertUnknown
		return Snapshot{}, Volume{}, refused
	case snapshot.Status != StatusAvailable:
		refused.Reason = RevertSnapshotStatus
		return Snapshot{}, Volume{}, refused
	}
	volume, err := b.Volume(ctx, snapshot.VolumeID)
	if err != nil {
		return Snapshot{}, Volume{}, err
	}
	refused.Volume = volume
	if volume.Status != VolumeAvailable {
		refused.Reason = RevertVolumeStatus
		return Snapshot{}, Volume{}, refused
	}
	if refused.Newest, err = b.newestOf(ctx, snapshot); err != nil {
		return Snapshot{}, Volume{}, err
	}
	switch {
	case refused.Newest.ID != "" && refused.Newest.ID != snapshot.ID:
		refused.Reason = RevertNotNewest
	case volume.Size != snapshot.Size:
		refused.Reason = RevertExtended
	default:
		return snapshot, volume, nil
	}
	return Snapshot{}, Volume{}, refused
}

// newestOf returns the newest snapshot of the same volume, which an administrator may read
// in any project; it is zero if the listing has none. Of those of the same second it is
// the given one, if that is among them: the API knows.
func (b *BlockStorage) newestOf(ctx context.Context, of Snapshot) (newest Snapshot, err error) {
	for s, err := range b.List(ctx, Filter{VolumeID: of.VolumeID, AllProjects: true}) {
		switch {
		case err != nil:
			return Snapshot{}, err
		case newest.ID == "":
			newest = s
		case s.CreatedAt.Before(newest.CreatedAt):
			return newest, nil
		}
		if s.ID == of.ID {
			return s, nil
		}
	}
	return newest, nil
}

// revertPause is the time between two looks for a revert whose answer was lost.
const revertPause = 500 * time.Millisecond

// Revert takes a volume back to a snapshot, as [BlockStorage.Revertible] returned both. It
// returns at once; see [BlockStorage.WaitReverted]. A request whose answer is lost is
// not sent again: the volume shows whether it is being reverted. If it does not,
// the error is a [*LostRevertError].
func (b *BlockStorage) Revert(ctx context.Context, to Snapshot, volume Volume) error {
	path, err := volumePath(volume.ID)
	if err != nil {
		return err
	}
	body := map[string]any{"revert": map[string]string{"snapshot_id": to.ID}}
	if err = b.do(ctx, http.MethodPost, path+"/action", nil, body, openstack.Empty{}); !answerLost(err) {
		return err
	}
	lost := &LostRevertError{Snapshot: to, Err: err}
	for began := time.Now(); time.Since(began) < searchTime; {
		// A revert that begins late is seen only while it lasts.
		if transport.Sleep(ctx, revertPause) != nil {
			break
		}
		now, err := b.Volume(ctx, volume.ID)
		// Another status, or another time of the last change, may be somebody else's doing.
		if err == nil && (now.Status == volumeReverting || now.Status == volumeError) {
			return nil
		}
		if err != nil && !openstack.Transient(err) {
			break
		}
	}
	return lost
}

// WaitReverted waits until a volume is available again, or in use already. It is the
// volume that shows the end: if the revert has failed, the snapshot is available all the
// same. The errors are [*RevertError], [*WaitError] if the context ended, and those of
// [BlockStorage.Volume].
func (b *BlockStorage) WaitReverted(ctx context.Context, to Snapshot, volume Volume) error {
	began := time.Now()
	ended := &WaitError{VolumeID: volume.ID, Wanted: VolumeAvailable}
	pauses := newPoll()
	for polls := 0; ; {
		if transport.Sleep(ctx, pauses.Next(ctx)) != nil {
			ended.Waited, ended.Err = time.Since(began), ctx.Err()
			return ended
		}
		now, err := b.Volume(ctx, volume.ID)
		switch {
		case err != nil && (ctx.Err() != nil || openstack.Transient(err)):
			ended.Failure = err
			continue
		case err != nil:
			return err
		}
		polls++
		ended.Last, ended.Failure = Status(now.Status), nil
		switch {
		case now.Status == volumeReverting:
		case now.Status == VolumeAvailable && polls == 1 && now.UpdatedAt.Equal(volume.UpdatedAt):
			// The API may read a copy of the database that is behind.
		case !strings.HasPrefix(now.Status, volumeError):
			// Any other status, such as in-use, comes after available: somebody uses the volume
			// already.
			return nil
		default:
			failed := &RevertError{Snapshot: to, Volume: now}
			b.explainRevert(ctx, failed)
			return failed
		}
	}
}

// explainRevert adds what the cloud knows of the failure, and what it has left behind.
func (b *BlockStorage) explainRevert(ctx context.Context, failed *RevertError) {
	ctx, cancel := context.WithTimeout(ctx, explaining)
	defer cancel()
	for s, err := range b.List(ctx, Filter{VolumeID: failed.Volume.ID, AllProjects: true}) {
		if err == nil && s.LeftByRevert() {
			failed.Leftover = s
			break
		}
	}
	if failed.Leftover.Status == StatusError {
		failed.Reason, failed.RequestID = b.LastMessage(ctx, failed.Leftover.ID)
	}
}

// LeftByRevert reports whether Cinder made a snapshot to revert its volume, and should have
// deleted it: the name is that of cinder.volume.manager, _create_backup_snapshot.
func (s Snapshot) LeftByRevert() bool {
	return strings.HasPrefix(s.Name, "[revert] volume ") && strings.HasSuffix(s.Name, " backup snapshot")
}
