package provider

import (
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

// deletionPolicyVariable names the variable whose deletion policy decides over
// those of all resources for one run. No configuration reaches an object that is
// tainted, deposed or no longer in it, and so the policy of its state could not
// be changed otherwise.
const deletionPolicyVariable = "ISTACK_DELETION_POLICY"

func deletionPolicyOverride(diags *diag.Diagnostics) string {
	policy := os.Getenv(deletionPolicyVariable)
	switch policy {
	case "", framework.PolicyDelete, framework.PolicyRetain:
		return policy
	}
	diags.AddError("Unusable provider setting", fmt.Sprintf("%s is %q, which is neither %q nor %q.",
		deletionPolicyVariable, policy, framework.PolicyDelete, framework.PolicyRetain))
	return ""
}
