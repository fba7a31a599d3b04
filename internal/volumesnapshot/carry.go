package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// carry joins what the API shows with what it does not store: who owns which
// metadata key, whether absent text was written as "", what is in the state only,
// and the project where the API does not name it. earlier is the state before a
// read.
func carry(observed snapshotModel, earlier resourceModel) resourceModel {
	model := resourceModel{snapshotModel: observed, stateOnly: earlier.stateOnly}
	model.Name = carryEmpty(observed.Name, earlier.Name)
	model.Description = carryEmpty(observed.Description, earlier.Description)
	if observed.ProjectID.IsNull() {
		model.ProjectID = earlier.ProjectID
	}
	model.Metadata, model.DefaultMetadata, model.OtherMetadata = splitMetadata(observed.Metadata, earlier.Metadata, earlier.DefaultMetadata)
	if earlier.unfinished() {
		model = unlessUnfinished(model)
	}
	return model
}

// imported returns the state after an import, whose own state has the identity only. Its
// arguments are those of a configuration with the defaults.
func (c configured) imported(observed snapshotModel, state resourceModel) resourceModel {
	model := resourceModel{snapshotModel: observed, stateOnly: state.stateOnly}
	model.Force = types.BoolValue(false)
	if model.DeletionPolicy = c.defaultDeletionPolicy(); model.DeletionPolicy.IsUnknown() {
		model.DeletionPolicy = types.StringNull()
	}
	model.Metadata, model.DefaultMetadata, model.OtherMetadata = splitImported(observed.Metadata, c.DefaultMetadata, c.IgnoreMetadata)
	return model
}

// unfinished reports whether a snapshot has never been available. Its created_at stays
// null until it is: nothing else of a tainted resource reaches the hook that
// deletes it, the private state included.
func (m resourceModel) unfinished() bool { return m.CreatedAt.IsNull() && m.mayBeUnfinished() }

// mayBeUnfinished reports whether the status is one of a snapshot that was never available.
// Any other, such as "backing-up", comes after that.
func (m resourceModel) mayBeUnfinished() bool {
	status := client.Status(m.Status.ValueString())
	return status == "" || status == client.StatusCreating || status.Unusable()
}

// unlessUnfinished removes created_at if the snapshot may never have been available.
func unlessUnfinished(model resourceModel) resourceModel {
	if model.mayBeUnfinished() {
		model.CreatedAt = timetypes.NewRFC3339Null()
	}
	return model
}

// carryEmpty keeps absent text as it was written, null or "".
func carryEmpty(observed, earlier types.String) types.String {
	if observed.ValueString() == "" && !earlier.IsUnknown() && earlier.ValueString() == "" {
		return earlier
	}
	return observed
}

// complete fills in the unknown values of a plan, and nothing else: Terraform wants back
// what it has planned. What others have changed meanwhile is for the next read.
func complete(plan resourceModel, observed snapshotModel) resourceModel {
	model := plan
	fill(&model.ID, observed.ID)
	fill(&model.Region, observed.Region)
	fill(&model.Size, observed.Size)
	fill(&model.Status, observed.Status)
	fill(&model.CreatedAt, observed.CreatedAt)
	fill(&model.ProjectID, observed.ProjectID)
	fill(&model.UserID, observed.UserID)
	fill(&model.GroupSnapshotID, observed.GroupSnapshotID)
	fill(&model.OtherMetadata, withoutKeys(observed.Metadata, plan.Metadata, plan.DefaultMetadata))
	return model
}

func fill[T attr.Value](planned *T, observed T) {
	if (*planned).IsUnknown() {
		*planned = observed
	}
}
