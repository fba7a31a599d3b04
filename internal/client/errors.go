package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// UnexpectedStatusError is a wait that ended because the snapshot reached a status from
// which it will not reach the wanted one by itself.
type UnexpectedStatusError struct {
	// Snapshot is the last that was read of it.
	Snapshot Snapshot
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Reason is what the cloud has to say to the user about it, "" if nothing, and
	// RequestID is that of the request whose work failed.
	Reason, RequestID string
	// Volumes are the ids of those made from the snapshot, where that may be why
	// it was not deleted.
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
	SnapshotID string
	// Last is the status read last, "" if none was read.
	Last Status
	// Wanted is the status that was waited for; "" stands for "gone".
	Wanted Status
	// Waited is how long the wait took.
	Waited time.Duration
	// Err is context.DeadlineExceeded or context.Canceled, or the [*transport.TurnError] of
	// a poll that the context ended before it was sent.
	Err error
	// Failure is what became of the last poll of the snapshot, nil where that
	// was answered.
	Failure error
}

func (e *WaitError) Error() string {
	wanted := string(e.Wanted)
	if wanted == "" {
		wanted = "gone"
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
	return fmt.Sprintf("%s after %s while snapshot %s was to become %s%s",
		transport.HowEnded(e.Err), transport.Rounded(e.Waited), e.SnapshotID, wanted, last)
}

// Unwrap returns Err.
func (e *WaitError) Unwrap() error { return e.Err }

// MetadataError says that the cloud answered a metadata write with success,
// but without having stored these keys as they were sent.
type MetadataError struct {
	SnapshotID string
	Keys       []string
}

func (e *MetadataError) Error() string {
	return fmt.Sprintf("snapshot %s: the cloud accepted but did not store the metadata keys %q", e.SnapshotID, e.Keys)
}
