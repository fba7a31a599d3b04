package volumesnapshot

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// snapshotModel is what the API shows of a snapshot. The resource and the data
// sources have it in common.
type snapshotModel struct {
	ID              types.String      `tfsdk:"id"`
	Region          types.String      `tfsdk:"region"`
	VolumeID        types.String      `tfsdk:"volume_id"`
	Name            types.String      `tfsdk:"name"`
	Description     types.String      `tfsdk:"description"`
	Size            types.Int64       `tfsdk:"size"`
	Status          types.String      `tfsdk:"status"`
	Progress        types.String      `tfsdk:"progress"`
	CreatedAt       timetypes.RFC3339 `tfsdk:"created_at"`
	UpdatedAt       timetypes.RFC3339 `tfsdk:"updated_at"`
	ProjectID       types.String      `tfsdk:"project_id"`
	UserID          types.String      `tfsdk:"user_id"`
	GroupSnapshotID types.String      `tfsdk:"group_snapshot_id"`
	ConsumesQuota   types.Bool        `tfsdk:"consumes_quota"` // of the data sources alone
	Metadata        types.Map         `tfsdk:"metadata"`
}

// resourceModel is the model of the resource. It does not have what changes by itself
// (progress, updated_at), which would show as a change outside of Terraform. Its
// metadata is that of the configuration; see metadata.go.
type resourceModel struct {
	snapshotModel
	stateOnly
	DefaultMetadata, OtherMetadata types.Map
}

// stateOnly is what the configuration says and the API does not store: it is in the
// state only.
type stateOnly struct {
	Force          types.Bool
	DeletionPolicy types.String
	Triggers       types.Map
	Timeouts       timeouts.Value
}

var resourceCodec = sync.OnceValue(func() framework.Codec {
	return framework.NewCodec(resourceSchema(context.Background()).Attributes)
})

// bindings returns the variables of the attributes of the schema.
func (m *resourceModel) bindings() framework.Bindings {
	return framework.Bindings{
		"id":                framework.Bind(&m.ID),
		"region":            framework.Bind(&m.Region),
		"volume_id":         framework.Bind(&m.VolumeID),
		"name":              framework.Bind(&m.Name),
		"description":       framework.Bind(&m.Description),
		"size":              framework.Bind(&m.Size),
		"status":            framework.Bind(&m.Status),
		"created_at":        framework.Bind(&m.CreatedAt),
		"project_id":        framework.Bind(&m.ProjectID),
		"user_id":           framework.Bind(&m.UserID),
		"group_snapshot_id": framework.Bind(&m.GroupSnapshotID),
		"metadata":          framework.Bind(&m.Metadata),
		"default_metadata":  framework.Bind(&m.DefaultMetadata),
		"other_metadata":    framework.Bind(&m.OtherMetadata),
		"force":             framework.Bind(&m.Force),
		"deletion_policy":   framework.Bind(&m.DeletionPolicy),
		"triggers":          framework.Bind(&m.Triggers),
		"timeouts":          framework.Bind(&m.Timeouts),
	}
}

// readResource reads a configuration, plan or state of the resource. Null is the zero
// model.
func readResource(ctx context.Context, raw tftypes.Value) (resourceModel, diag.Diagnostics) {
	var model resourceModel
	diags := resourceCodec().Read(ctx, raw, model.bindings())
	return model, diags
}

// reference names the snapshot to the client.
func (m resourceModel) reference() client.Reference {
	return client.Reference{ID: m.ID.ValueString(), VolumeID: m.VolumeID.ValueString(), ProjectID: m.ProjectID.ValueString()}
}

// publish sets identity and state together.
func publish(ctx context.Context, identity *tfsdk.ResourceIdentity, state *tfsdk.State, model resourceModel) diag.Diagnostics {
	raw, diags := resourceCodec().Write(ctx, model.bindings())
	if diags.HasError() {
		return diags
	}
	diags.Append(identify(ctx, identity, model)...)
	state.Raw = raw
	return diags
}
