package volumesnapshot_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// wantSaid compares what an action said with patterns, one for each message.
func wantSaid(t *testing.T, messages []string, patterns ...string) {
	t.Helper()
	messages = slices.DeleteFunc(slices.Clone(messages), func(m string) bool { return strings.HasPrefix(m, "Still ") })
	if len(messages) != len(patterns) {
		t.Errorf("got the messages %q, want %q", messages, patterns)
		return
	}
	for i, pattern := range patterns {
		if !regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(messages[i]) {
			t.Errorf("got the message %q, want %q", messages[i], pattern)
		}
	}
}

// wantProblem compares the only diagnostic of a severity.
func wantProblem(t *testing.T, diagnostics []acctest.Diagnostic, severity, summary string, details ...string) {
	t.Helper()
	if len(diagnostics) != 1 || diagnostics[0].Severity != severity || diagnostics[0].Summary != summary {
		t.Errorf("got %v, want one %s %q", diagnostics, severity, summary)
		return
	}
	for _, detail := range details {
		if !regexp.MustCompile(`(?s)` + detail).MatchString(diagnostics[0].Detail) {
			t.Errorf("got %s, want %q in it", diagnostics[0].Detail, detail)
		}
	}
}

const (
	aSnapshot = `[0-9a-f-]{36}`
	aTime     = `20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`
	nowhere   = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
)

func TestAccCreateAction(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	p := c.Plugin(map[string]any{"default_metadata": map[string]any{"team": "storage", "made-by": "terraform"}})
	const action = "istack_volume_snapshot_create"
	config := map[string]any{"volume_id": volume, "description": "of today", "metadata": map[string]any{"a": "", "b": "1"}}
	if problems := p.PlanAction(action, config); len(problems) > 0 {
		t.Error(problems)
	}
	if n := len(c.Snapshots(volume)); n > 0 {
		t.Errorf("the plan made %d snapshots", n)
	}
	c.Forget()
	messages, problems := p.InvokeAction(t.Context(), action, config)
	name := `"snapshot-20\d{6}T\d{6}Z"`
	wantSaid(t, messages,
		`Making snapshot `+name+` of volume `+volume,
		`The cloud has accepted snapshot `+aSnapshot,
		`Done after [0-9.]+m?s: snapshot `+aSnapshot+` \(`+name+`\) of volume `+volume+`, made `+aTime+`, 1 GiB, is available`)
	if len(problems) > 0 {
		t.Error(problems)
	}
	made := c.Snapshots(volume)
	want := map[string]string{"team": "storage", "made-by": "terraform", "a": "", "b": "1"}
	if len(made) != 1 || made[0].Description != "of today" || !maps.Equal(made[0].Metadata, want) || !strings.Contains(messages[2], made[0].ID) {
		t.Errorf("made %v", made)
	}
	posts := slices.DeleteFunc(methods(c.Requests()), func(m string) bool { return m != http.MethodPost })
	if polls := len(c.Requests()) - len(posts); len(posts) != 1 || polls > 4 {
		t.Errorf("%v", c.Requests())
	}

	messages, problems = p.InvokeAction(t.Context(), action, map[string]any{"volume_id": volume, "name": "before", "metadata": map[string]any{"team": "mine"}})
	made = slices.DeleteFunc(c.Snapshots(volume), func(s acctest.Snapshot) bool { return s.ID == made[0].ID })
	want = map[string]string{"team": "mine", "made-by": "terraform"}
	if len(problems) > 0 || len(made) != 1 || made[0].Name != "before" || !maps.Equal(made[0].Metadata, want) {
		t.Errorf("%v, %v, %v", messages, problems, made)
	}
}

// A snapshot of a volume in use is made with force alone.
func TestAccCreateAction_force(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	c.Reserve(volume)
	p := c.Plugin(nil)
	_, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume})
	if wantProblem(t, problems, "ERROR", "Unable to create volume snapshot", "in-use.*set force = true"); len(problems) == 1 && problems[0].Path() != "force" {
		t.Errorf("the error is about %q", problems[0].Path())
	}
	if made := c.Snapshots(volume); len(made) > 0 {
		t.Errorf("made %v", made)
	}
	_, problems = p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume, "force": true})
	if made := c.Snapshots(volume); len(problems) > 0 || len(made) != 1 {
		t.Errorf("made %v: %v", made, problems)
	}
}

// Keys that the cloud's database takes for one are told of.
func TestAccCreateAction_keysAlike(t *testing.T) {
	t.Parallel()
	c := acctest.New(t, simulator.Options{Release: "13"})
	volume := c.Volume()
	_, problems := c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{
		"volume_id": volume, "metadata": map[string]any{"Key": "1", "key": "2"},
	})
	made := c.Snapshots(volume)
	if len(made) != 1 {
		t.Fatalf("made %v: %v", made, problems)
	}
	if maps.Equal(made[0].Metadata, map[string]string{"Key": "1", "key": "2"}) {
		if len(problems) > 0 || !acctest.OnCloud() {
			t.Errorf("kept both: %v", problems)
		}
		return
	}
	wantProblem(t, problems, "WARNING", "Metadata of volume snapshot not kept", "The cloud made snapshot "+made[0].ID+" .*(Key|key).*differ only in case")
}

// Each action works in the region that it names, whatever the provider's is.
func TestAccActions_region(t *testing.T) {
	t.Parallel()
	east, west, _, volume := twoRegions(t)
	id := west.CreateSnapshot(volume, "there", nil)
	// Without endpoint_overrides, since those are for one region.
	catalog := map[string]any{"endpoint_overrides": nil}
	user, admin := east.Plugin(catalog), east.Administrator().Plugin(catalog)
	for _, row := range []struct {
		as     *acctest.Plugin
		action string
		config map[string]any
		said   string
	}{
		{user, "revert", map[string]any{"snapshot_id": id}, "is as it was in snapshot " + id},
		{user, "prune", map[string]any{"volume_id": volume, "retention": keepLast(1)}, "keep 1 and ignore 0"},
		{admin, "reset_status", map[string]any{"snapshot_id": id, "status": "error"}, `was "available" and is "error"`},
		{user, "create", map[string]any{"volume_id": volume}, ", is available"},
	} {
		row.config["region"] = "west"
		messages, problems := row.as.InvokeAction(t.Context(), "istack_volume_snapshot_"+row.action, row.config)
		if len(problems) > 0 || !strings.Contains(strings.Join(messages, "\n"), row.said) {
			t.Errorf("%s: %q, %v", row.action, messages, problems)
		}
	}
	if made := west.Snapshots(volume); len(made) != 2 {
		t.Errorf("there are %v", made)
	}
}

func TestAccCreateAction_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	p := c.Plugin(map[string]any{"ignore_metadata": map[string]any{"keys": []any{"theirs"}}})
	const action = "istack_volume_snapshot_create"
	wantProblem(t, p.PlanAction(action, map[string]any{"volume_id": nowhere, "metadata": map[string]any{"theirs": "x"}}),
		"ERROR", "Metadata key that the provider ignores")
	wantProblem(t, p.PlanAction(action, map[string]any{"volume_id": "vol"}), "ERROR", "Invalid Attribute Value Match")
	wantProblem(t, p.PlanAction(action, map[string]any{"volume_id": nowhere, "name": " n"}), "ERROR", "Unusable value")
	wantProblem(t, p.PlanAction(action, map[string]any{"volume_id": nowhere, "timeouts": map[string]any{"invoke": "-1s"}}), "ERROR", "Unusable value")

	// What is known only when it runs.
	for summary, metadata := range map[string]map[string]any{"Metadata key that the provider ignores": {"theirs": "x"}, "Null in metadata": {"a": nil}} {
		messages, problems := p.InvokeAction(t.Context(), action, map[string]any{"volume_id": nowhere, "metadata": metadata})
		wantSaid(t, messages)
		wantProblem(t, problems, "ERROR", summary)
	}

	messages, problems := p.InvokeAction(t.Context(), action, map[string]any{"volume_id": nowhere})
	wantSaid(t, messages, `Making snapshot .*`)
	wantProblem(t, problems, "ERROR", "Unable to create volume snapshot", `Creating the snapshot "snapshot-.*" of volume `+nowhere+` failed.*404.*Request id: req-`)
	// Many more of the answers to a create are told by the tests of the resource, whose texts these are.
}

// The advice is for an action, which has no address.
func TestAccCreateAction_lost(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	c.Instead(func(_ http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
		if r.Method != http.MethodPost || r.Identity {
			return false
		}
		c.CreateSnapshot(volume, "n", nil)
		forward(httptest.NewRecorder())
		panic(http.ErrAbortHandler)
	})
	_, problems := c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume, "name": "n"})
	wantProblem(t, problems, "ERROR", "Unable to create volume snapshot", "may have made any of the snapshots "+aSnapshot, `The request may have made one of these snapshots, which is in no state:\s+snapshot `+aSnapshot+`.*in status "`)
	if len(problems) == 1 && strings.Contains(problems[0].Detail, "ADDRESS") {
		t.Error(problems[0].Detail)
	}
}

// A snapshot that fails is in no state, and is deleted again.
func TestAccCreateAction_fails(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	c.ShowStatus("error")
	p := c.Plugin(nil)
	messages, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume})
	wantSaid(t, messages, `Making .*`, `The cloud has accepted .*`)
	wantProblem(t, problems, "ERROR", "Volume snapshot did not become available",
		`The cloud accepted snapshot `+aSnapshot+` of volume `+volume+`, but waiting for it to become available failed`, `It has been deleted again`)
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	// Where that fails too, the error says so.
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"forbidden": {"code": 403, "message": "because"}}`)
		return true
	})
	_, problems = p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume})
	left := c.Snapshots(volume)
	if len(left) != 1 {
		t.Fatalf("left %v", left)
	}
	wantProblem(t, problems, "ERROR", "Volume snapshot did not become available",
		`is in status "error"`, `Deleting it again failed too: .*403 Forbidden.*because`,
		`It is in no state. Delete it when the cloud takes that \(openstack volume snapshot delete `+left[0].ID+`\)`)
}

func TestAccCreateAction_ends(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	c.ShowStatus("creating")
	p := c.Plugin(nil)
	_, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume, "timeouts": map[string]any{"invoke": "3s"}})
	wantProblem(t, problems, "ERROR", "Volume snapshot did not become available", `Timed out after`, `is in no state. Give it longer than 3s \(timeouts.invoke\), or delete it: openstack volume snapshot delete `)
	// An interrupt ends it, and what it leaves is said.
	var stopping sync.WaitGroup
	stopping.Go(func() {
		time.Sleep(time.Second)
		p.Stop()
	})
	defer stopping.Wait()
	messages, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_create", map[string]any{"volume_id": volume, "name": "left"})
	wantSaid(t, messages, `Making snapshot "left" of volume `+volume, `The cloud has accepted snapshot `+aSnapshot)
	wantProblem(t, problems, "ERROR", "Volume snapshot did not become available", `Interrupted after`, `is in no state. To delete it: openstack volume snapshot delete `)
}

func TestAccRevertAction(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	volume := c.NFSVolume()
	snapshot := c.CreateSnapshot(volume, "good", nil)
	p := c.Plugin(nil)
	c.Forget()
	messages, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": snapshot})
	if len(problems) > 0 {
		t.Error(problems)
	}
	wantSaid(t, messages,
		`Reverting volume `+volume+` \(".*", 1 GiB\) to snapshot `+snapshot+` \("good"\) of volume `+volume+`, made `+aTime+`, 1 GiB`,
		`Done after [0-9.]+m?s: volume `+volume+` \(".*", 1 GiB\) is as it was in snapshot `+snapshot+` .*`)
	paths := make([]string, 0, len(c.Requests()))
	for _, r := range c.Requests() {
		paths = append(paths, r.Method+" "+r.Path)
	}
	want := []string{"GET snapshots/" + snapshot, "GET volumes/" + volume, "GET snapshots/detail", "POST volumes/" + volume + "/action"}
	if len(paths) < 5 || len(paths) > 9 || !slices.Equal(paths[:4], want) || slices.ContainsFunc(paths[4:], func(p string) bool { return p != want[1] }) {
		t.Errorf("got %q, want %q and polls of the volume", paths, want)
	}
	if c.VolumeStatus(volume) != "available" {
		t.Error("the volume is not available")
	}
}

// An administrator reverts a volume of another project.
func TestAccRevertAction_administrator(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	admin := c.Administrator()
	volume := c.NFSVolume()
	old := c.CreateSnapshot(volume, "old", nil)
	p := admin.Plugin(nil)
	if _, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": old}); len(problems) > 0 {
		t.Error(problems)
	}
	time.Sleep(1100 * time.Millisecond)
	newer := c.CreateSnapshot(volume, "newer", nil)
	_, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": old})
	wantProblem(t, problems, "ERROR", "Volume not reverted", "The newest is snapshot "+newer)
}

func TestAccRevertAction_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	c.NeedsAdministrator()
	volume := c.Volume()
	p := c.Plugin(nil)
	old := c.CreateSnapshot(volume, "old", nil)
	time.Sleep(1100 * time.Millisecond)
	newer := c.CreateSnapshot(volume, "newer", nil)
	refused := func(id string, details ...string) {
		t.Helper()
		c.Forget()
		messages, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": id})
		wantSaid(t, messages)
		wantProblem(t, problems, "ERROR", "Volume not reverted", append(details, "Nothing has been touched", "A new volume made from the snapshot")...)
		if onlyReads(c)(nil) != nil {
			t.Errorf("%v", c.Requests())
		}
	}
	refused(old, "is not the newest of the volume", "The newest is snapshot "+newer+` \("newer"\).*, in status "available"`)
	// In any status it is the newest.
	c.SetSnapshotStatus(newer, "error")
	refused(old, "The newest is snapshot "+newer+`.*in status "error"`)
	c.SetSnapshotStatus(newer, "deleting")
	refused(old, `in status "deleting"\. Invoke the action again when it is gone`)
	c.SetSnapshotStatus(newer, "available")
	c.SetVolumeStatus(volume, "maintenance")
	refused(newer, `The status of the volume is "maintenance"`)
	c.SetVolumeStatus(volume, "available")
	c.RewriteSnapshots(func(s map[string]any) {
		if s["id"] == newer {
			s["size"] = 2
		}
	})
	refused(newer, "The volume has 1 GiB, and had 2 GiB when")
	c.Rewrite(nil)
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodGet || r.Path != "volumes/"+volume {
			return false
		}
		fmt.Fprintf(w, `{"volume": {"id": %q, "status": "available", "size": 2}}`, volume)
		return true
	})
	refused(newer, "The volume has 2 GiB, and had 1 GiB when")
	c.Instead(nil)
	c.RewriteSnapshots(func(s map[string]any) {
		if s["id"] == newer {
			s["name"] = "[revert] volume " + volume + " backup snapshot"
		}
	})
	refused(old, `in status "available"\. The cloud made it for a revert. If that failed, it holds the data from before`)
	c.RewriteSnapshots(func(s map[string]any) {
		if s["id"] == newer {
			s["name"], s["status"] = "[revert] volume "+volume+" backup snapshot", "error"
		}
	})
	refused(old, `in status "error"\. It restores nothing: delete it`)
	c.Rewrite(nil)

	for status, advice := range map[string]string{
		"creating": `is "creating"\. Wait until it is available`,
		"deleting": `is "deleting"\. When it is gone, invoke the action with the snapshot that is the newest then`,
		"error":    `is "error": it restores nothing`,
	} {
		c.SetSnapshotStatus(newer, status)
		messages, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": newer})
		wantSaid(t, messages)
		wantProblem(t, problems, "ERROR", "Volume not reverted", `The status of snapshot `+newer+`.* `+advice)
	}
	c.SetSnapshotStatus(newer, "available")
	_, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": nowhere})
	wantProblem(t, problems, "ERROR", "Unable to revert volume", "404.*Request id: req-", "Check the id")
}

// A cloud without the revert is told so before anything is tried.
func TestAccRevertAction_unknown(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	for _, options := range []simulator.Options{{MaxMicroversion: "3.39"}, {CatalogTypes: []string{"volumev2"}}} {
		c := acctest.New(t, options)
		volume := c.Volume()
		_, problems := c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": c.CreateSnapshot(volume, "s", nil)})
		wantProblem(t, problems, "ERROR", "Volume not reverted", "came with microversion 3.40", "A new volume made from the snapshot")
	}
}

// acceptRevert accepts a revert, and gives these answers, by path, from then on.
func acceptRevert(c *acctest.Cloud, then map[string]string) {
	reverted := false
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/action") {
			reverted = true
			w.WriteHeader(http.StatusAccepted)
			return true
		}
		answer, ok := then[r.Path]
		if reverted && ok {
			fmt.Fprint(w, answer)
		}
		return reverted && ok
	})
}

// After a revert that failed, it is the volume that shows it. A snapshot may be left that holds the data
// from before. If that one has failed, the cloud may say why: it has no message about the revert itself.
func TestAccRevertAction_fails(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	volume := c.NFSVolume()
	snapshot := c.CreateSnapshot(volume, "good", nil)
	for status, details := range map[string][]string{
		"available":      {`Volume ` + volume + ` is in status "error"\.`, `The cloud has left snapshot ` + nowhere + ` \("\[revert\].*, in status "available": it holds the data from before the revert`},
		"error":          {`Volume ` + volume + ` is in status "error"; the cloud says: no room \(request id req-7\)`, `in status "error": the cloud could not copy the volume .* most likely unchanged`},
		"creating":       {`in status "creating": .* only if it becomes available`},
		"deleting":       {`in status "deleting": wait until it is gone`},
		"error_deleting": {`in status "error_deleting": .*openstack volume snapshot set --state`},
	} {
		acceptRevert(c, map[string]string{
			"volumes/" + volume: fmt.Sprintf(`{"volume": {"id": %q, "status": "error", "size": 1}}`, volume),
			"snapshots/detail":  fmt.Sprintf(`{"snapshots": [{"id": %q, "volume_id": %q, "name": "[revert] volume %[2]s backup snapshot", "size": 1, "status": %q}]}`, nowhere, volume, status),
			"messages": fmt.Sprintf(`{"messages": [{"resource_uuid": %q, "user_message": "of an extend last week", "request_id": "req-6"},
				{"resource_uuid": %q, "user_message": "no room", "request_id": "req-7"}]}`, volume, nowhere),
		})
		messages, problems := c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_revert", map[string]any{"snapshot_id": snapshot})
		wantSaid(t, messages, "Reverting volume .*")
		wantProblem(t, problems, "ERROR", "Unable to revert volume", append(details, "openstack volume set --state available "+volume)...)
		if strings.Contains(problems[0].Detail, "last week") || strings.Contains(problems[0].Detail, "no room") != (status == "error") {
			t.Errorf("%s: %s", status, problems[0].Detail)
		}
	}
}

func TestAccRevertAction_ends(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	volume := c.NFSVolume()
	config := map[string]any{"snapshot_id": c.CreateSnapshot(volume, "good", nil), "timeouts": map[string]any{"invoke": "3s"}}
	acceptRevert(c, map[string]string{
		"volumes/" + volume: fmt.Sprintf(`{"volume": {"id": %q, "status": "reverting", "size": 1}}`, volume),
	})
	_, problems := c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_revert", config)
	wantProblem(t, problems, "ERROR", "Unable to revert volume", `Timed out after .* of waiting for volume `+volume+` to become available; its last status was "reverting"`, "The cloud goes on with it")

	// Nor does it read as one that has failed where the volume cannot be looked at.
	reverted := false
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/action"):
			reverted = true
			w.WriteHeader(http.StatusAccepted)
		case reverted && r.Path == "volumes/"+volume:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"forbidden": {"code": 403, "message": "Policy doesn't allow volume:get to be performed."}}`)
		default:
			return false
		}
		return true
	})
	_, problems = c.Plugin(nil).InvokeAction(t.Context(), "istack_volume_snapshot_revert", config)
	wantProblem(t, problems, "ERROR", "Unable to revert volume", `was accepted by the cloud, and waiting for its end failed.*403.*The cloud goes on with it`)
	c.Instead(nil)
}

func TestAccResetStatusAction(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	admin := c.Administrator()
	id := c.CreateSnapshot(c.Volume(), "stuck", nil)
	const action = "istack_volume_snapshot_reset_status"
	p := admin.Plugin(nil)
	wantProblem(t, p.PlanAction(action, map[string]any{"snapshot_id": id, "status": "gone"}), "ERROR", "Invalid Attribute Value Match")
	config := map[string]any{"snapshot_id": id, "status": "error_deleting"}
	admin.Forget()
	messages, problems := p.InvokeAction(t.Context(), action, config)
	wantSaid(t, messages, `Setting the status of snapshot `+id+` \("stuck"\) .*, from "available" to "error_deleting"`,
		`Done after [0-9.]+m?s: the status of snapshot `+id+` \("stuck"\) .*, was "available" and is "error_deleting"`)
	if s, _ := c.Snapshot(id); len(problems) > 0 || s.Status != "error_deleting" || len(admin.Requests()) != 3 {
		t.Errorf("%v, %v, %v", s, problems, admin.Requests())
	}
	messages, problems = p.InvokeAction(t.Context(), action, config)
	wantSaid(t, messages, `Nothing to do: .*, is in status "error_deleting"`)
	if len(problems) > 0 {
		t.Error(problems)
	}
	_, problems = c.Plugin(nil).InvokeAction(t.Context(), action, map[string]any{"snapshot_id": id, "status": "available"})
	wantProblem(t, problems, "ERROR", "Unable to reset status of volume snapshot", "403 Forbidden.*Request id", "Only an administrator")
	_, problems = p.InvokeAction(t.Context(), action, map[string]any{"snapshot_id": nowhere, "status": "available"})
	wantProblem(t, problems, "ERROR", "Unable to reset status of volume snapshot", "404 Not Found", "Check the id")
	c.SetSnapshotStatus(id, "available")

	// What becomes of the snapshot after that is no failure of the reset.
	reset := false
	admin.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if !reset {
			reset = r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/action")
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"itemNotFound": {"code": 404, "message": "gone"}}`)
		return true
	})
	messages, problems = p.InvokeAction(t.Context(), action, config)
	wantSaid(t, messages, `Setting the status of snapshot `+id+`.*`)
	wantProblem(t, problems, "ERROR", "Unable to read volume snapshot", `The cloud has accepted the status "error_deleting", in place of "available"`, "404 Not Found")
	admin.Instead(nil)
	c.SetSnapshotStatus(id, "available")
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
