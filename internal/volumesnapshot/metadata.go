package volumesnapshot

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// Who owns a metadata key of a snapshot: the resource keeps three maps that never
// overlap. The keys of metadata are those of the configuration, and the keys of
// default_metadata those of the provider's defaults that metadata does not
// override. Both are ours: written, mended after a drift, and removed when they
// leave the configuration. All others are in other_metadata, belong to somebody
// else and are never touched. Which keys are ours is recorded in the state and
// nowhere else; one that is no longer on the snapshot when that is read is
// forgotten.

// splitMetadata sorts what is on a snapshot by its owners in an earlier state.
// No key of the configuration's is null or {}, as it was before.
func splitMetadata(all, own, defaults types.Map) (ownNow, defaultsNow, other types.Map) {
	ownNow = own
	if !own.IsNull() {
		ownNow = withKeys(all, own)
	}
	return ownNow, withKeys(withoutKeys(all, own), defaults), withoutKeys(all, own, defaults)
}

// metadataOwners is what decides about the keys beside state and plan.
type metadataOwners struct {
	defaults types.Map
	ignore   framework.IgnoreMetadata
	// imported says that the snapshot has been imported and not changed since:
	// then no key is removed from it.
	imported bool
}

// removed are the keys of the state that leave the snapshot with a change.
func (o metadataOwners) removed(state resourceModel, desired map[string]attr.Value) []string {
	return o.leaving(state, desired, false)
}

// released are the keys of the state that leave the configuration, stay on the
// snapshot, and are then somebody else's.
func (o metadataOwners) released(state resourceModel, desired map[string]attr.Value) []string {
	return o.leaving(state, desired, true)
}

func (o metadataOwners) leaving(state resourceModel, desired map[string]attr.Value, stay bool) []string {
	var keys []string
	for _, ours := range []types.Map{state.Metadata, state.DefaultMetadata} {
		for key := range ours.Elements() {
			if _, wanted := desired[key]; !wanted && (o.imported || o.ignore.Matches(key)) == stay {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// plan returns default_metadata and other_metadata after a change to the metadata
// of the plan. Of the state of a snapshot that does not exist yet it needs
// nothing: other_metadata is then what the API answers.
func (o metadataOwners) plan(state, plan resourceModel) (defaults, other types.Map) {
	unknown := types.MapUnknown(types.StringType)
	switch {
	case o.defaults.IsUnknown(), plan.Metadata.IsUnknown() && len(o.defaults.Elements()) > 0:
		defaults = unknown
	default:
		defaults = withoutKeys(o.defaults, plan.Metadata)
	}
	if state.ID.IsNull() {
		return defaults, unknown
	}
	if plan.Metadata.IsUnknown() || o.defaults.IsUnknown() {
		// Which keys become ours is not known, so anything that is somebody
		// else's, or may become that, only the apply can say.
		if len(state.OtherMetadata.Elements())+len(o.released(state, nil)) > 0 {
			return defaults, unknown
		}
		return defaults, state.OtherMetadata
	}
	desired := desiredMetadata(plan.Metadata, defaults)
	others := withoutKeys(state.OtherMetadata, plan.Metadata, defaults).Elements()
	present := state.allMetadata()
	for _, key := range o.released(state, desired) {
		others[key] = present[key]
	}
	return defaults, types.MapValueMust(types.StringType, others)
}

// change is what has to be written so that the metadata of the state becomes
// that of the plan.
func (o metadataOwners) change(state, plan resourceModel) client.MetadataChange {
	desired := desiredMetadata(plan.Metadata, plan.DefaultMetadata)
	set := maps.Clone(desired)
	present := state.allMetadata()
	maps.DeleteFunc(set, func(key string, value attr.Value) bool {
		is, there := present[key]
		return there && is.Equal(value)
	})
	return client.MetadataChange{
		Set:    expandMetadata(set),
		Remove: o.removed(state, desired),
	}
}

// allMetadata is everything that the state knows to be on the snapshot.
func (m resourceModel) allMetadata() map[string]attr.Value {
	all := map[string]attr.Value{}
	for _, part := range []types.Map{m.OtherMetadata, m.DefaultMetadata, m.Metadata} {
		maps.Copy(all, part.Elements())
	}
	return all
}

// desiredMetadata is all that the configuration wants on the snapshot.
func desiredMetadata(own, defaults types.Map) map[string]attr.Value {
	desired := map[string]attr.Value{}
	maps.Copy(desired, defaults.Elements())
	maps.Copy(desired, own.Elements())
	return desired
}

// withKeys is the part of a map that has the keys of another.
func withKeys(m, keys types.Map) types.Map {
	elements, has := m.Elements(), keys.Elements()
	maps.DeleteFunc(elements, func(key string, _ attr.Value) bool { _, ok := has[key]; return !ok })
	return types.MapValueMust(types.StringType, elements)
}

// withoutKeys is the part of a map that has none of the keys of others. It is
// never null.
func withoutKeys(m types.Map, others ...types.Map) types.Map {
	elements := m.Elements()
	for _, other := range others {
		for key := range other.Elements() {
			delete(elements, key)
		}
	}
	return types.MapValueMust(types.StringType, elements)
}
