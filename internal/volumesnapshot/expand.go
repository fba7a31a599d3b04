package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// expandCreate returns the request for the snapshot of a plan.
func expandCreate(plan resourceModel) client.CreateRequest {
	return client.CreateRequest{
		VolumeID:    plan.VolumeID.ValueString(),
		Name:        plan.Name.ValueString(),
		Description: plan.Description.ValueString(),
		Force:       plan.Force.ValueBool(),
		Metadata:    expandMetadata(desiredMetadata(plan.Metadata, plan.DefaultMetadata)),
	}
}

// expandUpdate returns the request that changes name and description of the state to
// those of the plan, and whether it is needed: unset and empty are the same to the
// API.
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

// expandMetadata converts known strings.
func expandMetadata(elements map[string]attr.Value) map[string]string {
	expanded := make(map[string]string, len(elements))
	for key, value := range elements {
		if text, ok := value.(types.String); ok {
			expanded[key] = text.ValueString()
		}
	}
	return expanded
}
