package volumesnapshot

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

func identitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "ID of the snapshot, a UUID.",
				RequiredForImport: true,
			},
			"region": identityschema.StringAttribute{
				Description:       "Region that the snapshot is in. Default: the provider's.",
				OptionalForImport: true,
			},
		},
	}
}

// identityModel is the identity of the resource: which snapshot it is.
type identityModel struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

var identityCodec = sync.OnceValue(func() framework.Codec {
	return framework.NewCodec(identitySchema().Attributes)
})

func (m *identityModel) bindings() framework.Bindings {
	return framework.Bindings{"id": framework.Bind(&m.ID), "region": framework.Bind(&m.Region)}
}

func (m resourceModel) identity() identityModel {
	return identityModel{ID: m.ID, Region: m.Region}
}

// identify sets the identity, which the framework wants after every create, read and
// update, even if the engine sends none. A stored identity stays as it is, because
// Terraform refuses another one: a region that was unknown when the snapshot was made
// stays null in it.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, model resourceModel) diag.Diagnostics {
	if !identity.Raw.IsNull() {
		return nil
	}
	which := model.identity()
	raw, diags := identityCodec().Write(ctx, which.bindings())
	if !diags.HasError() {
		identity.Raw = raw
	}
	return diags
}
