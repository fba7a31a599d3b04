package volumesnapshot

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

var _ action.ActionWithConfigure = (*resetStatusAction)(nil)

type resetStatusAction struct{ snapshotAction }

type resetStatusModel struct {
	SnapshotID types.String   `tfsdk:"snapshot_id"`
	Status     types.String   `tfsdk:"status"`
	Region     types.String   `tfsdk:"region"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// NewResetStatusAction makes the action istack_volume_snapshot_reset_status.
func NewResetStatusAction() action.Action {
	return &resetStatusAction{snapshotAction{name: "reset_status"}}
}

func (a *resetStatusAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sets the status of a volume snapshot, such as one that is stuck in `deleting` or `error_deleting`. It needs an administrator. The cloud only stores the new status " +
			"and checks nothing: the data of the snapshot on the backend does not change, and `available` does not repair a snapshot that was never made." + actionsSince,
		Attributes: map[string]schema.Attribute{
			"snapshot_id": snapshotIDOfAction("ID of the snapshot, a UUID in lower case."),
			"status": schema.StringAttribute{
				MarkdownDescription: "The new status: `available`, `error`, `creating`, `deleting` or `error_deleting`.",
				Required:            true,
				Validators: []validator.String{stringvalidator.OneOf(string(client.StatusAvailable), string(client.StatusError),
					string(client.StatusCreating), string(client.StatusDeleting), string(client.StatusErrorDeleting))},
			},
			"region":   regionOfAction(),
			"timeouts": actionTimeoutsAttribute(ctx, readTimeout),
		},
	}
}

func (a *resetStatusAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model resetStatusModel
	ctx, cancel, _ := beginAction(ctx, req, resp, &model, &model.Timeouts, readTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	began, progress := time.Now(), newProgress(resp)
	id, wanted := model.SnapshotID.ValueString(), client.Status(model.Status.ValueString())
	snapshots := a.in(model.Region)
	before, err := snapshots.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(resetFailed(id, wanted, err))
		return
	}
	a.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	if before.Status == wanted {
		progress.say("Nothing to do: %s, is in status %q", describeSnapshot(before), wanted)
		return
	}
	progress.say("Setting the status of %s, from %q to %q", describeSnapshot(before), before.Status, wanted)
	if err := snapshots.ResetStatus(ctx, id, wanted); err != nil {
		resp.Diagnostics.Append(resetFailed(id, wanted, err))
		return
	}
	after, err := snapshots.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{
			Summary: "Unable to read volume snapshot",
			Tried:   "Reading snapshot " + id,
			Outcome: fmt.Sprintf("The cloud has accepted the status %q, in place of %q.", wanted, before.Status),
			Advice:  "Look at the snapshot (openstack volume snapshot show " + id + ").",
		}.Failed(err))
		return
	}
	if after.Status != wanted {
		resp.Diagnostics.AddWarning("Status of volume snapshot has changed since",
			fmt.Sprintf("The cloud accepted the status %q, and then the status of %s, was %q: somebody else or the cloud itself has changed it.", wanted, describeSnapshot(after), after.Status))
	}
	progress.say("Done after %s: the status of %s, was %q and is %q", took(began), describeSnapshot(after), before.Status, after.Status)
}

func resetFailed(id string, wanted client.Status, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to reset status of volume snapshot",
		Tried:   fmt.Sprintf("Setting the status of snapshot %s to %q", id, wanted),
	}
	switch {
	case openstack.HasStatus(err, http.StatusForbidden):
		attempt.Advice = "Only an administrator of the cloud may do this. Sign in as one, or ask one."
	case openstack.IsNotFound(err):
		attempt.Advice = adviceCheckID
	}
	return attempt.Failed(err)
}
