package volumesnapshot

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// ModifyPlan sets what comes from the provider and refuses what cannot work.
func (r *snapshotResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.ProviderData == nil {
		return
	}
	existing := !req.State.Raw.IsNull()
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	imported := isImported(ctx, req.Private, &resp.Diagnostics)
	prevented := existing && r.policy(state) == framework.PolicyPrevent
	if req.Plan.Raw.IsNull() {
		if prevented {
			resp.Diagnostics.Append(deletionPrevented(state))
		}
		return
	}
	config, diags := readResource(ctx, req.Config.Raw)
	resp.Diagnostics.Append(diags...)
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	replaced, replacing := stayed(ctx, req.Private, &resp.Diagnostics)
	replacing = replacing && !existing
	to, err := r.Region, error(nil)
	if existing || replacing {
		to, err = r.regionOfNew(ctx)
	}
	if existing && replaces(state, plan, imported) {
		replaced, replacing = state, true
		if prevented {
			resp.Diagnostics.Append(deletionPrevented(state))
			return
		}
	}
	if replacing && config.Region.IsNull() && moves(replaced.Region, to) {
		if err != nil {
			resp.Diagnostics.Append(regionNotFound(replaced, err))
		} else {
			resp.Diagnostics.Append(replacementMoves(replaced, to))
		}
		return
	}
	// Whatever the configuration seems to say: ignore_changes shows the state in its place here,
	// and not when there is none.
	markStaying(ctx, resp.Private, state, existing && moves(state.Region, to), &resp.Diagnostics)

	if config.DeletionPolicy.IsNull() {
		plan.DeletionPolicy = r.defaultDeletionPolicy()
	}
	if config.Region.IsNull() && !existing && !r.Region.IsNull() {
		plan.Region = r.Region
	}
	owners := r.owners(imported)
	plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
	resp.Diagnostics.Append(r.checkMetadata(plan.Metadata, state.Metadata, plan.OtherMetadata)...)
	resp.Diagnostics.Append(warnOfTexts(ctx, state, plan)...)
	if imported && !replacing && !plan.Metadata.IsUnknown() && !plan.DefaultMetadata.IsUnknown() {
		if left := owners.released(state, desiredMetadata(plan.Metadata, plan.DefaultMetadata)); len(left) > 0 {
			resp.Diagnostics.Append(keysLeft(state, left))
		}
	}
	raw, diags := resourceCodec().Write(ctx, plan.bindings())
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		resp.Plan.Raw = raw
	}
}

// regionOfNew returns the region in which a snapshot would be made whose resource names none.
// Where none is configured it is the catalogue's first, for which the refresh, if there was
// one, has signed in already. With an error it is unknown.
func (r *snapshotResource) regionOfNew(ctx context.Context) (types.String, error) {
	if !r.Region.IsNull() {
		return r.Region, nil
	}
	name, err := r.in(r.Region).Region(ctx)
	if err != nil {
		return types.StringUnknown(), err
	}
	return flattenString(name), nil
}

// checkMetadata checks metadata against the provider's settings, against the resource's
// own metadata before, and against what others have put on the snapshot.
func (c configured) checkMetadata(own, before, others types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	stored := before.Elements()
	for key, value := range own.Elements() {
		if !c.IgnoreMetadata.Matches(key) {
			continue
		}
		const summary = "Metadata key that the provider ignores"
		at := path.Root("metadata").AtMapKey(key)
		detail := fmt.Sprintf("The provider's ignore_metadata says that the key %q belongs to somebody else, so the resource cannot own it. Take it out of one of the two.", key)
		if !value.Equal(stored[key]) {
			diags.AddAttributeError(at, summary, detail)
			continue
		}
		// ignore_changes shows the state in the place of the configuration, which may not have the key.
		diags.AddAttributeWarning(at, summary, detail+" Until then it stays as it is on the snapshot. If ignore_changes keeps the key in the state, apply once without that.")
	}
	together := map[string]struct{}{}
	for _, m := range []types.Map{own, c.DefaultMetadata} {
		for key := range m.Elements() {
			together[key] = struct{}{}
		}
	}
	if one, other, found := validators.SimilarKeys(together, slices.Collect(maps.Keys(others.Elements()))...); found {
		detail := validators.SimilarKeysDetail(one, other)
		for _, key := range []string{one, other} {
			if _, ok := own.Elements()[key]; !ok {
				detail += fmt.Sprintf(" %q comes from the provider's default_metadata, or is on the snapshot already as somebody else's.", key)
			}
		}
		diags.AddAttributeWarning(path.Root("metadata"), validators.SimilarKeysSummary, detail)
	}
	return diags
}

// warnOfTexts warns of new texts that some clouds refuse. What this cloud has stored
// already it takes.
func warnOfTexts(ctx context.Context, state, plan resourceModel) diag.Diagnostics {
	var texts validator.StringResponse
	warn := func(name string, planned, stored types.String, rules []validator.String) {
		for _, rule := range rules {
			if !planned.Equal(stored) {
				rule.ValidateString(ctx, validator.StringRequest{Path: path.Root(name), ConfigValue: planned}, &texts)
			}
		}
	}
	warn("name", plan.Name, state.Name, validators.NameWarnings())
	warn("description", plan.Description, state.Description, validators.DescriptionWarnings())
	written, stored := plan.Metadata.Elements(), state.allMetadata()
	maps.DeleteFunc(written, func(key string, value attr.Value) bool { return value.Equal(stored[key]) })
	var metadata validator.MapResponse
	for _, rule := range validators.MetadataWarnings() {
		rule.ValidateMap(ctx, validator.MapRequest{Path: path.Root("metadata"), ConfigValue: types.MapValueMust(types.StringType, written)}, &metadata)
	}
	return append(texts.Diagnostics, metadata.Diagnostics...)
}

// triggersReplace does not replace a snapshot that has just been imported: the API has no
// triggers, so those of the configuration are not a change.
func triggersReplace(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	imported := isImported(ctx, req.Private, &resp.Diagnostics)
	resp.RequiresReplace = triggersChange(req.StateValue, req.PlanValue, imported)
}

// triggersChange reports whether the triggers have changed. Null and an empty map are
// the same.
func triggersChange(state, plan types.Map, imported bool) bool {
	if state.IsNull() && imported || !plan.IsUnknown() && len(state.Elements())+len(plan.Elements()) == 0 {
		return false
	}
	return !plan.Equal(state)
}

// regionReplaces does not replace a snapshot whose region has only become known.
func regionReplaces(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = moves(req.StateValue, req.PlanValue)
}

// moves reports whether both regions are known and differ.
func moves(from, to types.String) bool {
	return !from.IsNull() && !to.IsNull() && !to.Equal(from)
}

// regionFound reports whether the region of a snapshot has become known.
func regionFound(from, to types.String) bool { return from.IsNull() && !to.IsNull() }

// replaces reports whether the schema's plan modifiers want a replacement, which the
// framework does not pass to ModifyPlan.
func replaces(state, plan resourceModel, imported bool) bool {
	return !plan.VolumeID.Equal(state.VolumeID) || moves(state.Region, plan.Region) ||
		triggersChange(state.Triggers, plan.Triggers, imported)
}

// privateStaying is the key, in the private data of a plan, that says that a snapshot stays in
// its region although the provider is in another. Terraform plans its own replacement
// (-replace, replace_triggered_by) as an update first, and then as a create without the
// state but with these data, so that the second can refuse it. Of a tainted snapshot it
// passes neither. An update removes the key, which is valid for one plan only.
const privateStaying = "staying"

// stayingSnapshot is the value: what [replacementMoves] says of it.
type stayingSnapshot struct{ ID, Name, VolumeID, Region string }

func markStaying(ctx context.Context, private privateWriter, state resourceModel, staying bool, diags *diag.Diagnostics) {
	var value []byte
	if staying {
		// A struct of strings can always be encoded.
		value, _ = json.Marshal(stayingSnapshot{state.ID.ValueString(), state.Name.ValueString(), state.VolumeID.ValueString(), state.Region.ValueString()})
	}
	diags.Append(private.SetKey(ctx, privateStaying, value)...)
}

func stayed(ctx context.Context, private privateReader, diags *diag.Diagnostics) (state resourceModel, found bool) {
	value, more := private.GetKey(ctx, privateStaying)
	diags.Append(more...)
	var s stayingSnapshot
	if len(value) == 0 || json.Unmarshal(value, &s) != nil {
		return resourceModel{}, false
	}
	return resourceModel{snapshotModel: snapshotModel{
		ID: types.StringValue(s.ID), Name: types.StringValue(s.Name), VolumeID: types.StringValue(s.VolumeID), Region: types.StringValue(s.Region),
	}}, true
}

// keysLeft warns of imported keys that the configuration does not have.
func keysLeft(state resourceModel, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("metadata"), "Metadata of imported volume snapshot left to others",
		fmt.Sprintf("The import of %s found the metadata keys %q, which the configuration does not have. The first change after an import removes no key: "+
			"they stay on the snapshot, in other_metadata. To manage a key, put it into metadata. To remove one, put it there, apply, take it out and apply again.",
			state.describe(), keys))
}

// regionNotFound says why it is not known whether a replacement would be in another region.
func regionNotFound(state resourceModel, err error) diag.Diagnostic {
	return framework.Attempt{
		Summary: "Unable to plan replacement of volume snapshot",
		Tried:   "Looking for the region in which the replacement of " + state.describe() + " would be made",
	}.Failed(err)
}

// replacementMoves refuses a replacement in another region that the configuration does
// not name, where the volume is not.
func replacementMoves(state resourceModel, to types.String) diag.Diagnostic {
	region := "a region that is not known yet"
	if !to.IsUnknown() {
		region = fmt.Sprintf("%q", to.ValueString())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), "Replacement of volume snapshot in another region",
		fmt.Sprintf("The plan replaces %s, which is in region %q, and the region of the provider is %s: it would be deleted in the one, and the new one made "+
			"in the other.\n\nTo make the new one where the old one is, which is deleted all the same, write this into the resource:\n\n  region = %q\n\n"+
			"To make it in the other region, write that there. To keep the old one, undo what asks for the replacement, or set deletion_policy = \"retain\" and apply that first.",
			state.describe(), state.Region.ValueString(), region, state.Region.ValueString()))
}
