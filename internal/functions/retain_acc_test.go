package functions_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// output is a configuration that calls retain.
func output(snapshots, policy string) string {
	return fmt.Sprintf("output \"retained\" {\n  value = provider::istack::retain(%s, %s)\n}\n", snapshots, policy)
}

// texts is a list of these.
func texts(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, 0, len(values))
	for _, v := range values {
		checks = append(checks, knownvalue.StringExact(v))
	}
	return knownvalue.ListExact(checks)
}

// Without a cloud: the function needs none.
func TestAccRetain(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	const some = `[
    { id = "a", created_at = "2026-05-01T12:00:00Z" },
    { id = "b", created_at = "2026-05-02T11:00:00Z", metadata = { tier = "gold" } },
    { id = "c", created_at = "2026-05-02T12:00:00Z" },
    { id = "d", created_at = "2026-05-03T12:00:00Z", status = "error", volume_id = null },
  ]`
	refused := func(snapshots, policy, message string) resource.TestStep {
		return resource.TestStep{
			Config:      output(snapshots, policy),
			ExpectError: regexp.MustCompile(`(?s)` + strings.ReplaceAll(message, " ", `[\s│|]+`)),
		}
	}
	retained := func(checks map[string]knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("retained", knownvalue.ObjectExact(checks))}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{
				Config: output(some, `{ keep_daily = 1, keep_metadata = [{ tier = "gold" }] }`),
				ConfigStateChecks: retained(map[string]knownvalue.Check{
					"kept_ids": texts("c", "b"), "expired_ids": texts("a"), "ignored_ids": texts("d"),
					"reasons": knownvalue.MapExact(map[string]knownvalue.Check{
						"b": texts("keep_metadata {tier=gold}"), "c": texts("keep_daily"), "d": texts("ignored: its status is error"),
					}),
				}),
			},
			{
				Config: output(`[]`, `{ keep_last = 1 }`),
				ConfigStateChecks: retained(map[string]knownvalue.Check{
					"kept_ids": texts(), "expired_ids": texts(), "ignored_ids": texts(), "reasons": knownvalue.MapExact(nil),
				}),
			},
			{
				// A policy from a variable has every attribute.
				Config: `
variable "policy" {
  type = object({
    keep_last     = optional(number)
    keep_daily    = optional(number, 2)
    keep_within   = optional(string)
    keep_metadata = optional(list(map(string)))
  })
  default = {}
}
` + output(some, `var.policy`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValueAtPath("retained", tfjsonpath.New("kept_ids"), texts("c", "a")),
				},
			},
			{
				// What is not known while planning is decided by the apply.
				Config: `
resource "terraform_data" "number" {
  input = 1
}
` + output(some, `{ keep_last = terraform_data.number.output, now = plantimestamp() }`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("retained")}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValueAtPath("retained", tfjsonpath.New("kept_ids"), texts("c")),
				},
			},
			refused(some, `{}`, `"policy" parameter: the policy has no rule.*keep_last, keep_hourly`),
			refused(some, `{ keep_dayly = 1 }`, `"policy" parameter: there is no keep_dayly; there are keep_last`),
			refused(some, `{ keep_daily = -2 }`, `keep_daily is -2: it must be 1 or more, or -1 for all`),
			refused(some, `{ keep_within = "2w" }`, `"2w" is no duration.*the units are y, m \(months\), d and h`),
			refused(some, `{ keep_metadata = [{ tier = "silver" }] }`, `would keep none of the snapshots of the volume, and 3 would expire`),
			refused(some, `null`, `must not be null`),
			refused(`[null]`, `{ keep_last = 1 }`, `"snapshots" parameter: element 0 must be an object, not null`),
			refused(`[{ id = "a", created_at = "today" }]`, `{ keep_last = 1 }`, `"snapshots" parameter: snapshot a: created_at is "today"`),
			refused(`concat([{ id = "a" }], [{ id = "a" }])`, `{ keep_last = 1 }`, `"snapshots" parameter: snapshot a is there twice`),
			// Last, so that the clean-up has a configuration that works.
			{Config: output(`[]`, `{ keep_last = 1 }`)},
		},
	})
}

// With the built provider: the data source's snapshots go into the function, and plan and
// apply agree on what comes out.
func TestAccRetain_planAndApplyAgree(t *testing.T) {
	t.Parallel()
	cli := acctest.NewCLI(t, "")
	cli.Attach()
	c := acctest.New(t)
	volume, other := c.Volume(), c.Volume()
	first := c.CreateSnapshot(volume, "first", map[string]string{"tier": "gold"})
	pause := func() { time.Sleep(1100 * time.Millisecond) } // so that the cloud tells which is newer
	pause()
	second := c.CreateSnapshot(volume, "second", nil)
	pause()
	third := c.CreateSnapshot(volume, "third", nil)
	alone := c.CreateSnapshot(other, "alone", nil)

	cli.Configure(c.ProviderConfig() + fmt.Sprintf(`
data "istack_volume_snapshots" "all" {
  name_regex = "^(first|second|third|alone)$"
}

locals {
  retained = provider::istack::retain(
    [for s in data.istack_volume_snapshots.all.snapshots : s if contains([%q, %q], s.volume_id)],
    { keep_last = 1, keep_metadata = [{ tier = "gold" }], now = timeadd(plantimestamp(), "1h") },
  )
}

resource "terraform_data" "expired" {
  input = local.retained.expired_ids
}

output "retained" {
  value = local.retained
}
`, volume, other))
	cli.Run("plan", "-no-color", "-input=false", "-out=plan")
	var plan struct {
		PlannedValues outputs `json:"planned_values"`
	}
	decode(t, cli.Run("show", "-json", "plan"), &plan)
	cli.Run("apply", "-no-color", "-input=false", "plan")
	var state struct{ Values outputs }
	decode(t, cli.Run("show", "-json"), &state)
	planned, got := plan.PlannedValues.Outputs.Retained.Value, state.Values.Outputs.Retained.Value
	if !reflect.DeepEqual(planned, got) {
		t.Errorf("planned: %+v, applied: %+v", planned, got)
	}
	slices.Sort(got.Kept) // that of the other volume may be as old as another
	want := []string{first, third, alone}
	slices.Sort(want)
	if !slices.Equal(got.Kept, want) || !slices.Equal(got.Expired, []string{second}) || len(got.Ignored) != 0 ||
		!reflect.DeepEqual(got.Reasons, map[string][]string{first: {"keep_metadata {tier=gold}"}, third: {"keep_last"}, alone: {"keep_last"}}) {
		t.Errorf("of %s, %s, %s and %s: %+v", first, second, third, alone, got)
	}
	cli.Run("plan", "-no-color", "-input=false", "-detailed-exitcode")
}

// outputs are those of a plan or state.
type outputs struct {
	Outputs struct {
		Retained struct {
			Value struct {
				Kept    []string            `json:"kept_ids"`
				Expired []string            `json:"expired_ids"`
				Ignored []string            `json:"ignored_ids"`
				Reasons map[string][]string `json:"reasons"`
			}
		}
	}
}

func decode(t *testing.T, document string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(document), into); err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
}
