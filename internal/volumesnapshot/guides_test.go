package volumesnapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// A block in a list is indented.
var terraformBlock = regexp.MustCompile("(?ms)^ *```terraform\n(.*?)^ *```$")

// guide is the blocks of Terraform's language in a guide, about a volume and a snapshot that exist.
func guide(t *testing.T, name, volume, snapshot string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../templates/guides", name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.NewReplacer("4da79faf-e4c2-421a-b09d-c1b5147cf776", volume, "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", snapshot)
	for _, block := range terraformBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, ids.Replace(block[1]))
	}
	return blocks
}

func TestAccGuideRotation(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	blocks := guide(t, "rotation-and-retention", volume, nowhere)
	cli := acctest.NewCLI(t, c.ProviderConfig())
	cli.Attach()
	cli.Write("rotation.tf", blocks[0])
	// All of it is about one day.
	if left := time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)); left < time.Minute {
		time.Sleep(left)
	}
	now := time.Now().UTC()
	days := func(since, keep int) string {
		cli.Setenv("TF_VAR_volumes", fmt.Sprintf("{ data = { id = %q, since = %q } }", volume, now.AddDate(0, 0, -since).Format(time.RFC3339)))
		cli.Setenv("TF_VAR_keep_days", fmt.Sprint(keep))
		cli.Apply()
		var names []string
		for _, s := range c.Snapshots(volume) {
			names = append(names, s.Name)
		}
		return strings.Join(names, " ")
	}
	today, yesterday := "daily-"+now.Format(time.DateOnly), "daily-"+now.AddDate(0, 0, -1).Format(time.DateOnly)
	if got := days(0, 7); got != today {
		t.Errorf("the first run made %q", got)
	}
	if got := days(1, 7); !strings.Contains(got, today) || !strings.Contains(got, yesterday) {
		t.Errorf("with a day before it: %q", got)
	}
	// As when days have passed.
	if got := days(1, 1); got != today {
		t.Errorf("too old ones stay: %q", got)
	}
	cli.Setenv("TF_VAR_keep_days", "0")
	fails(t, cli, "At least the snapshot of today", "plan")
	cli.Setenv("TF_VAR_keep_days", "1")
	cli.Run("destroy", "-auto-approve", "-no-color")

	c.CreateSnapshot(volume, "nightly-0", nil)
	cli.Write("rotation.tf", blocks[1])
	if out := cli.Apply(); !strings.Contains(out, "keep_daily") || !strings.Contains(out, "expired = []") {
		t.Errorf("retained:\n%s", out)
	}
}

func TestAccGuideRotation_actions(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, c.ProviderConfig()+guide(t, "rotation-and-retention", volume, nowhere)[2])
	for action, want := range map[string]string{"create": ", is available", "prune": "Done after "} {
		if out := cli.Apply("-invoke=action.istack_volume_snapshot_" + action + ".nightly"); !strings.Contains(out, want) {
			t.Errorf("%s:\n%s", action, out)
		}
	}
}

func TestAccGuideRiskyChange(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	blocks := guide(t, "before-a-risky-change", volume, nowhere)
	cli := acctest.NewCLI(t, c.ProviderConfig()+blocks[1])
	cli.Attach()
	for n, release := range []string{"17.2", "17.3"} {
		cli.Setenv("TF_VAR_release", release)
		cli.Apply()
		if made := c.Snapshots(volume); len(made) != n+1 {
			t.Errorf("%s: %v", release, made)
		}
	}
}

// The volume of a guide, which is another provider's, outlives newer snapshots and the loss of its own.
func TestAccGuides_newVolume(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	for name, block := range map[string]int{"before-a-risky-change": 3, "restoring-a-volume": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			first := c.CreateSnapshot(volume, "before-17.2", nil)
			data, made, _ := strings.Cut(guide(t, name, volume, first)[block], `resource "openstack_blockstorage_volume_v3"`)
			// What the other provider replaces the volume for.
			made = strings.NewReplacer("snapshot_id =", "triggers_replace =", "size        =", "input =", "[snapshot_id, size]", "[triggers_replace, input]").Replace(made)
			made = regexp.MustCompile(`(?m)^  (name|availability_zone) .*$`).ReplaceAllString(made, "")
			config := func(data, id string) string {
				return c.ProviderConfig() + data + `resource "terraform_data"` + strings.ReplaceAll(made, "data.istack_volume_snapshot.chosen.id", id)
			}
			const chosen = "data.istack_volume_snapshot.chosen.id"
			cli := acctest.NewCLI(t, config(data, chosen))
			cli.Apply()
			c.CreateSnapshot(volume, "another", nil)
			empty(t, cli, "a newer snapshot")
			c.DeleteSnapshot(first)
			cli.Configure(strings.Replace(config("", strconv.Quote(nowhere)), "data.istack_volume_snapshot.chosen.size", "1", 1))
			empty(t, cli, "the loss of the snapshot")
		})
	}
}

func TestAccGuideRiskyChange_actions(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	blocks := guide(t, "before-a-risky-change", volume, nowhere)
	cli := acctest.NewCLI(t, c.ProviderConfig()+blocks[0])
	cli.Apply()
	if made := c.Snapshots(volume); len(made) != 0 {
		t.Errorf("made %v", made)
	}
	cli.Configure(c.ProviderConfig() + strings.ReplaceAll(blocks[0], "17.2", "17.3"))
	cli.Apply()
	made := c.Snapshots(volume)
	if len(made) != 1 || made[0].Metadata["purpose"] != "before-release" {
		t.Fatalf("made %v", made)
	}
	cli.Configure(c.ProviderConfig() + guide(t, "before-a-risky-change", volume, made[0].ID)[2])
	if out := cli.Apply("-invoke=action.istack_volume_snapshot_revert.back"); !strings.Contains(out, "as it was in snapshot") {
		t.Errorf("%s", out)
	}
}

func TestAccGuideAdopting(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	c.CreateSnapshot(volume, "", nil)
	c.CreateSnapshot(volume, "by hand", map[string]string{"a": "1", "b": ""})
	c.CreateSnapshot(volume, "managed", map[string]string{"managed-by": "terraform"})
	// What the resource cannot manage.
	c.GroupSnapshot()
	c.CreateSnapshot(volume, "backup-snap-"+volume, nil)
	c.CreateSnapshot(volume, "[revert] volume "+volume+" backup snapshot", nil)
	c.CreateSnapshot(volume, "tmp-snap-"+volume, nil)
	blocks := guide(t, "adopting", volume, nowhere)
	cli := acctest.NewCLI(t, c.ProviderConfig()+blocks[1])
	cli.Attach()
	cli.Apply()
	cli.Write("by_hand.json", cli.Run("output", "-json", "by_hand"))
	cli.Configure(c.ProviderConfig() + blocks[2])
	if out := cli.Apply(); !strings.Contains(out, "2 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	// With a default that they have not, which is what the text warns of.
	cli.Configure(c.ProviderConfig(`default_metadata = { managed-by = "terraform" }`) + blocks[2])
	if out := cli.Apply(); !strings.Contains(out, "0 added, 2 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	cli.Run("plan", "-no-color", "-detailed-exitcode")
}

func TestAccGuideAdopting_query(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "terraform query", "1.14.0")
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	c.CreateSnapshot(volume, "by hand", map[string]string{"a": "1"})
	c.CreateSnapshot(volume, "managed", map[string]string{"managed-by": "terraform"})
	cli := acctest.NewCLI(t, c.ProviderConfig(`default_metadata = { managed-by = "terraform" }`))
	cli.Write("adopt.tfquery.hcl", guide(t, "adopting", volume, nowhere)[0])
	cli.Run("query", "-no-color", "-generate-config-out=adopted.tf")
	if out := cli.Apply(); !strings.Contains(out, "1 imported, 0 added, 1 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	cli.Run("plan", "-no-color", "-detailed-exitcode")
}

func TestAccGuideGettingStarted(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	cli := acctest.NewCLI(t, "")
	for name, value := range c.Environment() {
		cli.Setenv(name, value)
	}
	cli.Write("main.tf", guide(t, "getting-started", c.Volume(), nowhere)[0])
	if out := cli.Apply(); !regexp.MustCompile(`snapshot = "[0-9a-f-]{36}, 1 GiB, 20`).MatchString(out) {
		t.Errorf("%s", out)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

func TestAccGuideVolumesInUse(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.NFSVolume()
	c.Reserve(volume)
	c.SetVolumeStatus(volume, "in-use")
	cli := acctest.NewCLI(t, c.ProviderConfig()+strings.Replace(guide(t, "volumes-in-use", volume, nowhere)[0], "force     = true", "force = false", 1))
	if out, err := cli.Try("apply", "-auto-approve", "-no-color"); err == nil || !strings.Contains(flat(out), "set force = true") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAccGuideRestoring(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	acctest.OnSimulator(t)
	c := acctest.New(t)
	volume := c.Volume()
	c.CreateSnapshot(volume, "before-17.2", nil)
	blocks := guide(t, "restoring-a-volume", volume, nowhere)
	chosen, _, _ := strings.Cut(blocks[1], `resource "openstack`)
	cli := acctest.NewCLI(t, c.ProviderConfig()+blocks[0]+chosen)
	if out := cli.Apply("-invoke=action.istack_volume_snapshot_revert.back"); !strings.Contains(out, "as it was in snapshot") {
		t.Errorf("%s", out)
	}
}
