package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// dataSource is a data source of a configuration, named so that many can be in one: with
// what it has once it is read, or what is said of it where it fails.
type dataSource struct {
	kind, name, arguments string
	has                   map[string]knownvalue.Check
	message               string
}

func (d dataSource) address() string { return "data.istack_volume_" + d.kind + "." + d.name }

// withDataSources is a configuration with the data sources behind what else is in it.
func withDataSources(config string, sources []dataSource) string {
	for _, d := range sources {
		config += fmt.Sprintf("data \"istack_volume_%s\" %q {\n%s\n}\n", d.kind, d.name, d.arguments)
	}
	return config
}

// canRead reads all data sources of a configuration and checks what they have.
func canRead(t *testing.T, config string, sources ...dataSource) {
	t.Helper()
	var checks []statecheck.StateCheck
	for _, d := range sources {
		for attribute, check := range d.has {
			checks = append(checks, statecheck.ExpectKnownValue(d.address(), tfjsonpath.New(attribute), check))
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: withDataSources(config, sources), ConfigStateChecks: checks}},
	})
}

// cannotRead runs a command that fails at each of the data sources with its message.
func cannotRead(t *testing.T, command, config string, sources ...dataSource) {
	t.Helper()
	messages := map[string]string{}
	for _, d := range sources {
		messages[d.address()] = d.message
	}
	cli := acctest.NewCLI(t, withDataSources(config, sources))
	cli.Attach()
	failsAt(t, cli, messages, command)
}

// withID is what a data source has that found this snapshot.
func withID(id string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}
}

// withIDs is what a data source has that listed these snapshots.
func withIDs(ids ...string) map[string]knownvalue.Check {
	checks := make([]knownvalue.Check, 0, len(ids))
	for _, id := range ids {
		checks = append(checks, knownvalue.StringExact(id))
	}
	return map[string]knownvalue.Check{"ids": knownvalue.ListExact(checks)}
}

// three makes three snapshots of a volume, a second apart so that the cloud
// tells which is the newest.
func three(c *acctest.Cloud, volume string) (ids [3]string) {
	ids[0] = c.CreateSnapshot(volume, "db-1", map[string]string{"tier": "gold", "n": "1"})
	time.Sleep(1100 * time.Millisecond)
	ids[1] = c.CreateSnapshot(volume, "db-2", map[string]string{"tier": "gold", "n": "2"})
	time.Sleep(1100 * time.Millisecond)
	ids[2] = c.CreateSnapshot(volume, "web", map[string]string{"tier": "silver"})
	return ids
}

func TestAccVolumeSnapshotDataSource(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := three(c, volume)
	c.RewriteSnapshots(func(s map[string]any) { s["updated_at"] = "2026-01-31T12:30:00.000000" })
	of := func(filters string) string { return fmt.Sprintf("volume_id = %q\n%s", volume, filters) }
	canRead(t, c.ProviderConfig(),
		dataSource{kind: "snapshot", name: "id", arguments: `id = "` + ids[0] + `"`, has: map[string]knownvalue.Check{
			"id": knownvalue.StringExact(ids[0]), "name": knownvalue.StringExact("db-1"), "volume_id": knownvalue.StringExact(volume),
			"region": knownvalue.StringExact(c.Region()), "size": knownvalue.Int64Exact(1),
			"status": knownvalue.StringExact("available"), "progress": knownvalue.StringExact("100%"),
			"created_at": rfc3339, "updated_at": knownvalue.StringExact("2026-01-31T12:30:00Z"), "project_id": knownvalue.StringExact(c.ProjectID()),
			"user_id": userID(c), "description": knownvalue.Null(),
			"metadata": texts(map[string]string{"tier": "gold", "n": "1"}), "consumes_quota": consumesQuota(c),
		}},
		// False says nothing that id does not.
		dataSource{kind: "snapshot", name: "false", arguments: `id = "` + ids[0] + `"
			all_projects = false
			most_recent  = false`, has: withID(ids[0])},
		dataSource{kind: "snapshot", name: "name", arguments: of(`name = "db-2"`), has: withID(ids[1])},
		dataSource{kind: "snapshot", name: "name_regex", arguments: of(`name_regex = "^w"`), has: withID(ids[2])},
		dataSource{kind: "snapshot", name: "metadata", arguments: of(`metadata = { n = "2", tier = "gold" }`), has: map[string]knownvalue.Check{
			"id": knownvalue.StringExact(ids[1]), "metadata": texts(map[string]string{"tier": "gold", "n": "2"}),
		}},
		dataSource{kind: "snapshot", name: "newest_of_gold", arguments: of(`metadata = { tier = "gold" }
			most_recent = true`), has: withID(ids[1])},
		dataSource{kind: "snapshot", name: "newest_of_available", arguments: of(`status = "available"
			most_recent = true`), has: withID(ids[2])},
	)
	cannotRead(t, "plan", c.ProviderConfig(),
		dataSource{kind: "snapshot", name: "case", arguments: of(`name = "DB-2"`), message: `0 snapshots match`},
		dataSource{kind: "snapshot", name: "none", arguments: of(`name = "nothing"`), message: `0 snapshots match the filters`},
		dataSource{
			kind: "snapshot", name: "two", arguments: of(`metadata = { tier = "gold" }`),
			message: `2 snapshots match the filters:.*` + ids[1] + ` \("db-2"\).*` + ids[0] + ` \("db-1"\)`,
		},
		dataSource{kind: "snapshot", name: "id", arguments: `id = "` + nowhere + `"`, message: `Volume snapshot not found.*404.*Request id: req-`},
	)
}

// What cannot be meant is refused before the cloud is asked.
func TestAccVolumeSnapshotDataSources_refused(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	c := acctest.New(t)
	sources := []dataSource{
		{kind: "snapshot", name: "id_and_name", arguments: `id = "` + nowhere + `"
			name = "db-1"`, message: `Invalid Attribute Combination.*\[id,name\]`},
		{kind: "snapshot", name: "id_and_project_id", arguments: `id = "` + nowhere + `"
			project_id = "` + c.ProjectID() + `"`, message: `Invalid Attribute Combination.*\[id,project_id\]`},
		{kind: "snapshot", name: "id_and_all_projects", arguments: `id = "` + nowhere + `"
			all_projects = true`, message: `all_projects = true is about a search`},
		{kind: "snapshot", name: "id_and_most_recent", arguments: `id = "` + nowhere + `"
			most_recent = true`, message: `most_recent = true is about a search`},
		{kind: "snapshot", name: "project_id_with_false", arguments: `project_id = "` + c.ProjectID() + `"
			all_projects = false`, message: `project_id says whose.*needs all_projects = true`},
		{kind: "snapshot", name: "name_regex", arguments: `name_regex = "("`, message: `not a regular expression`},
		{kind: "snapshot", name: "volume_id", arguments: `volume_id = "vol"`, message: `must be a UUID`},
		{kind: "snapshot", name: "created_after", arguments: `created_after = "yesterday"`, message: `RFC3339`},
	}
	for _, kind := range []string{"snapshot", "snapshots"} {
		sources = append(sources,
			dataSource{kind: kind, name: "project_id", arguments: `project_id = "` + c.ProjectID() + `"`, message: `project_id says whose.*needs all_projects = true`},
			dataSource{kind: kind, name: "metadata", arguments: `metadata = { a = null }`, message: `Null in metadata`},
		)
	}
	for kind, argument := range map[string]string{"snapshot": "id", "snapshots": "volume_id", "snapshot_metadata": "snapshot_id"} {
		of := argument + ` = "` + nowhere + `"
			`
		sources = append(sources,
			dataSource{kind: kind, name: "zero", arguments: of + `timeouts = { read = "0s" }`, message: `timeout must be longer than zero`},
			dataSource{kind: kind, name: "no_duration", arguments: of + `timeouts = { read = "soon" }`, message: `soon`},
		)
	}
	cannotRead(t, "plan", c.ProviderConfig(), sources...)
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests were sent for what is refused before", n)
	}
}

// consumesQuota is what a cloud tells of a snapshot that counts towards the quota.
func consumesQuota(c *acctest.Cloud) knownvalue.Check {
	if c.Microversion() < 65 {
		return knownvalue.Null()
	}
	return knownvalue.Bool(true)
}

func TestAccVolumeSnapshotsDataSource(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	ids := three(c, volume)
	// The snapshots are at least a second apart, and so are these bounds.
	between := time.Now().UTC().Add(time.Hour).Format(time.RFC3339)
	all := withIDs(ids[2], ids[1], ids[0])
	c.RewriteSnapshots(func(s map[string]any) {
		switch s["id"] {
		case ids[0]:
			s["size"] = 2
		case ids[1]:
			s["size"] = 3
		case ids[2]:
			s["updated_at"] = "2026-01-31T12:30:00.000000"
		}
	})
	all["total_size"] = knownvalue.Int64Exact(6)
	all["region"] = knownvalue.StringExact(c.Region())
	all["snapshots"] = knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"id": knownvalue.StringExact(ids[2]), "name": knownvalue.StringExact("web"), "created_at": rfc3339, "consumes_quota": consumesQuota(c),
		"updated_at": knownvalue.StringExact("2026-01-31T12:30:00Z"), "size": knownvalue.Int64Exact(1),
		"volume_id": knownvalue.StringExact(volume), "metadata": texts(map[string]string{"tier": "silver"}),
	})})
	none := withIDs()
	none["total_size"] = knownvalue.Int64Exact(0)
	sources := []dataSource{{kind: "snapshot", name: "middle", arguments: `id = "` + ids[1] + `"`}}
	for _, row := range []struct {
		name, filters string
		has           map[string]knownvalue.Check
	}{
		{"all", ``, all},
		{"name", `name = "web"`, withIDs(ids[2])},
		{"name_regex", `name_regex = "^db-"`, withIDs(ids[1], ids[0])},
		{"metadata", `metadata = { tier = "gold" }`, withIDs(ids[1], ids[0])},
		{"without_metadata", `without_metadata = ["n"]`, withIDs(ids[2])},
		{"status", `status = "error"`, none},
		{"no_name", `name = "nothing"`, withIDs()},
		{"created_before", `created_before = "` + between + `"`, withIDs(ids[2], ids[1], ids[0])},
		{"created_after", `created_after = "` + between + `"`, withIDs()},
		{"all_projects", `all_projects = true
			name_regex = "."`, withIDs(ids[2], ids[1], ids[0])},
		{"after_another", `created_after = data.istack_volume_snapshot.middle.created_at`, withIDs(ids[2])},
		{"before_another", `created_before = data.istack_volume_snapshot.middle.created_at`, withIDs(ids[0])},
	} {
		sources = append(sources, dataSource{kind: "snapshots", name: row.name, arguments: fmt.Sprintf("volume_id = %q\n%s", volume, row.filters), has: row.has})
	}
	canRead(t, c.ProviderConfig(), sources...)
}

// What is known only in the apply is checked then.
func TestAccVolumeSnapshotDataSources_unusableLate(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "n", map[string]string{"a": ""})
	config := c.ProviderConfig() + `
resource "terraform_data" "late" {
  input = { regexp = "(", null = null, empty = "" }
}
`
	of := func(filter string) string { return fmt.Sprintf("volume_id = %q\n%s", volume, filter) }
	var unusable []dataSource
	for _, kind := range []string{"snapshot", "snapshots"} {
		unusable = append(unusable,
			dataSource{kind: kind, name: "name_regex", arguments: of(`name_regex = terraform_data.late.output.regexp`), message: `not a regular expression`},
			dataSource{kind: kind, name: "metadata", arguments: of(`metadata = { a = terraform_data.late.output.null }`), message: `Null in metadata`},
			dataSource{kind: kind, name: "project_id", arguments: of(`project_id = terraform_data.late.output.empty`), message: `needs all_projects = true`},
		)
	}
	cannotRead(t, "apply", config, unusable...)
	const usable = `metadata   = { a = terraform_data.late.output.empty }
		project_id = terraform_data.late.output.null`
	canRead(t, config,
		dataSource{kind: "snapshot", name: "late", arguments: of(usable), has: withID(id)},
		dataSource{kind: "snapshots", name: "late", arguments: of(usable), has: withIDs(id)},
	)
}

func TestAccVolumeSnapshotMetadataDataSource(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	row := func(name, id string, want map[string]string) dataSource {
		return dataSource{
			kind: "snapshot_metadata", name: name, arguments: fmt.Sprintf("snapshot_id = %q", id),
			has: map[string]knownvalue.Check{"metadata": texts(want)}, message: `Unable to read metadata of volume snapshot.*404`,
		}
	}
	canRead(t, c.ProviderConfig(),
		row("with", c.CreateSnapshot(volume, "with", map[string]string{"a": "1", "b": ""}), map[string]string{"a": "1", "b": ""}),
		row("without", c.CreateSnapshot(volume, "without", nil), map[string]string{}),
	)
	cannotRead(t, "plan", c.ProviderConfig(), row("nowhere", nowhere, nil))
}

// A data source looks in the region that it names, whatever the provider's is.
func TestAccVolumeSnapshotDataSources_region(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{Regions: []string{"RegionOne", "west"}})
	west := c.In("west")
	volume := west.Volume()
	id := west.CreateSnapshot(volume, "w", map[string]string{"at": "west"})
	// Without endpoint_overrides, since those are for one region.
	env := c.Environment()
	provider := fmt.Sprintf(`
provider "istack" {
  auth_url     = %q
  region       = %q
  user_name    = %q
  password     = %q
  project_name = %q
}
`, env["OS_AUTH_URL"], env["OS_REGION_NAME"], env["OS_USERNAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"])
	of := func(argument, value string) string { return fmt.Sprintf("%s = %q\n", argument, value) }
	with := func(region string, has map[string]knownvalue.Check) map[string]knownvalue.Check {
		has["region"] = knownvalue.StringExact(region)
		return has
	}
	const there = `region = "west"`
	cannotRead(t, "plan", provider,
		dataSource{kind: "snapshot", name: "here", arguments: of("id", id), message: `Volume snapshot not found`},
		dataSource{kind: "snapshot_metadata", name: "here", arguments: of("snapshot_id", id), message: `Unable to read metadata of volume snapshot.*404`},
	)
	canRead(t, provider,
		dataSource{kind: "snapshots", name: "here", arguments: of("volume_id", volume), has: with("RegionOne", withIDs())},
		dataSource{kind: "snapshots", name: "there", arguments: of("volume_id", volume) + there, has: with("west", withIDs(id))},
		dataSource{kind: "snapshot", name: "there", arguments: of("id", id) + there, has: with("west", withID(id))},
		dataSource{
			kind: "snapshot_metadata", name: "there", arguments: of("snapshot_id", id) + there,
			has: with("west", map[string]knownvalue.Check{"metadata": texts(map[string]string{"at": "west"})}),
		},
	)
}

// An administrator sees the snapshots of all projects, or of one.
func TestAccVolumeSnapshotDataSources_projects(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	admin := c.Administrator()
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "of demo", nil)
	of := func(projects string) string { return fmt.Sprintf("volume_id = %q\n%s", volume, projects) }
	const all = `all_projects = true
		`
	theirs := all + `project_id = "` + c.ProjectID() + `"`
	own := all + `project_id = "` + admin.ProjectID() + `"`
	found := withID(id)
	found["project_id"] = knownvalue.StringExact(c.ProjectID())
	canRead(t, admin.ProviderConfig(),
		dataSource{kind: "snapshots", name: "of_the_sign_in", arguments: of(``), has: withIDs()},
		dataSource{kind: "snapshots", name: "all", arguments: of(all), has: withIDs(id)},
		dataSource{kind: "snapshot", name: "all", arguments: of(all), has: found},
		dataSource{kind: "snapshots", name: "theirs", arguments: of(theirs), has: withIDs(id)},
		dataSource{kind: "snapshot", name: "theirs", arguments: of(theirs), has: found},
		dataSource{kind: "snapshots", name: "own", arguments: of(own), has: withIDs()},
	)
	cannotRead(t, "plan", admin.ProviderConfig(), dataSource{kind: "snapshot", name: "own", arguments: of(own), message: `0 snapshots match`})
	seen := []dataSource{{kind: "snapshots", name: "all", arguments: of(all), has: withIDs(id)}}
	asUser := dataSource{kind: "snapshots", name: "theirs", arguments: of(theirs), has: withIDs(id), message: `Invalid filters project_id.*takes an administrator`}
	// An API before 3.31 does not refuse what an ordinary user may not filter by.
	if c.Microversion() >= 31 {
		cannotRead(t, "plan", c.ProviderConfig(), asUser)
	} else {
		seen = append(seen, asUser)
	}
	canRead(t, c.ProviderConfig(), seen...)
}

// An old API ignores the filter by project for those who are no administrators;
// what it then lists is sorted out here. And it does not tell of the quota.
func TestAccVolumeSnapshotDataSources_projectOnOldCloud(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{MaxMicroversion: "3.30"})
	volume := c.Volume()
	c.CreateSnapshot(volume, "of demo", nil)
	of := func(project string) string { return fmt.Sprintf("all_projects = true\nproject_id = %q", project) }
	canRead(t, c.ProviderConfig(),
		dataSource{
			kind: "snapshots", name: "another", arguments: of("22a42a028e074f0aba6728ae6b710061"),
			has: map[string]knownvalue.Check{"snapshots": knownvalue.ListSizeExact(0)},
		},
		dataSource{kind: "snapshots", name: "own", arguments: of(c.ProjectID()), has: map[string]knownvalue.Check{
			"snapshots": knownvalue.ListExact([]knownvalue.Check{
				knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact("of demo"), "consumes_quota": knownvalue.Null()}),
			}),
		}},
	)
}

func TestAccVolumeSnapshotDataSources_timeouts(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "n", nil)
	c.Instead(func(http.ResponseWriter, acctest.Request, func(http.ResponseWriter)) bool {
		time.Sleep(300 * time.Millisecond)
		return false
	})
	within := func(read string) (sources []dataSource) {
		for kind, of := range map[string]string{
			"snapshot": "id = " + strconv.Quote(id), "snapshots": "volume_id = " + strconv.Quote(volume), "snapshot_metadata": "snapshot_id = " + strconv.Quote(id),
		} {
			sources = append(sources, dataSource{
				kind: kind, name: "test", arguments: fmt.Sprintf("%s\ntimeouts = { read = %q }", of, read),
				message: `timed out before the answer was there`,
			})
		}
		return sources
	}
	cannotRead(t, "plan", c.ProviderConfig("max_retries = 0"), within("100ms")...)
	canRead(t, c.ProviderConfig("max_retries = 0"), within("1m")...)
}

// Of many matches an error names ten, and says how many more there are.
func TestAccVolumeSnapshotDataSource_manyMatch(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	for range 11 {
		c.CreateSnapshot(volume, "one of many", nil)
	}
	cannotRead(t, "plan", c.ProviderConfig(), dataSource{
		kind: "snapshot", name: "test", arguments: fmt.Sprintf("volume_id = %q", volume),
		message: `11 snapshots match the filters:(.*"one of many"){10}.* and 1 more\s+Add a filter`,
	})
}

// The most recent is none that the cloud made for itself, unless it is asked for by name.
func TestAccVolumeSnapshotDataSource_temporary(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	good := c.CreateSnapshot(volume, "good", nil)
	time.Sleep(1100 * time.Millisecond)
	left := c.CreateSnapshot(volume, "[revert] volume "+volume+" backup snapshot", nil)
	of := fmt.Sprintf("volume_id = %q\nmost_recent = true\n", volume)
	canRead(t, c.ProviderConfig(),
		dataSource{kind: "snapshot", name: "newest", arguments: of, has: withID(good)},
		dataSource{kind: "snapshot", name: "named", arguments: of + fmt.Sprintf("name = \"[revert] volume %s backup snapshot\"", volume), has: withID(left)},
	)
}

// The most recent match needs no page behind the one it is on.
func TestAccVolumeSnapshotDataSource_readsNoMorePagesThanItNeeds(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t) // a real cloud has large pages
	c := acctest.New(t, simulator.Options{PageLimit: 3})
	ids := three(c, c.Volume())
	for arguments, want := range map[string]struct {
		id    string
		lists int
	}{
		`most_recent = true`: {ids[2], 1},
		`metadata = { tier = "gold", n = "1" }
		most_recent = true`: {ids[0], 1}, // sorted out by the cloud
		`name_regex = "1$"`: {ids[0], 2},
	} {
		cli := acctest.NewCLI(t, c.ProviderConfig()+`data "istack_volume_snapshot" "test" {
			`+arguments+`
		}
		output "id" { value = data.istack_volume_snapshot.test.id }`)
		c.Forget()
		out := cli.Run("plan", "-no-color")
		if requests := c.Requests(); !strings.Contains(out, want.id) || len(requests) != want.lists {
			t.Errorf("%s: %v, want %d\n%s", arguments, requests, want.lists, out)
		}
	}
}
