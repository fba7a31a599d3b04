package volumesnapshot_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// openstackClient runs the python-openstackclient that ISTACK_ACC_OPENSTACK
// names, a command with its arguments.
type openstackClient struct {
	t                    *testing.T
	command, environment []string
}

func newOpenstackClient(t *testing.T, c *acctest.Cloud) openstackClient {
	t.Helper()
	command := strings.Fields(os.Getenv("ISTACK_ACC_OPENSTACK"))
	if !acctest.OnCloud() || len(command) == 0 {
		t.Skip("this needs a cloud and a python-openstackclient of its age (ISTACK_ACC_OPENSTACK)")
	}
	version := "3"
	if c.Microversion() < 0 {
		version = "2"
	}
	environment := append(os.Environ(), "OS_IDENTITY_API_VERSION=3")
	for name, value := range c.Environment() {
		environment = append(environment, name+"="+value)
	}
	return openstackClient{t, append(command, "--os-volume-api-version", version), environment}
}

func (o openstackClient) run(words ...string) string {
	o.t.Helper()
	words = append(o.command[1:len(o.command):len(o.command)], words...)
	cmd := exec.CommandContext(o.t.Context(), o.command[0], words...) //nolint:gosec // the command is the caller's own
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, o.environment
	out, err := cmd.Output()
	if err != nil {
		o.t.Fatalf("openstack %s: %v\n%s", strings.Join(words, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// seen is a snapshot as python-openstackclient shows it.
type seen struct {
	ID, Name, Description, Status string
	VolumeID                      string `json:"volume_id"`
	Size                          int
	Properties                    map[string]string
}

func (o openstackClient) show(id string) seen {
	o.t.Helper()
	var s seen
	if err := json.Unmarshal([]byte(o.run("volume", "snapshot", "show", "-f", "json", id)), &s); err != nil {
		o.t.Fatal(err)
	}
	return s
}

// What the provider does is there for python-openstackclient, and what that does
// is there for the provider.
func TestAccVolumeSnapshot_openstackClient(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	client := newOpenstackClient(t, c)
	volume := c.Volume()
	expect := func(id, name, description string, metadata map[string]string) {
		t.Helper()
		s := client.show(id)
		if s.ID != id || s.Name != name || s.Description != description || s.Status != "available" || s.VolumeID != volume ||
			s.Size != 1 || !maps.Equal(s.Properties, metadata) {
			t.Errorf("python-openstackclient shows %+v", s)
		}
	}

	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `
		name        = "nightly"
		description = "before the upgrade"
		metadata    = { team = "storage", "a b" = "" }`))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	expect(id, "nightly", "before the upgrade", map[string]string{"team": "storage", "a b": ""})

	client.run("volume", "snapshot", "set", "--name", "else", "--property", "team=else", "--property", "theirs=1", id)
	if _, err := cli.Try("plan", "-detailed-exitcode", "-no-color"); err == nil {
		t.Error("the plan does not see what python-openstackclient changed")
	}
	cli.Configure(snapshotConfig(c, volume, `
		name     = "weekly"
		metadata = { team = "storage" }`))
	cli.Apply()
	cli.Run("plan", "-detailed-exitcode")
	expect(id, "weekly", "", map[string]string{"team": "storage", "theirs": "1"})

	client.run("volume", "snapshot", "delete", id)
	c.DeleteSnapshot(id)
	made := client.run("volume", "snapshot", "create", "--volume", volume, "--property", "team=storage", "-f", "value", "-c", "id", "weekly")
	for client.show(made).Status == "creating" {
	}
	cli.Run("plan", "-no-color", "-refresh-only")
	cli.Run("state", "rm", "istack_volume_snapshot.test")
	cli.Run("import", "istack_volume_snapshot.test", made)
	cli.Run("plan", "-detailed-exitcode")
	cli.Run("destroy", "-auto-approve")
	if left := client.run("volume", "snapshot", "list", "--volume", volume, "-f", "value"); left != "" {
		t.Errorf("python-openstackclient still sees %s", left)
	}
}
