package volumesnapshot

import (
	"errors"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/retention"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// retentionAttribute has the rules of retention.
func retentionAttribute() schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, rule := range retention.Rules() {
		switch rule.Kind {
		case retention.Number:
			attributes[rule.Name] = schema.Int64Attribute{MarkdownDescription: rule.Description + " `-1` means all.", Optional: true}
		case retention.Within:
			attributes[rule.Name] = schema.StringAttribute{MarkdownDescription: rule.Description + " For example, `7d` or `1y6m`.", Optional: true}
		case retention.Metadata:
			attributes[rule.Name] = schema.ListAttribute{
				MarkdownDescription: rule.Description,
				ElementType:         types.MapType{ElemType: types.StringType},
				Optional:            true,
				Validators: []validator.List{
					listvalidator.NoNullValues(), listvalidator.ValueMapsAre(mapvalidator.ValueStringsAre(validators.NotNull())),
				},
			}
		}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Which snapshots to keep, with the same rules as the function `retain` and as [`restic forget`](https://restic.readthedocs.io/en/stable/060_forget.html). " +
			"A snapshot is kept if at least one rule keeps it. Times are in UTC, and durations are measured from the newest snapshot of the volume.",
		Required:   true,
		Attributes: attributes,
	}
}

// expandPolicy returns the policy of known rules.
func expandPolicy(rules types.Object) (retention.Policy, diag.Diagnostics) {
	policy := retention.Policy{Numbers: map[string]int{}, Within: map[string]retention.Duration{}}
	for name, value := range rules.Attributes() {
		if value.IsNull() || value.IsUnknown() {
			continue
		}
		switch v := value.(type) {
		case types.Int64:
			policy.Numbers[name] = int(min(max(v.ValueInt64(), math.MinInt), math.MaxInt)) // as wide as the platform's
		case types.String:
			var err error
			if policy.Within[name], err = retention.ParseDuration(v.ValueString()); err != nil {
				return policy, unusablePolicy(name, err)
			}
		case types.List:
			policy.Metadata = []map[string]string{}
			for _, element := range v.Elements() {
				if m, ok := element.(types.Map); ok {
					policy.Metadata = append(policy.Metadata, expandMetadata(m.Elements()))
				}
			}
		}
	}
	if err := policy.Check(); err != nil {
		var problem *retention.PolicyError
		if errors.As(err, &problem) {
			return policy, unusablePolicy(problem.Rule, err)
		}
		return policy, unusablePolicy("", err)
	}
	return policy, nil
}

// unusablePolicy points at the rule that is wrong; with "", at all of the policy.
func unusablePolicy(rule string, err error) diag.Diagnostics {
	at := path.Root("retention")
	if rule != "" {
		at = at.AtName(rule)
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Unusable retention policy", framework.Sentence(err.Error()))}
}
