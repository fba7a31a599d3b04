package volumesnapshot

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// flatten returns the model of a snapshot. What is missing, null or "" in the API is
// null.
func flatten(region string, s client.Snapshot) snapshotModel {
	return snapshotModel{
		ID:              types.StringValue(s.ID),
		Region:          flattenString(region),
		VolumeID:        types.StringValue(s.VolumeID),
		Name:            flattenString(s.Name),
		Description:     flattenString(s.Description),
		Size:            types.Int64Value(s.Size),
		Status:          flattenString(string(s.Status)),
		Progress:        flattenString(s.Progress),
		CreatedAt:       flattenTime(s.CreatedAt),
		UpdatedAt:       flattenTime(s.UpdatedAt),
		ProjectID:       flattenString(s.ProjectID),
		UserID:          flattenString(s.UserID),
		GroupSnapshotID: flattenString(s.GroupSnapshotID),
		ConsumesQuota:   types.BoolPointerValue(s.ConsumesQuota),
		Metadata:        flattenMetadata(s.Metadata),
	}
}

func flattenString(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func flattenTime(t time.Time) timetypes.RFC3339 {
	if t.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	// On PostgreSQL times have microseconds, which count in comparisons.
	return timetypes.NewRFC3339ValueMust(t.UTC().Format(time.RFC3339Nano))
}

func flattenMetadata(metadata map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(metadata))
	for key, value := range metadata {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
