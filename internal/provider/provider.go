// Package provider is the Terraform provider "istack": its schema, its
// configuration, and the list of what it offers.
package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/functions"
	"github.com/istack/terraform-provider-istack/internal/transport"
	"github.com/istack/terraform-provider-istack/internal/volumesnapshot"
)

var _ provider.ProviderWithFunctions = (*istackProvider)(nil)

type istackProvider struct {
	version string
}

// New makes the constructor of the provider, whose version goes into the user
// agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &istackProvider{version: version} }
}

func (p *istackProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "istack"
	resp.Version = p.version
}

func (p *istackProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure sends no request: Terraform starts several processes of a provider
// for each command, and only some of them ever speak to the API.
func (p *istackProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if req.ClientCapabilities.DeferralAllowed && !req.Config.Raw.IsFullyKnown() {
		// Terraform plans the rest first, and ours when what it refers to is known.
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		return
	}
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, written := model.resolve(&resp.Diagnostics)
	data := model.providerData(ctx, config, &resp.Diagnostics)
	single := singleReads(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	config.UserAgent = userAgent(req.TerraformVersion, p.version)
	config.Logger = newLogger()
	cloud, err := client.New(config)
	if err != nil {
		var unusable *transport.ConfigError
		if errors.As(err, &unusable) {
			resp.Diagnostics.AddAttributeError(path.Root(unusable.Setting), "Unusable provider setting",
				fmt.Sprintf("%s: %s.", cmp.Or(written[unusable.Setting], unusable.Setting), unusable.Err))
		} else {
			resp.Diagnostics.AddError("Unusable provider settings", framework.Sentence(err.Error()))
		}
		return
	}
	cloud.SingleReads = single
	data.Client = cloud
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = data, data, data, data
}

func (p *istackProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return volumesnapshot.NewResource() }}
}

func (p *istackProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{volumesnapshot.NewListResource}
}

func (p *istackProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		volumesnapshot.NewCreateAction,
		volumesnapshot.NewRevertAction,
		volumesnapshot.NewPruneAction,
		volumesnapshot.NewResetStatusAction,
	}
}

func (p *istackProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		volumesnapshot.NewDataSource,
		volumesnapshot.NewListDataSource,
		volumesnapshot.NewMetadataDataSource,
	}
}

func (p *istackProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{functions.NewRetain}
}
