package volumesnapshot

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan fills in what comes from the provider and refuses what cannot work.
func (r *snapshotResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.ProviderData == nil {
		return
	}
	existing := !req.State.Raw.IsNull()
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	imported := isImported(ctx, req.Private, &resp.Diagnostics)
	prevented := existing && r.policy(state) == PolicyPrevent
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
	if existing && replaces(state, plan, imported) {
		if prevented {
			resp.Diagnostics.Append(deletionPrevented(state))
			return
		}
		if config.Region.IsNull() && moves(state.Region, r.Region) {
			resp.Diagnostics.Append(replacementMoves(state, r.Region))
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
	owners := r.owners(imported)
	plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
	if imported && !plan.Metadata.IsUnknown() && !plan.DefaultMetadata.IsUnknown() {
		if left := owners.released(state, desiredMetadata(plan.Metadata, plan.DefaultMetadata)); len(left) > 0 {
			resp.Diagnostics.Append(keysLeft(state, left))
		}
	}
	raw, diags := resourceObject().Write(ctx, plan.fields())
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		resp.Plan.Raw = raw
	}
}

// owners says who owns which metadata key.
func (r *snapshotResource) owners(imported bool) metadataOwners {
	return metadataOwners{defaults: r.DefaultMetadata, ignore: r.IgnoreMetadata, imported: imported}
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

// policy is what a destroy or replacement does to a snapshot: the environment's
// word, or else the state's. One that has never been available restores nothing,
// so there is nothing to protect or to retain.
func (r *snapshotResource) policy(state resourceModel) string {
	if state.unfinished() {
		return PolicyDelete
	}
	return cmp.Or(r.DeletionPolicyOverride, state.DeletionPolicy.ValueString())
}

// defaultDeletionPolicy is the policy of a resource that names none.
func (r *snapshotResource) defaultDeletionPolicy() types.String {
	if r.DeletionPolicy.IsNull() {
		return types.StringValue(PolicyDelete)
	}
	return r.DeletionPolicy
}

// imported completes the state of an import, which has the identity only, with
// what a configuration would have that says nothing special.
func (r *snapshotResource) imported(told snapshotModel, state resourceModel) resourceModel {
	model := resourceModel{snapshotModel: told, intent: state.intent}
	model.Force = types.BoolValue(false)
	if model.DeletionPolicy = r.defaultDeletionPolicy(); model.DeletionPolicy.IsUnknown() {
		model.DeletionPolicy = types.StringNull()
	}
	model.Metadata, model.DefaultMetadata, model.OtherMetadata = splitImported(told.Metadata, r.DefaultMetadata, r.IgnoreMetadata)
	return model
}

// triggersReplace spares a snapshot that has just been imported: the API knows
// no triggers, so those of its configuration are not a change.
func triggersReplace(ctx context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	imported := isImported(ctx, req.Private, &resp.Diagnostics)
	resp.RequiresReplace = triggersChange(req.StateValue, req.PlanValue, imported)
}

// triggersChange tells whether the triggers want a new snapshot. None and an
// empty map are the same.
func triggersChange(state, plan types.Map, imported bool) bool {
	if state.IsNull() && imported || !plan.IsUnknown() && len(state.Elements())+len(plan.Elements()) == 0 {
		return false
	}
	return !plan.Equal(state)
}

// regionReplaces spares a snapshot whose region has only now become known.
func regionReplaces(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = moves(req.StateValue, req.PlanValue)
}

// moves tells whether a snapshot of one region is wanted in another, as far as
// both are known.
func moves(from, to types.String) bool {
	return !from.IsNull() && !to.IsNull() && !to.Equal(from)
}

// regionFound tells that the region of a snapshot has become known.
func regionFound(from, to types.String) bool { return from.IsNull() && !to.IsNull() }

// replaces tells whether the schema's plan modifiers want a replacement: the
// framework does not say so to ModifyPlan.
func replaces(state, plan resourceModel, imported bool) bool {
	return !plan.VolumeID.Equal(state.VolumeID) || moves(state.Region, plan.Region) ||
		triggersChange(state.Triggers, plan.Triggers, imported)
}
