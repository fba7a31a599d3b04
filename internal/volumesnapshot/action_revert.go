package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

var _ action.ActionWithConfigure = (*revertAction)(nil)

type revertAction struct{ snapshotAction }

type revertModel struct {
	SnapshotID types.String   `tfsdk:"snapshot_id"`
	Region     types.String   `tfsdk:"region"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// NewRevertAction makes the action istack_volume_snapshot_revert.
func NewRevertAction() action.Action { return &revertAction{snapshotAction{name: "revert"}} }

func (a *revertAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reverts a volume to its newest snapshot (API 3.40). **Data written to the volume since then is lost.** Before it changes anything, the action refuses " +
			"a snapshot or volume that is not `available`, a snapshot that is not the newest of the volume, whatever the status of the newer one, and a " +
			"volume that has been extended since. The action ends when the volume is `available` again." + actionsSince,
		Attributes: map[string]schema.Attribute{
			"snapshot_id": snapshotIDOfAction("ID of the snapshot, a UUID in lower case. The action reverts the volume that the snapshot was made of."),
			"region":      regionOfAction(),
			"timeouts":    actionTimeoutsAttribute(ctx, createTimeout),
		},
	}
}

func (a *revertAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model revertModel
	ctx, cancel, _ := beginAction(ctx, req, resp, &model, &model.Timeouts, createTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	began, progress := time.Now(), newProgress(resp)
	id, snapshots := model.SnapshotID.ValueString(), a.in(model.Region)
	snapshot, volume, err := snapshots.Revertible(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(revertFailed("Reverting a volume to snapshot "+id, err))
		return
	}
	a.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	tried := fmt.Sprintf("Reverting volume %s to snapshot %s", volume.ID, snapshot.ID)
	progress.say("Reverting volume %s (%q, %d GiB) to %s", volume.ID, volume.Name, volume.Size, describeSnapshot(snapshot))
	if err = snapshots.Revert(ctx, snapshot, volume); err != nil {
		resp.Diagnostics.Append(revertFailed(tried, err))
		return
	}
	progress.during(func() string { return "reverting volume " + volume.ID }, func() { err = snapshots.WaitReverted(ctx, snapshot, volume) })
	if err != nil {
		resp.Diagnostics.Append(revertNotSeen(tried, volume, err))
		return
	}
	progress.say("Done after %s: volume %s (%q, %d GiB) is as it was in %s", took(began), volume.ID, volume.Name, volume.Size, describeSnapshot(snapshot))
}

// revertNotSeen is the error of the wait for a revert that the cloud has accepted.
func revertNotSeen(tried string, volume client.Volume, err error) diag.Diagnostic {
	if errors.As(err, new(*client.RevertError)) {
		return revertFailed(tried, err)
	}
	return framework.Attempt{
		Summary: "Unable to revert volume",
		Tried:   tried + " was accepted by the cloud, and waiting for its end",
		Advice:  "The cloud goes on with it. Use the volume only when its status is \"available\" again (openstack volume show " + volume.ID + ").",
	}.Failed(err)
}

func revertFailed(tried string, err error) diag.Diagnostic {
	attempt := framework.Attempt{Summary: "Unable to revert volume", Tried: tried}
	var (
		refused *client.RevertRefusedError
		failed  *client.RevertError
		lost    *client.LostRevertError
	)
	switch {
	case errors.As(err, &refused):
		attempt.Summary, attempt.Outcome = "Volume not reverted", "Nothing has been touched."
		attempt.Advice = refusedAdvice(refused)
	case errors.As(err, &failed):
		attempt.Outcome = fmt.Sprintf("The data of the volume may be those from before, those of the snapshot, or neither: %s, is the copy to trust.", describeSnapshot(failed.Snapshot))
		attempt.Advice = "Make a new volume from it, or ask the cloud's operators to repair this one, with the id; an administrator can reset its status " +
			"(openstack volume set --state available " + failed.Volume.ID + ") and the action can then be invoked again."
		if failed.Leftover.ID != "" {
			attempt.Advice += fmt.Sprintf("\n\nThe cloud has left %s, in status %q: %s. It is newer than the snapshot, so that it blocks the next revert.",
				describeSnapshot(failed.Leftover), failed.Leftover.Status, leftoverAdvice(failed.Leftover))
		}
	case errors.As(err, &lost):
		attempt.Advice = "Look at the volume before anything uses it (openstack volume show " + lost.Snapshot.VolumeID + "). While its status is \"reverting\", the cloud is at work. " +
			"As long as nothing has written to the volume since, the action can be invoked again: it takes the volume to the same data. What has been written since would be lost."
	case openstack.IsNotFound(err):
		attempt.Advice = adviceCheckID
	}
	return attempt.Failed(err)
}

// leftoverAdvice says what the snapshot is worth that the cloud made before a revert that failed.
func leftoverAdvice(s client.Snapshot) string {
	switch s.Status {
	case client.StatusError:
		return "the cloud could not copy the volume before the revert, and the volume is most likely unchanged. Delete this snapshot: it restores nothing"
	case client.StatusErrorDeleting:
		return adviceReset(s.ID) + "; then delete it"
	case client.StatusDeleting:
		return "wait until it is gone"
	case client.StatusAvailable:
		return "it holds the data from before the revert. Make a volume from it if those data are wanted, then delete it"
	}
	return "it holds the data from before the revert only if it becomes available. Look at it again in some minutes, and delete it when it is not wanted"
}

// refusedAdvice says why a volume cannot be reverted, and what would be possible.
func refusedAdvice(refused *client.RevertRefusedError) string {
	const copied = "A new volume made from the snapshot has its data in any case."
	volume := refused.Volume
	switch refused.Reason {
	case client.RevertSnapshotStatus:
		status := fmt.Sprintf("The status of %s, is %q", describeSnapshot(refused.Snapshot), refused.Snapshot.Status)
		switch {
		case refused.Snapshot.Status.Failed():
			return status + ": it restores nothing. Delete it, since a volume is reverted to its newest snapshot alone, and take the one before it."
		case refused.Snapshot.Status == client.StatusDeleting:
			return status + ". When it is gone, invoke the action with the snapshot that is the newest then."
		}
		return status + ". Wait until it is available."
	case client.RevertVolumeStatus:
		advice := "Wait until it is available, or repair it."
		if volume.Status == client.VolumeInUse {
			advice = "Stop what uses it and detach it (openstack server remove volume), then invoke the action again."
		}
		return fmt.Sprintf("The status of the volume is %q. %s %s", volume.Status, advice, copied)
	case client.RevertNotNewest:
		newest := fmt.Sprintf("The newest is %s, in status %q. ", describeSnapshot(refused.Newest), refused.Newest.Status)
		switch {
		case refused.Newest.Status == client.StatusError:
			return newest + "It restores nothing: delete it, and invoke the action again. " + copied
		case refused.Newest.Status == client.StatusErrorDeleting:
			return newest + adviceReset(refused.Newest.ID) + "; then delete it, and invoke the action again. " + copied
		case refused.Newest.Status == client.StatusDeleting:
			return newest + "Invoke the action again when it is gone. " + copied
		case refused.Newest.LeftByRevert():
			return newest + "The cloud made it for a revert. If that failed, it holds the data from before; if that is just ending, the cloud deletes it soon. " +
				"Look again in some minutes. If it is still there, make a volume from it if those data are wanted, then delete it, and invoke the action again. " + copied
		}
		return newest + "To revert the volume itself, everything newer than the wanted snapshot must be deleted first, and its data are gone then. " + copied
	case client.RevertExtended:
		return fmt.Sprintf("The volume has %d GiB, and had %d GiB when the snapshot was made. A cloud does not shrink a volume. %s", volume.Size, refused.Snapshot.Size, copied)
	case client.RevertUnknown:
	}
	return copied
}
