package volumesnapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

func (r *snapshotResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	plan.DefaultMetadata, plan.OtherMetadata = r.owners(false).plan(resourceModel{}, plan)
	snapshots := r.in(plan.Region)
	request := expandCreate(plan)
	created, err := snapshots.Create(ctx, request)
	if err != nil {
		err = explainRefusal(err, texts{name: request.Name, description: request.Description, metadata: request.Metadata})
		resp.Diagnostics.Append(createFailed(plan, err))
		return
	}
	region, err := snapshots.Region(ctx)
	if err != nil {
		resp.Diagnostics.Append(waitFailed(created, timeout, err))
	}
	// The snapshot exists now. The response has it before the wait, so that each return from
	// here on gives it to Terraform. A provider that is killed returns nothing.
	publishRead := func(s client.Snapshot) {
		// Some clouds show it to administrators alone.
		s.ProjectID = cmp.Or(s.ProjectID, created.ProjectID)
		model := unlessUnfinished(complete(plan, flatten(region, s)))
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
	}
	publishRead(created)
	r.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	last, err := finish(ctx, snapshots, created)
	if last.ID != "" {
		publishRead(last)
	}
	if err != nil {
		resp.Diagnostics.Append(waitFailed(created, timeout, err))
		return
	}
	if lost := client.NotStored(request.Metadata, last.Metadata); len(lost) > 0 {
		resp.Diagnostics.Append(metadataNotKept(last, lost))
	}
}

// finish waits until a snapshot is available and returns it as read last. A snapshot
// that is available at once is read too, because the answer to a create does not have
// everything. If that read fails, the next refresh does it.
func finish(ctx context.Context, snapshots *client.BlockStorage, created client.Snapshot) (client.Snapshot, error) {
	if created.Status != client.StatusAvailable {
		return snapshots.WaitAvailable(ctx, created.ID)
	}
	if last, err := snapshots.Get(ctx, created.ID); err == nil {
		return last, nil
	}
	return created, nil
}

func createFailed(plan resourceModel, err error) diag.Diagnostic {
	at, attempt := creationAttempt(plan, err)
	return diagnosticAt(at, attempt.Failed(err))
}

// creationAttempt is a creation that failed, with what to do about what the API says.
func creationAttempt(plan resourceModel, err error) (at path.Path, attempt framework.Attempt) {
	attempt = framework.Attempt{
		Summary: "Unable to create volume snapshot",
		Tried:   fmt.Sprintf("Creating a snapshot of volume %s", plan.VolumeID.ValueString()),
	}
	if name := plan.Name.ValueString(); name != "" {
		attempt.Tried = fmt.Sprintf("Creating the snapshot %q of volume %s", name, plan.VolumeID.ValueString())
	}
	at = path.Empty()
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
	case errors.As(err, &ambiguous) && ambiguous.Doubtful:
		attempt.Advice = "The request may have made one of these snapshots. They have additional metadata, or were made shortly before the request by the clocks, or at an unknown time:\n\n" +
			importCommands(plan.Region.ValueString(), ambiguous.Candidates) +
			"\n\nImport the one that belongs here, if there is one. Then apply again, which makes one if none was imported."
	case errors.As(err, &ambiguous):
		attempt.Advice = "The request may have made one of these snapshots, which are alike:\n\n" + importCommands(plan.Region.ValueString(), ambiguous.Candidates) +
			"\n\nThe others may belong to another run, configuration or tool that made a snapshot at the same time. Import the one that no state has, then apply again. " +
			"Delete another only if you know that nobody has it. Applying before the import makes another one."
	case errors.As(err, &lost):
		attempt.Advice = "There may now be a snapshot that Terraform does not know. Look for it before applying again" + listCommand(plan.VolumeID.ValueString(), lost.Sent) +
			", and import it: terraform import ADDRESS ID."
	case !errors.As(err, &api):
	case openstack.IsNotFound(err):
		at = path.Root("volume_id")
		attempt.Advice = "Check that the volume exists in this region and in the project of the sign-in."
	case api.Status == http.StatusBadRequest && strings.HasSuffix(api.Message, "current status is: in-use."):
		at, attempt.Advice = path.Root("force"), adviceInUse
	case api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, "Invalid volume:"):
		at = path.Root("volume_id")
		attempt.Advice = "Wait until the volume is in the status that the API asks for, or repair the volume, then try again."
	case errors.As(err, &refused):
		at, attempt.Advice = refused.at, refused.advice
	case api.Status == http.StatusRequestEntityTooLarge && !api.RateLimited():
		attempt.Advice = adviceQuota
	}
	return at, attempt
}

// diagnosticAt points a diagnostic at an attribute, if there is one.
func diagnosticAt(at path.Path, d diag.Diagnostic) diag.Diagnostic {
	if at.Equal(path.Empty()) {
		return d
	}
	return diag.WithPath(at, d)
}

const adviceQuota = "Ask an administrator to raise the quota, or delete what counts against it and is no longer needed: snapshots, for gigabytes volumes too, " +
	"and for the quota of a volume type only what is of that type."

const adviceInUse = "Detach the volume, or set force = true to take the snapshot of a volume in use; " +
	"what the guest has not yet written to it is then not in the snapshot."

// importCommands returns a command for each snapshot, the newest first.
func importCommands(region string, snapshots []client.Snapshot) string {
	lines := make([]string, 0, len(snapshots))
	for _, s := range snapshots {
		id := s.ID
		if region != "" {
			id = region + "/" + id
		}
		lines = append(lines, fmt.Sprintf("  terraform import ADDRESS %s   # made %s, %s", id, displayTime(s.CreatedAt), s.Status))
	}
	return strings.Join(lines, "\n")
}

// displayTime is when something was made, for a message.
func displayTime(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return t.UTC().Format(time.RFC3339)
}

// listCommand shows how to find what a request sent then may have made.
func listCommand(volumeID string, sent time.Time) string {
	command := " (openstack volume snapshot list --long --volume " + volumeID + ")"
	if sent.IsZero() {
		return command
	}
	return command + ", made at " + sent.UTC().Format(time.RFC3339) + " or soon after"
}

func waitFailed(created client.Snapshot, timeout time.Duration, err error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Volume snapshot did not become available",
		Tried:   fmt.Sprintf("The cloud accepted snapshot %s of volume %s, but waiting for it to become available", created.ID, created.VolumeID),
	}
	const kept = "The snapshot is kept in the state as tainted: "
	replaced := kept + fmt.Sprintf("the next apply replaces it. To keep it, before that, wait until openstack volume snapshot show %s says \"available\" "+
		"and run terraform untaint ADDRESS.", created.ID)
	var (
		status *client.UnexpectedStatusError
		turn   *transport.TurnError
	)
	switch {
	case errors.As(err, &status):
		attempt.Advice = kept + "the next apply deletes it and makes another. If that fails too, ask the cloud's operators, with the id."
	case openstack.IsNotFound(err):
		attempt.Advice = "Somebody deleted it meanwhile. The next apply makes another."
	case errors.As(err, &turn) && turn.Setting != "":
		attempt.Outcome = replaced // The general advice is about the setting.
	case errors.Is(err, context.DeadlineExceeded):
		attempt.Advice = replaced + fmt.Sprintf(" If it needs longer than %s, set timeouts.create.", timeout)
	default:
		attempt.Advice = replaced
	}
	return attempt.Failed(err)
}
