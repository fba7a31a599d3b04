// Package framework holds the few pieces that every Terraform object of this
// provider needs: what the provider hands to them, diagnostics made from the
// errors of the client, and identity and state published together.
package framework

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// ProviderData is what the provider gives to its resources and data sources.
type ProviderData struct {
	Client *client.Client

	// Region is the configured region: null where none is, and perhaps unknown
	// while planning.
	Region types.String
	// DefaultMetadata is put on every resource that has metadata. It, or
	// values in it, may be unknown while planning.
	DefaultMetadata types.Map
	// IgnoreMetadata names the keys that are none of Terraform's business.
	IgnoreMetadata IgnoreMetadata
	// DeletionPolicy is the default of the resources' deletion_policy. It may be
	// unknown while planning.
	DeletionPolicy types.String
	// DeletionPolicyOverride is the environment's deletion policy for this run,
	// before those of the resources; "" for none.
	DeletionPolicyOverride string

	regionWarning sync.Once
}

// Configure returns the data from the provider's own Configure, or nil if Terraform only
// validates and that has not run.
func Configure(data any, diags *diag.Diagnostics) *ProviderData {
	if data == nil {
		return nil
	}
	providerData, ok := data.(*ProviderData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected %T, got %T. This is a bug in the provider; please report it.", providerData, data))
	}
	return providerData
}
