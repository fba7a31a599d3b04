package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// expandCreate turns the plan into the request that makes the snapshot.
func expandCreate(plan resourceModel) client.CreateRequest {
	return client.CreateRequest{
		VolumeID:    plan.VolumeID.ValueString(),
		Name:        plan.Name.ValueString(),
		Description: plan.Description.ValueString(),
		Force:       plan.Force.ValueBool(),
		Metadata:    expandMetadata(desiredMetadata(plan.Metadata, plan.DefaultMetadata)),
	}
}

// expandUpdate turns the difference between state and plan into the request
// that changes name and description. It tells whether there is one: unset and
// empty are the same to the API.
func expandUpdate(state, plan resourceModel) (request client.UpdateRequest, needed bool) {
	return client.UpdateRequest{
		Name:        changed(state.Name, plan.Name, &needed),
		Description: changed(state.Description, plan.Description, &needed),
	}, needed
}

func changed(state, plan types.String, needed *bool) *string {
	if state.ValueString() == plan.ValueString() {
		return nil
	}
	*needed = true
	value := plan.ValueString()
	return &value
}

// expandMetadata turns known strings into the client's form.
func expandMetadata(elements map[string]attr.Value) map[string]string {
	expanded := make(map[string]string, len(elements))
	for key, value := range elements {
		if text, ok := value.(types.String); ok {
			expanded[key] = text.ValueString()
		}
	}
	return expanded
}
