package volumesnapshot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// oldTypes are the attributes of the resources that snapshots move from, as their providers have
// them.
var oldTypes = map[string]struct {
	address    string
	attributes string
}{
	"vkcs_blockstorage_snapshot":       {"vk-cs/vkcs", "id region volume_id name description force=bool metadata=map"},
	"opentelekomcloud_evs_snapshot_v2": {"opentelekomcloud/opentelekomcloud", "id region volume_id name description status created_at updated_at size=number force=bool metadata=map"},
	"huaweicloud_evs_snapshot":         {"huaweicloud/huaweicloud", "id region volume_id name description status created_at updated_at size=number force=bool metadata=map metadata_origin=map"},
	"ovh_cloud_storage_block_volume_snapshot": {
		"ovh/ovh", "id region volume_id name description service_name checksum created_at updated_at resource_status",
	},
}

// moving is a configuration of the CLI with an old resource that has been applied.
func moving(t *testing.T, kind, arguments string) *acctest.CLI {
	t.Helper()
	old := oldTypes[kind]
	cli := acctest.NewCLI(t, "")
	cli.Attach()
	cli.AddProvider(old.address, kind, strings.Fields(old.attributes)...)
	cli.Configure(fmt.Sprintf("resource %q \"s\" {\n%s\n}\n", kind, arguments))
	cli.Apply()
	return cli
}

// A snapshot that moves here is planned without any change, whatever is set.
func TestAccMove(t *testing.T) {
	t.Parallel()
	for kind, old := range oldTypes {
		for name, row := range map[string]struct {
			name     string
			metadata map[string]string
			extra    string
		}{
			"with everything": {name: "old", metadata: map[string]string{"a": "1", "b": ""}, extra: `description = "of old"`},
			"with nothing":    {},
		} {
			if row.metadata != nil && !strings.Contains(old.attributes, "metadata") {
				row.metadata = nil
			}
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				c := acctest.New(t)
				volume := c.Volume()
				id := c.CreateSnapshot(volume, row.name, row.metadata)
				ours := fmt.Sprintf("volume_id = %q\n%s\n", volume, row.extra)
				if row.extra != "" {
					c.Describe(id, "of old")
				}
				if row.name != "" {
					ours += fmt.Sprintf("name = %q\n", row.name)
				}
				if row.metadata != nil {
					ours += "metadata = { a = \"1\", b = \"\" }\n"
				}
				theirs := ours + fmt.Sprintf("id = %q\n", id)
				if name == "with everything" {
					theirs += fmt.Sprintf("region = %q\n", c.Region())
				}
				cli := moving(t, kind, theirs)
				cli.Configure(c.ProviderConfig() + fmt.Sprintf("resource \"istack_volume_snapshot\" \"s\" {\n%s}\nmoved {\n from = %s.s\n to = istack_volume_snapshot.s\n}\n", ours, kind))
				c.Forget()
				out := cli.Run("plan", "-no-color")
				if !strings.Contains(out, kind+".s has moved to") && !strings.Contains(out, `(moved from `+kind+`.s)`) || !strings.Contains(out, "Plan: 0 to add, 0 to change, 0 to destroy.") {
					t.Fatalf("the plan of the move:\n%s", out)
				}
				cli.Apply()
				cli.Run("plan", "-no-color", "-detailed-exitcode")
				if err := onlyReads(c)(nil); err != nil {
					t.Error(err)
				}
				if row.metadata != nil {
					// What moved is ours: a key that leaves the configuration leaves the snapshot, but for the first change.
					cli.Configure(c.ProviderConfig() + fmt.Sprintf("resource \"istack_volume_snapshot\" \"s\" {\n%s}\n", strings.Replace(ours, `a = "1"`, `a = "2"`, 1)))
					cli.Apply()
					if s, _ := c.Snapshot(id); s.Metadata["a"] != "2" || len(s.Metadata) != 2 {
						t.Errorf("%v", s.Metadata)
					}
				}
				cli.Run("destroy", "-auto-approve", "-no-color")
				if _, exists := c.Snapshot(id); exists {
					t.Error("it was not deleted")
				}
			})
		}
	}
}

// Keys that others have put on the snapshot stay theirs, and the provider's defaults are known.
func TestAccMove_metadataOfOthers(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "old", map[string]string{"a": "1", "theirs": "x", "team": "storage"})
	cli := moving(t, "huaweicloud_evs_snapshot", fmt.Sprintf("id = %q\nvolume_id = %q\nname = \"old\"\nmetadata = { a = \"1\" }", id, volume))
	cli.Configure(c.ProviderConfig(`default_metadata = { team = "storage" }`, `deletion_policy = "retain"`) + fmt.Sprintf(`
resource "istack_volume_snapshot" "s" {
  volume_id = %q
  name      = "old"
  metadata  = { a = "1" }
}
moved {
  from = huaweicloud_evs_snapshot.s
  to   = istack_volume_snapshot.s
}
`, volume))
	if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "Plan: 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("%s", out)
	}
	cli.Apply()
	state := cli.Run("state", "show", "-no-color", "istack_volume_snapshot.s")
	for _, want := range []string{`"theirs" = "x"`, `"team" = "storage"`, `deletion_policy  = "retain"`} {
		if !strings.Contains(state, want) {
			t.Errorf("no %s in\n%s", want, state)
		}
	}
}

// The cloud's own keys are not the configuration's where the old state or ignore_metadata tells
// them apart. Elsewhere the state is all that changes.
func TestAccMove_metadataOfTheCloud(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ kind, extra, provider, plan string }{
		"as recorded": {"huaweicloud_evs_snapshot", `metadata_origin = { a = "1" }`, "", "0 to change"},
		"ignored":     {"opentelekomcloud_evs_snapshot_v2", "", `ignore_metadata = { key_prefixes = ["__system__"] }`, "0 to change"},
		"mixed":       {"opentelekomcloud_evs_snapshot_v2", "", "", "1 to change"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			id := c.CreateSnapshot(volume, "old", map[string]string{"a": "1", "__system__b": "x"})
			cli := moving(t, row.kind, fmt.Sprintf("id = %q\nvolume_id = %q\nname = \"old\"\nmetadata = { a = \"1\", __system__b = \"x\" }\n%s", id, volume, row.extra))
			cli.Configure(c.ProviderConfig(row.provider) + fmt.Sprintf(`
resource "istack_volume_snapshot" "s" {
  volume_id = %q
  name      = "old"
  metadata  = { a = "1" }
}
moved {
  from = %s.s
  to   = istack_volume_snapshot.s
}
`, volume, row.kind))
			c.Forget()
			if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "Plan: 0 to add, "+row.plan+", 0 to destroy.") {
				t.Errorf("no %q in\n%s", row.plan, out)
			}
			cli.Apply()
			cli.Run("plan", "-no-color", "-detailed-exitcode")
			if err := onlyReads(c)(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// The deletion policy counts for a snapshot that moved, whatever its status: no state here says that
// it has never been available.
func TestAccMove_failed(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]bool{"read": true, "never read": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			id := c.CreateSnapshot(volume, "old", nil)
			c.SetSnapshotStatus(id, "error")
			cli := moving(t, "huaweicloud_evs_snapshot", fmt.Sprintf("id = %q\nvolume_id = %q\nname = \"old\"\nstatus = \"error\"", id, volume))
			cli.Configure(c.ProviderConfig(`deletion_policy = "retain"`) + fmt.Sprintf(`
resource "istack_volume_snapshot" "s" {
  volume_id = %q
  name      = "old"
}
moved {
  from = huaweicloud_evs_snapshot.s
  to   = istack_volume_snapshot.s
}
`, volume))
			args := []string{"destroy", "-auto-approve", "-no-color"}
			if read {
				cli.Apply()
			} else {
				args = append(args, "-refresh=false")
			}
			if out := cli.Run(args...); !strings.Contains(out, "Volume snapshot retained") {
				t.Errorf("%s", out)
			}
			if _, exists := c.Snapshot(id); !exists {
				t.Error("it was deleted")
			}
		})
	}
}

// Our own type moves from any other address of the provider, with all that its state has.
func TestAccMove_otherAddress(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, "")
	cli.AddProvider("somebody/istack", "")
	config := func(source, moved string) string {
		return fmt.Sprintf("terraform {\n  required_providers {\n    cloud = { source = %q }\n  }\n}\n", source) +
			strings.Replace(c.ProviderConfig(), `provider "istack"`, `provider "cloud"`, 1) + fmt.Sprintf(`
resource "istack_volume_snapshot" "%s" {
  provider        = cloud
  volume_id       = %q
  metadata        = { a = "1" }
  triggers        = { release = "1" }
  deletion_policy = "retain"
  timeouts        = { create = "5m" }
}
`, map[bool]string{true: "new", false: "old"}[moved != ""], volume) + moved
	}
	cli.Write("main.tf", config("somebody/istack", ""))
	cli.Apply()
	cli.Write("main.tf", config("istack/istack", "moved {\n  from = istack_volume_snapshot.old\n  to = istack_volume_snapshot.new\n}\n"))
	out := cli.Run("plan", "-no-color")
	if !strings.Contains(out, "Plan: 0 to add, 0 to change, 0 to destroy.") || !strings.Contains(out, "has moved to") {
		t.Errorf("%s", out)
	}
	cli.Apply()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	if len(c.Snapshots(volume)) != 1 {
		t.Errorf("%v", c.Snapshots(volume))
	}
}

// An import before the move is still one after it: the first change removes no key.
func TestAccMove_otherAddressAfterImport(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "", map[string]string{"backup-id": "7"})
	cli := acctest.NewCLI(t, "")
	cli.AddProvider("somebody/istack", "")
	config := func(source, name, more string) string {
		return fmt.Sprintf("terraform {\n  required_providers {\n    cloud = { source = %q }\n  }\n}\n", source) +
			strings.Replace(c.ProviderConfig(), `provider "istack"`, `provider "cloud"`, 1) +
			fmt.Sprintf("resource \"istack_volume_snapshot\" %q {\n  provider = cloud\n  volume_id = %q\n}\n", name, volume) + more
	}
	cli.Write("main.tf", config("somebody/istack", "old", ""))
	cli.Run("import", "-no-color", "istack_volume_snapshot.old", id)
	cli.Write("main.tf", config("istack/istack", "new", "moved {\n  from = istack_volume_snapshot.old\n  to = istack_volume_snapshot.new\n}\n"))
	if out := cli.Apply(); !strings.Contains(out, "left to others") {
		t.Errorf("without the warning:\n%s", out)
	}
	if err := withMetadata(map[string]string{"backup-id": "7"})(c.Snapshots(volume)[0]); err != nil {
		t.Error(err)
	}
}

// What cannot be moved says what can, and one that is gone is made again.
func TestAccMove_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, "")
	cli.AddProvider("example/other", "other_snapshot", "id", "volume_id")
	cli.Configure(fmt.Sprintf("resource \"other_snapshot\" \"s\" {\n  id = %q\n  volume_id = %q\n}\n", nowhere, volume))
	cli.Apply()
	ours := c.ProviderConfig() + fmt.Sprintf("resource \"istack_volume_snapshot\" \"s\" {\n  volume_id = %q\n}\n", volume)
	cli.Configure(ours + "moved {\n  from = other_snapshot.s\n  to = istack_volume_snapshot.s\n}\n")
	out, err := cli.Try("plan", "-no-color")
	if err == nil || !strings.Contains(out, "Resource that cannot be moved") || !strings.Contains(out, "vkcs_blockstorage_snapshot") {
		t.Errorf("%v: %s", err, out)
	}

	for id, want := range map[string]string{nowhere: "Plan: 1 to add", "service/x": "its id is no UUID in lower case"} {
		cli := moving(t, "vkcs_blockstorage_snapshot", fmt.Sprintf("id = %q\nvolume_id = %q", id, volume))
		cli.Configure(ours + "moved {\n  from = vkcs_blockstorage_snapshot.s\n  to = istack_volume_snapshot.s\n}\n")
		if out, _ := cli.Try("plan", "-no-color"); !strings.Contains(flat(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
