package client

import "strings"

// Status is the status of a snapshot (section "Volume snapshots (snapshots)").
// A cloud may use others than those named here.
type Status string

// The statuses that the client acts on.
const (
	StatusCreating      Status = "creating"
	StatusAvailable     Status = "available"
	StatusDeleting      Status = "deleting"
	StatusError         Status = "error"
	StatusErrorDeleting Status = "error_deleting"
)

// Failed reports whether the cloud could not make or delete the snapshot.
func (s Status) Failed() bool { return s == StatusError || s == StatusErrorDeleting }

// Unusable reports whether no volume can be made from a snapshot in this status, nor later: it
// has failed, or is being deleted.
func (s Status) Unusable() bool { return s.Failed() || s == StatusDeleting }

// transitional reports whether a snapshot leaves this status by itself, as it does
// "creating", "backing-up" and every other status that is neither available nor a
// failure.
func (s Status) transitional() bool {
	return s != StatusAvailable && !strings.HasPrefix(string(s), string(StatusError))
}
