package openstack

import (
	"context"
	"slices"
)

// RegionChoice is what became of the region where nobody has named one.
type RegionChoice struct {
	// Region is the one that was taken.
	Region string
	// Others are those whose endpoints could have been taken as well, in
	// alphabetical order. There are none where a region or an endpoint was named.
	Others []string
}

// RegionChoice reports whether the region of [Client.BlockStorage] with "" was one
// of several. It signs in if need be, and sends nothing else.
func (b *BlockStorage) RegionChoice(ctx context.Context) (RegionChoice, error) {
	signed, _, err := b.open(ctx, nil)
	if err != nil {
		return RegionChoice{}, err
	}
	b.mu.Lock()
	choice := RegionChoice{Region: b.region}
	b.mu.Unlock()
	config := b.client.config
	if _, override := config.override(); b.wanted != "" || override != "" {
		return choice, nil
	}
	for _, e := range signed.endpoints() {
		if name := regionName(e); e.Interface == config.availability() && name != choice.Region {
			choice.Others = append(choice.Others, name)
		}
	}
	slices.Sort(choice.Others)
	choice.Others = slices.Compact(choice.Others)
	return choice, nil
}
