package volumesnapshot_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

const address = "istack_volume_snapshot.test"

// snapshotConfig is a provider and one snapshot of a volume.
func snapshotConfig(c *acctest.Cloud, volume, attributes string, provider ...string) string {
	return c.ProviderConfig(provider...) + fmt.Sprintf(`
resource "istack_volume_snapshot" "test" {
  volume_id = %q
  %s
}
`, volume, attributes)
}

func value(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func texts(m map[string]string) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for key, text := range m {
		checks[key] = knownvalue.StringExact(text)
	}
	return knownvalue.MapExact(checks)
}

var rfc3339 = knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`))

// test runs the steps with the provider in this process, and looks afterwards
// that no snapshot of the volume is left.
func test(t *testing.T, c *acctest.Cloud, volume string, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy: func(*terraform.State) error {
			if left := c.Snapshots(volume); len(left) > 0 {
				return fmt.Errorf("%d snapshots are left: %v", len(left), left)
			}
			return nil
		},
		Steps: steps,
	})
}

// onServer checks the one snapshot of the volume as the cloud itself shows it.
func onServer(c *acctest.Cloud, volume string, check func(acctest.Snapshot) error) resource.TestCheckFunc {
	return func(*terraform.State) error {
		snapshots := c.Snapshots(volume)
		if len(snapshots) != 1 {
			return fmt.Errorf("the cloud has %d snapshots of the volume, not 1: %v", len(snapshots), snapshots)
		}
		return check(snapshots[0])
	}
}

func withMetadata(want map[string]string) func(acctest.Snapshot) error {
	return func(s acctest.Snapshot) error {
		if !maps.Equal(s.Metadata, want) {
			return fmt.Errorf("the cloud has the metadata %v, not %v", s.Metadata, want)
		}
		return nil
	}
}

// userID is what a cloud tells of who made a snapshot.
func userID(c *acctest.Cloud) knownvalue.Check {
	if c.Microversion() < 41 {
		return knownvalue.Null()
	}
	return knownvalue.StringExact(c.UserID())
}

func TestAccVolumeSnapshot_basic(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	test(t, c, volume,
		resource.TestStep{
			Config: snapshotConfig(c, volume, `
				name        = "nightly"
				description = "before the upgrade"
				metadata    = { team = "storage", empty = "" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				value("id", knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f-]{36}$`))),
				value("region", knownvalue.StringExact(c.Region())),
				value("volume_id", knownvalue.StringExact(volume)),
				value("name", knownvalue.StringExact("nightly")),
				value("description", knownvalue.StringExact("before the upgrade")),
				value("metadata", texts(map[string]string{"team": "storage", "empty": ""})),
				value("default_metadata", knownvalue.MapSizeExact(0)),
				value("other_metadata", knownvalue.MapSizeExact(0)),
				value("size", knownvalue.Int64Exact(1)),
				value("status", knownvalue.StringExact("available")),
				value("created_at", rfc3339),
				value("project_id", knownvalue.StringExact(c.ProjectID())),
				value("user_id", userID(c)),
				value("group_snapshot_id", knownvalue.Null()),
				value("force", knownvalue.Bool(false)),
				value("deletion_policy", knownvalue.StringExact("delete")),
				value("triggers", knownvalue.Null()),
				value("timeouts", knownvalue.Null()),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
	)
}

func TestAccVolumeSnapshot_onlyVolume(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	test(t, c, volume,
		resource.TestStep{
			Config: snapshotConfig(c, volume, ""),
			ConfigStateChecks: []statecheck.StateCheck{
				value("name", knownvalue.Null()),
				value("description", knownvalue.Null()),
				value("metadata", knownvalue.Null()),
				value("default_metadata", knownvalue.MapSizeExact(0)),
				value("other_metadata", knownvalue.MapSizeExact(0)),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
	)
}

func TestAccVolumeSnapshot_updateInPlace(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	same := statecheck.CompareValue(compare.ValuesSame())
	steps := []struct {
		attributes  string
		name, about string
		metadata    map[string]string
	}{
		{`name = "one"
		  description = "first"
		  metadata = { a = "1", b = "2" }`, "one", "first", map[string]string{"a": "1", "b": "2"}},
		{`name = "two"
		  description = "first"
		  metadata = { a = "1", b = "2" }`, "two", "first", map[string]string{"a": "1", "b": "2"}},
		{`name = "two"
		  description = "second"
		  metadata = { a = "changed", c = "3" }`, "two", "second", map[string]string{"a": "changed", "c": "3"}},
		// Clearing each in its own way: left out, and empty.
		{`description = ""
		  metadata = { c = "3" }`, "", "", map[string]string{"c": "3"}},
		{`name = ""
		  metadata = {}`, "", "", map[string]string{}},
		{`name = "three"
		  metadata = { "a/b" = "slash", "with space" = "x", ".." = "dots" }`, "three", "", map[string]string{"a/b": "slash", "with space": "x", "..": "dots"}},
		{`name = "three"
		  metadata = { "with space" = "x" }`, "three", "", map[string]string{"with space": "x"}},
		{``, "", "", map[string]string{}},
	}
	testSteps := make([]resource.TestStep, 0, len(steps))
	for i, step := range steps {
		action := plancheck.ResourceActionUpdate
		if i == 0 {
			action = plancheck.ResourceActionCreate
		}
		testSteps = append(testSteps, resource.TestStep{
			Config: snapshotConfig(c, volume, step.attributes),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
			},
			ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, tfjsonpath.New("id"))},
			Check: onServer(c, volume, func(s acctest.Snapshot) error {
				if s.Name != step.name || s.Description != step.about {
					return fmt.Errorf("the cloud has %q, %q and not %q, %q", s.Name, s.Description, step.name, step.about)
				}
				return withMetadata(step.metadata)(s)
			}),
		})
	}
	test(t, c, volume, testSteps...)
}

// What others put on the snapshot is theirs; what is ours is corrected.
func TestAccVolumeSnapshot_metadataOwnership(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := func() string { return c.Snapshots(volume)[0].ID }
	test(t, c, volume,
		resource.TestStep{Config: snapshotConfig(c, volume, `metadata = { ours = "1", also = "2" }`)},
		resource.TestStep{
			// A key of somebody else's is no difference, and stays.
			PreConfig: func() { c.UpdateMetadata(id(), map[string]string{"theirs": "x"}) },
			Config:    snapshotConfig(c, volume, `metadata = { ours = "1", also = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { ours = "changed" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				value("metadata", texts(map[string]string{"ours": "changed"})),
				value("other_metadata", texts(map[string]string{"theirs": "x"})),
			},
			Check: onServer(c, volume, withMetadata(map[string]string{"ours": "changed", "theirs": "x"})),
		},
		resource.TestStep{
			// Drift of ours: one changed, then one removed.
			PreConfig: func() { c.UpdateMetadata(id(), map[string]string{"ours": "drifted"}) },
			Config:    snapshotConfig(c, volume, `metadata = { ours = "changed" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
			},
			Check: onServer(c, volume, withMetadata(map[string]string{"ours": "changed", "theirs": "x"})),
		},
		resource.TestStep{
			PreConfig: func() { c.RemoveMetadata(id(), "ours") },
			Config:    snapshotConfig(c, volume, `metadata = { ours = "changed" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
			},
			Check: onServer(c, volume, withMetadata(map[string]string{"ours": "changed", "theirs": "x"})),
		},
		resource.TestStep{
			// Cinder's router takes the end off "theirs.json" in a URL: that must
			// not take "theirs" away.
			Config: snapshotConfig(c, volume, `metadata = { ours = "changed", "theirs.json" = "2" }`),
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { ours = "changed" }`),
			Check:  onServer(c, volume, withMetadata(map[string]string{"ours": "changed", "theirs": "x"})),
		},
		resource.TestStep{
			// Giving up all of ours leaves theirs.
			Config: snapshotConfig(c, volume, ""),
			Check:  onServer(c, volume, withMetadata(map[string]string{"theirs": "x"})),
		},
		resource.TestStep{
			// A key that was theirs becomes ours by being written down.
			Config: snapshotConfig(c, volume, `metadata = { theirs = "x" }`),
			Check:  onServer(c, volume, withMetadata(map[string]string{"theirs": "x"})),
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, ""),
			Check:  onServer(c, volume, withMetadata(map[string]string{})),
		},
	)
}

func TestAccVolumeSnapshot_defaultMetadata(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	defaults := func(text string) string { return "default_metadata = " + text }
	test(t, c, volume,
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { own = "1", both = "own" }`, defaults(`{ team = "storage", both = "default" }`)),
			ConfigStateChecks: []statecheck.StateCheck{
				value("metadata", texts(map[string]string{"own": "1", "both": "own"})),
				value("default_metadata", texts(map[string]string{"team": "storage"})),
			},
		},
		resource.TestStep{
			// Drift of a default is corrected.
			PreConfig: func() { c.UpdateMetadata(c.Snapshots(volume)[0].ID, map[string]string{"team": "x", "theirs": "y"}) },
			Config:    snapshotConfig(c, volume, `metadata = { own = "1", both = "own" }`, defaults(`{ team = "storage", both = "default" }`)),
			Check:     onServer(c, volume, withMetadata(map[string]string{"own": "1", "both": "own", "team": "storage", "theirs": "y"})),
		},
		resource.TestStep{
			// A resource's key that goes gives way to the default.
			Config: snapshotConfig(c, volume, `metadata = { own = "1" }`, defaults(`{ team = "storage", both = "default" }`)),
			Check:  onServer(c, volume, withMetadata(map[string]string{"own": "1", "both": "default", "team": "storage", "theirs": "y"})),
		},
		resource.TestStep{
			// A default that goes leaves the snapshot; what is theirs stays.
			Config: snapshotConfig(c, volume, `metadata = { own = "1" }`, defaults(`{ other = "new" }`)),
			Check:  onServer(c, volume, withMetadata(map[string]string{"own": "1", "other": "new", "theirs": "y"})),
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { own = "1" }`),
			Check:  onServer(c, volume, withMetadata(map[string]string{"own": "1", "theirs": "y"})),
		},
	)
}

func TestAccVolumeSnapshot_ignoreMetadata(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	const ignore = `ignore_metadata = { keys = ["backup"], key_prefixes = ["sys:"] }`
	test(t, c, volume,
		resource.TestStep{Config: snapshotConfig(c, volume, `metadata = { a = "1" }`, ignore)},
		resource.TestStep{
			PreConfig:    func() { c.UpdateMetadata(c.Snapshots(volume)[0].ID, map[string]string{"backup": "x", "sys:node": "y"}) },
			ResourceName: address, ImportState: true,
			ImportStateCheck: func(states []*terraform.InstanceState) error {
				a := states[0].Attributes
				if a["metadata.%"] != "1" || a["metadata.a"] != "1" || a["other_metadata.%"] != "2" {
					return fmt.Errorf("the import took over %v", a)
				}
				return nil
			},
		},
		resource.TestStep{
			Config:      snapshotConfig(c, volume, `metadata = { a = "1", "sys:mine" = "2" }`, ignore),
			ExpectError: regexp.MustCompile(`(?s)Metadata key that the provider ignores.*"sys:mine"`),
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, ``, ignore),
			Check:  onServer(c, volume, withMetadata(map[string]string{"backup": "x", "sys:node": "y"})),
		},
	)
}

// A key that the resource has owned since before ignore_metadata, be it only because ignore_changes keeps it in the
// state, fails no plan that does not write it.
func TestAccVolumeSnapshot_ignoreMetadataOwned(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	const ignore, owned = `ignore_metadata = { keys = ["theirs"] }`, `metadata = { a = "1", theirs = "2" }`
	const hidden = `metadata = { a = "1" }
		lifecycle { ignore_changes = [metadata] }`
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, owned))
	cli.Attach()
	cli.Apply()
	for _, attributes := range []string{owned, hidden} {
		cli.Configure(snapshotConfig(c, volume, attributes, ignore))
		out := cli.Run("plan", "-no-color")
		if !strings.Contains(out, "No changes") || !regexp.MustCompile(loose("(?s)Warning: Metadata key that the provider ignores.*apply once without that")).MatchString(out) {
			t.Errorf("%s:\n%s", attributes, out)
		}
	}
	cli.Configure(snapshotConfig(c, volume, `name = "renamed"`+"\n"+hidden, ignore))
	cli.Apply()
	if s := c.Snapshots(volume)[0]; s.Name != "renamed" || !maps.Equal(s.Metadata, map[string]string{"a": "1", "theirs": "2"}) {
		t.Errorf("%v", s)
	}
	cli.Configure(snapshotConfig(c, volume, strings.Replace(owned, "2", "3", 1), ignore))
	fails(t, cli, `Error: Metadata key that the provider ignores.*"theirs"`, "plan")
	// Without ignore_changes it is somebody else's, and stays.
	cli.Configure(snapshotConfig(c, volume, `metadata = { a = "1" }`, ignore))
	cli.Apply()
	if s := c.Snapshots(volume)[0]; s.Metadata["theirs"] != "2" {
		t.Errorf("%v", s)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

func TestAccVolumeSnapshot_disappears(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	test(t, c, volume,
		resource.TestStep{Config: snapshotConfig(c, volume, "")},
		resource.TestStep{
			PreConfig: func() { c.DeleteSnapshot(c.Snapshots(volume)[0].ID) },
			Config:    snapshotConfig(c, volume, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
			},
		},
	)
}

func TestAccVolumeSnapshot_replacedByVolume(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume, other := c.Volume(), c.Volume()
	test(t, c, volume,
		resource.TestStep{Config: snapshotConfig(c, volume, "")},
		resource.TestStep{
			Config: snapshotConfig(c, other, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)},
			},
			ConfigStateChecks: []statecheck.StateCheck{value("volume_id", knownvalue.StringExact(other))},
		},
	)
}

func TestAccVolumeSnapshot_force(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	c.Reserve(volume)
	test(t, c, volume,
		resource.TestStep{
			Config:      snapshotConfig(c, volume, ``),
			ExpectError: regexp.MustCompile(`(?s)Unable to create volume snapshot.*400 Bad Request.*in-use.*Request id: req-.*force = true`),
		},
		resource.TestStep{
			Config:            snapshotConfig(c, volume, `force = true`),
			ConfigStateChecks: []statecheck.StateCheck{value("force", knownvalue.Bool(true))},
		},
		resource.TestStep{
			// A later change is one of the state alone.
			PreConfig: c.Forget,
			Config:    snapshotConfig(c, volume, `force = false`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("available")),
			}},
			Check: onlyReads(c),
		},
	)
}

// onlyReads checks that nothing was written since the last Forget.
func onlyReads(c *acctest.Cloud) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for _, r := range c.Requests() {
			if r.Method != "GET" {
				return fmt.Errorf("nothing was to be written, but there was %s", r)
			}
		}
		return nil
	}
}

func TestAccVolumeSnapshot_deletionPolicy(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	test(t, c, volume,
		resource.TestStep{
			Config:            snapshotConfig(c, volume, ``, `deletion_policy = "prevent"`),
			ConfigStateChecks: []statecheck.StateCheck{value("deletion_policy", knownvalue.StringExact("prevent"))},
		},
		resource.TestStep{
			Config:      c.ProviderConfig(),
			ExpectError: regexp.MustCompile(`Deletion of volume snapshot prevented`),
		},
		resource.TestStep{
			Config:      snapshotConfig(c, volume, `triggers = { a = "1" }`, `deletion_policy = "prevent"`),
			PlanOnly:    true, // refused while planning, not only by the apply
			ExpectError: regexp.MustCompile(`Deletion of volume snapshot prevented`),
		},
		resource.TestStep{
			// The resource's own policy has precedence, and touches only the state.
			PreConfig: c.Forget,
			Config:    snapshotConfig(c, volume, `deletion_policy = "retain"`, `deletion_policy = "prevent"`),
			Check:     onlyReads(c),
		},
		resource.TestStep{
			PreConfig: c.Forget,
			Config:    c.ProviderConfig(),
			Check: resource.ComposeAggregateTestCheckFunc(onlyReads(c), onServer(c, volume, func(s acctest.Snapshot) error {
				c.DeleteSnapshot(s.ID)
				return nil
			})),
		},
	)
}

func TestAccVolumeSnapshot_triggers(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	differs := statecheck.CompareValue(compare.ValuesDiffer())
	test(t, c, volume,
		resource.TestStep{
			Config:            snapshotConfig(c, volume, `triggers = { release = "1" }`),
			ConfigStateChecks: []statecheck.StateCheck{differs.AddStateValue(address, tfjsonpath.New("id"))},
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `triggers = { release = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)},
			},
			ConfigStateChecks: []statecheck.StateCheck{differs.AddStateValue(address, tfjsonpath.New("id"))},
		},
	)
}

// An imported snapshot takes over the triggers of its configuration; it would be
// a bad joke to replace it for them.
func TestAccVolumeSnapshot_triggersOfImport(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "by hand", nil)
	test(t, c, volume,
		resource.TestStep{
			Config:             snapshotConfig(c, volume, `name = "by hand"`),
			ResourceName:       address,
			ImportState:        true,
			ImportStateId:      id,
			ImportStatePersist: true,
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `
				name     = "by hand"
				triggers = { release = "1" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
			},
			ConfigStateChecks: []statecheck.StateCheck{value("id", knownvalue.StringExact(id))},
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `
				name     = "by hand"
				triggers = { release = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)},
			},
		},
	)
}

// Values that are known only during the apply are legal for every input.
func TestAccVolumeSnapshot_unknownInputs(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := func(text string) string {
		return c.ProviderConfig(`default_metadata = { team = "storage" }`) + fmt.Sprintf(`
resource "terraform_data" "input" {
  input = { volume = %q, text = %q }
}
resource "istack_volume_snapshot" "test" {
  volume_id   = terraform_data.input.output.volume
  name        = terraform_data.input.output.text
  description = terraform_data.input.output.text
  metadata    = { text = terraform_data.input.output.text }
}
`, volume, text)
	}
	want := func(text string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			value("name", knownvalue.StringExact(text)),
			value("metadata", texts(map[string]string{"text": text})),
			value("default_metadata", texts(map[string]string{"team": "storage"})),
		}
	}
	test(t, c, volume,
		resource.TestStep{Config: config("one"), ConfigStateChecks: want("one")},
		resource.TestStep{Config: config("two"), ConfigStateChecks: want("two")},
	)
}

// What every Cinder refuses or changes is refused while planning, at the
// attribute, without a request.
func TestAccVolumeSnapshot_refusedInput(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	c := acctest.New(t)
	const volume = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	long := fmt.Sprintf("%0256d", 0)
	config := c.ProviderConfig()
	messages := map[string]string{}
	refuse := func(name, volume, attributes, message string) {
		messages["istack_volume_snapshot."+name] = message
		config += fmt.Sprintf("resource \"istack_volume_snapshot\" %q {\n  volume_id = %q\n  %s\n}\n", name, volume, attributes)
	}
	refuse("name_too_long", volume, `name = "`+long+`"`, `name: it has 256 characters`)
	refuse("name_with_space_before", volume, `name = " a"`, `name: it has white space at its beginning or end`)
	refuse("name_of_spaces", volume, `name = "  "`, `name: it has white space`)
	refuse("description_with_newline", volume, "description = <<-EOT\n line\n EOT\n", `description: it has white space`)
	refuse("description_too_long", volume, `description = "`+long+`"`, `description: it has 256 characters`)
	refuse("metadata_key_empty", volume, `metadata = { "" = "1" }`, `a metadata key has at least one character`)
	refuse("metadata_key_too_long", volume, `metadata = { "`+long+`" = "1" }`, `it has 256 characters`)
	refuse("metadata_value_too_long", volume, `metadata = { a = "`+long+`" }`, `it has 256 characters`)
	refuse("metadata_value_null", volume, `metadata = { a = null }`, `Null in metadata`)
	refuse("deletion_policy", volume, `deletion_policy = "keep"`, `deletion_policy value must be one of`)
	refuse("region_empty", volume, `region = ""`, `Attribute region string length`)
	refuse("timeout_zero", volume, `timeouts = { create = "0s" }`, `timeout must be longer than zero`)
	refuse("timeout_negative", volume, `timeouts = { delete = "-1m" }`, `timeout must be longer than zero`)
	refuse("timeout_not_a_duration", volume, `timeouts = { create = "soon" }`, `soon`)
	refuse("volume_id_word", "nightly", ``, `volume_id must be a UUID`)
	refuse("volume_id_upper_case", "6DD4A9AC-0EA9-4FA5-A5B1-0A2F0DC5C3F1", ``, `volume_id must be a UUID`)
	refuse("volume_id_empty", "", ``, `volume_id must be a UUID`)
	cli := acctest.NewCLI(t, config)
	cli.Attach()
	failsAt(t, cli, messages, "plan")
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests were sent for input that is refused while planning", n)
	}
}

// What only some clouds refuse is a warning, one for many resources, and this
// cloud's refusal then says which text it is about.
func TestAccVolumeSnapshot_warnedInput(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	beyond := `500 Internal Server Error`
	if c.Microversion() <= 62 {
		beyond = `400 Bad Request.*Error writing field to database`
	}
	// PostgreSQL takes it.
	stores := c.Stores(volume, "😀")
	for name, row := range map[string]struct{ attributes, warning, refusal string }{
		"alike by default":  {`metadata = { Team = "😀" }`, `Metadata keys that some clouds take for one`, beyond},
		"name with emoji":   {`name = "a😀"`, `Characters that some clouds cannot store`, beyond + `.*Character 2 of the name is an emoji`},
		"value with emoji":  {`metadata = { a = "😀" }`, `Characters that some clouds cannot store`, beyond + `.*Character 1 of the value of the metadata key "a" is an emoji`},
		"description":       {`description = "a\nb"`, `Control characters that some clouds refuse`, `400 Bad Request.*Character 2 of the description is a line break`},
		"metadata key":      {`metadata = { "é" = var.secret }`, `Metadata key that some clouds refuse`, `400 Bad Request.*Character 1 of the metadata key "é" is none of`},
		"by another's text": {`name = terraform_data.late.output`, ``, beyond + `.*Character 1 of the name is an emoji`},
	} {
		if stores && strings.HasPrefix(row.refusal, beyond) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cli := acctest.NewCLI(t, snapshotConfig(c, volume, "count = 3\n"+row.attributes, `max_retries = 0`, `default_metadata = { team = "x" }`)+`
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
resource "terraform_data" "late" {
  input = "😀"
}
`)
			cli.Attach()
			plan := cli.Run("plan", "-no-color")
			// Older Terraforms count the others; newer ones know that they are of one block.
			if row.warning != "" && strings.Count(plan, "Warning: "+row.warning) != 1 {
				t.Errorf("the plan does not warn once:\n%s", plan)
			}
			out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
			if err == nil || !regexp.MustCompile(`(?s)`+loose(row.refusal)).MatchString(out) || strings.Contains(plan+out, "s3cret") {
				t.Errorf("the apply says\n%s", out)
			}
		})
	}
	t.Cleanup(func() {
		if left := c.Snapshots(volume); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// What this cloud takes all the same works to the end.
func TestAccVolumeSnapshot_warnedInputThatIsTaken(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	unchanged := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	stores := c.Stores(volume, "😀")
	// A text that MariaDB cannot store; PostgreSQL can.
	beyond := func(attributes, refusal string) resource.TestStep {
		step := resource.TestStep{Config: snapshotConfig(c, volume, attributes, `max_retries = 0`)}
		if stores {
			step.ConfigPlanChecks = unchanged
		} else {
			step.ExpectError = regexp.MustCompile(loose(refusal))
		}
		return step
	}
	test(t, c, volume,
		resource.TestStep{Config: snapshotConfig(c, volume, `metadata = { other = "1" }`), ConfigPlanChecks: unchanged},
		// What an update cannot write is explained as for a create.
		beyond(`name = "😀"
				metadata = { other = "1" }`, `(?s)Unable to update.*Character 1 of the name is an emoji`),
		resource.TestStep{
			Config: snapshotConfig(c, volume, `description = "a\nb"
				metadata = { other = "1" }`),
			ExpectError: regexp.MustCompile(loose(`(?s)Unable to update.*Character 2 of the description is a line break`)),
		},
		beyond(`metadata = { other = "😀" }`, `(?s)Changing the metadata.*Character 1 of the value of the metadata key "other" is an emoji`),
		// A key that is odd to the schema of creates can come with an update.
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { other = "1", "größe" = "2" }`), ConfigPlanChecks: unchanged,
			Check: onServer(c, volume, withMetadata(map[string]string{"other": "1", "größe": "2"})),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true,
			ImportStateCheck: func(states []*terraform.InstanceState) error {
				if a := states[0].Attributes; a["metadata.%"] != "2" || a["metadata.größe"] != "2" {
					return fmt.Errorf("the import took over %v", a)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: snapshotConfig(c, volume, `metadata = { other = "1" }`), ConfigPlanChecks: unchanged,
			Check: onServer(c, volume, withMetadata(map[string]string{"other": "1"})),
		},
	)
}

// Keys that are alike: MariaDB takes them for one from the first change on, and
// some releases of Cinder make one already while the snapshot is created.
// Whatever is not as it was written is named by the apply that wrote it.
func TestAccVolumeSnapshot_keysAlike(t *testing.T) {
	t.Parallel()
	clouds := map[string][]simulator.Options{"the cloud": nil}
	keeps := map[string]bool{"11": false, "12": true, "13": false}
	if !acctest.OnCloud() {
		clouds = map[string][]simulator.Options{}
		for _, release := range simulator.Releases() {
			clouds[release] = []simulator.Options{{Release: release}}
		}
	}
	for name, options := range clouds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t, options...)
			volume := c.Volume()
			cli := acctest.NewCLI(t, snapshotConfig(c, volume, `metadata = { Key = "1", key = "2" }`))
			cli.Attach()
			out := cli.Apply()
			kept := maps.Equal(c.Snapshots(volume)[0].Metadata, map[string]string{"Key": "1", "key": "2"})
			if want, known := keeps[name]; known && kept != want {
				t.Errorf("kept %v", kept)
			}
			if observed := strings.Contains(out, `Warning: Metadata of volume snapshot not kept`); observed == kept {
				t.Errorf("kept %v, told %v:\n%s", kept, observed, out)
			}
			if _, err := cli.Try("plan", "-detailed-exitcode"); (err == nil) != kept {
				t.Errorf("kept %v, and the next plan: %v", kept, err)
			}
			cli.Configure(snapshotConfig(c, volume, `metadata = { Key = "3", key = "4" }`))
			out, err := cli.Try("apply", "-auto-approve", "-no-color")
			kept = maps.Equal(c.Snapshots(volume)[0].Metadata, map[string]string{"Key": "3", "key": "4"})
			if kept && !acctest.OnCloud() {
				t.Error("the simulated database has two keys that are one")
			}
			if observed := regexp.MustCompile(loose(`(?s)accepted but did not store.*differs only in case`)).MatchString(out); observed == kept || (err == nil) != kept {
				t.Errorf("kept %v: %v\n%s", kept, err, out)
			}
		})
	}
}

// flat is what the command line printed, without line breaks and borders.
func flat(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " ")
}

// loose lets a pattern match where Terraform has broken the line.
func loose(pattern string) string {
	return regexp.MustCompile(` `).ReplaceAllString(pattern, `[\s│|]+`)
}

func TestAccVolumeSnapshot_refusedByCloud(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: snapshotConfig(c, "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", `name = "x"`),
			ExpectError: regexp.MustCompile(loose(`(?s)with istack_volume_snapshot.test.*volume_id.*Creating the snapshot "x" of volume 6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1 failed.` +
				`.*404 Not Found \(itemNotFound\).*could not be found.*Request id: req-.*Check that the volume exists`)),
		}},
	})
}
