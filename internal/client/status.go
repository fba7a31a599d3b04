package client

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
