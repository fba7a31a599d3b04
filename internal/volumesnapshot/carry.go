package volumesnapshot

import "github.com/hashicorp/terraform-plugin-framework/types"

// carry joins what the API told with what it cannot echo: which metadata keys
// are ours, whether absent text was written as "", and the intent. earlier is
// the plan of a write or the state before a read.
func carry(told snapshotModel, earlier resourceModel) resourceModel {
	model := resourceModel{snapshotModel: told, intent: earlier.intent, AllMetadata: told.Metadata}
	model.Name = carryEmpty(told.Name, earlier.Name)
	model.Description = carryEmpty(told.Description, earlier.Description)
	model.Metadata = ownMetadata(told.Metadata, earlier.Metadata)
	return model
}

// carryEmpty keeps absent text as it was written, null or "".
func carryEmpty(told, earlier types.String) types.String {
	if told.ValueString() == "" && !earlier.IsUnknown() && earlier.ValueString() == "" {
		return earlier
	}
	return told
}

// told is the part of the state that came from the API, all metadata included.
func (m resourceModel) told() snapshotModel {
	told := m.snapshotModel
	told.Metadata = m.AllMetadata
	return told
}
