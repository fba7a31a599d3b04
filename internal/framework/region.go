package framework

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// WarnOfRegion warns, once for a configuration of the provider, that an operation went
// to one of several regions without a region being configured. It is called after an
// operation has succeeded, and then sends no request.
func (d *ProviderData) WarnOfRegion(ctx context.Context, at *client.BlockStorage, diags *diag.Diagnostics) {
	choice, err := at.RegionChoice(ctx)
	if err != nil || len(choice.Others) == 0 {
		return
	}
	d.regionWarning.Do(func() {
		others := make([]string, len(choice.Others))
		for i, name := range choice.Others {
			others[i] = fmt.Sprintf("%q", name)
		}
		diags.AddWarning("Region chosen by the provider", fmt.Sprintf(
			"No region is configured, and the cloud's service catalogue has several. The provider uses %q, the first of them; the others are %s.\n\n"+
				"Write the one that is meant: region = %q in the provider block, or OS_REGION_NAME in the environment. Otherwise a change in the catalogue "+
				"moves what is made next to another region.", choice.Region, strings.Join(others, ", "), choice.Region))
	})
}
