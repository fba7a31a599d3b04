package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// UnexpectedStatusError is the end of a wait at a status from which the snapshot does
// not reach the wanted one by itself.
type UnexpectedStatusError struct {
	// Snapshot is the snapshot as read last.
	Snapshot Snapshot
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Reason is the cloud's message to the user about it, "" for none, and RequestID
	// the id of the request whose work failed.
	Reason, RequestID string
	// Volumes are the ids of the volumes made from the snapshot, if that may be why the
	// cloud gave its deletion up.
	Volumes []string
	// Refusal is the API's answer to a deletion that it did not accept, nil for
	// none.
	Refusal *openstack.APIError
}

func (e *UnexpectedStatusError) Error() string {
	text := fmt.Sprintf("snapshot %s of volume %s is in status %q", e.Snapshot.ID, e.Snapshot.VolumeID, e.Snapshot.Status)
	if e.Reason != "" {
		text += fmt.Sprintf("; the cloud says: %s (request id %s)", e.Reason, e.RequestID)
	}
	if e.Refusal != nil {
		text += fmt.Sprintf("; %v", e.Refusal)
	}
	if len(e.Volumes) > 0 {
		text += "; volumes made from it: " + strings.Join(e.Volumes, ", ")
	}
	return text
}

// WaitError is a wait that its context ended, by timeout or interrupt.
type WaitError struct {
	// SnapshotID is the snapshot, "" where the wait was for the volume VolumeID.
	SnapshotID, VolumeID string
	// Last is the status read last, "" if none was read.
	Last Status
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Waited is how long the wait took.
	Waited time.Duration
	// Err is context.DeadlineExceeded or context.Canceled, or the [*transport.TurnError] of
	// a poll that the context ended before it was sent.
	Err error
	// Failure is the error of the last poll, nil for none.
	Failure error
}

func (e *WaitError) Error() string {
	wanted := "become " + string(e.Wanted)
	if e.Wanted == "" {
		wanted = "be gone"
	}
	last := ""
	if e.Last != "" {
		last = fmt.Sprintf("; its last status was %q", e.Last)
	}
	if turn := new(transport.TurnError); errors.As(e.Err, &turn) {
		last += "; the next look at it was " + turn.Error()
	}
	if e.Failure != nil {
		last += "; the last look at it failed: " + e.Failure.Error()
	}
	object := "snapshot " + e.SnapshotID
	if e.VolumeID != "" {
		object = "volume " + e.VolumeID
	}
	return fmt.Sprintf("%s after %s of waiting for %s to %s%s",
		transport.HowEnded(e.Err), transport.Rounded(e.Waited), object, wanted, last)
}

// Unwrap returns Err.
func (e *WaitError) Unwrap() error { return e.Err }

// MetadataError says that the cloud accepted a write of metadata without storing these
// keys as they were sent.
type MetadataError struct {
	SnapshotID string
	Keys       []string
}

func (e *MetadataError) Error() string {
	return fmt.Sprintf("snapshot %s: the cloud accepted but did not store the metadata keys %q", e.SnapshotID, e.Keys)
}
