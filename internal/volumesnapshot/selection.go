package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// selectionModel selects any number of snapshots of a region.
type selectionModel struct {
	filterArguments
	filterModel
	Region types.String `tfsdk:"region"`
}

// filter returns the client's filter.
func (m selectionModel) filter() (client.Filter, diag.Diagnostics) {
	return expandFilter(m.filterArguments, m.filterModel)
}

// selectionAttributes returns the attributes of selectionModel. They fit the schemas of a data
// source, a list resource and an action, which have the same interface.
func selectionAttributes() map[string]schema.Attribute {
	attributes := filterAttributes()
	someText := []validator.String{stringvalidator.LengthAtLeast(1)}
	for name, attribute := range map[string]schema.StringAttribute{
		"name":       {MarkdownDescription: aboutName, Validators: someText},
		"volume_id":  {MarkdownDescription: aboutVolumeID, Validators: []validator.String{validators.UUID()}},
		"status":     {MarkdownDescription: aboutStatus, Validators: someText},
		"project_id": {MarkdownDescription: aboutProjectID, Validators: someText},
		"region":     {MarkdownDescription: aboutRegion, Validators: someText},
	} {
		attribute.Optional = true
		attributes[name] = attribute
	}
	attributes["metadata"] = metadataFilter(aboutMetadata)
	return attributes
}
