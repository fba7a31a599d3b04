package volumesnapshot

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// ModifyPlan fills in what comes from the provider, says which facts an update
// will change, and refuses what cannot work.
func (r *snapshotResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.ProviderData == nil {
		return
	}
	existing := !req.State.Raw.IsNull()
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if req.Plan.Raw.IsNull() {
		if state.DeletionPolicy.ValueString() == PolicyPrevent {
			resp.Diagnostics.Append(deletionPrevented(state))
		}
		return
	}
	config, diags := readResource(ctx, req.Config.Raw)
	resp.Diagnostics.Append(diags...)
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	owned, diags := readDefaultKeys(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if existing && state.DeletionPolicy.ValueString() == PolicyPrevent {
		imported, diags := req.Private.GetKey(ctx, privateImported)
		resp.Diagnostics.Append(diags...)
		if replaces(state, plan, len(imported) > 0) {
			resp.Diagnostics.Append(deletionPrevented(state))
			return
		}
	}

	if config.DeletionPolicy.IsNull() {
		plan.DeletionPolicy = r.defaultDeletionPolicy()
	}
	if config.Region.IsNull() && !existing && !r.Region.IsNull() {
		plan.Region = r.Region
	}
	resp.Diagnostics.Append(r.checkMetadata(plan.Metadata)...)
	if existing {
		r.planUpdate(state, &plan, owned)
	}
	raw, diags := resourceObject().Write(ctx, plan.fields())
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		resp.Plan.Raw = raw
	}
}

// planUpdate marks as unknown what the update will read back from the API.
// Everything else keeps its value, so that a change of intent alone (force,
// deletion_policy, timeouts) shows as just that.
func (r *snapshotResource) planUpdate(state resourceModel, plan *resourceModel, owned []string) {
	if _, needed := expandUpdate(state, *plan); needed || plan.Name.IsUnknown() || plan.Description.IsUnknown() {
		plan.Status = types.StringUnknown()
		plan.Progress = types.StringUnknown()
		plan.UpdatedAt = timetypes.NewRFC3339Unknown()
		plan.AllMetadata = types.MapUnknown(types.StringType)
		return
	}
	if !wholly(plan.Metadata) || !wholly(r.DefaultMetadata) || !r.pendingMetadata(state, *plan, owned).IsEmpty() {
		plan.AllMetadata = types.MapUnknown(types.StringType)
	}
}

// pendingMetadata is what leads from the metadata of the state to that of the
// plan: the plan asks whether there is anything, the update writes it. owned are
// the default keys that were ours until now.
func (r *snapshotResource) pendingMetadata(state, plan resourceModel, owned []string) client.MetadataChange {
	return metadataChange(expandMetadata(state.AllMetadata), desiredMetadata(plan.Metadata, r.DefaultMetadata),
		append(owned, keys(state.Metadata)...), r.IgnoreMetadata)
}

// checkMetadata refuses what only shows together with the provider's settings.
func (r *snapshotResource) checkMetadata(own types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	for key := range own.Elements() {
		if r.IgnoreMetadata.Matches(key) {
			diags.AddAttributeError(path.Root("metadata").AtMapKey(key), "Metadata key that the provider ignores",
				fmt.Sprintf("The provider's ignore_metadata says that the key %q belongs to somebody else, so the resource cannot own it. "+
					"Take it out of one of the two.", key))
		}
	}
	together := map[string]struct{}{}
	for _, m := range []types.Map{own, r.DefaultMetadata} {
		for key := range m.Elements() {
			together[key] = struct{}{}
		}
	}
	if one, other, found := alike(together); found {
		diags.AddAttributeWarning(path.Root("metadata"), alikeSummary,
			alikeProblem(one, other)+" One of them may come from the provider's default_metadata.")
	}
	return diags
}

// defaultDeletionPolicy is the policy of a resource that names none.
func (r *snapshotResource) defaultDeletionPolicy() types.String {
	if r.DeletionPolicy.IsNull() {
		return types.StringValue(PolicyDelete)
	}
	return r.DeletionPolicy
}

// importedIntent is what a configuration wants that says nothing.
func (r *snapshotResource) importedIntent(i intent) intent {
	i.Force = types.BoolValue(false)
	if i.DeletionPolicy = r.defaultDeletionPolicy(); i.DeletionPolicy.IsUnknown() {
		i.DeletionPolicy = types.StringNull()
	}
	return i
}

// triggersReplace spares a snapshot that has just been imported: the API knows
// no triggers, so those of its configuration are not a change.
func triggersReplace(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	imported, diags := req.Private.GetKey(ctx, privateImported)
	resp.Diagnostics.Append(diags...)
	resp.RequiresReplace = !adoptsTriggers(req.StateValue, len(imported) > 0)
}

func adoptsTriggers(state types.Map, imported bool) bool { return imported && state.IsNull() }

// replaces tells whether the schema's plan modifiers want a replacement: the
// framework does not say so to ModifyPlan.
func replaces(state, plan resourceModel, imported bool) bool {
	return !plan.VolumeID.Equal(state.VolumeID) || !plan.Region.Equal(state.Region) ||
		!plan.Triggers.Equal(state.Triggers) && !adoptsTriggers(state.Triggers, imported)
}

func keys(m types.Map) []string {
	keys := make([]string, 0, len(m.Elements()))
	for key := range m.Elements() {
		keys = append(keys, key)
	}
	return keys
}
