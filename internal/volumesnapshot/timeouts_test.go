package volumesnapshot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// An action that waits says so every ten seconds. Time is virtual.
func TestActionsSayThatTheyWait(t *testing.T) {
	acctest.AsksNoCloud(t)
	for action, want := range map[string]string{
		"create": `Still making snapshot ` + aSnapshot + ` after 10s\n.* after 20s\n`,
		"prune":  `Still deleting \(0 of 2 done\) after 10s\n.* after 20s\n.*\(1 of 2 done\) after 30s\n.* after 40s\n.* after 50s\n`,
	} {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{CreateTime: 25 * time.Second, DeleteTime: 25 * time.Second})
				volume := cloud.SeedVolume("data", 1)
				if err := cloud.SeedSnapshots(volume, 3, "seed"); err != nil {
					t.Fatal(err)
				}
				p := newInMemory(t, cloud, cloud)
				if p.call("action", kind+"_"+action, map[string]string{"volume_id": volume}) {
					t.Error("there was an error")
				}
				said := ""
				for _, message := range p.messages {
					if strings.HasPrefix(message, "Still ") {
						said += message + "\n"
					}
				}
				if !regexp.MustCompile(`^` + want + `$`).MatchString(said) {
					t.Errorf("got %q, want %q", said, want)
				}
			})
		})
	}
}

// Without the newest snapshot of its volume, which is looked at every half minute, no other is deleted.
// Time is virtual.
func TestPruneWithoutTheNewest(t *testing.T) {
	acctest.AsksNoCloud(t)
	const slow, left = 40 * time.Second, "deleted 1 of 2 .*\n  left .*: the newest snapshot of its volume, " + aSnapshot + ", is "
	for name, row := range map[string]struct {
		deletion time.Duration // how long each takes
		answer   string        // for the newest, since the first deletion
		want     string
	}{
		"there":       {slow, "", "deleted 2 of 2"},
		"backed up":   {slow, "backing-up", "deleted 2 of 2"},
		"just seen":   {20 * time.Second, "error", "deleted 2 of 2"},
		"gone":        {slow, "404", left + "gone"},
		"deleting":    {slow, "deleting", left + `in status "deleting"`},
		"failed":      {slow, "error", left + `in status "error"`},
		"not allowed": {slow, "403", "deleted 1 of 2 .*\n  failed "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{DeleteTime: row.deletion})
				volume := cloud.SeedVolume("data", 1)
				if err := cloud.SeedSnapshots(volume, 2, "seed"); err != nil {
					t.Fatal(err)
				}
				var begun atomic.Bool
				newest := "none yet"
				p := newInMemory(t, cloud, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodDelete {
						begun.Store(true)
					}
					if row.answer == "" || !begun.Load() || !strings.HasSuffix(r.URL.Path, newest) {
						cloud.ServeHTTP(w, r)
					} else if status, err := strconv.Atoi(row.answer); err == nil {
						w.WriteHeader(status)
						fmt.Fprintf(w, `{"itemNotFound": {"code": %d, "message": "Not found."}}`, status)
					} else {
						fmt.Fprintf(w, `{"snapshot": {"id": %q, "volume_id": %q, "status": %q}}`, newest, volume, row.answer)
					}
				}))
				time.Sleep(2 * time.Second) // a second of its own
				p.call("action", kind+"_create", map[string]string{"volume_id": volume})
				newest = regexp.MustCompile(aSnapshot).FindString(p.messages[1])
				failed := p.call("action", kind+"_prune", map[string]string{"volume_id": volume})
				said := p.messages[len(p.messages)-1]
				if failed != (row.answer == "403") || !regexp.MustCompile(`(?s)`+row.want).MatchString(said) {
					t.Errorf("failed %t: got %s, want %s", failed, said, row.want)
				}
			})
		})
	}
}

// inMemory is a provider whose cloud is in memory, so that time can be virtual.
type inMemory struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	schemas  *tfprotov6.GetProviderSchemaResponse
	messages []string // of actions
}

// newInMemory signs in to a cloud behind a handler.
func newInMemory(t *testing.T, cloud *simulator.Server, handler http.Handler) *inMemory {
	t.Helper()
	network := serveInMemory(handler)
	t.Cleanup(network.close)
	server, err := acctest.Factories()["istack"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := &inMemory{t: t, server: server, schemas: schemas}
	block := credentials(cloud.Environment("http://"+host, "demo"))
	block["request_timeout"] = tftypes.NewValue(tftypes.String, "24h")
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, filled(schemas.Provider.ValueType().(tftypes.Object), block)),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return p
}

// value is an object of a schema with these texts.
func (p *inMemory) value(schema *tfprotov6.Schema, texts map[string]string) *tfprotov6.DynamicValue {
	p.t.Helper()
	object := schema.ValueType().(tftypes.Object)
	known := map[string]tftypes.Value{}
	for name, text := range texts {
		known[name] = tftypes.NewValue(tftypes.String, text)
	}
	if rules, ok := object.AttributeTypes["retention"].(tftypes.Object); ok {
		known["retention"] = filled(rules, map[string]tftypes.Value{"keep_last": tftypes.NewValue(tftypes.Number, 1)})
		known["dry_run"] = tftypes.NewValue(tftypes.Bool, false)
	}
	return dynamic(p.t, filled(object, known))
}

// call calls a method with a configuration that has but these arguments, or with a state, and reports
// whether there was an error.
func (p *inMemory) call(method, of string, arguments map[string]string) bool {
	p.t.Helper()
	ctx := p.t.Context()
	var diagnostics []*tfprotov6.Diagnostic
	var err error
	switch method {
	case "data source":
		var read *tfprotov6.ReadDataSourceResponse
		if read, err = p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: of, Config: p.value(p.schemas.DataSourceSchemas[of], arguments)}); err == nil {
			diagnostics = read.Diagnostics
		}
	case "list":
		var stream *tfprotov6.ListResourceServerStream
		stream, err = p.server.(tfprotov6.ListResourceServer).ListResource(ctx, &tfprotov6.ListResourceRequest{
			TypeName: of, Limit: 100, Config: p.value(p.schemas.ListResourceSchemas[of], arguments),
		})
		if err == nil {
			for result := range stream.Results {
				diagnostics = append(diagnostics, result.Diagnostics...)
			}
		}
	case "action":
		var stream *tfprotov6.InvokeActionServerStream
		stream, err = p.server.(tfprotov6.ActionServer).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
			ActionType: of, Config: p.value(p.schemas.ActionSchemas[of].Schema, arguments),
		})
		if err == nil {
			for event := range stream.Events {
				switch event := event.Type.(type) {
				case tfprotov6.ProgressInvokeActionEventType:
					p.messages = append(p.messages, event.Message)
				case tfprotov6.CompletedInvokeActionEventType:
					diagnostics = event.Diagnostics
				}
			}
		}
	default:
		diagnostics, err = p.change(method)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return len(diagnostics) > 0
}

// change does what a resource does.
func (p *inMemory) change(method string) ([]*tfprotov6.Diagnostic, error) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[kind]
	null := dynamic(p.t, tftypes.NewValue(schema.ValueType(), nil))
	state := func(name string) *tfprotov6.DynamicValue {
		return p.value(schema, map[string]string{"id": nowhere, "volume_id": nowhere, "name": name, "region": "RegionOne", "deletion_policy": "delete"})
	}
	request := &tfprotov6.ApplyResourceChangeRequest{TypeName: kind, PriorState: state("one"), PlannedState: state("two"), Config: state("two")}
	switch method {
	case "read":
		read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: state("one")})
		if err != nil {
			return nil, err
		}
		return read.Diagnostics, nil
	case "create":
		request.PriorState = null
	case "delete":
		request.PlannedState, request.Config = null, null
	}
	applied, err := p.server.ApplyResourceChange(p.t.Context(), request)
	if err != nil {
		return nil, err
	}
	return applied.Diagnostics, nil
}
