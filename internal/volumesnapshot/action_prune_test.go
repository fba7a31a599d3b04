package volumesnapshot_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

const pruneType = "istack_volume_snapshot_prune"

func keepLast(n int) map[string]any { return map[string]any{"keep_last": n} }

// several makes so many snapshots of a volume, the newest first, each in a second of its own.
func several(c *acctest.Cloud, volume string, n int) (ids []string) {
	for i := range n {
		if i > 0 {
			time.Sleep(1100 * time.Millisecond)
		}
		ids = slices.Insert(ids, 0, c.CreateSnapshot(volume, "s"+strconv.Itoa(i), map[string]string{"n": strconv.Itoa(i)}))
	}
	return ids
}

func idsOf(c *acctest.Cloud, volume string) (ids []string) {
	for _, s := range c.Snapshots(volume) {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestAccPruneAction(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := several(c, volume, 5)
	p := c.Plugin(nil)
	config := map[string]any{"volume_id": volume, "retention": map[string]any{"keep_last": 2, "keep_metadata": []any{map[string]any{"n": "1"}}}}
	if problems := p.PlanAction(pruneType, config); len(problems) > 0 {
		t.Fatal(problems)
	}
	c.Forget()
	messages, problems := p.InvokeAction(t.Context(), pruneType, config)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	row := func(what, id, why string) string {
		return `  ` + what + ` snapshot ` + id + ` \("s\d"\) of volume ` + volume + `, made ` + aTime + `, 1 GiB: ` + why
	}
	wantSaid(t, messages, `Nothing is deleted. The policy would delete 2 snapshots \(2 GiB\), keep 3 and ignore 0.`+
		"\n"+row("delete", ids[2], "no rule keeps it")+"\n"+row("delete", ids[4], "no rule keeps it")+
		"\n"+row("keep", ids[0], "keep_last")+"\n"+row("keep", ids[1], "keep_last")+"\n"+row("keep", ids[3], `keep_metadata \{n=1\}`))
	if !slices.Equal(idsOf(c, volume), ids) || len(c.Requests()) != 1 {
		t.Errorf("a dry run left %v by %v", idsOf(c, volume), c.Requests())
	}

	config["dry_run"] = false
	c.Forget()
	messages, problems = p.InvokeAction(t.Context(), pruneType, config)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	wantSaid(t, messages, `Deleting 1 of 2: snapshot `+ids[4]+` .*`, `Deleting 2 of 2: snapshot `+ids[2]+` .*`,
		`Done after [0-9.]+m?s: deleted 2 of 2 expired snapshots \(2 GiB\), kept 3, ignored 0.`+
			"\n  deleted snapshot "+ids[4]+".*\n  deleted snapshot "+ids[2]+".*")
	if got, want := idsOf(c, volume), []string{ids[0], ids[1], ids[3]}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	// One after the other, the oldest first, each until the cloud says that it is gone.
	var deletes []string
	for _, r := range c.Requests() {
		if r.Method == http.MethodDelete || r.Status == http.StatusNotFound {
			deletes = append(deletes, r.Method+" "+strings.TrimPrefix(r.Path, "snapshots/"))
		}
	}
	if want := []string{"DELETE " + ids[4], "GET " + ids[4], "DELETE " + ids[2], "GET " + ids[2]}; !slices.Equal(deletes, want) {
		t.Errorf("%q, want %q", deletes, want)
	}
	// What it has kept it keeps.
	if messages, _ = p.InvokeAction(t.Context(), pruneType, config); len(messages) != 1 || !strings.Contains(messages[0], "deleted 0 of 0 expired snapshots (0 GiB), kept 3") {
		t.Errorf("%q", messages)
	}
}

// inSeconds shows these snapshots as made one second after the other, the nth of them at time n, and
// with sizes whose sum tells which of them it is of: 1 GiB, 2 GiB, 4 GiB and so on.
func inSeconds(c *acctest.Cloud, ids ...string) {
	c.RewriteSnapshots(func(s map[string]any) {
		if i := slices.IndexFunc(ids, func(id string) bool { return s["id"] == id }); i >= 0 {
			s["created_at"], s["size"] = fmt.Sprintf("2026-01-31T00:00:%02d.000000", i), 1<<i
		}
	})
}

// Nothing is deleted but what all filters select.
func TestAccPruneAction_filters(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume, other := c.Volume(), c.Volume()
	made := func(of, name string, metadata map[string]string) string {
		metadata["run"] = volume // as nobody else has
		return c.CreateSnapshot(of, name, metadata)
	}
	ids := []string{
		made(volume, "a", map[string]string{"n": "1"}),
		made(volume, "a", map[string]string{"n": "1"}),
		made(volume, "ab", map[string]string{"n": "2"}),
		made(volume, "b", map[string]string{"n": "2", "keep": ""}),
		made(other, "a", map[string]string{"n": "1"}),
		made(other, "b", map[string]string{"n": "1"}),
	}
	inSeconds(c, ids...)
	p := c.Plugin(nil)
	for name, row := range map[string]struct {
		filter map[string]any
		want   string
	}{
		"none":             {nil, "delete 4 snapshots (23 GiB), keep 2 and ignore 0"},
		"metadata":         {map[string]any{"metadata": map[string]any{"run": volume, "n": "1"}}, "delete 2 snapshots (17 GiB), keep 2 and ignore 0"},
		"without_metadata": {map[string]any{"without_metadata": []any{"keep"}}, "delete 3 snapshots (19 GiB), keep 2 and ignore 0"},
		"created_after":    {map[string]any{"created_after": "2026-01-31T00:00:01Z"}, "delete 2 snapshots (20 GiB), keep 2 and ignore 0"},
		"created_before":   {map[string]any{"created_before": "2026-01-31T00:00:03Z"}, "delete 2 snapshots (3 GiB), keep 1 and ignore 0"},
		"name":             {map[string]any{"name": "a"}, "delete 1 snapshots (1 GiB), keep 2 and ignore 0"},
		"name_regex":       {map[string]any{"name_regex": "^a"}, "delete 2 snapshots (3 GiB), keep 2 and ignore 0"},
		"volume_id":        {map[string]any{"volume_id": other}, "delete 1 snapshots (16 GiB), keep 1 and ignore 0"},
	} {
		config := map[string]any{"metadata": map[string]any{"run": volume}, "retention": keepLast(1)}
		maps.Copy(config, row.filter)
		messages, problems := p.InvokeAction(t.Context(), pruneType, config)
		if len(problems) > 0 || len(messages) != 1 || !strings.HasPrefix(messages[0], "Nothing is deleted. The policy would "+row.want+".\n") {
			t.Errorf("%s: %q, %v, want %s", name, messages, problems, row.want)
		}
	}
	messages, problems := p.InvokeAction(t.Context(), pruneType, map[string]any{
		"volume_id": volume, "without_metadata": []any{"keep"}, "retention": keepLast(1), "dry_run": false,
	})
	wantSaid(t, messages, `Deleting 1 of 2: snapshot `+ids[0]+` .*`, `Deleting 2 of 2: snapshot `+ids[1]+` .*`,
		`Done after .*: deleted 2 of 2 expired snapshots \(3 GiB\), kept 1, ignored 0\..*`)
	left := append(idsOf(c, volume), idsOf(c, other)...)
	if slices.Sort(left); len(problems) > 0 || !slices.Equal(left, slices.Sorted(slices.Values(ids[2:]))) {
		t.Errorf("left %v of %v: %v", left, ids, problems)
	}
}

// Members of a group snapshot are deleted with that alone.
func TestAccPruneAction_group(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume, member, group, _ := c.GroupSnapshot()
	plain := c.CreateSnapshot(volume, "plain", nil)
	inSeconds(c, member, plain)
	p := c.Plugin(nil)
	config := map[string]any{"volume_id": volume, "retention": keepLast(1)}
	messages, problems := p.InvokeAction(t.Context(), pruneType, config)
	if len(problems) > 0 {
		t.Error(problems)
	}
	wantSaid(t, messages, `Nothing is deleted. The policy would delete 0 snapshots \(0 GiB\), keep 1 and ignore 1.`+
		`\n  keep snapshot `+plain+` .*\n  ignore snapshot `+member+` .*: it is part of group snapshot `+group)
	config["dry_run"] = false
	messages, problems = p.InvokeAction(t.Context(), pruneType, config)
	wantSaid(t, messages, `Done after .*: deleted 0 of 0 expired snapshots \(0 GiB\), kept 1, ignored 1.`)
	if left := idsOf(c, volume); len(problems) > 0 || len(left) != 2 {
		t.Errorf("left %v: %v", left, problems)
	}
}

func TestAccPruneAction_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	p := c.Plugin(nil)
	for _, row := range []struct {
		config  map[string]any
		summary string
		detail  string
	}{
		{map[string]any{"retention": keepLast(1)}, "Selection of all volume snapshots", "at least one of volume_id"},
		{map[string]any{"retention": keepLast(1), "name_regex": ".*"}, "Selection of all volume snapshots", "a name_regex that does not match everything"},
		{map[string]any{"retention": keepLast(1), "name_regex": "^.*$"}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "name_regex": "^[ -~]+"}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "name_regex": "(?s)^.{0,39}$"}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "name_regex": `\S`}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "name_regex": "[^ ]"}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "metadata": map[string]any{}}, "Selection of all volume snapshots", ""},
		{map[string]any{"retention": keepLast(1), "without_metadata": []any{"a"}}, "Selection of all volume snapshots", ""},
		{map[string]any{"name": "n"}, "Missing Configuration for Required Attribute", ""},
		{map[string]any{"name": "n", "retention": map[string]any{}}, "Unusable retention policy", "The policy has no rule, and would keep nothing"},
		{map[string]any{"name": "n", "retention": keepLast(0)}, "Unusable retention policy", "keep_last is 0"},
		{map[string]any{"name": "n", "retention": keepLast(-2)}, "Unusable retention policy", "keep_last is -2"},
		{map[string]any{"name": "n", "retention": map[string]any{"keep_within": "7w"}}, "Unusable retention policy", "the units are y, m"},
		{map[string]any{"name": "n", "retention": map[string]any{"keep_metadata": []any{}}}, "Unusable retention policy", "is an empty list"},
		{map[string]any{"name": "n", "retention": map[string]any{"keep_metadata": []any{map[string]any{"a": nil}}}}, "Null in metadata", ""},
		{map[string]any{"name": "n", "retention": keepLast(1), "max_deletions": 0}, "Invalid Attribute Value", "at least 1"},
	} {
		wantProblem(t, p.PlanAction(pruneType, row.config), "ERROR", row.summary, row.detail)
	}
	for _, config := range []map[string]any{
		{"name": "n", "retention": keepLast(-1)},
		{"name_regex": "^db-", "retention": keepLast(1)},
		{"name_regex": "^$", "retention": keepLast(1)},
		{"name_regex": "^[^p]", "retention": keepLast(1)},
		{"name_regex": "[A-Za-z0-9]", "retention": keepLast(1)},
		{"metadata": map[string]any{"a": ""}, "retention": map[string]any{"keep_within_daily": "1y6m"}},
	} {
		if problems := p.PlanAction(pruneType, config); len(problems) > 0 {
			t.Errorf("%v: %v", config, problems)
		}
	}
	// What is known only when it runs is not validated before.
	volume := c.Volume()
	several(c, volume, 2)
	for _, selection := range []map[string]any{
		{},
		{"name_regex": ""},
		{"name_regex": ".*"},
		{"name_regex": "."},
		{"name_regex": "(?s)^.+$"},
		{"metadata": map[string]any{}},
		{"without_metadata": []any{"x"}},
	} {
		selection["retention"], selection["dry_run"] = keepLast(1), false
		messages, problems := p.InvokeAction(t.Context(), pruneType, selection)
		wantSaid(t, messages)
		wantProblem(t, problems, "ERROR", "Selection of all volume snapshots")
	}
	_, problems := p.InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "name_regex": "(", "retention": keepLast(1), "dry_run": false})
	wantProblem(t, problems, "ERROR", "Unusable value", "it is not a regular expression")
	for _, none := range []string{"volume_id", "name"} {
		messages, problems := p.InvokeAction(t.Context(), pruneType, map[string]any{none: "", "retention": keepLast(1), "dry_run": false})
		wantSaid(t, messages)
		if len(problems) != 2 || problems[0].Summary != "Selection of all volume snapshots" {
			t.Errorf("%s: %v", none, problems)
		}
	}
	// A null that is taken for "" would protect nothing.
	_, problems = p.InvokeAction(t.Context(), pruneType, map[string]any{
		"volume_id": volume, "dry_run": false, "retention": map[string]any{"keep_last": 1, "keep_metadata": []any{map[string]any{"hold": nil}}},
	})
	wantProblem(t, problems, "ERROR", "Null in metadata")
	_, problems = p.InvokeAction(t.Context(), pruneType, map[string]any{
		"volume_id": volume, "dry_run": false, "retention": keepLast(1), "without_metadata": []any{nil},
	})
	wantProblem(t, problems, "ERROR", "Null List Value")
	for at, rules := range map[string]map[string]any{
		"retention":               {},
		"retention.keep_last":     keepLast(0),
		"retention.keep_within":   {"keep_within": "7w"},
		"retention.keep_metadata": {"keep_metadata": []any{}},
	} {
		_, problems := p.InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "retention": rules, "dry_run": false})
		if wantProblem(t, problems, "ERROR", "Unusable retention policy"); len(problems) == 1 && problems[0].Path() != at {
			t.Errorf("%s: the error is about %q", at, problems[0].Path())
		}
	}
	if left := c.Snapshots(volume); len(left) != 2 {
		t.Fatalf("left %v", left)
	}
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	_, problems = p.InvokeAction(t.Context(), pruneType, map[string]any{"name": "n", "retention": keepLast(1)})
	wantProblem(t, problems, "ERROR", "Unable to list volume snapshots")
}

// A run larger than max_deletions is refused before the first, and a dry one says so.
func TestAccPruneAction_maxDeletions(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := several(c, volume, 3)
	p := c.Plugin(nil)
	config := map[string]any{"volume_id": volume, "retention": keepLast(1), "max_deletions": 1}
	messages, problems := p.InvokeAction(t.Context(), pruneType, config)
	wantSaid(t, messages, `Nothing is deleted. The policy would delete 2 .*`)
	wantProblem(t, problems, "WARNING", "More volume snapshots to delete than max_deletions", "2 of 3 snapshots, and max_deletions is 1")
	config["dry_run"] = false
	messages, problems = p.InvokeAction(t.Context(), pruneType, config)
	wantSaid(t, messages, `Nothing is deleted. The policy would delete 2 .*`)
	wantProblem(t, problems, "ERROR", "Too many volume snapshots to delete", "Nothing has been deleted")
	if !slices.Equal(idsOf(c, volume), ids) {
		t.Errorf("left %v", idsOf(c, volume))
	}
	config["max_deletions"] = 2
	if _, problems = p.InvokeAction(t.Context(), pruneType, config); len(problems) > 0 || !slices.Equal(idsOf(c, volume), ids[:1]) {
		t.Errorf("left %v: %v", idsOf(c, volume), problems)
	}
}

// Where none is set, max_deletions is 100.
func TestAccPruneAction_maxDeletionsByDefault(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	p := c.Plugin(nil)
	config := map[string]any{"name_regex": "^seed-", "retention": keepLast(1)}
	c.Seed(101)
	messages, problems := p.InvokeAction(t.Context(), pruneType, config)
	if wantSaid(t, messages, `Nothing is deleted. The policy would delete 100 snapshots .*`); len(problems) > 0 {
		t.Error(problems)
	}
	c.Seed(2)
	_, problems = p.InvokeAction(t.Context(), pruneType, config)
	wantProblem(t, problems, "WARNING", "More volume snapshots to delete than max_deletions", "101 of 103 snapshots, and max_deletions is 100")
	config["dry_run"] = false
	c.Forget()
	_, problems = p.InvokeAction(t.Context(), pruneType, config)
	wantProblem(t, problems, "ERROR", "Too many volume snapshots to delete", "101 of 103 snapshots, and max_deletions is 100")
	if err := onlyReads(c)(nil); err != nil {
		t.Error(err)
	}
}

// It goes on after one that is busy, and names all of them in the end.
func TestAccPruneAction_busy(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := several(c, volume, 4)
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodDelete || !strings.HasSuffix(r.Path, ids[3]) && !strings.HasSuffix(r.Path, ids[1]) {
			return false
		}
		w.Header().Set("X-Openstack-Request-Id", "req-busy")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"badRequest": {"code": 400, "message": "Invalid snapshot: Snapshot is busy."}}`)
		return true
	})
	messages, problems := c.Plugin(nil).InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "retention": keepLast(1), "dry_run": false})
	if got, want := idsOf(c, volume), []string{ids[0], ids[1], ids[3]}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	if len(problems) != 2 {
		t.Fatalf("%v", problems)
	}
	for i, id := range []string{ids[3], ids[1]} {
		wantProblem(t, problems[i:i+1], "ERROR", "Unable to delete volume snapshot", `Deleting snapshot `+id+` .* failed`, "Snapshot is busy.*req-busy")
		if strings.Contains(problems[i].Detail, "state") {
			t.Errorf("it is in no state: %s", problems[i].Detail)
		}
	}
	if last := messages[len(messages)-1]; !strings.Contains(last, "deleted 1 of 3 expired snapshots (1 GiB), kept 1") || strings.Count(last, "\n  failed  ") != 2 {
		t.Errorf("%q", last)
	}
}

// What somebody marks while a run goes on is not deleted, nor is what is available no more.
func TestAccPruneAction_changedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *acctest.Cloud, id string){
		"deleted": func(c *acctest.Cloud, id string) { c.DeleteSnapshot(id) },
		"marked":  func(c *acctest.Cloud, id string) { c.UpdateMetadata(id, map[string]string{"hold": "1"}) },
		"failed":  func(c *acctest.Cloud, id string) { c.SetSnapshotStatus(id, "error") },
		"renamed": func(c *acctest.Cloud, id string) {
			c.RewriteSnapshots(func(s map[string]any) {
				if s["id"] == id {
					s["name"] = "mine"
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			c.NeedsAdministrator()
			volume := c.Volume()
			ids := several(c, volume, 4)
			c.Instead(func(_ http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
				if r.Method == http.MethodDelete && strings.HasSuffix(r.Path, ids[3]) {
					change(c, ids[2])
				}
				return false
			})
			messages, problems := c.Plugin(nil).InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "retention": keepLast(1), "dry_run": false})
			want := []string{ids[0], ids[2]}
			if name == "deleted" {
				want = want[:1]
			}
			if got := idsOf(c, volume); len(problems) > 0 || !slices.Equal(got, want) {
				t.Errorf("left %v, want %v: %v", got, want, problems)
			}
			if last := messages[len(messages)-1]; !strings.Contains(last, "deleted 2 of 3") || !strings.Contains(last, "left    snapshot "+ids[2]) {
				t.Errorf("%q", last)
			}
		})
	}
}

// A snapshot that is in use when its deletion comes is not waited for: it may be another then.
func TestAccPruneAction_inUse(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := several(c, volume, 3)
	refused := false
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		switch {
		case r.Path != "snapshots/"+ids[2]:
			return false
		case r.Method == http.MethodDelete:
			refused = true
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"badRequest": {"code": 400, "message": "Invalid snapshot: Snapshot status must be available or error"}}`)
		case refused:
			fmt.Fprintf(w, `{"snapshot": {"id": %q, "volume_id": %q, "status": "backing-up"}}`, ids[2], volume)
		default:
			return false
		}
		return true
	})
	messages, problems := c.Plugin(nil).InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "retention": keepLast(1), "dry_run": false})
	if last := messages[len(messages)-1]; len(problems) > 0 || !strings.Contains(last, "deleted 1 of 2") || !strings.Contains(last, `its status has become "backing-up"`) {
		t.Errorf("%q, %v", last, problems)
	}
}

// What is not known in a rule refuses nothing, as a variable is in terraform validate.
func TestPruneOfUnknownMetadata(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	schemas := schemasOf(t, server)
	kind := schemas.ActionSchemas[pruneType].Schema.ValueType().(tftypes.Object)
	rules := kind.AttributeTypes["retention"].(tftypes.Object)
	patterns := rules.AttributeTypes["keep_metadata"].(tftypes.List)
	config := filled(kind, map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, "n"),
		"retention": filled(rules, map[string]tftypes.Value{
			"keep_metadata": tftypes.NewValue(patterns, []tftypes.Value{tftypes.NewValue(patterns.ElementType, tftypes.UnknownValue)}),
		}),
	})
	answer, err := server.(tfprotov6.ActionServer).ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: pruneType, Config: dynamic(t, config)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range answer.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// The advice is for an action, which has no deletion_policy.
func TestAccPruneAction_transferred(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	several(c, volume, 2)
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"itemNotFound": {"code": 404, "message": "Volume %s could not be found."}}`, volume)
		return true
	})
	_, problems := c.Plugin(nil).InvokeAction(t.Context(), pruneType, map[string]any{"volume_id": volume, "retention": keepLast(1), "dry_run": false})
	wantProblem(t, problems, "ERROR", "Unable to delete volume snapshot", "it was transferred to another one", "To leave it there, narrow the selection of the action")
	if len(problems) == 1 && strings.Contains(problems[0].Detail, "deletion_policy") {
		t.Error(problems[0].Detail)
	}
}

// The newest of a volume stays whatever the policy, and what is not available is left alone.
func TestAccPruneAction_spares(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.NeedsAdministrator()
	volume := c.Volume()
	ids := several(c, volume, 4)
	c.SetSnapshotStatus(ids[2], "error")
	p := c.Plugin(nil)
	config := map[string]any{"volume_id": volume, "retention": map[string]any{"keep_metadata": []any{map[string]any{"n": "0"}}}, "dry_run": false}
	messages, problems := p.InvokeAction(t.Context(), pruneType, config)
	if got, want := idsOf(c, volume), []string{ids[0], ids[2], ids[3]}; len(problems) > 0 || !slices.Equal(got, want) {
		t.Errorf("left %v, want %v: %q, %v", got, want, messages, problems)
	}
	delete(config, "dry_run")
	messages, _ = p.InvokeAction(t.Context(), pruneType, config)
	wantSaid(t, messages, `.*\n  keep snapshot `+ids[3]+`.*: keep_metadata \{n=0\}`+`\n  keep snapshot `+ids[0]+`.*: the newest of the volume`+
		`\n  ignore snapshot `+ids[2]+`.*: its status is error`)
	// What the cloud makes for itself, such as for a backup, is not the newest.
	temporary := c.CreateSnapshot(volume, "backup-snap-"+volume, nil)
	config["dry_run"] = false
	if _, problems = p.InvokeAction(t.Context(), pruneType, config); len(problems) > 0 || !slices.Contains(idsOf(c, volume), ids[0]) {
		t.Errorf("left %v without %s; %v", idsOf(c, volume), ids[0], problems)
	}
	c.RewriteSnapshots(func(s map[string]any) {
		if s["id"] == temporary {
			s["name"], s["consumes_quota"] = "temporary", false
		}
	})
	if _, problems = p.InvokeAction(t.Context(), pruneType, config); len(problems) > 0 || !slices.Contains(idsOf(c, volume), ids[0]) {
		t.Errorf("left %v without %s; %v", idsOf(c, volume), ids[0], problems)
	}
	// Nor is one deleted whose status the cloud does not tell.
	c.RewriteSnapshots(func(s map[string]any) {
		switch s["id"] {
		case temporary:
			s["consumes_quota"] = false
		case ids[2]:
			s["status"] = nil
		}
	})
	if _, problems = p.InvokeAction(t.Context(), pruneType, config); len(problems) > 0 || !slices.Contains(idsOf(c, volume), ids[2]) {
		t.Errorf("left %v without %s; %v", idsOf(c, volume), ids[2], problems)
	}
	// A policy that keeps nothing of a volume touches nothing.
	config["retention"], config["dry_run"] = map[string]any{"keep_metadata": []any{map[string]any{"n": "x"}}}, false
	messages, problems = p.InvokeAction(t.Context(), pruneType, config)
	wantSaid(t, messages)
	wantProblem(t, problems, "ERROR", "Unusable retention policy", "would keep none of the snapshots of volume "+volume, "Nothing has been deleted")
}

// Several volumes are pruned at the same time. Twenty cost a listing, and three requests each: a
// read, the deletion, and a look that finds it gone. A slow cloud may be looked at three times.
func TestAccPruneAction_twenty(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volumes := []string{c.Volume(), c.Volume()}
	for _, volume := range volumes {
		for i := range 11 {
			c.CreateSnapshot(volume, "twenty", map[string]string{"n": strconv.Itoa(i)})
		}
	}
	// Those of the newest second are spared, whichever is the newest.
	time.Sleep(1100 * time.Millisecond)
	for _, volume := range volumes {
		c.CreateSnapshot(volume, "twenty", nil)
	}
	c.Forget()
	_, problems := c.Plugin(nil).InvokeAction(t.Context(), pruneType, map[string]any{
		"name": "twenty", "retention": keepLast(2), "dry_run": false, "created_after": "2016-08-19T00:00:00Z",
	})
	requests := c.Requests()
	lists, reads := lists(requests)
	deletions, most := len(requests)-lists-reads, 20*2
	if acctest.OnCloud() {
		most = 20 * 4
	}
	if len(problems) > 0 || lists != 1 || deletions != 20 || reads < 20*2 || reads > most {
		t.Errorf("%d listings, %d reads, %d others: %v", lists, reads, deletions, problems)
	}
	t.Logf("%d requests for 20 snapshots of 2 volumes", len(requests))
	for _, volume := range volumes {
		if n := len(c.Snapshots(volume)); n != 2 {
			t.Errorf("%d left", n)
		}
	}
}

// An interrupt or the end of the time ends the run, and what has been begun has been said.
func TestAccPruneAction_ends(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := several(c, volume, 3)
	p := c.Plugin(nil)
	ends := func(timeouts map[string]any, waiting func(), details ...string) {
		t.Helper()
		var asked atomic.Bool
		c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
			switch {
			case r.Method == http.MethodDelete:
				asked.Store(true)
				w.WriteHeader(http.StatusAccepted)
			case asked.Load() && r.Path == "snapshots/"+ids[2]:
				fmt.Fprintf(w, `{"snapshot": {"id": %q, "volume_id": %q, "status": "deleting"}}`, ids[2], volume)
				waiting()
			default:
				return false
			}
			return true
		})
		messages, problems := p.InvokeAction(t.Context(), pruneType, map[string]any{
			"volume_id": volume, "retention": keepLast(1), "dry_run": false, "timeouts": timeouts,
		})
		wantSaid(t, messages, `Deleting 1 of 2: snapshot `+ids[2]+` .*`, `Done after .*: deleted 0 of 2 expired snapshots .*`)
		if len(problems) != 2 {
			t.Fatalf("%v", problems)
		}
		wantProblem(t, problems[:1], "ERROR", "Unable to delete volume snapshot", details...)
		wantProblem(t, problems[1:], "ERROR", "Volume snapshots not deleted", "for 1 of 2 snapshots no deletion was sent")
	}
	ends(map[string]any{"invoke": "3s"}, func() {},
		"Timed out after .* of waiting for snapshot "+ids[2]+" to be gone", "Try again to go on waiting. If the backend is slow, set a longer timeouts.invoke", "An administrator must set its status to .error.")
	var stopping sync.WaitGroup
	ends(nil, sync.OnceFunc(func() { stopping.Go(p.Stop) }), "Interrupted after .* of waiting for snapshot "+ids[2]+" to be gone")
	stopping.Wait()
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
