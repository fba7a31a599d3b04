package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

var _ datasource.DataSourceWithConfigure = (*metadataDataSource)(nil)

type metadataDataSource struct{ configured }

type metadataModel struct {
	SnapshotID types.String   `tfsdk:"snapshot_id"`
	Region     types.String   `tfsdk:"region"`
	Metadata   types.Map      `tfsdk:"metadata"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// NewMetadataDataSource makes the data source istack_volume_snapshot_metadata.
func NewMetadataDataSource() datasource.DataSource { return &metadataDataSource{} }

func (d *metadataDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshot_metadata"
}

func (d *metadataDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All metadata of one volume snapshot.",
		Attributes: map[string]schema.Attribute{
			"snapshot_id": schema.StringAttribute{
				MarkdownDescription: "ID of the snapshot, a UUID in lower case.",
				Required:            true,
				Validators:          []validator.String{validators.UUID()},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: aboutRegion,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "The metadata, a map of strings; empty if there is none.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"timeouts": readTimeoutsAttribute(ctx),
		},
	}
}

func (d *metadataDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}

func (d *metadataDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model metadataModel
	ctx, cancel := beginRead(ctx, req, resp, &model, &model.Timeouts)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	snapshots := d.in(model.Region)
	metadata, err := snapshots.Metadata(ctx, model.SnapshotID.ValueString())
	if err != nil {
		attempt := framework.Attempt{
			Summary: "Unable to read metadata of volume snapshot",
			Tried:   "Reading the metadata of snapshot " + model.SnapshotID.ValueString(),
		}
		at := path.Empty()
		if openstack.IsNotFound(err) {
			at, attempt.Advice = path.Root("snapshot_id"), adviceCheckID
		}
		resp.Diagnostics.Append(diagnosticAt(at, attempt.Failed(err)))
		return
	}
	region, err := snapshots.Region(ctx)
	if err != nil {
		resp.Diagnostics.Append(searchFailed(err))
		return
	}
	model.Region = flattenString(region)
	model.Metadata = flattenMetadata(metadata)
	d.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
