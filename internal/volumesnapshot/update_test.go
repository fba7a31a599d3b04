package volumesnapshot_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// What a change of the metadata has done before it failed is in the state: a key that was
// written is the resource's, and one that was removed is not any more.
func TestAccVolumeSnapshot_metadataInPart(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		changed string // the configuration of the change that fails
		reached bool   // the request that sets keys has reached the cloud
		theirs  map[string]string
		then    string
		want    map[string]string
	}{
		"an answer is lost": {
			`{ a = "1", b = "1", c = "new" }`, true, nil, `{ a = "1", b = "1" }`,
			map[string]string{"a": "1", "b": "1"},
		},
		"a key is removed, and then is somebody else's": {
			`{ a = "2" }`, false,
			map[string]string{"b": "theirs"},
			`{ a = "2" }`,
			map[string]string{"a": "2", "b": "theirs"},
		},
		"a key was somebody else's, and is not written": {
			`{ a = "1", b = "1", theirs = "ours" }`, false, nil, `{ a = "1", b = "1" }`,
			map[string]string{"a": "1", "b": "1", "theirs": "x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			config := func(metadata string) string {
				return snapshotConfig(c, volume, "metadata = "+metadata, "max_retries = 0")
			}
			cli := acctest.NewCLI(t, config(`{ a = "1", b = "1" }`))
			cli.Attach()
			cli.Apply()
			id := c.Snapshots(volume)[0].ID
			if row.want["theirs"] != "" {
				c.UpdateMetadata(id, map[string]string{"theirs": "x"})
			}
			cli.Configure(config(row.changed))
			c.Instead(func(w http.ResponseWriter, r acctest.Request, pass func(http.ResponseWriter)) bool {
				if r.Method != http.MethodPost || r.Identity {
					return false
				}
				if row.reached {
					pass(httptest.NewRecorder())
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			})
			fails(t, cli, "Changing the metadata of snapshot", "apply", "-auto-approve")
			c.Instead(nil)
			if row.theirs != nil {
				c.UpdateMetadata(id, row.theirs)
			}
			cli.Configure(config(row.then))
			cli.Apply()
			if s, _ := c.Snapshot(id); !maps.Equal(s.Metadata, row.want) {
				t.Errorf("the metadata is %v, want %v", s.Metadata, row.want)
			}
		})
	}
}

// A snapshot that has no region in the state yet is not said to be deleted where it is looked for in
// the wrong one.
func TestAccVolumeSnapshot_wrongRegion(t *testing.T) {
	t.Parallel()
	east, _, volume, _ := twoRegions(t)
	id := east.CreateSnapshot(volume, "old", nil)
	cli := moving(t, "vkcs_blockstorage_snapshot", "id = \""+id+"\"\nvolume_id = \""+volume+"\"\nname = \"old\"")
	cli.Configure(east.CatalogProvider("RegionOne") + "resource \"istack_volume_snapshot\" \"s\" {\n  volume_id = \"" + volume +
		"\"\n  name = \"old\"\n  region = \"west\"\n}\nmoved {\n  from = vkcs_blockstorage_snapshot.s\n  to = istack_volume_snapshot.s\n}\n")
	fails(t, cli, "(?s)Looking in region west for snapshot "+id+".*404.*It is not in that region.*Write the region that it is in", "apply", "-auto-approve", "-refresh=false")
	if _, there := east.Snapshot(id); !there {
		t.Error("it is gone")
	}
}

// A text that only some clouds refuse is warned of in the plan that writes it, and not once the
// cloud has it.
func TestAccVolumeSnapshot_warnsOfNewTexts(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	cli.Configure(snapshotConfig(c, volume, `metadata = { "é" = "1" }`))
	if plan := cli.Run("plan", "-no-color"); !strings.Contains(plan, "Warning: Metadata key that some clouds refuse") {
		t.Errorf("no warning:\n%s", plan)
	}
	cli.Apply()
	if plan := cli.Run("plan", "-no-color"); strings.Contains(plan, "that some clouds refuse") {
		t.Errorf("a warning of what the cloud has:\n%s", plan)
	}
}
