package volumesnapshot

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// configured is what each resource, data source and action has from the provider.
type configured struct{ *framework.ProviderData }

// in returns the API of the region that a model names.
func (c configured) in(region types.String) *client.BlockStorage {
	return c.Client.BlockStorage(region.ValueString())
}

// owners says who owns which metadata key.
func (c configured) owners(imported bool) metadataOwners {
	return metadataOwners{defaults: c.DefaultMetadata, ignore: c.IgnoreMetadata, imported: imported}
}

// defaultDeletionPolicy returns the policy of a resource without one.
func (c configured) defaultDeletionPolicy() types.String {
	if c.DeletionPolicy.IsNull() {
		return types.StringValue(framework.PolicyDelete)
	}
	return c.DeletionPolicy
}
