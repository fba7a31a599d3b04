package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

var (
	_ action.ActionWithConfigure  = (*createAction)(nil)
	_ action.ActionWithModifyPlan = (*createAction)(nil)
)

type createAction struct{ snapshotAction }

type createActionModel struct {
	VolumeID    types.String   `tfsdk:"volume_id"`
	Name        types.String   `tfsdk:"name"`
	Description types.String   `tfsdk:"description"`
	Metadata    types.Map      `tfsdk:"metadata"`
	Force       types.Bool     `tfsdk:"force"`
	Region      types.String   `tfsdk:"region"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

// NewCreateAction makes the action istack_volume_snapshot_create.
func NewCreateAction() action.Action { return &createAction{snapshotAction{name: "create"}} }

func (a *createAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes a snapshot of a volume, and ends when the snapshot is `available`. Use it in an `action_trigger` before a change, or with " +
			"`terraform apply -invoke`. The snapshot is in no state: the last message of the action has its id. A snapshot that fails is deleted again. After a timeout, an " +
			"interrupt or a lost answer, a snapshot may stay in the cloud; the error says which, or how to find it. " +
			"The snapshot gets the provider's `default_metadata`." + actionsSince,
		Attributes: map[string]schema.Attribute{
			"volume_id": schema.StringAttribute{
				MarkdownDescription: "ID of the volume to make the snapshot of, a UUID in lower case.",
				Required:            true,
				Validators:          []validator.String{validators.UUID()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name, at most 255 characters, without white space at its ends. Default: the time in UTC, such as `snapshot-20260131T235901Z`.",
				Optional:            true,
				Validators:          slices.Concat(validators.Name(), validators.NameWarnings()),
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description, at most 255 characters, without white space at its ends.",
				Optional:            true,
				Validators:          slices.Concat(validators.Description(), validators.DescriptionWarnings()),
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Metadata, with the same rules as the `metadata` of the resource.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          slices.Concat(validators.Metadata(), validators.MetadataWarnings()),
			},
			"force": schema.BoolAttribute{
				MarkdownDescription: "Make the snapshot even if the volume is in use. Data that the guest has not yet written to the volume is then not in the snapshot. Default: `false`.",
				Optional:            true,
			},
			"region":   regionOfAction(),
			"timeouts": actionTimeoutsAttribute(ctx, createTimeout),
		},
	}
}

// ModifyPlan refuses metadata that cannot be written.
func (a *createAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	if a.ProviderData == nil {
		return
	}
	var model createActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	resp.Diagnostics.Append(a.checkMetadata(model.Metadata, types.MapNull(types.StringType), types.MapNull(types.StringType))...)
}

func (a *createAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model createActionModel
	ctx, cancel, timeout := beginAction(ctx, req, resp, &model, &model.Timeouts, createTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	began, progress := time.Now(), newProgress(resp)
	if model.Name.ValueString() == "" {
		model.Name = types.StringValue("snapshot-" + began.UTC().Format("20060102T150405Z"))
	}
	plan := resourceModel{
		snapshotModel: snapshotModel{
			VolumeID: model.VolumeID, Name: model.Name, Description: model.Description, Metadata: model.Metadata, Region: model.Region,
		},
		stateOnly: stateOnly{Force: model.Force},
	}
	plan.DefaultMetadata, _ = a.owners(false).plan(resourceModel{}, plan)
	snapshots, request := a.in(plan.Region), expandCreate(plan)
	progress.say("Making snapshot %q of volume %s", request.Name, request.VolumeID)
	created, err := snapshots.Create(ctx, request)
	if err != nil {
		err = explainRefusal(err, texts{name: request.Name, description: request.Description, metadata: request.Metadata})
		resp.Diagnostics.Append(notCreated(plan, err))
		return
	}
	a.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	progress.say("The cloud has accepted snapshot %s", created.ID)
	last := created
	progress.during(func() string { return "making snapshot " + created.ID }, func() { last, err = finish(ctx, snapshots, created) })
	if err != nil {
		var removal error
		if errors.As(err, new(*client.UnexpectedStatusError)) {
			// It restores nothing and is in no state.
			removal = snapshots.Remove(ctx, client.Reference{ID: created.ID, VolumeID: created.VolumeID, ProjectID: created.ProjectID})
		}
		resp.Diagnostics.Append(neverAvailable(created, timeout, err, removal))
		return
	}
	if lost := client.NotStored(request.Metadata, last.Metadata); len(lost) > 0 {
		resp.Diagnostics.Append(metadataNotKept(last, lost))
	}
	progress.say("Done after %s: %s, is available", took(began), describeSnapshot(last))
}

// notCreated is [createFailed] for a snapshot that goes into no state.
func notCreated(plan resourceModel, err error) diag.Diagnostic {
	at, attempt := creationAttempt(plan, err)
	var (
		lost      *client.LostCreateError
		ambiguous *client.AmbiguousCreateError
	)
	switch {
	case errors.As(err, &lost):
		attempt.Advice = "There may now be one more snapshot, which is in no state. Look for it before invoking the action again" +
			listCommand(plan.VolumeID.ValueString(), lost.Sent) + ": it may be all that was wanted."
	case errors.As(err, &ambiguous):
		candidates := make([]string, 0, len(ambiguous.Candidates))
		for _, s := range ambiguous.Candidates {
			candidates = append(candidates, fmt.Sprintf("  %s, in status %q", describeSnapshot(s), s.Status))
		}
		attempt.Advice = "The request may have made one of these snapshots, which is in no state:\n\n" + strings.Join(candidates, "\n") +
			"\n\nIf one of them is what was wanted, nothing is left to do."
	}
	return diagnosticAt(at, attempt.Failed(err))
}

// neverAvailable says what has become of a snapshot that did not become available. One that has
// failed was to be deleted again, with the error removal.
func neverAvailable(created client.Snapshot, timeout time.Duration, err, removal error) diag.Diagnostic {
	attempt := framework.Attempt{
		Summary: "Volume snapshot did not become available",
		Tried:   fmt.Sprintf("The cloud accepted snapshot %s of volume %s, but waiting for it to become available", created.ID, created.VolumeID),
	}
	remove := "openstack volume snapshot delete " + created.ID
	switch {
	case removal != nil:
		attempt.Outcome = "Deleting it again failed too: " + framework.Sentence(removal.Error())
		attempt.Advice = "It is in no state. Delete it when the cloud takes that (" + remove + "), and invoke the action again."
	case errors.As(err, new(*client.UnexpectedStatusError)):
		attempt.Outcome, attempt.Advice = "It has been deleted again.", "Invoke the action again. If that fails too, ask the cloud's operators, with the id."
	case openstack.IsNotFound(err):
		attempt.Advice = "Somebody deleted it meanwhile. Invoke the action again to make another."
	case errors.Is(err, context.DeadlineExceeded):
		attempt.Advice = fmt.Sprintf("It may still become available, and is in no state. Give it longer than %s (timeouts.invoke), or delete it: %s.", timeout, remove)
	default:
		attempt.Advice = "It may still become available, and is in no state. To delete it: " + remove + "."
	}
	return attempt.Failed(err)
}
