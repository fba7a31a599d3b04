package volumesnapshot

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

var (
	_ action.ActionWithConfigure      = (*pruneAction)(nil)
	_ action.ActionWithValidateConfig = (*pruneAction)(nil)
)

type pruneAction struct{ snapshotAction }

// pruneModel has all filters except status, because the rules count available snapshots alone,
// and those of projects: the action deletes in its own project only.
type pruneModel struct {
	Region          types.String      `tfsdk:"region"`
	VolumeID        types.String      `tfsdk:"volume_id"`
	Name            types.String      `tfsdk:"name"`
	NameRegex       types.String      `tfsdk:"name_regex"`
	Metadata        types.Map         `tfsdk:"metadata"`
	WithoutMetadata types.List        `tfsdk:"without_metadata"`
	CreatedAfter    timetypes.RFC3339 `tfsdk:"created_after"`
	CreatedBefore   timetypes.RFC3339 `tfsdk:"created_before"`
	Retention       types.Object      `tfsdk:"retention"`
	DryRun          types.Bool        `tfsdk:"dry_run"`
	MaxDeletions    types.Int64       `tfsdk:"max_deletions"`
	Timeouts        timeouts.Value    `tfsdk:"timeouts"`
}

func (m pruneModel) filter() (client.Filter, diag.Diagnostics) {
	return expandFilter(filterArguments{Name: m.Name, VolumeID: m.VolumeID, Metadata: m.Metadata}, filterModel{
		NameRegex: m.NameRegex, CreatedAfter: m.CreatedAfter, CreatedBefore: m.CreatedBefore, WithoutMetadata: m.WithoutMetadata,
	})
}

// NewPruneAction makes the action istack_volume_snapshot_prune.
func NewPruneAction() action.Action { return &pruneAction{snapshotAction{name: "prune"}} }

// defaultMaxDeletions is max_deletions where none is set.
const defaultMaxDeletions = 100

func (a *pruneAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"retention": retentionAttribute(),
		"dry_run": schema.BoolAttribute{
			MarkdownDescription: "Only say what would be deleted, and why the other snapshots stay. Default: `true`.",
			Optional:            true,
		},
		"max_deletions": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Maximum number of snapshots to delete. A run that would delete more fails before it deletes any. Default: `%d`.", defaultMaxDeletions),
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		"timeouts": actionTimeoutsAttribute(ctx, deleteTimeout),
	}
	for name, attribute := range selectionAttributes() {
		if name != "status" && name != "project_id" && name != "all_projects" {
			attributes[name] = attribute
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Deletes snapshots that a retention policy does not keep. It deletes the snapshots of a volume one after the other, the oldest first, and waits until the cloud says that each is gone. " +
			"At least one of `volume_id`, `name`, `name_regex` and `metadata` must narrow the selection; a `name_regex` that matches every name, such as `.`, does not. The policy is applied to each volume of the selection separately." +
			"\n\nThe action never deletes the newest available snapshot of each volume in the selection, snapshots that are not `available`, members of a group snapshot, " +
			"temporary snapshots that the cloud made for itself, such as for a backup, or snapshots whose name, metadata or status changes before their turn comes. " +
			fmt.Sprintf("Before a deletion it looks at the newest of the volume again, unless it has done so within %.0f seconds, and leaves the others if the newest is gone, is being deleted or has failed.\n\n", newestLife.Seconds()) +
			"**A snapshot that a resource manages is deleted like any other, and the next apply makes it again.** Select by a name or metadata that managed snapshots do not have." + actionsSince,
		Attributes: attributes,
	}
}

// ValidateConfig refuses a selection of everything, and a policy that cannot work.
func (a *pruneAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var model pruneModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(model.checkSelection()...)
	rules, err := model.Retention.ToTerraformValue(ctx)
	if err == nil && !rules.IsNull() && rules.IsFullyKnown() { // and not refused already
		_, diags := expandPolicy(model.Retention)
		resp.Diagnostics.Append(diags...)
	}
}

// checkSelection refuses a selection that may be all snapshots. What is not known yet is checked
// when the action is invoked, which validates it again.
func (m pruneModel) checkSelection() (diags diag.Diagnostics) {
	some := func(text types.String) bool { return text.IsUnknown() || text.ValueString() != "" }
	narrows := some(m.VolumeID) || some(m.Name) || m.Metadata.IsUnknown() || len(m.Metadata.Elements()) > 0 ||
		m.NameRegex.IsUnknown() || selects(m.NameRegex.ValueString())
	if !narrows {
		diags.AddError("Selection of all volume snapshots",
			"What is to be pruned must be narrowed by at least one of volume_id, name, metadata, and a name_regex that does not match everything. "+
				"Nothing is deleted from a whole project.")
	}
	return diags
}

// selects reports whether a regular expression leaves out some name. It does not if it fits the
// empty name and an odd one, nor if it fits a long name of each printable character: "." and
// "^.*$" fit all of these, as ".*" does, and "^[^p]" does not. No name is of spaces alone.
func selects(expression string) bool {
	pattern, err := regexp.Compile(expression)
	if err != nil || pattern.MatchString("") && pattern.MatchString("\U0010fffd\x00\n~") {
		return false
	}
	for character := '!'; character <= '~'; character++ {
		if !pattern.MatchString(strings.Repeat(string(character), 40)) {
			return true
		}
	}
	return false
}

func (a *pruneAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model pruneModel
	ctx, cancel, _ := beginAction(ctx, req, resp, &model, &model.Timeouts, deleteTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	filter, diags := model.filter()
	resp.Diagnostics.Append(diags...)
	policy, diags := expandPolicy(model.Retention)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	began, progress := time.Now(), newProgress(resp)
	snapshots := a.in(model.Region)
	found, err := search(ctx, snapshots, filter)
	if err != nil {
		resp.Diagnostics.Append(searchFailed(err))
		return
	}
	a.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	decision, err := decide(found, policy)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("retention"), "Unusable retention policy", framework.Sentence(err.Error())+" Nothing has been deleted.")
		return
	}
	limit := int64(defaultMaxDeletions)
	if !model.MaxDeletions.IsNull() {
		limit = model.MaxDeletions.ValueInt64()
	}
	dry := model.DryRun.IsNull() || model.DryRun.ValueBool()
	tooMany := int64(len(decision.Expired)) > limit
	byID := make(map[string]client.Snapshot, len(found))
	for _, s := range found {
		byID[s.ID] = s
	}
	if dry || tooMany {
		progress.say("%s", plannedPrune(decision, byID))
	}
	switch {
	case tooMany:
		resp.Diagnostics.Append(tooManyDeletions(len(decision.Expired), len(found), limit, dry))
	case !dry:
		p := prune{at: snapshots, found: byID, progress: progress, total: len(decision.Expired), began: began}
		p.run(ctx, decision)
		resp.Diagnostics.Append(p.failures()...)
		progress.say("%s", p.summary(decision))
	}
}

// tooManyDeletions refuses a run, or warns in a dry one that it would be refused.
func tooManyDeletions(expired, found int, limit int64, dry bool) diag.Diagnostic {
	detail := fmt.Sprintf("The policy would delete %d of %d snapshots, and max_deletions is %d.", expired, found, limit)
	if dry {
		return diag.NewWarningDiagnostic("More volume snapshots to delete than max_deletions", detail+" A run with dry_run = false would be refused.")
	}
	return diag.NewErrorDiagnostic("Too many volume snapshots to delete",
		detail+" Nothing has been deleted.\n\nCheck the selection and the policy with dry_run = true, then raise max_deletions.")
}
