// Package functions has the functions of the provider. They ask no cloud, and need no
// configuration.
package functions

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/retention"
)

// NewRetain makes provider::istack::retain.
func NewRetain() function.Function { return retainFunction{} }

type retainFunction struct{}

func (retainFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "retain"
}

func (retainFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	texts := types.ListType{ElemType: types.StringType}
	resp.Definition = function.Definition{
		Summary:             "Decide which snapshots to keep",
		MarkdownDescription: retainDescription(),
		// Dynamic, so that attributes may be left out.
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "snapshots",
				MarkdownDescription: "List of objects: the `snapshots` of the data source `istack_volume_snapshots`, or others with `id`, `created_at` (RFC 3339) " +
					"and optionally `name`, `volume_id`, `status`, `group_snapshot_id`, `consumes_quota`, `metadata`.",
			},
			function.DynamicParameter{
				Name:                "policy",
				MarkdownDescription: "Object with at least one of the rules above, and optionally `now`.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"kept_ids": texts, "expired_ids": texts, "ignored_ids": texts, "reasons": types.MapType{ElemType: texts},
		}},
	}
}

func retainDescription() string {
	var b strings.Builder
	b.WriteString("Decides by a policy which snapshots to keep, and which have expired. It deletes nothing and reads no clock, so that plan and apply agree. " +
		"It has nothing to do with `deletion_policy = \"retain\"`.\n\n" +
		"The rules are those of [`restic forget`](https://restic.readthedocs.io/en/stable/060_forget.html), applied to each volume separately. A snapshot is kept if " +
		"at least one rule keeps it.\n\n| Rule | Type | |\n|---|---|---|\n")
	for _, rule := range retention.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", rule.Name, map[retention.Kind]string{
			retention.Number: "number", retention.Within: "string", retention.Metadata: "list of maps",
		}[rule.Kind], rule.Description)
	}
	b.WriteString("\nHours, days, weeks, months and years are in UTC, and those without a snapshot do not count. `-1` means all of them, and `0` is an error: leave such a rule out. If " +
		"the number of a rule is not used up, the rule also keeps the oldest snapshot of the volume; a rule with a time does so if the oldest snapshot is within that time. Times have the units `y`, " +
		"`m` (months), `d` and `h`, such as `7d` or `1y6m`, and are measured back from the newest snapshot of the volume; a snapshot made exactly at the end of a time is not " +
		"within it. If a month does not have a day, the date moves into the next month: a month before 31 March is 3 March, or 2 March in a leap year.\n\n" +
		"The function ignores snapshots that are not `available`, are part of a group snapshot, have no `created_at`, or were made by the cloud for itself (they do not consume quota, or have the name of " +
		"a snapshot for a backup or a revert). Ignored snapshots do not count, and do not expire. The function also ignores " +
		"snapshots made after `now`, an RFC 3339 time in the policy; without `now`, no snapshot is in the future. `now = plantimestamp()` is the same in plan and " +
		"apply. All snapshots without `volume_id` count as snapshots of one volume, and those without `status` count as available.\n\n" +
		"It is an error if the policy has no rule, or would keep no snapshot of a volume, as `keep_metadata` alone may. The action `istack_volume_snapshot_prune` " +
		"has the same rules, and also keeps the newest snapshot of each volume and others made at the same time.\n\n" +
		"The result has the lists `kept_ids`, `expired_ids` and `ignored_ids`, newest first, and the map `reasons`: for each kept snapshot, the rules that keep " +
		"it, such as `keep_daily`, `keep_daily (oldest)` or `keep_within 7d`, and for each ignored snapshot, the reason.")
	return b.String()
}

func (retainFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	const aboutSnapshots, aboutPolicy = 0, 1
	var given struct{ snapshots, policy types.Dynamic }
	if resp.Error = req.Arguments.Get(ctx, &given.snapshots, &given.policy); resp.Error != nil {
		return
	}
	snapshots, err := readSnapshots(plain(given.snapshots))
	if err != nil {
		resp.Error = function.NewArgumentFuncError(aboutSnapshots, err.Error())
		return
	}
	policy, now, err := readPolicy(plain(given.policy))
	if err != nil {
		resp.Error = function.NewArgumentFuncError(aboutPolicy, err.Error())
		return
	}
	decision, err := retention.Apply(snapshots, policy, now)
	switch {
	case errors.As(err, new(*retention.DuplicateError)):
		resp.Error = function.NewArgumentFuncError(aboutSnapshots, err.Error())
	case err != nil:
		resp.Error = function.NewArgumentFuncError(aboutPolicy, err.Error())
	default:
		resp.Error = resp.Result.Set(ctx, newRetained(decision))
	}
}
