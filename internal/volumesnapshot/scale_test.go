package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// lists counts the requests that list, and singles those that read one.
func lists(requests []acctest.Request) (lists, singles int) {
	for _, r := range requests {
		switch {
		case r.Method == http.MethodGet && r.Path == "snapshots/detail":
			lists++
		case r.Method == http.MethodGet:
			singles++
		}
	}
	return lists, singles
}

// Many resources share the pages of a listing: a plan over all of them costs a
// handful of requests, and is as right as single reads.
func TestAccVolumeSnapshot_sharedReads(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `count = 12
		name = "number ${count.index}"
		description = "one of them"
		metadata = { n = count.index }`))
	cli.Attach()
	cli.Apply("-parallelism=4")

	c.Forget()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	listed, single := lists(c.Requests())
	// However slowly Terraform asks: five go singly, and then comes the page.
	if listed+single > 6 || listed == 0 {
		t.Errorf("a plan of 12: %v", c.Requests())
	}
	cli.Setenv("ISTACK_SHARED_READS", "false")
	c.Forget()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	if listed, single := lists(c.Requests()); listed != 0 || single != 12 {
		t.Errorf("a plan of 12 without sharing: %v", c.Requests())
	}
	cli.Setenv("ISTACK_SHARED_READS", "true")

	// What somebody else did shows, and nothing is taken for gone that is not.
	snapshots := c.Snapshots(volume)
	c.DeleteSnapshot(snapshots[0].ID)
	c.UpdateMetadata(snapshots[1].ID, map[string]string{"n": "changed"})
	c.Forget()
	out, err := cli.Try("plan", "-no-color", "-detailed-exitcode")
	if err == nil || !strings.Contains(out, "1 to add, 1 to change, 0 to destroy") {
		t.Errorf("the plan is %v\n%s", err, out)
	}
	if listed, single := lists(c.Requests()); listed+single > 7 {
		t.Errorf("a plan of 12, one of them gone: %v", c.Requests())
	}
	cli.Apply()
	cli.Run("plan", "-no-color", "-detailed-exitcode")

	// A listing that the cloud refuses costs nothing but requests.
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Path != "snapshots/detail" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	c.Forget()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	if _, single := lists(c.Requests()); single != 12 {
		t.Errorf("a plan of 12 without a listing: %v", c.Requests())
	}
	c.Instead(nil)
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A few resources of a large project cost a read each, and no pages.
func TestAccVolumeSnapshot_fewAmongMany(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t) // a real cloud would take long to fill
	c := acctest.New(t)
	volume := c.Volume()
	c.Seed(3000)
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `count = 5
		name = "number ${count.index}"`))
	cli.Attach()
	cli.Apply()
	c.Forget()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	if listed, single := lists(c.Requests()); listed != 0 || single != 5 {
		t.Errorf("a plan of 5 among 3000: %v", c.Requests())
	}
}

// Many creates and deletes share their looks.
func TestAccVolumeSnapshot_sharedWaits(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t) // how long a real one takes, nobody knows
	c := acctest.New(t, simulator.Options{CreateTime: 2 * time.Second, DeleteTime: 2 * time.Second})
	const n = 40
	cli := acctest.NewCLI(t, snapshotConfig(c, c.Volume(), fmt.Sprintf(`count = %d
		name = "number ${count.index}"`, n)))
	cli.Attach()
	for _, args := range [][]string{{"apply"}, {"destroy", "-refresh=false"}} {
		c.Forget()
		began := time.Now()
		cli.Run(append(args, "-auto-approve", "-no-color", "-parallelism=40")...)
		// One that does it, one look, and shared ones, the more the slower Terraform
		// is. Each by itself would take four.
		if requests := c.Requests(); len(requests) > n*2+int(time.Since(began)/(400*time.Millisecond)) {
			listed, single := lists(requests)
			t.Errorf("%v of %d: %d requests, %d lists, %d single reads", args, n, len(requests), listed, single)
		}
	}
}
