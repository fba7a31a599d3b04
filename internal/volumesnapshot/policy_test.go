package volumesnapshot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// A snapshot that never became available has nothing to protect: it goes,
// whatever the policy says, that of the environment included.
func TestAccVolumeSnapshot_policyOfUnfinished(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	for name, row := range map[string]struct{ attributes, provider, status, environment string }{
		"prevent, timed out":           {`deletion_policy = "prevent"`, "", "creating", ""},
		"retain, failed":               {`deletion_policy = "retain"`, "", "error", ""},
		"prevent of the provider":      {"", `deletion_policy = "prevent"`, "error", ""},
		"retain of the environment":    {"", "", "creating", "retain"},
		"retain, and then a destroy":   {`deletion_policy = "retain"`, "", "error", ""},
		"prevent, and then a destroy":  {`deletion_policy = "prevent"`, "", "error", ""},
		"prevent, available afterward": {`deletion_policy = "prevent"`, "", "creating", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			config := func(more string) string {
				var provider []string
				if row.provider != "" {
					provider = append(provider, row.provider)
				}
				return snapshotConfig(c, volume, row.attributes+more, provider...)
			}
			cli := acctest.NewCLI(t, config("\ntimeouts = { create = \""+short()+"\" }"))
			cli.Attach()
			if row.environment != "" {
				cli.Setenv("ISTACK_DELETION_POLICY", row.environment)
			}
			c.ShowStatus(row.status)
			fails(t, cli, "Volume snapshot did not become available", "apply", "-auto-approve")
			// A refresh that sees it as it was tells nothing new.
			cli.Run("apply", "-refresh-only", "-auto-approve", "-no-color")
			c.Rewrite(nil)
			first := c.Snapshots(volume)[0].ID
			switch {
			case strings.HasSuffix(name, "destroy"):
				cli.Run("destroy", "-auto-approve", "-no-color", "-refresh=false")
				if left := c.Snapshots(volume); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
				return
			case strings.HasSuffix(name, "afterward"):
				// It was seen to be there, so it is protected like any other.
				cli.Run("untaint", address)
				cli.Configure(config(""))
				cli.Apply()
				fails(t, cli, "Deletion of volume snapshot prevented", "destroy", "-auto-approve")
				if s := c.Snapshots(volume); len(s) != 1 || s[0].ID != first {
					t.Errorf("%s became %v", first, s)
				}
			default:
				cli.Configure(config(""))
				cli.Run("apply", "-auto-approve", "-no-color", "-refresh=false")
				if s := c.Snapshots(volume); len(s) != 1 || s[0].ID == first {
					t.Errorf("%s became %v", first, s)
				}
			}
			cli.Setenv("ISTACK_DELETION_POLICY", "delete")
			cli.Run("destroy", "-auto-approve", "-no-color")
			if left := c.Snapshots(volume); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// Of an imported one nobody knows whether it has been available: the policy counts.
func TestAccVolumeSnapshot_policyOfImported(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "", nil)
	c.SetSnapshotStatus(id, "error")
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `deletion_policy = "prevent"`))
	cli.Attach()
	cli.Run("import", "-no-color", address, id)
	cli.Apply()
	fails(t, cli, "Deletion of volume snapshot prevented", "destroy", "-auto-approve")
	cli.Setenv("ISTACK_DELETION_POLICY", "delete")
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// What the plan cannot see is refused in the apply, before anything is deleted,
// and what no configuration reaches yields to the environment.
func TestAccVolumeSnapshot_preventInTheApply(t *testing.T) {
	t.Parallel()
	const refused = "Deletion of volume snapshot prevented.*ISTACK_DELETION_POLICY=delete"
	c := acctest.New(t)
	volume := c.Volume()
	config := func(more string) string {
		return snapshotConfig(c, volume, `deletion_policy = "prevent"
			`+more) + "resource \"terraform_data\" \"t\" {\n  input = var.input\n}\nvariable \"input\" {\n  default = \"1\"\n}\n"
	}
	cli := acctest.NewCLI(t, config(`lifecycle { replace_triggered_by = [terraform_data.t] }`))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	only := func(what string) {
		t.Helper()
		if s := c.Snapshots(volume); len(s) != 1 || s[0].ID != id {
			t.Errorf("%s: %s became %v", what, id, s)
		}
	}
	fails(t, cli, refused, "apply", "-auto-approve", "-replace="+address)
	only("-replace")
	fails(t, cli, refused, "apply", "-auto-approve", "-var=input=2")
	only("replace_triggered_by")
	cli.Configure(config(""))
	cli.Run("taint", address)
	fails(t, cli, refused, "apply", "-auto-approve")
	only("a taint")
	cli.Run("untaint", address)
	cli.Configure(c.ProviderConfig())
	fails(t, cli, refused, "plan")
	only("an orphan")

	// A deposed object keeps every later plan from succeeding.
	cli.Configure(config(`lifecycle { create_before_destroy = true }`))
	fails(t, cli, refused, "apply", "-auto-approve", "-replace="+address)
	if n := len(c.Snapshots(volume)); n != 2 {
		t.Errorf("there are %d snapshots", n)
	}
	fails(t, cli, refused, "plan")
	cli.Setenv("ISTACK_DELETION_POLICY", "retain")
	out := cli.Apply()
	if !regexp.MustCompile(`(?s)` + loose("Volume snapshot retained.*ISTACK_DELETION_POLICY in the environment is \"retain\"")).MatchString(out) {
		t.Errorf("it was not said that the environment retains the snapshot:\n%s", out)
	}
	cli.Setenv("ISTACK_DELETION_POLICY", "")
	empty(t, cli, "after the environment had its say")
	if _, exists := c.Snapshot(id); !exists {
		t.Error("the retained snapshot is gone")
	}
	c.DeleteSnapshot(id)
	cli.Setenv("ISTACK_DELETION_POLICY", "never")
	fails(t, cli, `ISTACK_DELETION_POLICY is "never"`, "plan")
	cli.Setenv("ISTACK_DELETION_POLICY", "delete")
	cli.Run("destroy", "-auto-approve", "-no-color")
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// retain and a taint: the replacement is made, and the old one stays.
func TestAccVolumeSnapshot_retainTainted(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `deletion_policy = "retain"`))
	cli.Attach()
	cli.Apply()
	cli.Run("taint", address)
	if out := cli.Apply(); !strings.Contains(out, "Volume snapshot retained") {
		t.Errorf("without the warning:\n%s", out)
	}
	if n := len(c.Snapshots(volume)); n != 2 {
		t.Errorf("there are %d snapshots", n)
	}
	if out := cli.Run("destroy", "-auto-approve", "-no-color"); !strings.Contains(out, "Volume snapshot retained") {
		t.Errorf("without the warning:\n%s", out)
	}
	if n := len(c.Snapshots(volume)); n != 2 {
		t.Errorf("there are %d snapshots", n)
	}
}

// Null and empty are the same: nothing is replaced or written.
func TestAccVolumeSnapshot_nullAndEmpty(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	const written = `name = ""
		description = ""
		metadata = {}
		triggers = {}
		timeouts = {}`
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	for _, attributes := range []string{written, "", written} {
		cli.Configure(snapshotConfig(c, volume, attributes))
		c.Forget()
		cli.Apply()
		if err := onlyReads(c)(nil); err != nil {
			t.Error(err)
		}
		empty(t, cli, attributes)
	}
	if s := c.Snapshots(volume); len(s) != 1 || s[0].ID != id {
		t.Errorf("%s became %v", id, s)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A snapshot of the state that has failed is said to have, with the cloud's
// reason.
func TestAccVolumeSnapshot_failedInState(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Path != "messages" {
			return false
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": []map[string]string{{
			"resource_uuid": id, "user_message": "the backend is on fire", "request_id": "req-7", "created_at": "2026-01-01T00:00:00.000000",
		}}})
		return true
	})
	reason := ` The cloud says: the backend is on fire \(request id req-7\)`
	if c.Microversion() < 5 {
		reason = ""
	}
	for status, warned := range map[string]bool{"error": true, "error_deleting": true, "available": false} {
		c.SetSnapshotStatus(id, status)
		out, err := cli.Try("plan", "-no-color")
		says := regexp.MustCompile(`(?s)` + loose(`Warning: Volume snapshot that restores nothing.*The status of snapshot `+id+` of volume `+volume+
			` is "`+status+`": no volume can be restored from it.`+reason)).MatchString(out)
		if err != nil || says != warned {
			t.Errorf("%s: %v\n%s", status, err, out)
		}
	}
	c.Instead(nil)
	c.SetSnapshotStatus(id, "available")
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A destroy waits for the end of any transitional status; one that is refused names
// the status, says that the state is kept, and what to do.
func TestAccVolumeSnapshot_destroyWhileBusy(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `timeouts = { delete = "`+short()+`" }`))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	c.SetSnapshotStatus(id, "backing-up")
	fails(t, cli, `Timed out after .*its last status was "backing-up".*The snapshot stays in the state.*Try again to go on waiting`, "destroy", "-auto-approve")
	c.SetSnapshotStatus(id, "available")
	for status, message := range map[int]string{
		http.StatusBadRequest: `is in status "available"; DELETE .*400 Bad Request: because.*The snapshot stays in the state. The status allows a deletion`,
		http.StatusForbidden:  `403 Forbidden.*The API says: because.*The snapshot stays in the state.*The roles of this user`,
	} {
		c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
			if r.Method != http.MethodDelete {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"refused": {"code": %d, "message": "because"}}`, status)
			return true
		})
		fails(t, cli, message, "destroy", "-auto-approve")
	}
	c.Instead(nil)
	if shown := cli.Run("show", "-no-color"); !strings.Contains(shown, id) {
		t.Error("the snapshot is no longer in the state")
	}
	cli.Configure(snapshotConfig(c, volume, ""))
	cli.Apply()
	c.SetSnapshotStatus(id, "restoring")
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(2 * time.Second)
		c.SetSnapshotStatus(id, "available")
	}()
	cli.Run("destroy", "-auto-approve", "-no-color")
	<-done
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// What the first half of an update has written is in the state, also where the
// second half fails.
func TestAccVolumeSnapshot_halfAnUpdate(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `name = "one"
		metadata = { a = "1" }`))
	cli.Attach()
	cli.Apply()
	cli.Configure(snapshotConfig(c, volume, `name = "two"
		metadata = { a = "2" }`))
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodPost || r.Identity {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	fails(t, cli, "Changing the metadata of snapshot", "apply", "-auto-approve")
	c.Instead(nil)
	shown := cli.Run("show", "-no-color")
	if !regexp.MustCompile(`name +(= )?= "two"`).MatchString(shown) || !regexp.MustCompile(`"a" += "1"`).MatchString(shown) {
		t.Errorf("the state is\n%s", shown)
	}
	c.Forget()
	cli.Run("apply", "-auto-approve", "-no-color", "-refresh=false")
	if lines := methods(c.Requests()); len(lines) != 1 || lines[0] != "POST" {
		t.Errorf("the rest of the update was %v", lines)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// Outputs have their final values right after an apply.
func TestAccVolumeSnapshot_outputs(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := func(attributes string) string {
		return snapshotConfig(c, volume, attributes, `default_metadata = { d = "1" }`) + "output \"all\" {\n  value = " + address + "\n}\n"
	}
	cli := acctest.NewCLI(t, config(`name = "one"
		metadata = { a = "1" }`))
	cli.Attach()
	for _, attributes := range []string{"name = \"one\"\nmetadata = { a = \"1\" }", "name = \"two\"\nmetadata = { b = \"1\" }"} {
		cli.Configure(config(attributes))
		cli.Apply()
		before := cli.Run("output", "-json", "all")
		cli.Run("apply", "-refresh-only", "-auto-approve", "-no-color")
		if after := cli.Run("output", "-json", "all"); after != before {
			t.Errorf("the output became\n%s\nfrom\n%s", after, before)
		}
		if strings.Contains(before, "creating") || !strings.Contains(before, c.ProjectID()) {
			t.Errorf("the output is not final: %s", before)
		}
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}
