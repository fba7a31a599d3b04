package cinder

import (
	"fmt"
	"strconv"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// SeedVolume adds an available volume of the type fake to a project, and returns its id. Size is in gigabytes.
func (r *Region) SeedVolume(name string, size int, projectID, userID string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now().UTC()
	v := &volume{
		id: python.NewUUID(), name: &name, size: size, status: "available", kind: r.types.named("fake"),
		project: projectID, user: userID, created: now, updated: now, placed: true,
	}
	r.volumes.add(v)
	r.charge(v.project, v.usage(), 1)
	return v.id
}

// SeedSnapshots adds available snapshots of a volume: named PREFIX-00001 and so on, with the metadata
// seed=PREFIX and n=NUMBER, born one second apart, the last one now. It reports whether there is such a volume.
func (r *Region) SeedSnapshots(volumeID string, count int, prefix string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.volumes.byID[volumeID]
	if v == nil {
		return false
	}
	now := time.Now().UTC()
	for n := 1; n <= count; n++ {
		name := fmt.Sprintf("%s-%05d", prefix, n)
		born := now.Add(-time.Duration(count-n) * time.Second)
		x := &snapshot{
			id: python.NewUUID(), volume: v.id, name: &name, size: v.size, status: "available", progress: "100%",
			kind: v.kind, project: v.project, user: v.user, created: born, updated: born,
			metadata: metadata{{"seed", prefix}, {"n", strconv.Itoa(n)}},
		}
		r.snapshots.add(x)
		r.charge(x.project, x.usage(), 1)
	}
	return true
}

// Group makes a snapshot the member of a group snapshot, and returns the id of that; Ungroup undoes it.
func (r *Region) Group(snapshotID string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := python.NewUUID()
	r.snapshots.byID[snapshotID].group = &id
	return id
}

// Ungroup undoes what Group did, if the snapshot is still there.
func (r *Region) Ungroup(snapshotID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.snapshots.byID[snapshotID]; x != nil {
		x.group = nil
	}
}

// Transfer gives a volume to another project as an accepted transfer does, with its snapshots unless they stay.
func (r *Region) Transfer(volumeID, projectID, userID string, snapshotsStay bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now().UTC()
	v := r.volumes.byID[volumeID]
	r.volumes.remove(v)
	r.charge(v.project, v.usage(), -1)
	v.project, v.user, v.updated = projectID, userID, now
	r.charge(v.project, v.usage(), 1)
	r.volumes.add(v)
	if snapshotsStay {
		return
	}
	for _, x := range r.snapshotsOf(v) {
		r.snapshots.remove(x)
		r.charge(x.project, x.usage(), -1)
		x.project, x.user, x.updated = projectID, userID, now
		r.charge(x.project, x.usage(), 1)
		r.snapshots.add(x)
	}
}
