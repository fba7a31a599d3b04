// Package volumesnapshot holds all that Terraform sees of a volume snapshot: the
// resource istack_volume_snapshot and its data sources.
//
// Data flows in one direction. A hook expands the model into a request of the
// client, flattens the client's answer into a model, and carries over what the
// API cannot echo. Only carry.go sees both.
package volumesnapshot

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

var (
	_ resource.ResourceWithConfigure   = (*snapshotResource)(nil)
	_ resource.ResourceWithIdentity    = (*snapshotResource)(nil)
	_ resource.ResourceWithImportState = (*snapshotResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*snapshotResource)(nil)
)

type snapshotResource struct {
	*framework.ProviderData
}

// NewResource makes the resource istack_volume_snapshot.
func NewResource() resource.Resource { return &snapshotResource{} }

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

// ImportState takes an id, region/id, or the identity.
func (r *snapshotResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	var problem string
	if req.Identity != nil && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(identityObject().Read(ctx, req.Identity.Raw, identity.fields())...)
		problem = identity.problem()
	} else {
		identity, problem = parseImportID(req.ID)
	}
	if problem != "" {
		resp.Diagnostics.AddError("Unusable import id", problem)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), identity.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), identity.Region)...)
	markImported(ctx, resp.Private, true, &resp.Diagnostics)
}

// parseImportID reads "id" or "region/id".
func parseImportID(text string) (identity identityModel, problem string) {
	region, id, found := strings.Cut(text, "/")
	if !found {
		region, id = "", text
	}
	identity = identityModel{ID: types.StringValue(id), Region: types.StringNull()}
	if found {
		identity.Region = types.StringValue(region)
	}
	if identity.problem() != "" {
		return identityModel{}, fmt.Sprintf("A snapshot is imported by its id, a UUID in lower case, or by region/id; this is neither: %q.", text)
	}
	return identity, ""
}

// problem says what is wrong with the identity of an import, or "".
func (m identityModel) problem() string {
	if id := m.ID.ValueString(); !uuid.MatchString(id) {
		return fmt.Sprintf("The id of a snapshot is a UUID in lower case, and this is none: %q.", id)
	}
	if region := m.Region.ValueString(); !m.Region.IsNull() && (region == "" || strings.TrimSpace(region) != region) {
		return fmt.Sprintf("This is not the name of a region: %q. Leave it out to import from the provider's.", region)
	}
	return ""
}

// in gives the API of the region that a model names.
func (r *snapshotResource) in(region types.String) *client.BlockStorage {
	return r.Client.BlockStorage(region.ValueString())
}
