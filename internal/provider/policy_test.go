package provider

import (
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

func TestDeletionPolicyOfTheEnvironment(t *testing.T) {
	for _, policy := range []string{"", "delete", "retain"} {
		isolate(t, map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", deletionPolicyVariable: policy})
		resp := block{}.configure(t)
		data, ok := resp.ResourceData.(*framework.ProviderData)
		if resp.Diagnostics.HasError() || !ok || data.DeletionPolicyOverride != policy {
			t.Errorf("%q: %+v, %v", policy, data, resp.Diagnostics)
		}
	}
	for _, policy := range []string{"prevent", "Delete", "no"} {
		isolate(t, map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", deletionPolicyVariable: policy})
		if diags := (block{}).configure(t).Diagnostics; !diags.HasError() || !strings.Contains(diags[0].Detail(), policy) {
			t.Errorf("%q: %v", policy, diags)
		}
	}
}
