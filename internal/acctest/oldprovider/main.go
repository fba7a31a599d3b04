// Oldprovider stands in for a provider that snapshots move away from, in the tests. It asks no
// cloud: what it is told to have, it has. The environment names the type of its only resource
// (OLD_TYPE), the address of the provider (OLD_ADDRESS), and its attributes (OLD_ATTRIBUTES):
// names, or name=map, name=number and name=bool. Text that is not set is "" in its state,
// as with plugin-sdk. An ephemeral resource, named TYPE_secret after the provider's type, has the
// value of OLD_SECRET.
package main

import (
	"context"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return &old{} }, providerserver.ServeOpts{Address: os.Getenv("OLD_ADDRESS")}); err != nil {
		log.Fatal(err)
	}
}

type old struct{}

func (old) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, _, _ = strings.Cut(os.Getenv("OLD_TYPE"), "_")
}

func (old) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (old) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (old) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (old) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return &secret{} }}
}

func (old) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &snapshot{} }}
}

type snapshot struct{}

func (snapshot) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = os.Getenv("OLD_TYPE")
}

func (snapshot) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{}
	for _, attribute := range strings.Fields(os.Getenv("OLD_ATTRIBUTES")) {
		name, kind, _ := strings.Cut(attribute, "=")
		switch kind {
		case "map":
			resp.Schema.Attributes[name] = schema.MapAttribute{Optional: true, ElementType: types.StringType}
		case "number":
			resp.Schema.Attributes[name] = schema.Int64Attribute{Optional: true}
		case "bool":
			resp.Schema.Attributes[name] = schema.BoolAttribute{Optional: true}
		default:
			resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true, Computed: true}
		}
	}
}

func (snapshot) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	for _, attribute := range strings.Fields(os.Getenv("OLD_ATTRIBUTES")) {
		var text types.String
		if strings.Contains(attribute, "=") {
			continue
		}
		if resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(attribute), &text)...); text.IsUnknown() {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), "")...)
		}
	}
}

func (snapshot) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (snapshot) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (snapshot) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type secret struct{}

func (secret) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_secret"
}

func (secret) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema.Attributes = map[string]ephemeralschema.Attribute{"value": ephemeralschema.StringAttribute{Computed: true}}
}

func (secret) Open(ctx context.Context, _ ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Diagnostics.Append(resp.Result.SetAttribute(ctx, path.Root("value"), os.Getenv("OLD_SECRET"))...)
}
