package volumesnapshot

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/validators"
)

// ImportState takes an id, region/id, or the identity.
func (r *snapshotResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var identity identityModel
	var problem string
	if req.Identity != nil && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(identityCodec().Read(ctx, req.Identity.Raw, identity.bindings())...)
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

// problem returns what is wrong with the identity of an import, "" for nothing.
func (m identityModel) problem() string {
	if id := m.ID.ValueString(); !validators.IsUUID(id) {
		return fmt.Sprintf("The id of a snapshot is a UUID in lower case, and this is none: %q.", id)
	}
	if region := m.Region.ValueString(); !m.Region.IsNull() && (region == "" || strings.TrimSpace(region) != region) {
		return fmt.Sprintf("This is not the name of a region: %q. Leave it out to import from the provider's.", region)
	}
	return ""
}

// privateImported is the key in the private state, which Terraform stores with the
// resource, of a snapshot that was imported and not changed since.
const privateImported = "imported"

// privateReader and privateWriter are the two sides of the framework's private
// state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func isImported(ctx context.Context, private privateReader, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, privateImported)
	diags.Append(more...)
	return len(value) > 0
}

func markImported(ctx context.Context, private privateWriter, imported bool, diags *diag.Diagnostics) {
	var value []byte
	if imported {
		value = []byte("true")
	}
	diags.Append(private.SetKey(ctx, privateImported, value)...)
}
