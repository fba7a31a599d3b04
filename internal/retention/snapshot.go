package retention

import (
	"cmp"
	"fmt"
	"time"
)

// A Snapshot is what the rules look at.
type Snapshot struct {
	ID string
	// VolumeID is that of its volume. Snapshots without one are all of one volume.
	VolumeID string
	// Status is what the API calls it; "" counts as available.
	Status string
	// GroupSnapshotID is that of the group snapshot that it is part of, or "".
	GroupSnapshotID string
	// Temporary says that the cloud has made the snapshot for itself, and deletes it.
	Temporary bool
	// CreatedAt is zero if it is not known.
	CreatedAt time.Time
	Metadata  map[string]string
}

// notCounted returns why the rules take no notice of the snapshot, nothing if they do.
func (s Snapshot) notCounted(now time.Time) (reasons []string) {
	if s.Status != "" && s.Status != "available" {
		reasons = append(reasons, "its status is "+s.Status)
	}
	if s.GroupSnapshotID != "" {
		// The API deletes the members of a group only together.
		reasons = append(reasons, "it is part of group snapshot "+s.GroupSnapshotID)
	}
	if s.Temporary {
		reasons = append(reasons, "the cloud has made it for itself")
	}
	switch {
	case s.CreatedAt.IsZero():
		reasons = append(reasons, "its time of creation is not known")
	case !now.IsZero() && s.CreatedAt.After(now):
		reasons = append(reasons, fmt.Sprintf("it is from the future: made at %s, and now is %s",
			s.CreatedAt.UTC().Format(time.RFC3339Nano), now.UTC().Format(time.RFC3339Nano)))
	}
	return reasons
}

// newestFirst orders snapshots, and those of the same time by id, so that nothing depends
// on the order in which they come.
func newestFirst(a, b Snapshot) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
}

// has reports whether the snapshot has these keys and values, and perhaps more.
func (s Snapshot) has(metadata map[string]string) bool {
	for key, value := range metadata {
		if actual, ok := s.Metadata[key]; !ok || actual != value {
			return false
		}
	}
	return true
}
