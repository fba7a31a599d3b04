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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
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
		api       *openstack.APIError
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
	case openstack.IsNotFound(err):
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
	case openstack.IsNotFound(err):
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
		Outcome: kept(err),
	}.Failed(err)
}

// kept says what becomes of the state where a look at the snapshot was one from
// another project.
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
	return diag.NewAttributeWarningDiagnostic(path.Root("status"), "Volume snapshot that restores nothing",
		text+"\n\nReplace it (terraform apply -replace=ADDRESS) to have one of today, or ask the cloud's operators to mend it, with the id.")
}

// metadataNotKept warns of a snapshot that has other metadata than its create
// wrote. It is whole, so that is no reason to replace it.
func metadataNotKept(s client.Snapshot, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("metadata"), "Metadata of volume snapshot not kept",
		fmt.Sprintf("The cloud made snapshot %s of volume %s, but when it was available the metadata keys %q did not have the values that were written.\n\n"+
			"If two of them differ only in case or in spaces at the end, the cloud's database holds them for the same: keep one of them. "+
			"Otherwise somebody changed them meanwhile; the next plan shows what is there.", s.ID, s.VolumeID, keys))
}

// keysLeft warns of keys that an import has taken over and the configuration does
// not have.
func keysLeft(state resourceModel, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("metadata"), "Metadata of imported volume snapshot left to others",
		fmt.Sprintf("The import of %s found the metadata keys %q, which the configuration does not have. The first change after an import removes no key: "+
			"they stay on the snapshot, in other_metadata. To own a key, write it down; to remove one, write it down, apply, and then take it out.",
			state.describe(), keys))
}

// replacementMoves refuses a replacement in a region where nobody has asked for
// it, and where the volume is not.
func replacementMoves(state resourceModel, to types.String) diag.Diagnostic {
	region := "a region that is not known yet"
	if !to.IsUnknown() {
		region = fmt.Sprintf("%q", to.ValueString())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), "Replacement of volume snapshot in another region",
		fmt.Sprintf("The plan replaces %s, which is in region %q, and the region of the provider is %s: the snapshot would be deleted in the one "+
			"and made in the other.\n\nTo keep it where it is, write this into the resource:\n\n  region = %q\n\nTo move it, write the other region there.",
			state.describe(), state.Region.ValueString(), region, state.Region.ValueString()))
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
	return diag.WithPath(path.Root("metadata"), updateFailed(state, "Changing the metadata", err))
}

func deleteFailed(state resourceModel, timeout time.Duration, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Unable to delete volume snapshot",
		Tried:   "Deleting " + state.describe(),
	}
	attempt.Outcome = "The snapshot stays in the state."
	var status *client.UnexpectedStatusError
	switch {
	case errors.As(err, &status) && status.Snapshot.Status == client.StatusErrorDeleting:
		attempt.Advice = "An administrator must reset its status (cinder snapshot-reset-state) before it can be deleted again."
	case errors.As(err, &status) && status.Refusal != nil:
		attempt.Advice = "The status allows a deletion, so something else forbids it, such as a group snapshot that it is part of. " +
			"Remove that, then apply again."
	case errors.As(err, &status):
		attempt.Advice = "The cloud gave the deletion up, in general because a volume or a backup made from it needs it. " +
			"Remove what depends on it, then apply again."
	case errors.Is(err, context.DeadlineExceeded):
		attempt.Advice = fmt.Sprintf("Apply again to go on waiting, with timeouts.delete above %s if the backend is slow.", timeout)
	}
	return attempt.Failed(err)
}

func deletionPrevented(state resourceModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_policy"), "Deletion of volume snapshot prevented",
		"The deletion_policy of "+state.describe()+" is \"prevent\", so it is neither destroyed nor replaced.\n\n"+
			"To delete it, set deletion_policy = \"delete\" and apply that first. To leave it in the cloud and only forget it, use \"retain\". "+
			"If it is only tainted, terraform untaint keeps it. What no configuration reaches any more (a deposed object, or one whose block is gone) yields to ISTACK_DELETION_POLICY=delete or "+
			"ISTACK_DELETION_POLICY=retain in the environment, which decides over every policy of that one run.")
}

// deletionRetained warns of a snapshot that is only forgotten; override is the
// deletion policy of the environment, which then decided, or "".
func deletionRetained(state resourceModel, override string) diag.Diagnostic {
	reason := "The deletion_policy of " + state.describe() + " is \"retain\": Terraform forgets it, "
	if override != "" {
		reason = "ISTACK_DELETION_POLICY in the environment is \"retain\": Terraform forgets " + state.describe() + ", "
	}
	return diag.NewWarningDiagnostic("Volume snapshot retained", reason+"and it stays in the cloud. It can be brought back with terraform import.")
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
	var api *openstack.APIError
	if errors.As(err, &api) && api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, "Invalid filters project_id ") {
		attempt.Advice = "To filter by project_id takes an administrator. Sign in as one, or leave project_id and all_projects out to list the snapshots " +
			"of the project of the sign-in."
	}
	return attempt.Failed(err)
}
