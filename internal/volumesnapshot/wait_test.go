package volumesnapshot_test

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// short is a timeout that is to end, longer than a request of a busy cloud takes.
func short() string {
	if acctest.OnCloud() {
		return "15s"
	}
	return "3s"
}

// A create that does not end well leaves a tainted resource and no orphan: the
// next apply replaces the snapshot, and a destroy removes it.
func TestAccVolumeSnapshot_createThatFails(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	for name, row := range map[string]struct{ status, message string }{
		"error": {
			"error", `Volume snapshot did not become available.*The cloud accepted snapshot [0-9a-f-]{36} of volume.*` +
				`is in status "error".*kept in the state as tainted`,
		},
		"timeout": {
			"creating", `Timed out after .* of waiting for snapshot [0-9a-f-]{36} to become available; its last status was "creating".*` +
				`needs longer than ` + short() + `, set timeouts.create`,
		},
		"unknown status": {"backing-up", `its last status was "backing-up"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			test(t, c, volume,
				resource.TestStep{
					PreConfig:   func() { c.ShowStatus(row.status) },
					Config:      snapshotConfig(c, volume, `timeouts = { create = "`+short()+`" }`),
					ExpectError: regexp.MustCompile(`(?s)` + loose(row.message)),
				},
				resource.TestStep{
					PreConfig: func() {
						c.Rewrite(nil)
						if n := len(c.Snapshots(volume)); n != 1 {
							t.Errorf("the failed create made %d snapshots", n)
						}
					},
					Config: snapshotConfig(c, volume, ""),
					ConfigPlanChecks: resource.ConfigPlanChecks{
						PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)},
					},
					Check: onServer(c, volume, func(acctest.Snapshot) error { return nil }),
				},
			)
		})
	}
}

// The cloud's own reason for a failure is in the error, with the id of the
// request whose work failed.
func TestAccVolumeSnapshot_reasonOfFailure(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.NFSVolume()
	c.Attach(volume)
	reason := `; the cloud says: create snapshot:Snapshot failed to create. \(request id req-`
	if c.Microversion() < 3 {
		reason = `\.`
	}
	test(t, c, volume,
		resource.TestStep{
			Config:      snapshotConfig(c, volume, `force = true`),
			ExpectError: regexp.MustCompile(`(?s)` + loose(`Volume snapshot did not become available.*is in status "error"`+reason)),
		},
		resource.TestStep{Config: c.ProviderConfig()},
	)
}

// A snapshot that is deleted between plan and apply: an update says so, and a
// destroy is done.
func TestAccVolumeSnapshot_deletedDuringApply(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `name = "one"`))
	cli.Attach()
	cli.Apply()
	c.DeleteSnapshot(c.Snapshots(volume)[0].ID)
	cli.Configure(snapshotConfig(c, volume, `name = "two"`))
	fails(t, cli, `Unable to update volume snapshot.*404 Not Found.*Somebody deleted it meanwhile`, "apply", "-auto-approve", "-refresh=false")
	cli.Run("destroy", "-auto-approve", "-no-color", "-refresh=false")
}

// A delete is done when the cloud says that the snapshot is gone, and not
// before.
func TestAccVolumeSnapshot_deleteIsVerified(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	for name, row := range map[string]struct{ status, message string }{
		"busy":           {"available", `Unable to delete volume snapshot.*is in status "available".*stays in the state.*gave the deletion up`},
		"error_deleting": {"error_deleting", `Unable to delete volume snapshot.*is in status "error_deleting".*An administrator must set its status to`},
		"slow":           {"deleting", `Unable to delete volume snapshot.*Timed out after .* to be gone; its last status was "deleting"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			cli := acctest.NewCLI(t, snapshotConfig(c, volume, `timeouts = { delete = "`+short()+`" }`))
			cli.Attach()
			cli.Apply()
			c.ShowStatus(row.status)
			c.SwallowDeletes()
			id := c.Snapshots(volume)[0].ID
			out, err := cli.Try("destroy", "-auto-approve", "-no-color", "-refresh=false")
			if err == nil {
				t.Error("a delete that did not happen was a success")
			}
			if !regexp.MustCompile(`(?s)` + loose(row.message)).MatchString(out) {
				t.Errorf("the message is not as expected:\n%s", out)
			}
			if shown := cli.Run("show", "-no-color"); !strings.Contains(shown, id) {
				t.Error("the snapshot is no longer in the state")
			}
			c.Rewrite(nil)
			c.Instead(nil)
			// The real deletion gets the time that it needs.
			cli.Configure(snapshotConfig(c, volume, ""))
			cli.Apply()
			cli.Run("destroy", "-auto-approve", "-no-color")
		})
	}
}

// A 404 that is not Cinder's own, as a wrong endpoint gives it, is no reason to
// forget a snapshot.
func TestAccVolumeSnapshot_strange404(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Identity {
			return false
		}
		http.NotFound(w, nil)
		return true
	})
	for _, command := range []string{"apply", "destroy"} {
		fails(t, cli, `not the API's own way to say that something does not exist`, command, "-auto-approve")
	}
	c.Instead(nil)
	if shown := cli.Run("show", "-no-color"); !strings.Contains(shown, id) {
		t.Error("the snapshot is no longer in the state")
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A cloud may answer the create itself with "available". What only a read tells
// is then read, once.
func TestAccVolumeSnapshot_availableAtOnce(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	var creating atomic.Bool
	c.Rewrite(func(r acctest.Request, resp *http.Response) error {
		if r.Method != http.MethodPost || r.Path != "snapshots" {
			return nil
		}
		creating.Store(true)
		return acctest.RewriteBody(resp, func(body []byte) []byte {
			return bytes.Replace(body, []byte(`"creating"`), []byte(`"available"`), 1)
		})
	})
	// The cloud here takes its time.
	c.Instead(func(_ http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		for creating.Load() && r.Method == http.MethodGet && c.Snapshots(volume)[0].Status != "available" {
			time.Sleep(50 * time.Millisecond)
		}
		return false
	})
	cli.Apply()
	if lines := methods(c.Requests()); !slices.Equal(lines, []string{"POST", "GET"}) {
		t.Errorf("the requests were %v", lines)
	}
	c.Rewrite(nil)
	c.Instead(nil)
	if out, err := cli.Try("plan", "-refresh-only", "-detailed-exitcode", "-no-color"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}
