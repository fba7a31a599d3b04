package simulator

import (
	"maps"
	"slices"

	"github.com/istack/terraform-provider-istack/internal/simulator/cinder"
)

// Releases are those that [Options] may name.
func Releases() []string { return slices.Sorted(maps.Keys(cinder.Releases)) }

// releaseFor is the release that the options name, or the newest that has the API of their catalogue.
func releaseFor(options Options) string {
	switch {
	case options.Release != "":
		return options.Release
	case slices.Contains(options.CatalogTypes, "volumev2"):
		return "11"
	}
	return "12"
}
