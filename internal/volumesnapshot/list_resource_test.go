package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// listed are the results of a listing by the built provider, and what it warns of or fails with.
func listed(t *testing.T, p *acctest.Plugin, config map[string]any, limit int) (results []acctest.Listed, ids []string, said string) {
	t.Helper()
	for result := range p.List(t.Context(), "istack_volume_snapshot", config, true, limit) {
		for _, d := range result.Diagnostics {
			said += d.Severity + " " + d.Summary + ": " + d.Detail
		}
		if result.Identity != nil {
			ids = append(ids, text(t, result.Identity["id"]))
			results = append(results, result)
		}
	}
	return results, ids, said
}

func text(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var s *string
	if err := value.As(&s); err != nil {
		t.Fatal(err)
	}
	if s == nil {
		return "null"
	}
	return *s
}

func TestAccVolumeSnapshotList(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := three(c, volume)
	time.Sleep(1100 * time.Millisecond)
	unnamed := c.CreateSnapshot(volume, "", nil)
	all := []string{unnamed, ids[2], ids[1], ids[0]}
	middle, _ := c.Snapshot(ids[1])
	p := c.Plugin(nil)
	with := func(more map[string]any) map[string]any {
		config := map[string]any{"volume_id": volume}
		for name, value := range more {
			config[name] = value
		}
		return config
	}
	c.Forget()
	results, got, said := listed(t, p, with(nil), 100)
	if !slices.Equal(got, all) || said != "" {
		t.Fatalf("got %v, want %v; %s", got, all, said)
	}
	// The resource costs no request.
	if lists, singles := lists(c.Requests()); lists != 1 || singles != 0 {
		t.Errorf("%d listings, %d reads", lists, singles)
	}
	for i, result := range results {
		name := []string{"snapshot of volume " + volume, "web", "db-2", "db-1"}[i]
		snapshot, _ := c.Snapshot(all[i])
		made := strings.Replace(snapshot.CreatedAt[:19], "T", " ", 1)
		if want := fmt.Sprintf("%s, %s UTC, 1 GiB", name, made); result.DisplayName != want {
			t.Errorf("named %q, want %q", result.DisplayName, want)
		}
		resource := result.Resource
		if text(t, result.Identity["region"]) != c.Region() || text(t, resource["id"]) != all[i] || text(t, resource["volume_id"]) != volume ||
			text(t, resource["deletion_policy"]) != "delete" || text(t, resource["status"]) != "available" || !resource["timeouts"].IsNull() {
			t.Errorf("%v %v", result.Identity, resource)
		}
	}
	for name, row := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"name":             {map[string]any{"name": "web"}, []string{ids[2]}},
		"name_regex":       {map[string]any{"name_regex": "^db"}, []string{ids[1], ids[0]}},
		"metadata":         {map[string]any{"metadata": map[string]any{"tier": "gold"}}, []string{ids[1], ids[0]}},
		"without_metadata": {map[string]any{"without_metadata": []any{"n", "x"}}, []string{unnamed, ids[2]}},
		"status":           {map[string]any{"status": "error"}, nil},
		"region":           {map[string]any{"region": c.Region()}, all},
		"created_after":    {map[string]any{"created_after": middle.CreatedAt + "Z"}, []string{unnamed, ids[2]}},
		"created_before":   {map[string]any{"created_before": middle.CreatedAt + "Z"}, []string{ids[0]}},
	} {
		if _, got, said := listed(t, p, with(row.config), 100); !slices.Equal(got, row.want) || said != "" {
			t.Errorf("%s: got %v, want %v; %s", name, got, row.want, said)
		}
	}
	if _, got, said := listed(t, p, with(nil), 2); !slices.Equal(got, all[:2]) || !strings.HasPrefix(said, "WARNING More volume snapshots match: These are the newest 2") || !strings.Contains(said, "(limit = 20)") {
		t.Errorf("a limit of 2: %v; %s", got, said)
	}
	if _, got, said := listed(t, p, with(nil), 4); !slices.Equal(got, all) || said != "" {
		t.Errorf("a limit of 4: %v; %s", got, said)
	}
	// All of the project, without a block config.
	if _, got, _ := listed(t, p, nil, 1000); !slices.Contains(got, ids[0]) {
		t.Errorf("%s is not among %d of the project", ids[0], len(got))
	}
}

func TestAccVolumeSnapshotList_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	p := c.Plugin(nil)
	for want, config := range map[string]map[string]any{
		"project_id says whose":         {"project_id": "x"},
		"it is not a regular exp":       {"name_regex": "("},
		"must be a UUID":                {"volume_id": "vol"},
		"must contain at least 1":       {"without_metadata": []any{}},
		"a timeout must be longer than": {"timeouts": map[string]any{"list": "0s"}},
	} {
		problems := p.ValidateList("istack_volume_snapshot", config)
		if len(problems) != 1 || !strings.Contains(problems[0].Detail, want) {
			t.Errorf("%v: %v", config, problems)
		}
	}
	// The cloud refuses to list.
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	if _, got, said := listed(t, p, nil, 100); len(got) > 0 || !strings.HasPrefix(said, "ERROR Unable to list volume snapshots: Listing snapshots failed.") {
		t.Errorf("%v, %s", got, said)
	}
}

// An administrator lists the snapshots of all projects, or of one.
func TestAccVolumeSnapshotList_projects(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	admin := c.Administrator()
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "of demo", nil)
	p := admin.Plugin(nil)
	for name, row := range map[string]struct {
		filter map[string]any
		want   []string
	}{
		"of the sign-in": {map[string]any{}, nil},
		"all":            {map[string]any{"all_projects": true}, []string{id}},
		"theirs":         {map[string]any{"all_projects": true, "project_id": c.ProjectID()}, []string{id}},
		"own":            {map[string]any{"all_projects": true, "project_id": admin.ProjectID()}, nil},
	} {
		row.filter["volume_id"] = volume
		if _, got, said := listed(t, p, row.filter, 100); !slices.Equal(got, row.want) || said != "" {
			t.Errorf("%s: got %v, want %v; %s", name, got, row.want, said)
		}
	}
}

// It looks in the region that it names, whatever the provider's is.
func TestAccVolumeSnapshotList_region(t *testing.T) {
	t.Parallel()
	east, west, _, volume := twoRegions(t)
	id := west.CreateSnapshot(volume, "there", nil)
	p := east.Plugin(map[string]any{"endpoint_overrides": nil}) // since those are for one region
	results, got, said := listed(t, p, map[string]any{"region": "west"}, 100)
	if !slices.Equal(got, []string{id}) || said != "" || text(t, results[0].Identity["region"]) != "west" || text(t, results[0].Resource["region"]) != "west" {
		t.Errorf("got %v, want %s in west: %v; %s", got, id, results, said)
	}
	if _, got, said := listed(t, p, nil, 100); len(got) > 0 || said != "" {
		t.Errorf("got %v; %s", got, said)
	}
}

func TestAccVolumeSnapshotList_timeout(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "n", nil)
	c.Instead(func(http.ResponseWriter, acctest.Request, func(http.ResponseWriter)) bool {
		time.Sleep(300 * time.Millisecond)
		return false
	})
	p := c.Plugin(map[string]any{"max_retries": 0})
	within := func(timeout string) map[string]any {
		return map[string]any{"volume_id": volume, "timeouts": map[string]any{"list": timeout}}
	}
	if _, got, said := listed(t, p, within("100ms"), 100); len(got) > 0 || !strings.HasPrefix(said, "ERROR Unable to list volume snapshots") || !strings.Contains(said, "timed out before the answer was there") {
		t.Errorf("got %v; %s", got, said)
	}
	if _, got, said := listed(t, p, within("1m"), 100); !slices.Equal(got, []string{id}) || said != "" {
		t.Errorf("got %v; %s", got, said)
	}
}

// An error in the middle comes last, and keeps what came before it.
func TestAccVolumeSnapshotList_fails(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{PageLimit: 10})
	c.Seed(30)
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Query.Has("marker") {
			w.WriteHeader(http.StatusForbidden)
		}
		return r.Query.Has("marker")
	})
	_, got, said := listed(t, c.Plugin(nil), nil, 100)
	if len(got) != 10 || !strings.HasPrefix(said, "ERROR Unable to list volume snapshots") {
		t.Errorf("%d, then %s", len(got), said)
	}
}

// Ten thousand cost ten requests, and no more than is taken is read.
func TestAccVolumeSnapshotList_many(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t)
	c.Seed(10000)
	c.Forget()
	p := c.Plugin(nil)
	_, got, said := listed(t, p, nil, 20000)
	if len(got) != 10000 || said != "" || len(c.Requests()) != 10 {
		t.Errorf("%d by %d requests; %s", len(got), len(c.Requests()), said)
	}
	c.Forget()
	n := 0
	for range p.List(t.Context(), "istack_volume_snapshot", nil, false, 20000) {
		if n++; n == 1500 {
			break
		}
	}
	// The connection holds some that nobody has taken.
	if pages := len(c.Requests()); n != 1500 || pages > 4 {
		t.Errorf("%d by %d requests", n, pages)
	}
}

// What Terraform cannot manage is left out unless it is asked for.
func TestAccVolumeSnapshotList_unmanageable(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	member := c.CreateSnapshot(volume, "member", nil)
	temporary := c.CreateSnapshot(volume, "temporary", nil)
	plain := c.CreateSnapshot(volume, "plain", nil)
	c.RewriteSnapshots(func(s map[string]any) {
		switch s["id"] {
		case member:
			s["group_snapshot_id"] = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
		case temporary:
			s["consumes_quota"] = false
		}
	})
	p := c.Plugin(nil)
	if _, got, said := listed(t, p, map[string]any{"volume_id": volume}, 100); !slices.Equal(got, []string{plain}) || said != "" {
		t.Errorf("got %v, want %s; %s", got, plain, said)
	}
	if _, got, _ := listed(t, p, map[string]any{"volume_id": volume, "include_unmanageable": true}, 100); len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

// A query with generated configuration imports what was made by hand, whatever it looks like, and
// changes nothing.
func TestAccVolumeSnapshotList_query(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "terraform query", "1.14.0")
	c := acctest.New(t)
	volume := c.Volume()
	names := []string{"", "plain", `quoted "x" \n ${y} %{z}`, "tab\tin it", "é ü 漢字", "/", "<<EOT", "null", "true", "17", strings.Repeat("n", 255), " ${ "}
	metadata := []map[string]string{
		nil, {"a": ""}, {"Team:x/y z": `"quoted" ${y} %{z} \`}, {"17": "17", "true": "false", "null": "null"}, {"-_:. /": " spaces "}, {"line": "a\nb"},
	}
	for i, name := range names {
		c.CreateSnapshot(volume, name, metadata[i%len(metadata)])
	}
	n := len(names)
	c.UpdateMetadata(c.CreateSnapshot(volume, "keys", nil), map[string]string{"é": "2", `"`: "x", "${k}": "v", "a\nb": ""})
	n++
	if c.HasAdministrator() {
		for _, status := range []string{"error", "error_deleting", "creating", "deleting", "backing-up"} {
			id := c.CreateSnapshot(volume, status, nil)
			c.SetSnapshotStatus(id, status)
			t.Cleanup(func() { c.SetSnapshotStatus(id, "available") })
			n++
		}
	}
	cli := acctest.NewCLI(t, c.ProviderConfig())
	cli.Write("all.tfquery.hcl", fmt.Sprintf(`
list "istack_volume_snapshot" "all" {
  provider = istack
  config {
    volume_id = %q
  }
}
`, volume))
	if out := cli.Run("query", "-no-color"); strings.Count(out, "\nlist.istack_volume_snapshot.all ")+1 < n {
		t.Fatalf("want %d results:\n%s", n, out)
	}
	cli.Run("query", "-no-color", "-generate-config-out=generated.tf")
	generated, err := os.ReadFile(filepath.Join(cli.Dir(), "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	out := cli.Run("plan", "-no-color")
	if !strings.Contains(out, fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", n)) {
		t.Fatalf("want %d imports and nothing else:\n%s\n%s", n, out, generated)
	}
	cli.Apply()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
}

// for_each over regions lists each of them.
func TestAccVolumeSnapshotList_regions(t *testing.T) {
	t.Parallel()
	acctest.TerraformSince(t, "terraform query", "1.14.0")
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{Regions: []string{"RegionOne", "west"}})
	west := c.In("west")
	here, there := c.CreateSnapshot(c.Volume(), "here", nil), west.CreateSnapshot(west.Volume(), "there", nil)
	cli := acctest.NewCLI(t, c.CatalogProvider("RegionOne"))
	cli.Write("all.tfquery.hcl", `
list "istack_volume_snapshot" "all" {
  provider = istack
  for_each = toset(["RegionOne", "west"])
  config {
    region = each.key
  }
}
`)
	out := cli.Run("query", "-no-color")
	for _, want := range []string{"id=" + here + ",region=RegionOne", "id=" + there + ",region=west"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// What an interrupt cuts off is not taken for all there is.
func TestAccVolumeSnapshotList_interrupt(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.CreateSnapshot(c.Volume(), "one", nil)
	p := c.Plugin(nil)
	var stopping sync.WaitGroup
	c.Instead(func(_ http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Path == "snapshots/detail" {
			stopping.Go(p.Stop)
			time.Sleep(time.Second)
		}
		return false
	})
	said := ""
	for result := range p.List(t.Context(), "istack_volume_snapshot", nil, false, 100) {
		for _, d := range result.Diagnostics {
			said += d.Severity + " " + d.Summary + ": " + d.Detail
		}
	}
	stopping.Wait()
	if !strings.HasPrefix(said, "ERROR Unable to list volume snapshots") || !strings.Contains(said, "The run was interrupted") {
		t.Errorf("said %q", said)
	}
}
