package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// carry joins what the API told with what it cannot echo: who owns which
// metadata key, whether absent text was written as "", the intent, and the
// project where the API does not name it. earlier is the state before a read.
func carry(told snapshotModel, earlier resourceModel) resourceModel {
	model := resourceModel{snapshotModel: told, intent: earlier.intent}
	model.Name = carryEmpty(told.Name, earlier.Name)
	model.Description = carryEmpty(told.Description, earlier.Description)
	if told.ProjectID.IsNull() {
		model.ProjectID = earlier.ProjectID
	}
	model.Metadata, model.DefaultMetadata, model.OtherMetadata = splitMetadata(told.Metadata, earlier.Metadata, earlier.DefaultMetadata)
	if earlier.unfinished() {
		model = unlessUnfinished(model)
	}
	return model
}

// unfinished tells a snapshot that has never been available. Its created_at stays
// null until it is: nothing else of a tainted resource reaches the hook that
// deletes it, the private state included.
func (m resourceModel) unfinished() bool {
	return m.CreatedAt.IsNull() && m.Status.ValueString() != string(client.StatusAvailable)
}

// unlessUnfinished takes created_at away unless the snapshot is available.
func unlessUnfinished(model resourceModel) resourceModel {
	if model.Status.ValueString() != string(client.StatusAvailable) {
		model.CreatedAt = timetypes.NewRFC3339Null()
	}
	return model
}

// carryEmpty keeps absent text as it was written, null or "".
func carryEmpty(told, earlier types.String) types.String {
	if told.ValueString() == "" && !earlier.IsUnknown() && earlier.ValueString() == "" {
		return earlier
	}
	return told
}

// complete fills in what a plan leaves to the API, and nothing else: what
// Terraform has planned is what it wants back. What somebody else has changed
// meanwhile is for the next read.
func complete(plan resourceModel, told snapshotModel) resourceModel {
	model := plan
	fill(&model.ID, told.ID)
	fill(&model.Region, told.Region)
	fill(&model.Size, told.Size)
	fill(&model.Status, told.Status)
	fill(&model.CreatedAt, told.CreatedAt)
	fill(&model.ProjectID, told.ProjectID)
	fill(&model.UserID, told.UserID)
	fill(&model.GroupSnapshotID, told.GroupSnapshotID)
	fill(&model.OtherMetadata, withoutKeys(told.Metadata, plan.Metadata, plan.DefaultMetadata))
	return model
}

func fill[T attr.Value](planned *T, told T) {
	if (*planned).IsUnknown() {
		*planned = told
	}
}
