package functions

import (
	"fmt"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/retention"
)

// readSnapshots reads the argument snapshots. What its objects have beside is not looked at.
func readSnapshots(value any) ([]retention.Snapshot, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("it must be a list of objects, such as the attribute snapshots of the data source istack_volume_snapshots, not %s", kind(value))
	}
	snapshots := make([]retention.Snapshot, 0, len(list))
	for i, element := range list {
		o, ok := element.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("element %d must be an object, not %s", i, kind(element))
		}
		id, err := text("id", o["id"])
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		if id == "" {
			return nil, fmt.Errorf("element %d has no id", i)
		}
		s, err := readSnapshot(o)
		if err != nil {
			return nil, fmt.Errorf("snapshot %s: %w", id, err)
		}
		s.ID = id
		snapshots = append(snapshots, s)
	}
	return snapshots, nil
}

// readSnapshot reads all but the id.
func readSnapshot(o map[string]any) (s retention.Snapshot, err error) {
	for _, attribute := range []struct {
		name  string
		field *string
	}{{"volume_id", &s.VolumeID}, {"status", &s.Status}, {"group_snapshot_id", &s.GroupSnapshotID}} {
		if *attribute.field, err = text(attribute.name, o[attribute.name]); err != nil {
			return s, err
		}
	}
	made := client.Snapshot{VolumeID: s.VolumeID}
	made.Name, _ = o["name"].(string)
	if counted, ok := o["consumes_quota"].(bool); ok {
		made.ConsumesQuota = &counted
	} else if o["consumes_quota"] != nil {
		return s, fmt.Errorf("consumes_quota must be a bool, not %s", kind(o["consumes_quota"]))
	}
	s.Temporary = made.Temporary()
	if s.CreatedAt, err = instant("created_at", o["created_at"]); err != nil {
		return s, err
	}
	if o["metadata"] != nil {
		s.Metadata, err = texts("metadata", o["metadata"])
	}
	return s, err
}

// instant reads a time; null is the zero time.
func instant(name string, value any) (time.Time, error) {
	s, err := text(name, value)
	if err != nil || value == nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is %q: it must be a time of RFC 3339, such as 2026-01-31T00:00:00Z", name, s)
	}
	return t, nil
}
