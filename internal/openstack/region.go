package openstack

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	overridden := slices.ContainsFunc(volumeServiceTypes, func(service string) bool { return config.EndpointOverrides[service] != "" })
	if b.wanted != "" || overridden {
		return choice, nil
	}
	for _, entry := range signed.catalog {
		if !slices.Contains(volumeServiceTypes, entry.Type) {
			continue
		}
		for _, e := range entry.Endpoints {
			if name := cmp.Or(e.RegionID, e.Region); e.Interface == config.availability() && name != choice.Region {
				choice.Others = append(choice.Others, name)
			}
		}
	}
	slices.Sort(choice.Others)
	choice.Others = slices.Compact(choice.Others)
	return choice, nil
}

// availability is the endpoint type in the words of the catalogue.
func (c Config) availability() string {
	return cmp.Or(strings.TrimSuffix(c.EndpointType, "URL"), "public")
}
