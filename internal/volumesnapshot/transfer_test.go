package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// A volume that was transferred to another project breaks no refresh. With it go its snapshots,
// unless they were to stay: these can be read and not deleted, and are not taken for deleted.
func TestAccVolumeSnapshot_transferredVolume(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the transfer of snapshots", 55)
	other := c.OtherProject()
	for _, stays := range []bool{false, true} {
		volume := c.Volume()
		cli := acctest.NewCLI(t, snapshotConfig(c, volume, `name = "transferred"`))
		cli.Attach()
		cli.Apply()
		id := c.Snapshots(volume)[0].ID
		back := c.Transfer(other, volume, stays)
		out := cli.Run("plan", "-no-color")
		if gone := strings.Contains(out, "will be created"); gone == stays {
			t.Errorf("stays %t: %s", stays, out)
		}
		if stays {
			out, err := cli.Try("destroy", "-auto-approve", "-no-color")
			if err == nil || !strings.Contains(flat(out), "its volume "+volume+" is not found in this project") {
				t.Errorf("%v: %s", err, out)
			}
			if state := cli.Run("state", "list"); !strings.Contains(state, address) {
				t.Error("the snapshot has left the state, and is still there")
			}
		}
		back()
		if _, exists := c.Snapshot(id); !exists {
			t.Error("it is not back")
		}
		cli.Run("destroy", "-auto-approve", "-no-color")
	}
}

// The same with a cloud that only says so.
func TestAccVolumeSnapshot_volumeOfAnotherProject(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		w.Header().Set("X-Openstack-Request-Id", "req-transferred")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"itemNotFound": {"code": 404, "message": "Volume %s could not be found."}}`, volume)
		return true
	})
	out, err := cli.Try("destroy", "-auto-approve", "-no-color")
	if err == nil || !strings.Contains(flat(out), "it was transferred to another") {
		t.Errorf("%v: %s", err, out)
	}
	if state := cli.Run("state", "list"); !strings.Contains(state, address) {
		t.Error("the snapshot has left the state, and is still there")
	}
	c.Instead(nil)
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A member of a group snapshot cannot be deleted by itself: the error names the group, and a
// command that deletes it. Then the member is gone too.
func TestAccVolumeSnapshot_memberOfAGroup(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume, id, group, remove := c.GroupSnapshot()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Run("import", "-no-color", address, id)
	if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "No changes") {
		t.Errorf("%s", out)
	}
	out, err := cli.Try("destroy", "-auto-approve", "-no-color")
	if err == nil || !strings.Contains(flat(out), "openstack --os-volume-api-version 3.14 volume group snapshot delete "+group) {
		t.Errorf("%v: %s", err, out)
	}
	if state := cli.Run("state", "show", "-no-color", address); !regexp.MustCompile(`group_snapshot_id += "` + group + `"`).MatchString(state) {
		t.Errorf("%s", state)
	}
	remove()
	cli.Run("destroy", "-auto-approve", "-no-color")
}
