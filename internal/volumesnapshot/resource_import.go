package volumesnapshot

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
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

// splitImported divides the metadata of a snapshot that has just been imported. The
// configuration owns each key that is neither a default nor ignored, and that a
// configuration can have.
func splitImported(all, defaults types.Map, ignore framework.IgnoreMetadata) (own, defaultsNow, other types.Map) {
	defaultsNow = withKeys(all, defaults)
	ours := withoutKeys(all, defaults).Elements()
	maps.DeleteFunc(ours, func(key string, value attr.Value) bool { return ignore.Matches(key) || !configurable(key, value) })
	own = types.MapValueMust(types.StringType, ours)
	other = withoutKeys(all, own, defaults)
	if len(ours) == 0 {
		own = types.MapNull(types.StringType)
	}
	return own, defaultsNow, other
}

// configurable reports whether a configuration can have a key and its value.
func configurable(key string, value attr.Value) bool {
	text, ok := value.(types.String)
	return ok && key != "" && max(utf8.RuneCountInString(key), utf8.RuneCountInString(text.ValueString())) <= validators.MaxText
}
