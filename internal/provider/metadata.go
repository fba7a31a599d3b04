package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// providerData is what resources and data sources get beside the client.
func (m *providerModel) providerData(ctx context.Context, config openstack.Config, diags *diag.Diagnostics) *framework.ProviderData {
	data := &framework.ProviderData{
		Region:          types.StringNull(),
		DefaultMetadata: m.DefaultMetadata,
		DeletionPolicy:  m.DeletionPolicy,

		DeletionPolicyOverride: deletionPolicyOverride(diags),
		IgnoreMetadata: framework.IgnoreMetadata{
			Keys:        m.ignored(ctx, "keys", diags),
			KeyPrefixes: m.ignored(ctx, "key_prefixes", diags),
		},
	}
	if m.Region.IsUnknown() {
		data.Region = m.Region
	} else if config.Region != "" {
		data.Region = types.StringValue(config.Region)
	}
	if m.IgnoreMetadata.IsUnknown() {
		unknownIgnored(path.Root("ignore_metadata"), diags)
	}
	// Again, since what was unknown when the schema's validators ran is known now.
	for _, v := range defaultMetadataRules() {
		var resp validator.MapResponse
		v.ValidateMap(ctx, validator.MapRequest{Path: path.Root("default_metadata"), ConfigValue: m.DefaultMetadata}, &resp)
		diags.Append(resp.Diagnostics...)
	}
	for key := range m.DefaultMetadata.Elements() {
		if data.IgnoreMetadata.Matches(key) {
			diags.AddAttributeError(path.Root("default_metadata").AtMapKey(key), "Contradictory provider settings",
				fmt.Sprintf("ignore_metadata says that the key %q belongs to somebody else, so it cannot be a default. Take it out of one of the two.", key))
		}
	}
	return data
}

// ignored reads a set of ignore_metadata. It must be known while planning: what is
// taken for somebody else's cannot be left open.
func (m *providerModel) ignored(ctx context.Context, name string, diags *diag.Diagnostics) []string {
	set, ok := m.IgnoreMetadata.Attributes()[name].(types.Set)
	if !ok {
		return nil
	}
	at := path.Root("ignore_metadata").AtName(name)
	for _, v := range ignoredValidators() {
		var resp validator.SetResponse
		v.ValidateSet(ctx, validator.SetRequest{Path: at, ConfigValue: set}, &resp)
		diags.Append(resp.Diagnostics...)
	}
	var texts []string
	unknown := set.IsUnknown()
	for _, value := range set.Elements() {
		text, ok := value.(types.String)
		unknown = unknown || value.IsUnknown()
		if ok {
			texts = append(texts, text.ValueString())
		}
	}
	if unknown {
		unknownIgnored(at, diags)
	}
	return texts
}

func unknownIgnored(at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeError(at, "Unknown provider setting",
		"Which metadata keys to ignore must be known while planning. Use values that do not come from resources.")
}

// defaultMetadataRules are the rules for default_metadata.
func defaultMetadataRules() []validator.Map {
	return slices.Concat(validators.Metadata(), validators.MetadataWarnings(), []validator.Map{validators.DistinctKeys()})
}
