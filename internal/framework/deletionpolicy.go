package framework

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// The values of deletion_policy.
const (
	PolicyDelete  = "delete"
	PolicyRetain  = "retain"
	PolicyPrevent = "prevent"
)

// DeletionPolicyValidators are the rules for a deletion_policy.
func DeletionPolicyValidators() []validator.String {
	return []validator.String{stringvalidator.OneOf(PolicyDelete, PolicyRetain, PolicyPrevent)}
}
