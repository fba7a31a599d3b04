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

var identityObject = sync.OnceValue(func() framework.Object {
	return framework.NewObject(identitySchema().Attributes)
})

func (m *identityModel) fields() framework.Fields {
	return framework.Fields{"id": framework.Field(&m.ID), "region": framework.Field(&m.Region)}
}

func (m resourceModel) identity() identityModel {
	return identityModel{ID: m.ID, Region: m.Region}
}

// identify sets the identity, which the framework wants after every create, read
// and update, also from engines that send none. One that is stored already stays
// as it is, since Terraform refuses another: a region that was not known when
// the snapshot was made stays null there.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, model resourceModel) diag.Diagnostics {
	if !identity.Raw.IsNull() {
		return nil
	}
	which := model.identity()
	raw, diags := identityObject().Write(ctx, which.fields())
	if !diags.HasError() {
		identity.Raw = raw
	}
	return diags
}
