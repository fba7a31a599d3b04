package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

// beginRead reads the configuration of a data source into its model, and returns
// the context that bounds the read. Errors are in resp.
func beginRead(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse, model any, limits *timeouts.Value) (context.Context, context.CancelFunc) {
	resp.Diagnostics.Append(req.Config.Get(ctx, model)...)
	timeout, diags := limits.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	return context.WithTimeout(ctx, timeout)
}
