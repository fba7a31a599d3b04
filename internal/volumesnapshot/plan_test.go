package volumesnapshot_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// plannedChange is what a saved plan wants with the one resource: the actions, and the
// attributes that it changes or leaves open.
func plannedChange(t *testing.T, cli *acctest.CLI, planFile string) (actions, attributes []string) {
	t.Helper()
	var plan struct {
		Changes []struct {
			Change struct {
				Actions       []string
				Before, After map[string]any
				Unknown       map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	out, err := cli.Command("show", "-json", planFile).Output()
	if err == nil {
		err = json.Unmarshal(out, &plan)
	}
	if err != nil || len(plan.Changes) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	change := plan.Changes[0].Change
	names := map[string]bool{}
	for name, before := range change.Before {
		names[name] = !reflect.DeepEqual(before, change.After[name])
	}
	for name, after := range change.After {
		names[name] = names[name] || !reflect.DeepEqual(after, change.Before[name])
	}
	for name, unknown := range change.Unknown {
		// Maps and objects are there also with nothing unknown in them.
		open, nested := unknown.(map[string]any)
		names[name] = names[name] || !nested || len(open) > 0
	}
	maps.DeleteFunc(names, func(_ string, differs bool) bool { return !differs })
	return change.Actions, slices.Sorted(maps.Keys(names))
}

// The plan of a change shows that change and nothing else, and after the change
// there is nothing to plan, and nothing that has changed outside of Terraform.
func TestAccVolumeSnapshot_planShowsTheChange(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	const (
		nothing  = `default_metadata = {}`
		defaults = `default_metadata = { team = "storage", both = "default" }`
	)
	var id string
	write := func(metadata map[string]string) func() { return func() { c.UpdateMetadata(id, metadata) } }
	// Each begins where the one before it ended.
	steps := []struct {
		what       string
		meanwhile  func() // by somebody else, before the plan
		attributes string
		provider   string
		shown      []string
	}{
		{"a name", nil, `name = "two"
			metadata = { a = "1" }`, nothing, []string{"name"}},
		{"a name taken away", nil, `metadata = { a = "1" }`, nothing, []string{"name"}},
		{"a description", nil, `description = "about"
			metadata = { a = "1" }`, nothing, []string{"description"}},
		{"a value, beside keys of others", write(map[string]string{"theirs": "x", "more": "y"}), `description = "about"
			metadata = { a = "2" }`, nothing, []string{"metadata"}},
		{"a key more", nil, `description = "about"
			metadata = { a = "2", b = "1" }`, nothing, []string{"metadata"}},
		{"a key less", nil, `description = "about"
			metadata = { b = "1" }`, nothing, []string{"metadata"}},
		{"a key that only goes with the whole map", nil, `description = "about"
			metadata = { b = "1", "x/y" = "1" }`, nothing, []string{"metadata"}},
		{"and without it", nil, `description = "about"
			metadata = { b = "1" }`, nothing, []string{"metadata"}},
		{"a key that drifted", func() { c.UpdateMetadata(id, map[string]string{"b": "drifted"}) }, `description = "about"
			metadata = { b = "1" }`, nothing, []string{"metadata"}},
		{"all keys", nil, `description = "about"`, nothing, []string{"metadata"}},
		{"no keys, written down", nil, `description = "about"
			metadata = {}`, nothing, []string{"metadata"}},
		{"defaults", nil, `description = "about"
			metadata = {}`, defaults, []string{"default_metadata"}},
		{"a default overridden", nil, `description = "about"
			metadata = { both = "own" }`, defaults, []string{"default_metadata", "metadata"}},
		{"a default that drifted", write(map[string]string{"team": "drifted"}), `description = "about"
			metadata = { both = "own" }`, defaults, []string{"default_metadata"}},
		{"back to the default", nil, `description = "about"
			metadata = {}`, defaults, []string{"default_metadata", "metadata"}},
		{"no defaults", nil, `description = "about"
			metadata = {}`, nothing, []string{"default_metadata"}},
		{"a key of somebody else's, made ours", nil, `description = "about"
			metadata = { theirs = "x" }`, nothing, []string{"metadata", "other_metadata"}},
		{"a key of ours, left to others", nil, `description = "about"`, `ignore_metadata = { keys = ["theirs"] }`, []string{"metadata", "other_metadata"}},
		{"force", nil, `description = "about"
			force = true`, nothing, []string{"force"}},
		{"timeouts", nil, `description = "about"
			force = true
			timeouts = { create = "5m" }`, nothing, []string{"timeouts"}},
		{"deletion_policy", nil, `description = "about"
			force = true
			deletion_policy = "retain"`, nothing, []string{"deletion_policy", "timeouts"}},
		{"no triggers, written down", nil, `description = "about"
			force = true
			triggers = {}`, nothing, []string{"deletion_policy", "triggers"}},
		{"everything at once", nil, `name = "three"
			metadata = { c = "1" }`, defaults, []string{"default_metadata", "description", "force", "metadata", "name", "triggers"}},
	}
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `name = "one"
		metadata = { a = "1" }`, nothing))
	cli.Attach()
	cli.Apply()
	id = c.Snapshots(volume)[0].ID
	const drift = `"resource_drift"`
	settled := func(after string) {
		t.Helper()
		out, err := cli.Try("plan", "-json", "-detailed-exitcode")
		if err != nil {
			t.Errorf("after %s the plan is not empty: %v\n%s", after, err, out)
		}
		if strings.Contains(out, drift) {
			t.Errorf("after %s something is said to have changed outside of Terraform:\n%s", after, out)
		}
	}
	settled("the create")
	for _, step := range steps {
		if step.meanwhile != nil {
			step.meanwhile()
			if out := cli.Run("apply", "-refresh-only", "-auto-approve", "-json"); !strings.Contains(out, drift) {
				t.Errorf("%s: nothing is said to have changed outside of Terraform:\n%s", step.what, out)
			}
		}
		cli.Configure(snapshotConfig(c, volume, step.attributes, step.provider))
		shown := cli.Run("plan", "-no-color", "-out=plan")
		actions, attributes := plannedChange(t, cli, "plan")
		if !slices.Equal(actions, []string{"update"}) || !slices.Equal(attributes, step.shown) {
			t.Errorf("%s: the plan wants to %v %v, not to update %v:\n%s", step.what, actions, attributes, step.shown, shown)
		}
		if strings.Contains(shown, "Warning: Metadata") {
			t.Errorf("%s: a warning of nothing:\n%s", step.what, shown)
		}
		cli.Run("apply", "-no-color", "plan")
		settled(step.what)
	}
	// This compares also what a state has beside the attributes.
	if out, err := cli.Try("plan", "-refresh-only", "-detailed-exitcode", "-no-color"); err != nil {
		t.Errorf("a refresh changes the state: %v\n%s", err, out)
	}
	if snapshots := c.Snapshots(volume); len(snapshots) != 1 || snapshots[0].ID != id {
		t.Errorf("the snapshot %s became %v", id, snapshots)
	}
	if err := withMetadata(map[string]string{"c": "1", "team": "storage", "both": "default", "theirs": "x", "more": "y"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	// MySQL takes it for the key of somebody else's, whose value would be lost.
	cli.Configure(snapshotConfig(c, volume, `metadata = { More = "z" }`, defaults))
	if shown := cli.Run("plan", "-no-color"); !strings.Contains(shown, "Warning: Metadata keys that some clouds take for one") || !strings.Contains(shown, `"More" and "more"`) {
		t.Errorf("no warning of a key like that of somebody else:\n%s", shown)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A default that is not on the snapshot any more, and no default any more, is
// ours no longer: whoever writes it then owns it.
func TestAccVolumeSnapshot_forgottenDefault(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := func() string { return c.Snapshots(volume)[0].ID }
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, "", `default_metadata = { team = "storage" }`))
	cli.Attach()
	cli.Apply()
	c.RemoveMetadata(id(), "team")
	cli.Configure(snapshotConfig(c, volume, ""))
	cli.Apply()
	c.UpdateMetadata(id(), map[string]string{"team": "backup"})
	for range 2 {
		cli.Apply()
	}
	cli.Configure(snapshotConfig(c, volume, `name = "changed"`))
	cli.Apply()
	if err := withMetadata(map[string]string{"team": "backup"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// The first apply after an import takes no key away, whatever the configuration
// says; the one after it does.
func TestAccVolumeSnapshot_importKeepsKeys(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "by hand", map[string]string{"backup-id": "7", "ours": "1", "team": "x"})
	config := func(attributes string) string {
		return snapshotConfig(c, volume, attributes, `default_metadata = { team = "storage" }`)
	}
	withImport := func(attributes string) string {
		return config(attributes) + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	all := map[string]string{"backup-id": "7", "ours": "1", "team": "storage"}

	cli := acctest.NewCLI(t, strings.Replace(withImport(``), volume, nowhere, 1))
	cli.Attach()
	if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "1 to import, 1 to add, 0 to change, 1 to destroy") || strings.Contains(out, "left to others") {
		t.Errorf("a snapshot of another volume keeps no keys:\n%s", out)
	}
	cli.Configure(withImport(`name = "by hand"`))
	out := cli.Apply()
	if !strings.Contains(out, "1 imported, 0 added, 1 changed, 0 destroyed") || !strings.Contains(out, "left to others") || !strings.Contains(out, "backup-id") {
		t.Errorf("the import was not that, with a warning:\n%s", out)
	}
	if err := withMetadata(all)(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	// They are others' now, and stay.
	cli.Configure(config(`name = "changed"`))
	cli.Apply()
	if err := withMetadata(all)(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	// What is written down is ours, and goes.
	cli.Configure(config(`metadata = { ours = "1" }`))
	cli.Apply()
	cli.Configure(config(``))
	if out := cli.Apply(); strings.Contains(out, "left to others") {
		t.Errorf("this is not the first apply after the import:\n%s", out)
	}
	if err := withMetadata(map[string]string{"backup-id": "7", "team": "storage"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// Terraform composes the letters of a state. A key that somebody has written with combining
// accents is still the same.
func TestAccVolumeSnapshot_keyInAnotherForm(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "", nil)
	const composed, decomposed = "d\u00e9j\u00e0", "de\u0301ja\u0300"
	c.UpdateMetadata(id, map[string]string{decomposed: "1"})
	config := func(metadata string) string {
		return snapshotConfig(c, volume, `name = "changed"
			`+metadata) + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	cli := acctest.NewCLI(t, config(fmt.Sprintf("metadata = { %q = \"1\" }", composed)))
	cli.Attach()
	cli.Apply()
	empty(t, cli, "after the import")
	if err := withMetadata(map[string]string{decomposed: "1"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	cli.Configure(config(``))
	cli.Apply("-refresh=false")
	if err := withMetadata(map[string]string{})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A sensitive value in metadata is shown nowhere: not in a plan, its JSON, an
// apply, the log or an error.
func TestAccVolumeSnapshot_sensitiveMetadata(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	const secret, changed = "canary-one-in-metadata", "canary-two-in-metadata"
	config := func(name, more string) string {
		return snapshotConfig(c, volume, fmt.Sprintf(`name = %q
			metadata = { password = var.secret, plain = "shown" }
			%s`, name, more)) + "variable \"secret\" {\n  sensitive = true\n}\n"
	}
	cli := acctest.NewCLI(t, config("one", ""))
	log := filepath.Join(cli.Dir(), "log")
	cli.Setenv("TF_LOG", "TRACE")
	cli.Setenv("TF_LOG_PATH", log)
	var shown strings.Builder
	run := func(value string, args ...string) {
		t.Helper()
		cli.Setenv("TF_VAR_secret", value)
		out, err := cli.Try(args...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		shown.WriteString(out)
	}
	run(secret, "apply", "-auto-approve", "-no-color")
	c.UpdateMetadata(c.Snapshots(volume)[0].ID, map[string]string{"theirs": "x"})
	run(secret, "plan", "-no-color")
	run(changed, "apply", "-auto-approve", "-no-color")
	run(changed, "show", "-no-color")
	run(changed, "plan", "-no-color", "-destroy", "-out=plan")
	run(changed, "show", "-no-color", "plan")
	if err := withMetadata(map[string]string{"password": changed, "plain": "shown", "theirs": "x"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
	// The cloud itself may repeat what it refuses.
	cli.Configure(config("two", `description = "a\u0007b"`))
	if out, _ := cli.Try("apply", "-auto-approve", "-no-color"); out != "" {
		shown.WriteString(out)
	}
	cli.Configure(config("three", ""))
	run(changed, "destroy", "-auto-approve", "-no-color")

	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	// Terraform's own trace names the variables of its environment in no line; what
	// the provider is sent is in its protocol only.
	for _, value := range []string{secret, changed} {
		for where, text := range map[string]string{"what was shown": shown.String(), "the log": string(logged)} {
			for line := range strings.SplitSeq(text, "\n") {
				if strings.Contains(line, value) {
					t.Errorf("the value is in %s: %s", where, line)
				}
			}
		}
	}
	if !strings.Contains(string(logged), "API request") {
		t.Error("nothing of the API was logged")
	}
}

// The state names each value once: a sensitive one is where it is marked.
func TestAccVolumeSnapshot_metadataOnce(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := snapshotConfig(c, volume, `metadata = { a = "own" }`, `default_metadata = { a = "default", d = "1" }`)
	test(t, c, volume,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { c.UpdateMetadata(c.Snapshots(volume)[0].ID, map[string]string{"theirs": "x"}) },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				value("metadata", texts(map[string]string{"a": "own"})),
				value("default_metadata", texts(map[string]string{"d": "1"})),
				value("other_metadata", texts(map[string]string{"theirs": "x"})),
			},
		},
	)
}
