package volumesnapshot

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

var (
	_ datasource.DataSourceWithConfigure        = (*snapshotDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*snapshotDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig   = (*snapshotDataSource)(nil)
)

type snapshotDataSource struct{ configured }

type dataSourceModel struct {
	snapshotModel
	filterModel
	MostRecent types.Bool     `tfsdk:"most_recent"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// NewDataSource makes the data source istack_volume_snapshot.
func NewDataSource() datasource.DataSource { return &snapshotDataSource{} }

func (d *snapshotDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshot"
}

func (d *snapshotDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := searchAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"most_recent": schema.BoolAttribute{
			MarkdownDescription: "If several snapshots match, take the newest instead of failing. Temporary snapshots that the cloud made for itself, " +
				"such as for a backup or a revert, are then left out, unless `name` is set. Default: `false`.",
			Optional: true,
		},
		"timeouts": readTimeoutsAttribute(ctx),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One volume snapshot, found by its `id`, or by filters that exactly one snapshot matches " +
			"(with `most_recent`, at least one). All filters that are set must match; `metadata` matches snapshots that have at least these keys and " +
			"values. After the read, a filter that is also an attribute of the snapshot has the snapshot's value.",
		Attributes: attributes,
	}
}

func (d *snapshotDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	conflicts := []string{"name", "name_regex", "volume_id", "status", "project_id", "metadata", "created_after", "created_before", "without_metadata"}
	validators := make([]datasource.ConfigValidator, 0, len(conflicts))
	for _, other := range conflicts {
		validators = append(validators, datasourcevalidator.Conflicting(path.MatchRoot("id"), path.MatchRoot(other)))
	}
	return validators
}

// ValidateConfig refuses combinations that are only wrong if an argument is true.
func (d *snapshotDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if model.ID.IsNull() {
		resp.Diagnostics.Append(checkProject(model.ProjectID, model.AllProjects)...)
		return
	}
	for name, value := range map[string]types.Bool{"all_projects": model.AllProjects, "most_recent": model.MostRecent} {
		if value.ValueBool() && !model.ID.IsUnknown() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Invalid Attribute Combination",
				name+" = true is about a search, and id names one snapshot, so that nothing is searched for. Take one of them out.")
		}
	}
}

func (d *snapshotDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}

func (d *snapshotDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourceModel
	ctx, cancel := beginRead(ctx, req, resp, &model, &model.Timeouts)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	snapshots := d.in(model.Region)
	snapshot, problem := d.find(ctx, snapshots, model)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	region, err := snapshots.Region(ctx)
	if err != nil {
		resp.Diagnostics.Append(searchFailed(err))
		return
	}
	model.snapshotModel = flatten(region, snapshot)
	d.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (d *snapshotDataSource) find(ctx context.Context, snapshots *client.BlockStorage, model dataSourceModel) (client.Snapshot, diag.Diagnostic) {
	if !model.ID.IsNull() {
		id := model.ID.ValueString()
		snapshot, err := snapshots.Get(ctx, id)
		if openstack.IsNotFound(err) {
			return snapshot, notFoundByID(id, err)
		}
		if err != nil {
			return snapshot, framework.Attempt{Summary: "Unable to read volume snapshot", Tried: "Reading snapshot " + id}.Failed(err)
		}
		return snapshot, nil
	}
	mostRecent := model.MostRecent.ValueBool()
	filter, diags := expandFilter(filterArguments{model.Name, model.VolumeID, model.Status, model.ProjectID, model.Metadata}, model.filterModel)
	if diags.HasError() {
		return client.Snapshot{}, diags[0]
	}
	newest, count, err := lookUp(ctx, snapshots, filter, mostRecent)
	switch {
	case err != nil:
		return client.Snapshot{}, searchFailed(err)
	case count == 0:
		return client.Snapshot{}, noneMatches()
	case count > 1 && !mostRecent:
		return client.Snapshot{}, severalMatch(newest, count)
	}
	return newest[0], nil
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

// severalMatch is the error that more than one snapshot matches. It names the newest.
func severalMatch(newest []client.Snapshot, count int) diag.Diagnostic {
	lines := make([]string, 0, len(newest)+1)
	for _, s := range newest {
		lines = append(lines, fmt.Sprintf("  %s, in status %q", describeSnapshot(s), s.Status))
	}
	if more := count - len(newest); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return diag.NewErrorDiagnostic("Several volume snapshots match",
		fmt.Sprintf("%d snapshots match the filters:\n\n%s\n\nAdd a filter, give the id, or set most_recent = true to take the newest.",
			count, strings.Join(lines, "\n")))
}
