package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

var (
	_ datasource.DataSourceWithConfigure      = (*snapshotsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*snapshotsDataSource)(nil)
)

type snapshotsDataSource struct{ configured }

type snapshotsModel struct {
	selectionModel
	Timeouts  timeouts.Value  `tfsdk:"timeouts"`
	IDs       []types.String  `tfsdk:"ids"`
	Snapshots []snapshotModel `tfsdk:"snapshots"`
	TotalSize types.Int64     `tfsdk:"total_size"`
}

// NewListDataSource makes the data source istack_volume_snapshots.
func NewListDataSource() datasource.DataSource { return &snapshotsDataSource{} }

func (d *snapshotsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshots"
}

func (d *snapshotsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := selectionAttributes()
	if region, ok := attributes["region"].(schema.StringAttribute); ok {
		region.Computed = true
		attributes["region"] = region
	}
	attributes["timeouts"] = readTimeoutsAttribute(ctx)
	attributes["ids"] = schema.ListAttribute{
		MarkdownDescription: "IDs of the snapshots, in the order of `snapshots`.",
		ElementType:         types.StringType,
		Computed:            true,
	}
	attributes["snapshots"] = schema.ListNestedAttribute{
		MarkdownDescription: "The snapshots that match, the newest first.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: snapshotAttributes(false)},
	}
	attributes["total_size"] = schema.Int64Attribute{
		MarkdownDescription: "Sum of the sizes of the snapshots, in GiB: what they count against a quota. On the backend they may take less.",
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "All volume snapshots that match the filters, the newest first; there may be none. All filters that are set must match. " +
			"The provider reads all pages of the listing.",
		Attributes: attributes,
	}
}

func (d *snapshotsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model snapshotsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	resp.Diagnostics.Append(checkProject(model.ProjectID, model.AllProjects)...)
}

func (d *snapshotsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}

func (d *snapshotsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model snapshotsModel
	ctx, cancel := beginRead(ctx, req, resp, &model, &model.Timeouts)
	defer cancel()
	filter, diags := model.filter()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	snapshots := d.in(model.Region)
	region, err := snapshots.Region(ctx)
	if err != nil {
		resp.Diagnostics.Append(searchFailed(err))
		return
	}
	found, err := search(ctx, snapshots, filter)
	if err != nil {
		resp.Diagnostics.Append(searchFailed(err))
		return
	}
	model.Region = flattenString(region)
	model.IDs = make([]types.String, 0, len(found))
	model.Snapshots = make([]snapshotModel, 0, len(found))
	var total int64
	for _, snapshot := range found {
		total += snapshot.Size
		model.IDs = append(model.IDs, types.StringValue(snapshot.ID))
		model.Snapshots = append(model.Snapshots, flatten(region, snapshot))
	}
	model.TotalSize = types.Int64Value(total)
	d.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
