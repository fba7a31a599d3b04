package volumesnapshot_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// A snapshot is made before each change of a resource, whatever that is, and for nothing else.
func TestAccActions_trigger(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	c := acctest.New(t)
	volume := c.Volume()
	config := func(input, description string) string {
		return c.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "change" {
  input = %q
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.istack_volume_snapshot_create.before]
    }
  }
}
action "istack_volume_snapshot_create" "before" {
  config {
    volume_id   = %q
    name        = "before-%s"
    description = %q
  }
}
`, input, volume, input, description)
	}
	names := func() string {
		var all []string
		for _, s := range c.Snapshots(volume) {
			all = append(all, s.Name)
		}
		return strings.Join(all, " ")
	}
	cli := acctest.NewCLI(t, config("one", ""))
	cli.Apply()
	if names() != "before-one" {
		t.Errorf("made %q", names())
	}
	cli.Configure(config("two", ""))
	out := cli.Apply()
	for _, want := range []string{`Making snapshot "before-two" of volume ` + volume, "The cloud has accepted snapshot ", ", is available"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if len(c.Snapshots(volume)) != 2 {
		t.Errorf("made %q", names())
	}
	// An edit of the action alone invokes nothing.
	cli.Configure(config("two", "edited"))
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	cli.Apply()
	if len(c.Snapshots(volume)) != 2 {
		t.Errorf("made %q", names())
	}
	// A snapshot that cannot be made stops the change.
	cli.Configure(strings.ReplaceAll(config("three", ""), volume, nowhere))
	out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
	if err == nil || !strings.Contains(out, "Unable to create volume snapshot") || !strings.Contains(out, "Request id: req-") {
		t.Errorf("%v: %s", err, out)
	}
	if state := cli.Run("state", "show", "-no-color", "terraform_data.change"); !strings.Contains(state, `"two"`) {
		t.Errorf("the change was made:\n%s", state)
	}
	cli.Configure(config("two", ""))
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// What came with Terraform 1.16: before a destroy.
func TestAccActions_beforeDestroy(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "before_destroy", "1.16.0")
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, c.ProviderConfig()+fmt.Sprintf(`
resource "terraform_data" "change" {
  lifecycle {
    action_trigger {
      events  = [before_destroy]
      actions = [action.istack_volume_snapshot_create.last]
    }
  }
}
action "istack_volume_snapshot_create" "last" {
  config {
    volume_id = %q
    name      = "last"
  }
}
`, volume))
	cli.Apply()
	if made := c.Snapshots(volume); len(made) > 0 {
		t.Errorf("made %v", made)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
	if made := c.Snapshots(volume); len(made) != 1 || made[0].Name != "last" {
		t.Errorf("made %v", made)
	}
}

// Each action by -invoke: a snapshot, a revert to it, and its end by pruning.
func TestAccActions_invoke(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	volume := c.NFSVolume()
	config := func(snapshot string) string {
		return c.ProviderConfig() + fmt.Sprintf(`
action "istack_volume_snapshot_create" "now" {
  config {
    volume_id = %[1]q
    metadata  = { made-by = "hand" }
  }
}
action "istack_volume_snapshot_revert" "back" {
  config {
    snapshot_id = %[2]q
  }
}
action "istack_volume_snapshot_prune" "dry" {
  config {
    volume_id = %[1]q
    retention = { keep_last = 1, keep_daily = 7, keep_within = "7d" }
  }
}
action "istack_volume_snapshot_prune" "real" {
  config {
    volume_id = %[1]q
    metadata  = { made-by = "hand" }
    retention = { keep_last = 1 }
    dry_run   = false
  }
}
action "istack_volume_snapshot_reset_status" "stuck" {
  config {
    snapshot_id = %[2]q
    status      = "available"
  }
}
`, volume, snapshot)
	}
	cli := acctest.NewCLI(t, config(nowhere))
	invoke := func(action, want string) {
		t.Helper()
		if out := cli.Apply("-invoke=action.istack_volume_snapshot_" + action); !strings.Contains(out, want) {
			t.Errorf("%s said no %q:\n%s", action, want, out)
		}
	}
	invoke("create.now", ", is available")
	made := c.Snapshots(volume)
	if len(made) != 1 {
		t.Fatalf("made %v", made)
	}
	cli.Configure(config(made[0].ID))
	invoke("revert.back", "is as it was in snapshot "+made[0].ID)
	// Clouds count in seconds, and of those of the same one none is the newest.
	time.Sleep(1100 * time.Millisecond)
	invoke("create.now", ", is available")
	invoke("prune.dry", "The policy would delete 0 snapshots (0 GiB), keep 2 and ignore 0.")
	out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false", "-invoke=action.istack_volume_snapshot_revert.back")
	if err == nil || !strings.Contains(out, "Volume not reverted") && !strings.Contains(out, "is not the newest") {
		t.Errorf("%v:\n%s", err, out)
	}
	invoke("prune.real", "deleted 1 of 1 expired snapshots (1 GiB), kept 1, ignored 0.")
	if left := c.Snapshots(volume); len(left) != 1 || left[0].ID == made[0].ID {
		t.Errorf("left %v", left)
	}
	cli.Configure(config(c.Snapshots(volume)[0].ID))
	invoke("reset_status.stuck", "Nothing to do: ")
}

// An interrupt ends an action at once, fails the run, and leaves no snapshot that nobody has named.
func TestAccActions_interrupt(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "actions", "1.14.0")
	c := acctest.New(t)
	volume := c.Volume()
	c.ShowStatus("creating")
	cli := acctest.NewCLI(t, c.ProviderConfig()+fmt.Sprintf(`
action "istack_volume_snapshot_create" "now" {
  config {
    volume_id = %q
  }
}
`, volume))
	cmd := cli.Command("apply", "-auto-approve", "-no-color", "-input=false", "-invoke=action.istack_volume_snapshot_create.now")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.Until("a poll of the snapshot", func() bool {
		return slices.ContainsFunc(c.Requests(), func(r acctest.Request) bool {
			return r.Method == http.MethodGet && strings.HasPrefix(r.Path, "snapshots/")
		})
	})
	interrupted := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if made := c.Snapshots(volume); err == nil || len(made) != 1 || !strings.Contains(out.String(), "The cloud has accepted snapshot "+made[0].ID) {
		t.Errorf("%v, %v:\n%s", err, made, out.String())
	}
	t.Logf("ended %s after the interrupt", time.Since(interrupted).Round(time.Millisecond))
}
