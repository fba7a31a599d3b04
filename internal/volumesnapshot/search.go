package volumesnapshot

import (
	"cmp"
	"context"
	"slices"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// search returns all snapshots that match, the newest first. Snapshots of the same
// second are in the order of their ids.
func search(ctx context.Context, snapshots *client.BlockStorage, filter client.Filter) ([]client.Snapshot, error) {
	var found []client.Snapshot
	for snapshot, err := range snapshots.List(ctx, filter) {
		if err != nil {
			return nil, err
		}
		found = append(found, snapshot)
	}
	newestFirst(found)
	return found, nil
}

func newestFirst(snapshots []client.Snapshot) {
	slices.SortFunc(snapshots, func(a, b client.Snapshot) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// namedMatches is the number of matches that an error names.
const namedMatches = 10

// lookUp returns the newest of the snapshots that match, at most namedMatches, and the number
// of all. With mostRecent it returns those of the newest time and their number alone, stops
// reading as soon as these are known, and passes over those that
// Cinder made for itself unless the filter names one: they are gone soon, or have the data
// from before a revert that failed.
func lookUp(ctx context.Context, snapshots *client.BlockStorage, filter client.Filter, mostRecent bool) (newest []client.Snapshot, count int, err error) {
	for snapshot, err := range snapshots.List(ctx, filter) {
		if err != nil {
			return nil, 0, err
		}
		if mostRecent && filter.Name == "" && snapshot.Temporary() {
			continue
		}
		if mostRecent && count > 0 && snapshot.CreatedAt.Before(newest[0].CreatedAt) {
			break
		}
		if count++; mostRecent || count <= namedMatches {
			newest = append(newest, snapshot)
		}
	}
	newestFirst(newest)
	return newest, count, nil
}
