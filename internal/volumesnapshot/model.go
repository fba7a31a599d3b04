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

// resourceModel is the resource. Its metadata holds only the keys that the
// configuration owns; all_metadata holds what the API tells.
type resourceModel struct {
	snapshotModel
	intent
	AllMetadata types.Map
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
		"progress":          framework.Field(&m.Progress),
		"created_at":        framework.Field(&m.CreatedAt),
		"updated_at":        framework.Field(&m.UpdatedAt),
		"project_id":        framework.Field(&m.ProjectID),
		"user_id":           framework.Field(&m.UserID),
		"group_snapshot_id": framework.Field(&m.GroupSnapshotID),
		"metadata":          framework.Field(&m.Metadata),
		"all_metadata":      framework.Field(&m.AllMetadata),
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

// identityModel is the identity of the resource: which snapshot it is.
type identityModel struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

var identityObject = sync.OnceValue(func() framework.Object {
	return framework.NewObject(identitySchema().Attributes)
})

func (m *identityModel) fields() framework.Fields {
	return framework.Fields{"id": framework.Field(&m.ID), "region": framework.Field(&m.Region)}
}

func (m resourceModel) identity() identityModel {
	return identityModel{ID: m.ID, Region: m.Region}
}

// publish sets identity and state together. The framework wants the identity
// after every create, read and update, also from engines that send none.
func publish(ctx context.Context, identity *tfsdk.ResourceIdentity, state *tfsdk.State, model resourceModel) diag.Diagnostics {
	which := model.identity()
	rawIdentity, diags := identityObject().Write(ctx, which.fields())
	rawState, more := resourceObject().Write(ctx, model.fields())
	diags.Append(more...)
	if !diags.HasError() {
		identity.Raw, state.Raw = rawIdentity, rawState
	}
	return diags
}
