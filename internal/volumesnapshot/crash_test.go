package volumesnapshot_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// running is a command under way.
type running struct {
	*exec.Cmd
	out bytes.Buffer
}

func start(t *testing.T, cli *acctest.CLI, args ...string) *running {
	t.Helper()
	r := &running{Cmd: cli.Command(args...)}
	r.Stdout, r.Stderr = &r.out, &r.out
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// killProvider kills the provider's processes, as the kernel does when memory
// runs out, and not Terraform.
func (r *running) killProvider(t *testing.T) {
	t.Helper()
	children, err := exec.CommandContext(t.Context(), "pgrep", "-P", strconv.Itoa(r.Process.Pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	for child := range strings.FieldsSeq(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
	}
}

// A signal during the wait of a create or of a delete ends the run at once, and
// the next one converges with nothing that the state does not know.
func TestAccVolumeSnapshot_signals(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if signal != os.Interrupt {
				acctest.DecidedByProxy(t) // one signal shows that the next run converges there
			}
			c := acctest.New(t)
			volume := c.Volume()
			cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))

			c.ShowStatus("creating")
			create := start(t, cli, "apply", "-auto-approve", "-no-color")
			until(t, "the wait of the create", func() bool { return len(c.Requests()) >= 2 })
			stop(t, c, create, signal)
			if !strings.Contains(cli.Run("show", "-no-color"), "(tainted)") {
				t.Error("the snapshot is not in the state as tainted")
			}
			c.Rewrite(nil)
			cli.Apply()
			if n := len(c.Snapshots(volume)); n != 1 {
				t.Errorf("after an interrupted create and an apply there are %d snapshots", n)
			}

			c.ShowStatus("deleting")
			c.SwallowDeletes()
			c.Forget()
			destroy := start(t, cli, "destroy", "-auto-approve", "-no-color", "-refresh=false")
			until(t, "the wait of the delete", func() bool { return len(c.Requests()) >= 2 })
			stop(t, c, destroy, signal)
			c.Rewrite(nil)
			c.Instead(nil)
			cli.Run("destroy", "-auto-approve", "-no-color")
			if left := c.Snapshots(volume); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func stop(t *testing.T, c *acctest.Cloud, r *running, signal os.Signal) {
	t.Helper()
	if err := r.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	looks := len(c.Requests())
	if err := r.Wait(); err == nil {
		t.Error("an interrupted run ended with success")
	}
	// The wait would have gone on for an hour; what was on its way may end.
	if more := len(c.Requests()) - looks; more > 1 {
		t.Errorf("after the signal there were %d more requests", more)
	}
	if !regexp.MustCompile(loose(`Interrupted after`)).MatchString(r.out.String()) {
		t.Error("the interrupt is not explained:\n" + r.out.String())
	}
}

// An interrupt while the request to create is under way waits for its answer, so
// that the snapshot is known.
func TestAccVolumeSnapshot_interruptDuringRequest(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	begun, release := make(chan struct{}), make(chan struct{})
	c.Instead(func(w http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
		if r.Method == http.MethodPost && r.Path == "snapshots" {
			close(begun)
			<-release
			forward(w)
			return true
		}
		return false
	})
	create := start(t, cli, "apply", "-auto-approve", "-no-color")
	<-begun
	if err := create.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	close(release)
	_ = create.Wait()
	c.Instead(nil)
	made := c.Snapshots(volume)
	if shown := cli.Run("show", "-no-color"); len(made) != 1 || !strings.Contains(shown, made[0].ID) {
		t.Errorf("the cloud has %v and the state\n%s", made, shown)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A provider that is killed cannot say what it made: the next apply makes another
// snapshot, and a delete that was under way is just done.
func TestAccVolumeSnapshot_killed(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `name = "nightly"`))

	c.ShowStatus("creating")
	create := start(t, cli, "apply", "-auto-approve", "-no-color")
	until(t, "the wait of the create", func() bool { return len(c.Requests()) >= 2 })
	create.killProvider(t)
	if err := create.Wait(); err == nil {
		t.Error("a run whose provider was killed ended with success")
	}
	c.Rewrite(nil)
	orphan := c.Snapshots(volume)[0].ID
	if out := cli.Apply(); strings.Contains(out, orphan) {
		t.Errorf("nothing can tell whose the other snapshot is:\n%s", out)
	}
	if _, exists := c.Snapshot(orphan); !exists {
		t.Error("the snapshot of the killed run is gone")
	}
	c.DeleteSnapshot(orphan)

	c.ShowStatus("deleting")
	c.Forget()
	destroy := start(t, cli, "destroy", "-auto-approve", "-no-color", "-refresh=false")
	until(t, "the wait of the delete", func() bool { return len(c.Requests()) >= 1 })
	destroy.killProvider(t)
	_ = destroy.Wait()
	c.Rewrite(nil)
	cli.Run("destroy", "-auto-approve", "-no-color")
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
