// Command null is a provider that does nothing: the schema is that of istack_volume_snapshot, and every hook returns at
// once. It is served as the framework serves a provider; with BENCH_LEAN in the environment it saves what ours saves: no
// logs, contexts let go of, fewer garbage collections. What Terraform takes for it then is what no provider with this
// schema can go below.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	istack "github.com/istack/terraform-provider-istack/internal/provider"
	"github.com/istack/terraform-provider-istack/internal/volumesnapshot"
)

func main() {
	newServer := providerserver.NewProtocol6(nullProvider{istack.New("null")()})
	level := "ERROR"
	if os.Getenv("BENCH_LEAN") != "" {
		newServer = func() tfprotov6.ProviderServer { return istack.NewReleasingServer(nullProvider{istack.New("null")()}) }
		level = "OFF"
		istack.SetGCPercent()
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ISTACK"} {
		_ = os.Setenv(name, level)
	}
	if err := tf6server.Serve(istack.Address, newServer); err != nil {
		log.Fatal(err)
	}
}

// nullProvider has the schemas of the real one.
type nullProvider struct{ provider.Provider }

func (nullProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (nullProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return nullResource{volumesnapshot.NewResource()} }}
}

// nullResource has the schemas of the real one, and none of its optional hooks: no Configure, no ModifyPlan.
type nullResource struct{ resource.ResourceWithIdentity }

// Create makes up what only a cloud could tell.
func (nullResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	attributes := map[string]tftypes.Value{}
	if err := req.Plan.Raw.As(&attributes); err != nil {
		resp.Diagnostics.AddError("Unreadable plan", err.Error())
		return
	}
	for name, value := range attributes {
		if !value.IsKnown() {
			attributes[name] = made(value.Type())
		}
	}
	attributes["id"] = tftypes.NewValue(tftypes.String, newUUID())
	resp.State.Raw = tftypes.NewValue(req.Plan.Raw.Type(), attributes)
	identify(resp.State, resp.Identity, &resp.Diagnostics)
}

// made is a value for any attribute of this type: a time is also a text.
func made(kind tftypes.Type) tftypes.Value {
	if kind.Is(tftypes.String) {
		return tftypes.NewValue(kind, "2026-01-01T00:00:00Z")
	}
	return tftypes.NewValue(kind, nil)
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Read leaves the state as it is.
func (nullResource) Read(_ context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	identify(resp.State, resp.Identity, &resp.Diagnostics)
}

func (nullResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	identify(resp.State, resp.Identity, &resp.Diagnostics)
}

func (nullResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "region": tftypes.String}}

// identify sets the identity, which the framework wants after every hook. It goes the shortest way.
func identify(state tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	var attributes map[string]tftypes.Value
	if err := state.Raw.As(&attributes); err != nil {
		diags.AddError("Unreadable state", err.Error())
		return
	}
	identity.Raw = tftypes.NewValue(identityType, map[string]tftypes.Value{"id": attributes["id"], "region": attributes["region"]})
}
