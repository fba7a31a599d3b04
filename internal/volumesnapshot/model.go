package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
	Metadata        types.Map         `tfsdk:"metadata"`
}

// resourceModel is the resource. Its metadata holds only the keys that the
// configuration owns; all_metadata holds what the API tells.
type resourceModel struct {
	snapshotModel
	intent
	AllMetadata types.Map `tfsdk:"all_metadata"`
}

// intent is what the user wants and the API cannot echo.
type intent struct {
	Force          types.Bool     `tfsdk:"force"`
	DeletionPolicy types.String   `tfsdk:"deletion_policy"`
	Triggers       types.Map      `tfsdk:"triggers"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// identityModel is the identity of the resource: which snapshot it is.
type identityModel struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

func (m resourceModel) identity() identityModel {
	return identityModel{ID: m.ID, Region: m.Region}
}
