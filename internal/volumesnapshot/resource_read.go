package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func (r *snapshotResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := state.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	snapshots := r.in(state.Region)
	snapshot, err := snapshots.Read(ctx, state.reference())
	if openstack.IsNotFound(err) {
		resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
		resp.State.RemoveResource(ctx)
		return
	}
	region := state.Region.ValueString()
	if err == nil && region == "" {
		region, err = snapshots.Region(ctx)
	}
	if err != nil {
		resp.Diagnostics.Append(readFailed(state, timeout, err))
		return
	}

	r.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	observed := flatten(region, snapshot)
	var model resourceModel
	if imported := state.VolumeID.IsNull(); imported {
		// The identity of an import may lack the region.
		resp.Identity.Raw = tftypes.NewValue(resp.Identity.Raw.Type(), nil)
		model = r.imported(observed, state)
	} else {
		if state.moved() {
			state = r.adopted(state)
		}
		model = carry(observed, state)
	}
	resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
	if snapshot.Status.Failed() {
		reason, requestID := snapshots.LastMessage(ctx, snapshot.ID)
		resp.Diagnostics.Append(restoresNothing(model, reason, requestID))
	}
}

func readFailed(state resourceModel, timeout time.Duration, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to read volume snapshot",
		Tried:   "Reading " + state.describe(),
		Outcome: kept(err),
	}
	if timedOut(err) {
		attempt.Advice = fmt.Sprintf("Try again. If the cloud is slow, set timeouts.read above %s and apply that once with -refresh=false, since the value in the state counts.", timeout)
	}
	return attempt.Failed(err)
}

// kept returns what becomes of the state if the snapshot belongs to another project.
func kept(err error) string {
	if errors.As(err, new(*client.ProjectError)) {
		return "The snapshot stays in the state."
	}
	return ""
}

// restoresNothing warns of a snapshot that has failed.
func restoresNothing(state resourceModel, reason, requestID string) diag.Diagnostic {
	text := fmt.Sprintf("The status of %s is %q: no volume can be restored from it.", state.describe(), state.Status.ValueString())
	if reason != "" {
		text += fmt.Sprintf(" The cloud says: %s (request id %s).", reason, requestID)
	}
	advice := "Replace it (terraform apply -replace=ADDRESS), which deletes it and makes one of today, or ask the cloud's operators to repair it, with the id."
	if state.Status.ValueString() == string(client.StatusErrorDeleting) {
		advice = "The cloud could not delete it. " + adviceReset(state.ID.ValueString()) + "; then it can be deleted or replaced."
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("status"), "Volume snapshot that restores nothing", text+"\n\n"+advice)
}
