package volumesnapshot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
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
	c.AsAdmin()
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
	c.AsAdmin()
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
	if c.Microversion() < 3 {
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
	c.AsAdmin()
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
	const action, volume, snapshot = kind + "_", "volume_id", "snapshot_id"
	for _, row := range []struct {
		method, of, argument string
		want                 time.Duration
	}{
		{"create", kind, volume, time.Hour},
		{"read", kind, volume, 5 * time.Minute},
		{"update", kind, volume, 10 * time.Minute},
		{"delete", kind, volume, time.Hour},
		{"data source", kind, "id", 5 * time.Minute},
		{"data source", kind + "s", volume, 5 * time.Minute},
		{"data source", kind + "_metadata", snapshot, 5 * time.Minute},
		{"list", kind, volume, 5 * time.Minute},
		{"action", action + "create", volume, time.Hour},
		{"action", action + "revert", snapshot, time.Hour},
		{"action", action + "prune", volume, time.Hour},
		{"action", action + "reset_status", snapshot, 5 * time.Minute},
	} {
		t.Run(row.method+" "+row.of, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newSilent(t)
				began := time.Now()
				failed := p.call(row.method, row.of, row.argument)
				// The rest is for what explains an error.
				if took := time.Since(began); !failed || took < row.want || took > row.want+time.Minute {
					t.Errorf("failed %t after %s, want %s", failed, took, row.want)
				}
			})
		})
	}
}

// silent is a provider to whose sign-in the cloud answers, and to nothing else.
type silent struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newSilent(t *testing.T) *silent {
	t.Helper()
	cloud := simulator.New(simulator.Options{TokenLife: 24 * time.Hour})
	network := serveInMemory(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/volume/") {
			_, _ = io.Copy(io.Discard, r.Body) // a server sees only then that the client has gone
			<-r.Context().Done()
			return
		}
		cloud.ServeHTTP(w, r)
	}))
	t.Cleanup(network.close)
	server, err := acctest.Factories()["istack"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := &silent{t, server, schemas}
	env := cloud.Environment("http://"+host, "demo")
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.value(schemas.Provider, map[string]string{
		"auth_url": env["OS_AUTH_URL"], "user_name": env["OS_USERNAME"], "password": env["OS_PASSWORD"], "project_name": env["OS_PROJECT_NAME"],
		"region": env["OS_REGION_NAME"], "request_timeout": "24h",
	})})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return p
}

// value is an object of a schema with these texts.
func (p *silent) value(schema *tfprotov6.Schema, texts map[string]string) *tfprotov6.DynamicValue {
	p.t.Helper()
	object := schema.ValueType().(tftypes.Object)
	known := map[string]tftypes.Value{}
	for name, text := range texts {
		known[name] = tftypes.NewValue(tftypes.String, text)
	}
	if rules, ok := object.AttributeTypes["retention"].(tftypes.Object); ok {
		known["retention"] = filled(rules, map[string]tftypes.Value{"keep_last": tftypes.NewValue(tftypes.Number, 1)})
	}
	value, err := tfprotov6.NewDynamicValue(object, filled(object, known))
	if err != nil {
		p.t.Fatal(err)
	}
	return &value
}

// call calls a method with a configuration or state that has but this argument, and reports whether
// there was an error.
func (p *silent) call(method, of, argument string) bool {
	p.t.Helper()
	ctx, texts := p.t.Context(), map[string]string{argument: nowhere}
	var diagnostics []*tfprotov6.Diagnostic
	var err error
	switch method {
	case "data source":
		var read *tfprotov6.ReadDataSourceResponse
		if read, err = p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: of, Config: p.value(p.schemas.DataSourceSchemas[of], texts)}); err == nil {
			diagnostics = read.Diagnostics
		}
	case "list":
		var stream *tfprotov6.ListResourceServerStream
		stream, err = p.server.(tfprotov6.ListResourceServer).ListResource(ctx, &tfprotov6.ListResourceRequest{
			TypeName: of, Limit: 100, Config: p.value(p.schemas.ListResourceSchemas[of], texts),
		})
		if err == nil {
			for result := range stream.Results {
				diagnostics = append(diagnostics, result.Diagnostics...)
			}
		}
	case "action":
		if of == kind+"_reset_status" {
			texts["status"] = "error"
		}
		var stream *tfprotov6.InvokeActionServerStream
		stream, err = p.server.(tfprotov6.ActionServer).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
			ActionType: of, Config: p.value(p.schemas.ActionSchemas[of].Schema, texts),
		})
		if err == nil {
			for event := range stream.Events {
				if completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
					diagnostics = completed.Diagnostics
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
func (p *silent) change(method string) ([]*tfprotov6.Diagnostic, error) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[kind]
	null, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	if err != nil {
		return nil, err
	}
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
		request.PriorState = &null
	case "delete":
		request.PlannedState, request.Config = &null, &null
	}
	applied, err := p.server.ApplyResourceChange(p.t.Context(), request)
	if err != nil {
		return nil, err
	}
	return applied.Diagnostics, nil
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
