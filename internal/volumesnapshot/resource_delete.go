package volumesnapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

func (r *snapshotResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch r.policy(state) {
	case framework.PolicyPrevent:
		resp.Diagnostics.Append(deletionPrevented(state))
		return
	case framework.PolicyRetain:
		resp.Diagnostics.Append(deletionRetained(state, r.DeletionPolicyOverride))
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if err := r.in(state.Region).Remove(ctx, state.reference()); err != nil {
		resp.Diagnostics.Append(deleteFailed(state, timeout, err))
	}
}

// policy returns what a destroy or replacement does to a snapshot, by the environment or
// else by the state, or by the provider where the state has none, as after a move. A
// snapshot that has never been available restores nothing, and is always deleted.
func (r *snapshotResource) policy(state resourceModel) string {
	if state.unfinished() {
		return framework.PolicyDelete
	}
	return cmp.Or(r.DeletionPolicyOverride, state.DeletionPolicy.ValueString(), r.defaultDeletionPolicy().ValueString())
}

func deleteFailed(state resourceModel, timeout time.Duration, err error) diag.Diagnostic {
	attempt := deletionAttempt(state, `set deletion_policy = "retain" and apply that first.`, fmt.Sprintf("set timeouts.delete above %s and apply that first, since the value in the state counts", timeout), err)
	attempt.Outcome = "The snapshot stays in the state."
	return attempt.Failed(err)
}

// deletionAttempt is a deletion that failed, with what to do about what the API says, to
// leave the snapshot where it is, or to wait longer.
func deletionAttempt(state resourceModel, leave, longer string, err error) framework.Attempt {
	attempt := framework.Attempt{
		Summary: "Unable to delete volume snapshot",
		Tried:   "Deleting " + state.describe(),
	}
	var (
		status *client.UnexpectedStatusError
		wait   *client.WaitError
	)
	switch {
	case timedOut(err):
		attempt.Advice = fmt.Sprintf("Try again to go on waiting. If the backend is slow, %s.", longer)
		if errors.As(err, &wait) && (wait.Last == client.StatusCreating || wait.Last == client.StatusDeleting) {
			attempt.Advice += fmt.Sprintf(" If it stays %q, the cloud no longer works on it. %s; then try again.", wait.Last, adviceReset(wait.SnapshotID))
		}
	case errors.As(err, &status) && status.Snapshot.Status == client.StatusErrorDeleting:
		attempt.Advice = "The cloud could not delete it. " + adviceReset(status.Snapshot.ID) + "; then try again."
	case errors.As(err, &status) && status.Refusal != nil && status.Snapshot.GroupSnapshotID != "":
		attempt.Advice = fmt.Sprintf("It is part of group snapshot %s, which the cloud deletes as a whole: openstack --os-volume-api-version 3.14 volume group snapshot delete %[1]s. "+
			"To leave it there, %s", status.Snapshot.GroupSnapshotID, leave)
	case errors.As(err, &status) && status.Refusal != nil && status.Refusal.Status == http.StatusNotFound:
		attempt.Advice = fmt.Sprintf("The snapshot exists, and its volume %s is not found in this project: it was transferred to another one without its snapshots. "+
			"They can be deleted when the volume has been transferred back, or by an administrator. To leave it there, %s", status.Snapshot.VolumeID, leave)
	case errors.As(err, &status) && status.Refusal != nil:
		attempt.Advice = "The status allows a deletion, so something else forbids it, such as a consistency group or a frozen backend. " +
			"Ask the cloud's operators, with the id. To leave it there, " + leave
	case errors.As(err, &status) && status.Snapshot.Status == client.StatusError:
		attempt.Advice = "Its status was set to \"error\" while the cloud deleted it. In that status it can be deleted: try again."
	case errors.As(err, &status):
		attempt.Advice = "The cloud gave the deletion up, in general because a volume made from the snapshot still shares its data, or a backup of it is being made. " +
			"Do not delete a volume for this: wait for the backup, or ask the cloud's operators to make the volume independent. " +
			"To leave the snapshot there, as long as a volume needs it, " + leave
	}
	return attempt
}

// adviceReset says how an administrator makes a snapshot deletable on which the cloud does not
// work any more. Nobody is to rely on it afterwards, so its status is not to be "available".
func adviceReset(id string) string {
	return fmt.Sprintf("An administrator must set its status to \"error\", and not to \"available\", since it may be damaged "+
		"(openstack volume snapshot set --state error %s, or the action istack_volume_snapshot_reset_status)", id)
}

func deletionPrevented(state resourceModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_policy"), "Deletion of volume snapshot prevented",
		"The deletion_policy of "+state.describe()+" is \"prevent\", so it is neither destroyed nor replaced.\n\n"+
			"To delete it, set deletion_policy = \"delete\" and apply that first. To leave it in the cloud and only forget it, use \"retain\". "+
			"If it is only tainted, terraform untaint keeps it. For a deposed object, or one whose block is gone, set ISTACK_DELETION_POLICY=delete or "+
			"ISTACK_DELETION_POLICY=retain in the environment for one run, which overrides the policy of every snapshot in it.")
}

// deletionRetained warns that a snapshot is only forgotten. override is the policy of
// the environment if that decided, otherwise "".
func deletionRetained(state resourceModel, override string) diag.Diagnostic {
	reason := "The deletion_policy of " + state.describe() + " is \"retain\": Terraform forgets it, "
	if override != "" {
		reason = "ISTACK_DELETION_POLICY in the environment is \"retain\": Terraform forgets " + state.describe() + ", "
	}
	return diag.NewWarningDiagnostic("Volume snapshot retained", reason+"and it stays in the cloud. It can be brought back with terraform import.")
}
