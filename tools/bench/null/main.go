// Command null is a provider that does nothing: the schema is that of istack_volume_snapshot, and every hook returns at
// once. What Terraform takes for it is what no provider with this schema can go below.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	istack "github.com/istack/terraform-provider-istack/internal/provider"
	"github.com/istack/terraform-provider-istack/internal/volumesnapshot"
)

func main() {
	// As quiet as the provider that it is compared with.
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER"} {
		_ = os.Setenv(name, "ERROR")
	}
	newProvider := func() provider.Provider { return nullProvider{istack.New("null")()} }
	err := providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{
		Address: "registry.terraform.io/istack/istack",
	})
	if err != nil {
		log.Fatal(err)
	}
}

// nullProvider has the schemas of the real one.
type nullProvider struct{ provider.Provider }

func (nullProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (nullProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newResource}
}

// nullResource has the schemas of the real one, and none of its optional hooks: no Configure, no ModifyPlan.
type nullResource struct{ resource.ResourceWithIdentity }

func newResource() resource.Resource {
	real, ok := volumesnapshot.NewResource().(resource.ResourceWithIdentity)
	if !ok {
		panic("the resource has no identity any more")
	}
	return nullResource{real}
}

// Create makes up what only a cloud could tell.
func (nullResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	known, err := tftypes.Transform(req.Plan.Raw, fill)
	if err != nil {
		resp.Diagnostics.AddError("Cannot fill the plan", err.Error())
		return
	}
	resp.State.Raw = known
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), newUUID())...)
	identify(ctx, &resp.State, resp.Identity)
}

// fill gives every unknown value one that suits its type; a time of day is also a text that any attribute takes.
func fill(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
	switch {
	case value.IsKnown():
		return value, nil
	case value.Type().Is(tftypes.String):
		return tftypes.NewValue(tftypes.String, "2026-01-01T00:00:00Z"), nil
	default:
		return tftypes.NewValue(value.Type(), nil), nil
	}
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Read leaves the state as it is.
func (nullResource) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	identify(ctx, &resp.State, resp.Identity)
}

func (nullResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	identify(ctx, &resp.State, resp.Identity)
}

func (nullResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// identify sets the identity, which the framework wants after every hook.
func identify(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity) {
	for _, name := range []string{"id", "region"} {
		var value types.String
		_ = state.GetAttribute(ctx, path.Root(name), &value)
		_ = identity.SetAttribute(ctx, path.Root(name), value)
	}
}
