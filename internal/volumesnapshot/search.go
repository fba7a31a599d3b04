package volumesnapshot

import (
	"cmp"
	"context"
	"slices"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// search gives all snapshots that match, the newest first. Those of the same
// second, which is as fine as the API tells it, are in the order of their ids.
func search(ctx context.Context, snapshots *client.BlockStorage, filter client.Filter) ([]client.Snapshot, error) {
	var found []client.Snapshot
	for snapshot, err := range snapshots.List(ctx, filter) {
		if err != nil {
			return nil, err
		}
		found = append(found, snapshot)
	}
	slices.SortFunc(found, func(a, b client.Snapshot) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}
