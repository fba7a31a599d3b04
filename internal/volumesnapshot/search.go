package volumesnapshot

import (
	"cmp"
	"context"
	"slices"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// search returns all snapshots that match, the newest first. Those of the same
// second, which is as fine as the API gives it, are in the order of their ids.
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

// namedMatches is how many of too many matches an error names.
const namedMatches = 10

// lookUp returns the newest of the snapshots that match, and counts them all. For
// the most recent one alone it reads no further than that takes.
func lookUp(ctx context.Context, snapshots *client.BlockStorage, filter client.Filter, mostRecent bool) (newest []client.Snapshot, count int, err error) {
	for snapshot, err := range snapshots.List(ctx, filter) {
		if err != nil {
			return nil, 0, err
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
