// Package volumesnapshot holds all that Terraform sees of a volume snapshot: the
// resource istack_volume_snapshot, the moves to it from other providers, the data
// sources, the list resource, and the actions.
//
// Data flows in one direction. A hook expands the model into a request of the
// client, flattens the client's answer into a model, and carries over what the
// API cannot echo. Only carry.go joins the answer with the state; metadata.go
// divides the metadata between them.
package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

var (
	_ resource.ResourceWithConfigure   = (*snapshotResource)(nil)
	_ resource.ResourceWithImportState = (*snapshotResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*snapshotResource)(nil)
)

type snapshotResource struct{ configured }

// NewResource makes the resource istack_volume_snapshot.
func NewResource() resource.ResourceWithIdentity { return &snapshotResource{} }

func (r *snapshotResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshot"
}

func (r *snapshotResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *snapshotResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

func (r *snapshotResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}
