package client

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// A process that is killed between a request and its answer leaves a snapshot
// that nobody knows. Nothing in the protocol can tell the next process, but the
// next create of the same kind can see it.

// leftOver is how old a snapshot may be that looks like the rest of an earlier
// run.
const leftOver = time.Hour

// strangers is how many of the newest snapshots that may have the name are looked
// at beside those that this process has made.
const strangers = 20

// WaitCreated waits like [BlockStorage.WaitAvailable] for a snapshot that
// [BlockStorage.Create] has just returned. It also gives its twins: snapshots
// that are equal in volume, name, description and metadata, at most an hour
// older, and of no create of this process. Seeing them costs no request, since
// the first look is at the newest snapshots of the volume instead of at one.
func (b *BlockStorage) WaitCreated(ctx context.Context, created Snapshot, request CreateRequest) (last Snapshot, twins []Snapshot, err error) {
	first := true
	last, err = b.waitAvailable(ctx, created.ID, func(ctx context.Context) (Snapshot, error) {
		if first {
			first = false
			if snapshot, found, ok := b.lookAround(ctx, created, request); ok {
				twins = found
				return snapshot, nil
			}
		}
		return b.Get(ctx, created.ID)
	})
	return last, twins, err
}

// lookAround finds a snapshot and its twins among the newest of the volume. It
// is not ok where the snapshot is not among them.
func (b *BlockStorage) lookAround(ctx context.Context, created Snapshot, request CreateRequest) (snapshot Snapshot, twins []Snapshot, ok bool) {
	query := Filter{VolumeID: request.VolumeID, Name: request.Name}.query(none)
	query.Set("limit", strconv.Itoa(strangers+b.creates.ofName(request)))
	var result page[Snapshot]
	if b.do(ctx, http.MethodGet, "snapshots/detail", query, nil, &result) != nil {
		return Snapshot{}, nil, false
	}
	for _, s := range result.Snapshots {
		switch {
		case s.ID == created.ID:
			snapshot, ok = s, true
		case request.made(s) && !b.creates.isKnown(s.ID) && s.CreatedAt.After(created.CreatedAt.Add(-leftOver)):
			twins = append(twins, s)
		}
	}
	return snapshot, twins, ok
}
