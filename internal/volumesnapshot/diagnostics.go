package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// describe names the snapshot of a state.
func (m resourceModel) describe() string {
	if m.VolumeID.IsNull() {
		return fmt.Sprintf("snapshot %s", m.ID.ValueString())
	}
	if name := m.Name.ValueString(); name != "" {
		return fmt.Sprintf("snapshot %s (%q) of volume %s", m.ID.ValueString(), name, m.VolumeID.ValueString())
	}
	return fmt.Sprintf("snapshot %s of volume %s", m.ID.ValueString(), m.VolumeID.ValueString())
}

func createFailed(plan resourceModel, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to create volume snapshot",
		Tried:   fmt.Sprintf("Creating a snapshot of volume %s", plan.VolumeID.ValueString()),
	}
	if name := plan.Name.ValueString(); name != "" {
		attempt.Tried = fmt.Sprintf("Creating the snapshot %q of volume %s", name, plan.VolumeID.ValueString())
	}
	at := path.Empty()
	var (
		api       *client.APIError
		inUse     *client.VolumeInUseError
		quota     *client.QuotaError
		lost      *client.LostCreateError
		ambiguous *client.AmbiguousCreateError
		refused   *refusal
	)
	switch {
	case errors.As(err, &inUse):
		at, attempt.Advice = path.Root("force"), adviceInUse
	case errors.As(err, &quota):
		attempt.Advice = fmt.Sprintf("The %s quota of the project is %d, of which %d are used; this snapshot needs %d more. ",
			quota.Quota, quota.Limit, quota.Used, quota.Asked) + adviceQuota
	case errors.As(err, &ambiguous):
		attempt.Advice = "The request may have made one of these snapshots, which are alike:\n\n" + importCommands(plan.Region.ValueString(), ambiguous.Candidates) +
			"\n\nImport the one that belongs here and delete what is too many, then apply again. Applying before that makes another one."
	case errors.As(err, &lost):
		attempt.Advice = "There may now be a snapshot that Terraform does not know. Look for it before applying again (openstack volume snapshot list --volume " +
			plan.VolumeID.ValueString() + "), and import or delete it: terraform import ADDRESS ID."
	case !errors.As(err, &api):
	case client.IsNotFound(err):
		at = path.Root("volume_id")
		attempt.Advice = "Check that the volume exists in this region and in the project of the sign-in."
	case api.Status == http.StatusBadRequest && strings.HasSuffix(api.Message, "current status is: in-use."):
		at, attempt.Advice = path.Root("force"), adviceInUse
	case api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, "Invalid volume:"):
		at = path.Root("volume_id")
		attempt.Advice = "Wait until the volume is in the status that the API asks for, or mend the volume, then apply again."
	case errors.As(err, &refused):
		at, attempt.Advice = refused.at, refused.advice
	case strings.Contains(api.Message, "Exceed") || strings.Contains(api.Message, "exceed"):
		attempt.Advice = adviceQuota
	}
	failed := attempt.Failed(err)
	if at.Equal(path.Empty()) {
		return failed
	}
	return diag.WithPath(at, failed)
}

const adviceQuota = "Delete snapshots that are no longer needed, or ask an administrator to raise the quota."

const adviceInUse = "Detach the volume, or set force = true to take the snapshot of a volume in use; " +
	"what the guest has not yet written to it is then not in the snapshot."

// importCommands has a line for each snapshot, the newest first.
func importCommands(region string, snapshots []client.Snapshot) string {
	lines := make([]string, 0, len(snapshots))
	for _, s := range snapshots {
		id := s.ID
		if region != "" {
			id = region + "/" + id
		}
		lines = append(lines, fmt.Sprintf("  terraform import ADDRESS %s   # made %s, %s", id, s.CreatedAt.Format(time.RFC3339), s.Status))
	}
	return strings.Join(lines, "\n")
}

// twinsFound warns of what may be the rest of a run that was killed.
func twinsFound(region string, created client.Snapshot, twins []client.Snapshot) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Volume snapshot that may be left over",
		fmt.Sprintf("Beside the new snapshot %s, volume %s has others of the last hour with the same name, description and metadata, "+
			"which this run did not make:\n\n%s\n\nIf a run was killed while it made a snapshot, this may be it. Delete it, or import it elsewhere. "+
			"If another resource manages it, there is nothing to do.", created.ID, created.VolumeID, importCommands(region, twins)))
}

func waitFailed(created client.Snapshot, timeout time.Duration, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Volume snapshot did not become available",
		Tried:   fmt.Sprintf("The cloud accepted snapshot %s of volume %s, but waiting for it to become available", created.ID, created.VolumeID),
	}
	const kept = "The snapshot is kept in the state as tainted: "
	var status *client.UnexpectedStatusError
	switch {
	case errors.As(err, &status):
		attempt.Advice = kept + "the next apply deletes it and makes another. If that fails too, ask the cloud's operators, with the id."
	case client.IsNotFound(err):
		attempt.Advice = "Somebody deleted it meanwhile. The next apply makes another."
	case errors.Is(err, context.DeadlineExceeded):
		attempt.Advice = kept + fmt.Sprintf("the next apply replaces it. If it only needs longer than %s, set timeouts.create, wait until it is "+
			"available and run terraform untaint.", timeout)
	default:
		attempt.Advice = kept + "the next apply replaces it. To keep it, wait until it is available and run terraform untaint."
	}
	return attempt.Failed(err)
}

func readFailed(state resourceModel, err error) diag.Diagnostic {
	return framework.Attempt{
		Summary: "Unable to read volume snapshot",
		Tried:   "Reading " + state.describe(),
	}.Failed(err)
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
	case client.IsNotFound(err):
		attempt.Advice = "Somebody deleted it meanwhile. The next plan shows that, and an apply makes another."
	case errors.As(err, &lost):
		attempt.Advice = "There may be a key on the snapshot that differs only in case or in spaces at the end, which the cloud's database holds " +
			"for the same: compare all_metadata. Use the spelling that is there, or remove that key first."
	}
	return attempt.Failed(err)
}

func metadataFailed(state resourceModel, err error) diag.Diagnostic {
	return diag.WithPath(path.Root("metadata"), updateFailed(state, "Changing the metadata", err))
}

func deleteFailed(state resourceModel, timeout time.Duration, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to delete volume snapshot",
		Tried:   "Deleting " + state.describe(),
	}
	const kept = "The snapshot stays in the state. "
	var status *client.UnexpectedStatusError
	switch {
	case errors.As(err, &status) && status.Snapshot.Status == client.StatusErrorDeleting:
		attempt.Advice = kept + "An administrator must reset its status (cinder snapshot-reset-state) before it can be deleted again."
	case errors.As(err, &status):
		attempt.Advice = kept + "The cloud gave the deletion up, in general because a volume or a backup made from it needs it. " +
			"Remove what depends on it, then apply again."
	case errors.Is(err, context.DeadlineExceeded):
		attempt.Advice = kept + fmt.Sprintf("Apply again to go on waiting, with timeouts.delete above %s if the backend is slow.", timeout)
	}
	return attempt.Failed(err)
}

func deletionPrevented(state resourceModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_policy"), "Deletion of volume snapshot prevented",
		"The deletion_policy of "+state.describe()+" is \"prevent\", so it is neither destroyed nor replaced.\n\n"+
			"To delete it, set deletion_policy = \"delete\" and apply that first. To leave it in the cloud and only forget it, use \"retain\".")
}

func deletionRetained(state resourceModel) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Volume snapshot retained",
		"The deletion_policy of "+state.describe()+" is \"retain\": Terraform forgets it, and it stays in the cloud. "+
			"It can be brought back with terraform import.")
}

func notFoundByID(id string, err error) diag.Diagnostic {
	return diag.WithPath(path.Root("id"), framework.Attempt{
		Summary: "Volume snapshot not found",
		Tried:   "Reading snapshot " + id,
		Advice:  adviceCheckID,
	}.Failed(err))
}

const adviceCheckID = "Check the id, the region, and that the snapshot belongs to the project of the sign-in."

func noneMatches() diag.Diagnostic {
	return diag.NewErrorDiagnostic("No volume snapshot matches",
		"0 snapshots match the filters. Widen them, or check the region and the project of the sign-in. "+
			"Where none may be right, use the data source istack_volume_snapshots.")
}

// severalMatch names the newest of those that match.
func severalMatch(newest []client.Snapshot, count int) diag.Diagnostic {
	lines := make([]string, 0, len(newest)+1)
	for _, s := range newest {
		lines = append(lines, fmt.Sprintf("  %s %q of volume %s, made %s, %s",
			s.ID, s.Name, s.VolumeID, s.CreatedAt.Format(time.RFC3339), s.Status))
	}
	if more := count - len(newest); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return diag.NewErrorDiagnostic("Several volume snapshots match",
		fmt.Sprintf("%d snapshots match the filters:\n\n%s\n\nAdd a filter, give the id, or set most_recent = true to take the newest.",
			count, strings.Join(lines, "\n")))
}

func searchFailed(err error) diag.Diagnostic {
	attempt := framework.Attempt{Summary: "Unable to list volume snapshots", Tried: "Listing snapshots"}
	var api *client.APIError
	if errors.As(err, &api) && api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, "Invalid filters project_id ") {
		attempt.Advice = "To filter by project_id takes an administrator. Sign in as one, or leave project_id and all_projects out to list the snapshots " +
			"of the project of the sign-in."
	}
	return attempt.Failed(err)
}
