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

// snapshotModel is what the API tells of a snapshot. The resource and the data
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

// resourceModel is the resource. It leaves out what changes by itself (progress,
// updated_at): that would show as a change outside of Terraform after each change
// of ours. Its metadata is that of the configuration; see metadata.go.
type resourceModel struct {
	snapshotModel
	intent
	DefaultMetadata, OtherMetadata types.Map
}

// intent is what the user wants and the API cannot echo.
type intent struct {
	Force          types.Bool
	DeletionPolicy types.String
	Triggers       types.Map
	Timeouts       timeouts.Value
}

var resourceObject = sync.OnceValue(func() framework.Object {
	return framework.NewObject(resourceSchema(context.Background()).Attributes)
})

// fields are those of the schema.
func (m *resourceModel) fields() framework.Fields {
	return framework.Fields{
		"id":                framework.Field(&m.ID),
		"region":            framework.Field(&m.Region),
		"volume_id":         framework.Field(&m.VolumeID),
		"name":              framework.Field(&m.Name),
		"description":       framework.Field(&m.Description),
		"size":              framework.Field(&m.Size),
		"status":            framework.Field(&m.Status),
		"created_at":        framework.Field(&m.CreatedAt),
		"project_id":        framework.Field(&m.ProjectID),
		"user_id":           framework.Field(&m.UserID),
		"group_snapshot_id": framework.Field(&m.GroupSnapshotID),
		"metadata":          framework.Field(&m.Metadata),
		"default_metadata":  framework.Field(&m.DefaultMetadata),
		"other_metadata":    framework.Field(&m.OtherMetadata),
		"force":             framework.Field(&m.Force),
		"deletion_policy":   framework.Field(&m.DeletionPolicy),
		"triggers":          framework.Field(&m.Triggers),
		"timeouts":          framework.Field(&m.Timeouts),
	}
}

// readResource reads a configuration, plan or state of the resource; null is
// the zero model.
func readResource(ctx context.Context, raw tftypes.Value) (resourceModel, diag.Diagnostics) {
	var model resourceModel
	diags := resourceObject().Read(ctx, raw, model.fields())
	return model, diags
}

// reference is how the client is told which snapshot it is.
func (m resourceModel) reference() client.Reference {
	return client.Reference{ID: m.ID.ValueString(), VolumeID: m.VolumeID.ValueString(), ProjectID: m.ProjectID.ValueString()}
}

// publish sets identity and state together.
func publish(ctx context.Context, identity *tfsdk.ResourceIdentity, state *tfsdk.State, model resourceModel) diag.Diagnostics {
	raw, diags := resourceObject().Write(ctx, model.fields())
	if diags.HasError() {
		return diags
	}
	diags.Append(identify(ctx, identity, model)...)
	state.Raw = raw
	return diags
}
