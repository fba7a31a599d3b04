package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// Publish sets identity and state together. The framework wants the identity
// after every create, read and update, also from engines that send none.
func Publish(ctx context.Context, identity *tfsdk.ResourceIdentity, identityModel any, state *tfsdk.State, model any) diag.Diagnostics {
	diags := identity.Set(ctx, identityModel)
	diags.Append(state.Set(ctx, model)...)
	return diags
}
