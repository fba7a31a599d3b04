package volumesnapshot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// With the credentials of another project every snapshot is a 404. That empties
// no state, and is no success of a destroy.
func TestAccVolumeSnapshot_otherProject(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	other := c.OtherProject()
	many := 30 // enough for shared reads
	if acctest.OnCloud() {
		many = 7
	}
	body := func(name, metadata string) string {
		return fmt.Sprintf(`
resource "istack_volume_snapshot" "test" {
  count     = %d
  volume_id = %q
  name      = "%s-${count.index}"
  metadata  = { k = %q }
}
`, many, volume, name, metadata)
	}
	cli := acctest.NewCLI(t, c.ProviderConfig()+body("one", "1"))
	cli.Attach()
	cli.Apply()
	state := func() string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(cli.Dir(), "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := state()
	for _, row := range []struct {
		configuration string
		args          []string
	}{
		{body("one", "1"), []string{"plan"}},
		{body("one", "1"), []string{"apply", "-auto-approve"}},
		{body("one", "1"), []string{"apply", "-auto-approve", "-refresh-only"}},
		{body("one", "1"), []string{"destroy", "-auto-approve"}},
		{body("one", "1"), []string{"destroy", "-auto-approve", "-refresh=false"}},
		{body("two", "1"), []string{"apply", "-auto-approve", "-refresh=false"}},
		{body("one", "2"), []string{"apply", "-auto-approve", "-refresh=false"}},
	} {
		cli.Configure(other.ProviderConfig() + row.configuration)
		out, err := cli.Try(append(row.args, "-no-color")...)
		want := loose(fmt.Sprintf("belongs to project %s, and the sign-in is to project %s", c.ProjectID(), other.ProjectID()))
		if err == nil || !regexp.MustCompile(want).MatchString(out) || !regexp.MustCompile(loose("Sign in to project "+c.ProjectID())).MatchString(out) {
			t.Errorf("%v: %v\n%s", row.args, err, out)
		}
		for _, s := range c.Snapshots(volume) {
			if !strings.Contains(state(), s.ID) {
				t.Errorf("%v: %s is no longer in the state", row.args, s.ID)
			}
		}
	}
	if n := len(c.Snapshots(volume)); n != many {
		t.Errorf("there are %d snapshots", n)
	}
	cli.Configure(c.ProviderConfig() + body("one", "1"))
	if out, err := cli.Try("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("%v\n%s\nbefore:\n%s", err, out, before)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A state that does not know the project takes a 404 for what it says.
func TestAccVolumeSnapshot_projectUnknown(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	c.DeleteSnapshot(c.Snapshots(volume)[0].ID)
	editState(t, cli, func(attributes map[string]any) { attributes["project_id"] = nil })
	if out := cli.Apply(); !strings.Contains(out, "1 added, 0 changed, 0 destroyed") {
		t.Errorf("%s", out)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A cloud may show the project to administrators alone. The create knows it all the same.
func TestAccVolumeSnapshot_projectNotShown(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	c.RewriteSnapshots(func(s map[string]any) { delete(s, "os-extended-snapshot-attributes:project_id") })
	// The answer to the create is lost too: the listing that finds the snapshot shows none.
	var lost atomic.Bool
	c.Instead(func(_ http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
		if r.Method != http.MethodPost || r.Identity || lost.Swap(true) {
			return false
		}
		forward(httptest.NewRecorder())
		panic(http.ErrAbortHandler)
	})
	cli.Apply()
	cli.Apply("-refresh-only")
	if state := cli.Run("state", "show", "-no-color", address); !regexp.MustCompile(`project_id += "` + c.ProjectID() + `"`).MatchString(state) {
		t.Error(state)
	}
	cli.Configure(strings.Replace(snapshotConfig(c, volume, ""), c.ProviderConfig(), c.OtherProject().ProviderConfig(), 1))
	fails(t, cli, "belongs to project "+c.ProjectID(), "plan")
	cli.Configure(snapshotConfig(c, volume, ""))
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// editState changes the attributes of the first resource in the state.
func editState(t *testing.T, cli *acctest.CLI, change func(map[string]any)) {
	t.Helper()
	path := filepath.Join(cli.Dir(), "terraform.tfstate")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	resource := state["resources"].([]any)[0].(map[string]any)
	change(resource["instances"].([]any)[0].(map[string]any)["attributes"].(map[string]any))
	state["serial"] = state["serial"].(float64) + 1
	if data, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
