package volumesnapshot

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func (r *snapshotResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	owners := r.owners(isImported(ctx, req.Private, &resp.Diagnostics))
	markStaying(ctx, resp.Private, state, false, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
	snapshots, snapshot := r.in(plan.Region), state.reference()
	if regionFound(state.Region, plan.Region) {
		if _, err := snapshots.Read(ctx, snapshot); err != nil {
			resp.Diagnostics.Append(regionFailed(state, plan.Region.ValueString(), err))
			return
		}
	}
	reached := state
	if request, needed := expandUpdate(state, plan); needed {
		if _, err := snapshots.Update(ctx, snapshot, request); err != nil {
			err = explainRefusal(err, texts{name: plan.Name.ValueString(), description: plan.Description.ValueString()})
			resp.Diagnostics.Append(updateFailed(state, "Changing the name or description", err))
			return
		}
		// What has been written must be in the state even if the next request fails.
		reached.Name, reached.Description = plan.Name, plan.Description
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, reached)...)
	}
	if change := owners.change(state, plan); !change.IsEmpty() {
		if err := snapshots.ChangeMetadata(ctx, snapshot, change); err != nil {
			if all, ok := lookAtMetadata(ctx, snapshots, snapshot.ID); ok {
				reached.Metadata, reached.DefaultMetadata, reached.OtherMetadata = splitChanged(all, state, plan)
				resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, reached)...)
			}
			err = explainRefusal(err, texts{metadata: change.Set, later: true})
			resp.Diagnostics.Append(metadataFailed(state, err))
			return
		}
	}
	resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, complete(plan, state.snapshotModel))...)
	markImported(ctx, resp.Private, false, &resp.Diagnostics)
}

// lookTime is how long an update that failed looks at what it has done, also after an interrupt.
const lookTime = 10 * time.Second

// lookAtMetadata reads the metadata after a change that failed, which may be done in part.
func lookAtMetadata(ctx context.Context, snapshots *client.BlockStorage, id string) (types.Map, bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
	defer cancel()
	all, err := snapshots.Metadata(ctx, id)
	return flattenMetadata(all), err == nil
}

func regionFailed(state resourceModel, region string, err error) diag.Diagnostic {
	at, attempt := path.Empty(), framework.Attempt{
		Summary: "Unable to update volume snapshot",
		Tried:   "Looking in region " + region + " for " + state.describe(),
	}
	if openstack.IsNotFound(err) {
		at, attempt.Advice = path.Root("region"), "It is not in that region, or somebody has deleted it. Write the region that it is in, or leave region out."
	}
	return diagnosticAt(at, attempt.Failed(err))
}

func updateFailed(state resourceModel, tried string, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to update volume snapshot",
		Tried:   tried + " of " + state.describe(),
	}
	var (
		lost    *client.MetadataError
		refused *refusal
	)
	switch {
	case errors.As(err, &refused):
		attempt.Advice = refused.advice
		return diag.WithPath(refused.at, attempt.Failed(err))
	case openstack.IsNotFound(err):
		attempt.Advice = "Somebody deleted it meanwhile. The next plan shows that, and an apply makes another."
	case errors.As(err, &lost):
		attempt.Advice = "There may be a key on the snapshot that differs only in case or in spaces at the end, which the cloud's database holds " +
			"for the same: compare other_metadata after a refresh. Use the spelling that is there, or remove that key first."
	}
	return attempt.Failed(err)
}

func metadataFailed(state resourceModel, err error) diag.Diagnostic {
	d := updateFailed(state, "Changing the metadata", err)
	if openstack.HasStatus(err, http.StatusBadRequest) || errors.As(err, new(*client.MetadataError)) {
		return diag.WithPath(path.Root("metadata"), d)
	}
	return d
}
