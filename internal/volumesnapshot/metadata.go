package volumesnapshot

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// Who owns a metadata key: the keys of the resource's metadata and of the
// provider's default_metadata are ours, with the resource's value before the
// default. They are written, mended after a drift, and removed when they leave
// the configuration. All others belong to somebody else and are never touched.

// desiredMetadata is all that the configuration wants on the snapshot.
func desiredMetadata(own, defaults types.Map) map[string]string {
	desired := expandMetadata(defaults)
	maps.Copy(desired, expandMetadata(own))
	return desired
}

// metadataChange is what has to be written so that what is on the snapshot
// becomes what the configuration wants. owned are the keys that were ours until
// now.
func metadataChange(present, desired map[string]string, owned []string, ignore framework.IgnoreMetadata) client.MetadataChange {
	change := client.MetadataChange{Set: map[string]string{}}
	for key, value := range desired {
		if is, ok := present[key]; !ok || is != value {
			change.Set[key] = value
		}
	}
	for _, key := range owned {
		_, wanted := desired[key]
		_, there := present[key]
		if there && !wanted && !ignore.Matches(key) {
			change.Remove = append(change.Remove, key)
		}
	}
	slices.Sort(change.Remove)
	change.Remove = slices.Compact(change.Remove)
	return change
}

// ownMetadata is the part of the snapshot's metadata that the resource's
// configuration owns. No key at all is null or {}, as it was written there.
func ownMetadata(all types.Map, configured types.Map) types.Map {
	if configured.IsNull() {
		return configured
	}
	own := map[string]string{}
	present := expandMetadata(all)
	for key := range configured.Elements() {
		if value, ok := present[key]; ok {
			own[key] = value
		}
	}
	return flattenMetadata(own)
}

// importedMetadata is what a resource takes over that has just been imported:
// everything that is neither a default nor ignored.
func importedMetadata(all, defaults types.Map, ignore framework.IgnoreMetadata) types.Map {
	own := expandMetadata(all)
	maps.DeleteFunc(own, func(key, _ string) bool {
		_, isDefault := defaults.Elements()[key]
		return isDefault || ignore.Matches(key)
	})
	if len(own) == 0 {
		return types.MapNull(types.StringType)
	}
	return flattenMetadata(own)
}

// wholly tells whether a map and all its values are known.
func wholly(m types.Map) bool {
	if m.IsUnknown() {
		return false
	}
	for _, value := range m.Elements() {
		if value.IsUnknown() {
			return false
		}
	}
	return true
}
