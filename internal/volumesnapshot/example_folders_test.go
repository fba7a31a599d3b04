package volumesnapshot_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// example is a CLI in a copy of a folder of examples, with those beside it, signed in to the cloud by the
// environment.
func example(t *testing.T, c *acctest.Cloud, folder string) *acctest.CLI {
	t.Helper()
	cli := acctest.NewCLI(t, "")
	if err := os.CopyFS(filepath.Join(cli.Dir(), "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	for name, value := range c.Environment() {
		cli.Setenv(name, value)
	}
	return cli.In(filepath.Join("examples", folder))
}

// Each complete example works from its first command to its last.
func TestAccExampleFolders(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	type scene struct {
		t      *testing.T
		c      *acctest.Cloud
		volume string
		cli    *acctest.CLI
	}
	snapshots := func(s scene, want int) {
		s.t.Helper()
		if made := s.c.Snapshots(s.volume); len(made) != want {
			s.t.Errorf("there are %d snapshots, not %d: %v", len(made), want, made)
		}
	}
	destroy := func(s scene) {
		s.t.Helper()
		s.cli.Run("destroy", "-auto-approve", "-no-color")
		snapshots(s, 0)
	}
	scenes := map[string]func(scene){
		"minimal": func(s scene) {
			s.cli.Apply()
			snapshots(s, 1)
			destroy(s)
		},
		"daily-rotation": func(s scene) {
			s.cli.Run("get", "-no-color")
			s.cli.Setenv("TF_VAR_since", "2026-01-31T00:00:00Z")
			s.cli.Apply()
			snapshots(s, 3)
			destroy(s)
		},
		"pre-change-snapshot": func(s scene) {
			acctest.TerraformSince(s.t, "actions", "1.14.0")
			for n, release := range []string{"1", "2"} {
				s.cli.Setenv("TF_VAR_release", release)
				s.cli.Apply()
				snapshots(s, n+1)
			}
			s.cli.Apply("-invoke=action.istack_volume_snapshot_prune.before_release")
			snapshots(s, 2)
		},
		"restore": func(s scene) {
			acctest.TerraformSince(s.t, "actions", "1.14.0")
			s.cli.Setenv("TF_VAR_snapshot_id", s.c.CreateSnapshot(s.volume, "good", nil))
			if out := s.cli.Apply("-invoke=action.istack_volume_snapshot_revert.back"); !strings.Contains(out, "as it was in snapshot") {
				s.t.Error(out)
			}
		},
		"migration": func(s scene) {
			id := s.c.CreateSnapshot(s.volume, "nightly", nil)
			old := oldTypes["vkcs_blockstorage_snapshot"]
			s.cli.AddProvider(old.address, "vkcs_blockstorage_snapshot", strings.Fields(old.attributes)...)
			new, err := os.ReadFile(filepath.Join(s.cli.Dir(), "main.tf"))
			if err != nil {
				s.t.Fatal(err)
			}
			s.cli.Configure(fmt.Sprintf("resource \"vkcs_blockstorage_snapshot\" \"nightly\" {\n  id = %q\n  volume_id = %q\n  name = \"nightly\"\n}\n", id, s.volume))
			s.cli.Apply()
			s.cli.Write("main.tf", string(new))
			if out := s.cli.Apply(); !strings.Contains(out, "0 added, 0 changed, 0 destroyed") {
				s.t.Error(out)
			}
			destroy(s)
		},
		"bulk-adoption": func(s scene) {
			s.c.CreateSnapshot(s.volume, "", nil)
			s.c.CreateSnapshot(s.volume, "by hand", map[string]string{"a": "1"})
			s.c.GroupSnapshot() // whose member the resource cannot manage
			s.cli.Run("-chdir=find", "apply", "-auto-approve", "-no-color")
			s.cli.Write("by_hand.json", s.cli.Run("-chdir=find", "output", "-json", "by_hand"))
			if out := s.cli.Apply(); !strings.Contains(out, "2 imported, 0 added, 2 changed, 0 destroyed") {
				s.t.Error(out)
			}
			s.cli.Run("-chdir=find", "apply", "-auto-approve", "-no-color")
			if found := s.cli.Run("-chdir=find", "output", "-json", "by_hand"); strings.TrimSpace(found) != "{}" {
				s.t.Errorf("a second search finds %s", found)
			}
			s.cli.Run("destroy", "-auto-approve", "-no-color")
			snapshots(s, 2)
		},
		"two-regions": func(s scene) {
			west := s.c.In("west")
			s.cli.Setenv("TF_VAR_west_volume_id", west.Volume())
			if out := s.cli.Apply(); !strings.Contains(out, `"west"`) {
				s.t.Error(out)
			}
			destroy(s)
		},
	}
	for folder, play := range scenes {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t, simulator.Options{Regions: []string{"RegionOne", "west"}})
			volume := c.Volume()
			cli := example(t, c, folder)
			cli.Setenv("TF_VAR_volume_id", volume)
			play(scene{t, c, volume, cli})
		})
	}
	// None is forgotten: each folder with a configuration is one of these, or has a test of its own.
	others := map[string]bool{"demo": true, "provider": true, "testing": true, "bulk-adoption/find": true, "modules/daily-snapshots": true}
	err := fs.WalkDir(os.DirFS("../../examples"), ".", func(path string, _ fs.DirEntry, err error) error {
		folder := filepath.Dir(path)
		ofAPage := strings.Count(folder, "/") == 1 && strings.Contains(folder, "istack_") || strings.HasPrefix(folder, "functions/")
		if filepath.Ext(path) == ".tf" && scenes[folder] == nil && !others[folder] && !ofAPage {
			t.Errorf("no test applies %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The module's own tests pass, without a cloud.
func TestAccExampleModule(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	cli := acctest.NewCLI(t, "")
	if err := os.CopyFS(filepath.Join(cli.Dir(), "module"), os.DirFS("../../examples/modules/daily-snapshots")); err != nil {
		t.Fatal(err)
	}
	if out := cli.In("module").Run("test", "-no-color"); !strings.Contains(out, "5 passed, 0 failed") {
		t.Error(out)
	}
}
