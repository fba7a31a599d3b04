package volumesnapshot

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// Who owns a metadata key of a snapshot: the resource keeps three maps that never
// overlap. The keys of metadata are those of the configuration, and the keys of
// default_metadata those of the provider's defaults that metadata does not override.
// Terraform owns both: it writes them, restores them after a drift, and removes them
// when they leave the configuration. All other keys are in other_metadata, belong to
// others and are never changed. Only the state records which keys Terraform owns. A
// read forgets a key that is no longer on the snapshot.

// splitMetadata divides the metadata of a snapshot by the owners in an earlier state. If
// no key is the configuration's, its map is null or {} as before.
func splitMetadata(all, own, defaults types.Map) (ownNow, defaultsNow, other types.Map) {
	ownNow = own
	if !own.IsNull() {
		ownNow = withKeys(all, own)
	}
	return ownNow, withKeys(withoutKeys(all, own), defaults), withoutKeys(all, own, defaults)
}

// splitImported divides the metadata of a snapshot that has just been imported. The
// configuration owns each key that is neither a default nor ignored, and that a
// configuration can have.
func splitImported(all, defaults types.Map, ignore framework.IgnoreMetadata) (own, defaultsNow, other types.Map) {
	defaultsNow = withKeys(all, defaults)
	ours := withoutKeys(all, defaults).Elements()
	maps.DeleteFunc(ours, func(key string, value attr.Value) bool { return ignore.Matches(key) || !configurable(key, value) })
	own = types.MapValueMust(types.StringType, ours)
	other = withoutKeys(all, own, defaults)
	if len(ours) == 0 {
		own = types.MapNull(types.StringType)
	}
	return own, defaultsNow, other
}

// configurable reports whether a configuration can have a key and its value.
func configurable(key string, value attr.Value) bool {
	text, ok := value.(types.String)
	return ok && key != "" && max(utf8.RuneCountInString(key), utf8.RuneCountInString(text.ValueString())) <= validators.MaxText
}

// splitChanged divides the metadata of a snapshot after a change that failed, and may have
// been done in part. Besides the keys that were its before, the resource owns what has been
// written: the keys that have their new values.
func splitChanged(all types.Map, state, plan resourceModel) (own, defaults, other types.Map) {
	written := func(before, planned types.Map) types.Map {
		elements, present := before.Elements(), all.Elements()
		for key, value := range planned.Elements() {
			if value.Equal(present[key]) {
				elements[key] = value
			}
		}
		if before.IsNull() && len(elements) == 0 {
			return before
		}
		return types.MapValueMust(types.StringType, elements)
	}
	return splitMetadata(all, written(state.Metadata, plan.Metadata), written(state.DefaultMetadata, plan.DefaultMetadata))
}

// metadataOwners decides who owns a key, together with state and plan.
type metadataOwners struct {
	defaults types.Map
	ignore   framework.IgnoreMetadata
	// imported says that the snapshot has been imported and not changed since:
	// then no key is removed from it.
	imported bool
}

// removed returns the keys of the state that a change removes from the snapshot.
func (o metadataOwners) removed(state resourceModel, desired map[string]attr.Value) []string {
	return o.leaving(state, desired, false)
}

// released returns the keys of the state that leave the configuration and stay on the
// snapshot. They belong to others then.
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

// plan returns default_metadata and other_metadata after the change that a plan
// describes. Before the snapshot exists, other_metadata is unknown.
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
		// Which keys Terraform will own is not known, so neither is what belongs to others
		// then, if there is any.
		if len(state.OtherMetadata.Elements())+len(o.released(state, nil)) > 0 {
			return defaults, unknown
		}
		return defaults, withoutKeys(state.OtherMetadata) // none, also of a state that has just been moved
	}
	desired := desiredMetadata(plan.Metadata, defaults)
	others := withoutKeys(state.OtherMetadata, plan.Metadata, defaults).Elements()
	present := state.allMetadata()
	for _, key := range o.released(state, desired) {
		others[key] = present[key]
	}
	return defaults, types.MapValueMust(types.StringType, others)
}

// change returns the change of the metadata of the state to that of the plan.
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

// allMetadata returns all metadata in the state.
func (m resourceModel) allMetadata() map[string]attr.Value {
	all := map[string]attr.Value{}
	for _, part := range []types.Map{m.OtherMetadata, m.DefaultMetadata, m.Metadata} {
		maps.Copy(all, part.Elements())
	}
	return all
}

// desiredMetadata returns all metadata that Terraform owns.
func desiredMetadata(own, defaults types.Map) map[string]attr.Value {
	desired := map[string]attr.Value{}
	maps.Copy(desired, defaults.Elements())
	maps.Copy(desired, own.Elements())
	return desired
}

// withKeys returns the elements of a map whose keys another map has.
func withKeys(m, keys types.Map) types.Map {
	elements, has := m.Elements(), keys.Elements()
	maps.DeleteFunc(elements, func(key string, _ attr.Value) bool { _, ok := has[key]; return !ok })
	return types.MapValueMust(types.StringType, elements)
}

// withoutKeys returns the elements of a map whose keys no other map has. The result is
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
