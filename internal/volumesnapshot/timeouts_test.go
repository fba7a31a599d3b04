package volumesnapshot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// Each of the timeouts is that of its operation.
func TestAccVolumeSnapshot_timeouts(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := func(name, timeouts string) string {
		return snapshotConfig(c, volume, fmt.Sprintf("name = %q\ntimeouts = { %s }", name, timeouts))
	}
	cli := acctest.NewCLI(t, config("one", `read = "1500ms", update = "1500ms"`))
	cli.Attach()
	cli.Apply()
	hold := func(method string) (release context.CancelFunc) {
		// What waits longer than this has another timeout.
		held, release := context.WithTimeout(t.Context(), time.Minute)
		c.Instead(func(_ http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
			if r.Method == method && strings.HasPrefix(r.Path, "snapshots/") {
				<-held.Done()
			}
			return false
		})
		return release
	}
	for _, row := range []struct{ what, method, message string }{
		{"read", http.MethodGet, "Unable to read volume snapshot"},
		{"update", http.MethodPut, "Unable to update volume snapshot"},
	} {
		release := hold(row.method)
		args := []string{"plan"}
		if row.what == "update" {
			cli.Configure(config("two", `read = "1500ms", update = "1500ms"`))
			args = []string{"apply", "-auto-approve", "-refresh=false"}
		}
		fails(t, cli, row.message+".*timed out before the answer was there", args...)
		release()
	}
	c.Instead(nil)
	cli.Configure(config("three", `read = "1m"`))
	cli.Apply("-refresh=false") // which would still have the time of before
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// Where none is set, each operation ends after its default timeout. Block storage never answers here,
// and time is virtual.
func TestDefaultTimeouts(t *testing.T) {
	acctest.AsksNoCloud(t)
	const action = kind + "_"
	volume, snapshot := map[string]string{"volume_id": nowhere}, map[string]string{"snapshot_id": nowhere}
	for _, row := range []struct {
		method, of string
		arguments  map[string]string
		want       time.Duration
	}{
		{"create", kind, volume, time.Hour},
		{"read", kind, volume, 5 * time.Minute},
		{"update", kind, volume, 10 * time.Minute},
		{"delete", kind, volume, time.Hour},
		{"data source", kind, map[string]string{"id": nowhere}, 5 * time.Minute},
		{"data source", kind + "s", volume, 5 * time.Minute},
		{"data source", kind + "_metadata", snapshot, 5 * time.Minute},
		{"list", kind, volume, 5 * time.Minute},
		{"action", action + "create", volume, time.Hour},
		{"action", action + "revert", snapshot, time.Hour},
		{"action", action + "prune", volume, time.Hour},
		{"action", action + "reset_status", map[string]string{"snapshot_id": nowhere, "status": "error"}, 5 * time.Minute},
	} {
		t.Run(row.method+" "+row.of, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{TokenLife: 24 * time.Hour})
				p := newInMemory(t, cloud, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/volume/") {
						_, _ = io.Copy(io.Discard, r.Body) // a server sees only then that the client has gone
						<-r.Context().Done()
						return
					}
					cloud.ServeHTTP(w, r)
				}))
				began := time.Now()
				failed := p.call(row.method, row.of, row.arguments)
				// The rest is for what explains an error.
				if took := time.Since(began); !failed || took < row.want || took > row.want+time.Minute {
					t.Errorf("failed %t after %s, want %s", failed, took, row.want)
				}
			})
		})
	}
}
