package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"regexp"
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

func dataStep(config string, checks ...statecheck.StateCheck) resource.TestStep {
	return resource.TestStep{Config: config, ConfigStateChecks: checks}
}

func failing(config, message string) resource.TestStep {
	return resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)` + loose(message))}
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
	const data = "data.istack_volume_snapshot.test"
	config := func(arguments string) string {
		return c.ProviderConfig() + fmt.Sprintf("data \"istack_volume_snapshot\" \"test\" {\n%s\n}\n", arguments)
	}
	of := func(arguments string) string { return config(fmt.Sprintf("volume_id = %q\n%s", volume, arguments)) }
	is := func(id string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(data, tfjsonpath.New("id"), knownvalue.StringExact(id))
	}
	has := func(attribute string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(data, tfjsonpath.New(attribute), check)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			dataStep(config(`id = "`+ids[0]+`"`), is(ids[0]),
				has("name", knownvalue.StringExact("db-1")), has("volume_id", knownvalue.StringExact(volume)),
				has("region", knownvalue.StringExact(c.Region())), has("size", knownvalue.Int64Exact(1)),
				has("status", knownvalue.StringExact("available")), has("progress", knownvalue.StringExact("100%")),
				has("created_at", rfc3339), has("project_id", knownvalue.StringExact(c.ProjectID())),
				has("user_id", userID(c)), has("description", knownvalue.Null()),
				has("metadata", texts(map[string]string{"tier": "gold", "n": "1"})), has("consumes_quota", consumesQuota(c)),
			),
			dataStep(of(`name_regex = "^w"`), is(ids[2])),
			dataStep(of(`metadata = { n = "2", tier = "gold" }`), is(ids[1]),
				has("metadata", texts(map[string]string{"tier": "gold", "n": "2"}))),
			dataStep(of(`metadata = { tier = "gold" }
				most_recent = true`), is(ids[1])),
			dataStep(of(`status = "available"
				most_recent = true`), is(ids[2])),
			failing(of(`name = "DB-2"`), `0 snapshots match`),
			failing(of(`name = "nothing"`), `0 snapshots match the filters`),
			failing(of(`metadata = { tier = "gold" }`), `2 snapshots match the filters:.*`+ids[1]+` "db-2".*`+ids[0]+` "db-1"`),
			failing(config(`id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"`), `Volume snapshot not found.*404.*Request id: req-`),
			failing(config(`id = "`+ids[0]+`"
				name = "db-1"`), `Invalid Attribute Combination`),
			failing(config(`id = "`+ids[0]+`"
				project_id = "`+c.ProjectID()+`"`), `Invalid Attribute Combination`),
			failing(config(`id = "`+ids[0]+`"
				all_projects = true`), `all_projects = true is about a search`),
			failing(config(`id = "`+ids[0]+`"
				most_recent = true`), `most_recent = true is about a search`),
			// False says nothing that id does not.
			dataStep(config(`id = "`+ids[0]+`"
				all_projects = false
				most_recent  = false`), is(ids[0])),
			failing(of(`project_id = "`+c.ProjectID()+`"`), `project_id says whose.*needs all_projects = true`),
			failing(of(`project_id = "`+c.ProjectID()+`"
				all_projects = false`), `project_id says whose.*needs all_projects = true`),
			failing(config(`name_regex = "("`), `not a regular expression`),
			failing(config(`volume_id = "vol"`), `must be a UUID`),
			failing(config(`created_after = "yesterday"`), `RFC3339`),
			// Last, so that the clean-up has a configuration that works.
			dataStep(of(`name = "db-2"`), is(ids[1])),
		},
	})
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
	const data = "data.istack_volume_snapshots.test"
	of := func(arguments string) string {
		return c.ProviderConfig() + fmt.Sprintf("data \"istack_volume_snapshots\" \"test\" {\nvolume_id = %q\n%s\n}\n", volume, arguments)
	}
	are := func(ids ...string) statecheck.StateCheck {
		checks := make([]knownvalue.Check, 0, len(ids))
		for _, id := range ids {
			checks = append(checks, knownvalue.StringExact(id))
		}
		return statecheck.ExpectKnownValue(data, tfjsonpath.New("ids"), knownvalue.ListExact(checks))
	}
	total := func(gibibytes int64) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(data, tfjsonpath.New("total_size"), knownvalue.Int64Exact(gibibytes))
	}
	// The snapshots are at least a second apart, and so are these bounds.
	between := time.Now().UTC().Add(time.Hour).Format(time.RFC3339)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			dataStep(of(``), are(ids[2], ids[1], ids[0]), total(3),
				statecheck.ExpectKnownValue(data, tfjsonpath.New("region"), knownvalue.StringExact(c.Region())),
				statecheck.ExpectKnownValue(data, tfjsonpath.New("snapshots").AtSliceIndex(0), knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"id": knownvalue.StringExact(ids[2]), "name": knownvalue.StringExact("web"), "created_at": rfc3339, "consumes_quota": consumesQuota(c),
					"volume_id": knownvalue.StringExact(volume), "metadata": texts(map[string]string{"tier": "silver"}),
				})),
			),
			dataStep(of(`name = "web"`), are(ids[2])),
			dataStep(of(`name_regex = "^db-"`), are(ids[1], ids[0])),
			dataStep(of(`metadata = { tier = "gold" }`), are(ids[1], ids[0])),
			dataStep(of(`without_metadata = ["n"]`), are(ids[2])),
			dataStep(of(`status = "error"`), are(), total(0)),
			dataStep(of(`name = "nothing"`), are()),
			dataStep(of(`created_before = "`+between+`"`), are(ids[2], ids[1], ids[0])),
			dataStep(of(`created_after = "`+between+`"`), are()),
			dataStep(of(`all_projects = true
				name_regex = "."`), are(ids[2], ids[1], ids[0])),
			dataStep(c.ProviderConfig()+fmt.Sprintf(`
data "istack_volume_snapshot" "middle" { id = %q }
data "istack_volume_snapshots" "test" {
  volume_id     = %q
  created_after = data.istack_volume_snapshot.middle.created_at
}`, ids[1], volume), are(ids[2])),
			dataStep(c.ProviderConfig()+fmt.Sprintf(`
data "istack_volume_snapshot" "middle" { id = %q }
data "istack_volume_snapshots" "test" {
  volume_id      = %q
  created_before = data.istack_volume_snapshot.middle.created_at
}`, ids[1], volume), are(ids[0])),
		},
	})
}

// What is known only in the apply is checked then.
func TestAccVolumeSnapshotDataSources_unusableLate(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	c := acctest.New(t)
	for _, kind := range []string{"istack_volume_snapshot", "istack_volume_snapshots"} {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Factories(),
			Steps: []resource.TestStep{failing(c.ProviderConfig()+fmt.Sprintf(`
resource "terraform_data" "late" { input = "(" }
data %q "test" { name_regex = terraform_data.late.output }
`, kind), `not a regular expression`)},
		})
	}
}

func TestAccVolumeSnapshotMetadataDataSource(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	with := c.CreateSnapshot(volume, "with", map[string]string{"a": "1", "b": ""})
	without := c.CreateSnapshot(volume, "without", nil)
	config := func(id string) string {
		return c.ProviderConfig() + fmt.Sprintf("data \"istack_volume_snapshot_metadata\" \"test\" {\n snapshot_id = %q\n}\n", id)
	}
	is := func(want map[string]string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.istack_volume_snapshot_metadata.test", tfjsonpath.New("metadata"), texts(want))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			dataStep(config(with), is(map[string]string{"a": "1", "b": ""})),
			dataStep(config(without), is(map[string]string{})),
			failing(config("6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"), `Unable to read metadata of volume snapshot.*404`),
		},
	})
}

// A data source looks in the region that it names, whatever the provider's is.
func TestAccVolumeSnapshotDataSources_region(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{Regions: []string{"RegionOne", "west"}})
	west := c.In("west")
	volume := west.Volume()
	id := west.CreateSnapshot(volume, "w", map[string]string{"at": "west"})
	config := func(region string) string {
		// Without endpoint_overrides, since those are for one region.
		env := c.Environment()
		return fmt.Sprintf(`
provider "istack" {
  auth_url     = %q
  region       = %q
  user_name    = %q
  password     = %q
  project_name = %q
}
data "istack_volume_snapshots" "test" {
  volume_id = %q
  %s
}
`, env["OS_AUTH_URL"], env["OS_REGION_NAME"], env["OS_USERNAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"], volume, region)
	}
	one := func(region string) string {
		return fmt.Sprintf("data \"istack_volume_snapshot\" \"one\" {\n id = %q\n %s\n}\n", id, region)
	}
	metadata := func(region string) string {
		return fmt.Sprintf("data \"istack_volume_snapshot_metadata\" \"one\" {\n snapshot_id = %q\n %s\n}\n", id, region)
	}
	is := func(address, attribute, want string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringExact(want))
	}
	const there = `region = "west"`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			failing(config("")+one(""), `Volume snapshot not found`),
			failing(config("")+metadata(""), `Unable to read metadata of volume snapshot.*404`),
			dataStep(config(""), is("data.istack_volume_snapshots.test", "region", "RegionOne"),
				statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("ids"), knownvalue.ListSizeExact(0))),
			dataStep(config(there)+one(there)+metadata(there),
				is("data.istack_volume_snapshots.test", "region", "west"), is("data.istack_volume_snapshot.one", "region", "west"),
				is("data.istack_volume_snapshot_metadata.one", "region", "west"),
				statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("ids"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(id)})),
				statecheck.ExpectKnownValue("data.istack_volume_snapshot_metadata.one", tfjsonpath.New("metadata"), texts(map[string]string{"at": "west"})),
			),
		},
	})
}

// An administrator sees the snapshots of all projects, or of one.
func TestAccVolumeSnapshotDataSources_projects(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	admin := c.Administrator()
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "of demo", nil)
	config := func(provider *acctest.Cloud, arguments string) string {
		return provider.ProviderConfig() + fmt.Sprintf(`
data "istack_volume_snapshots" "test" {
  volume_id = %[1]q
  %[2]s
}
`, volume, arguments)
	}
	one := func(arguments string) string {
		return fmt.Sprintf("data \"istack_volume_snapshot\" \"one\" {\n volume_id = %q\n %s\n}\n", volume, arguments)
	}
	ids := func(want ...string) statecheck.StateCheck {
		checks := make([]knownvalue.Check, 0, len(want))
		for _, id := range want {
			checks = append(checks, knownvalue.StringExact(id))
		}
		return statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("ids"), knownvalue.ListExact(checks))
	}
	theirs := `all_projects = true
		project_id = "` + c.ProjectID() + `"`
	own := `all_projects = true
		project_id = "` + admin.ProjectID() + `"`
	// An API before 3.31 does not refuse what an ordinary user may not filter by.
	othersProject := dataStep(config(c, theirs), ids(id))
	if c.Microversion() >= 31 {
		othersProject = failing(config(c, theirs), `Invalid filters project_id.*takes an administrator`)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			dataStep(config(admin, ``), ids()),
			dataStep(config(admin, `all_projects = true`)+one(`all_projects = true`), ids(id),
				statecheck.ExpectKnownValue("data.istack_volume_snapshot.one", tfjsonpath.New("project_id"), knownvalue.StringExact(c.ProjectID()))),
			dataStep(config(admin, theirs)+one(theirs), ids(id)),
			dataStep(config(admin, own), ids()),
			failing(config(admin, own)+one(own), `0 snapshots match`),
			othersProject,
			failing(config(admin, `project_id = "`+c.ProjectID()+`"`), `project_id says whose.*needs all_projects = true`),
			dataStep(config(c, `all_projects = true`), ids(id)),
		},
	})
}

// An old API ignores the filter by project for those who are no administrators;
// what it then lists is sorted out here. And it does not tell of the quota.
func TestAccVolumeSnapshotDataSources_projectOnOldCloud(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{MaxMicroversion: "3.30"})
	volume := c.Volume()
	c.CreateSnapshot(volume, "of demo", nil)
	config := func(project string) string {
		return c.ProviderConfig() + fmt.Sprintf(`
data "istack_volume_snapshots" "test" {
  all_projects = true
  project_id   = %q
}
`, project)
	}
	list := func(check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("snapshots"), check)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			dataStep(config("22a42a028e074f0aba6728ae6b710061"), list(knownvalue.ListSizeExact(0))),
			dataStep(config(c.ProjectID()), list(knownvalue.ListExact([]knownvalue.Check{
				knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact("of demo"), "consumes_quota": knownvalue.Null()}),
			}))),
		},
	})
}

// Null is no value that metadata can have, also where it becomes known late.
func TestAccVolumeSnapshotDataSources_nullInMetadata(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	c.CreateSnapshot(volume, "n", map[string]string{"a": ""})
	for _, kind := range []string{"istack_volume_snapshot", "istack_volume_snapshots"} {
		config := func(value string) string {
			return c.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "late" {
  input = { null = null, empty = "" }
}
data %q "test" {
  volume_id = %q
  metadata  = { a = %s }
}
`, kind, volume, value)
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{
					failing(config(`null`), `Null in metadata`),
					failing(config(`terraform_data.late.output.null`), `Null in metadata`),
					{Config: config(`terraform_data.late.output.empty`)},
				},
			})
		})
	}
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
	for kind, argument := range map[string]string{
		"istack_volume_snapshot": "id = " + strconv.Quote(id), "istack_volume_snapshots": "volume_id = " + strconv.Quote(volume),
		"istack_volume_snapshot_metadata": "snapshot_id = " + strconv.Quote(id),
	} {
		config := func(read string) string {
			return c.ProviderConfig("max_retries = 0") + fmt.Sprintf("data %q \"test\" {\n %s\n timeouts = { read = %q }\n}\n", kind, argument, read)
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{
					failing(config("100ms"), `timed out before the answer was there`),
					failing(config("0s"), `timeout must be longer than zero`),
					failing(config("soon"), `soon`),
					{Config: config("1m")},
				},
			})
		})
	}
}

// Of many matches an error names ten, and says how many more there are.
func TestAccVolumeSnapshotDataSource_manyMatch(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	for range 11 {
		c.CreateSnapshot(volume, "one of many", nil)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{failing(c.ProviderConfig()+fmt.Sprintf("data \"istack_volume_snapshot\" \"test\" {\n  volume_id = %q\n}\n", volume),
			`11 snapshots match the filters:(.*"one of many"){10}.* and 1 more Add a filter`)},
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
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{dataStep(c.ProviderConfig()+fmt.Sprintf(`
			data "istack_volume_snapshot" "newest" {
			  volume_id   = %[1]q
			  most_recent = true
			}
			data "istack_volume_snapshot" "named" {
			  volume_id   = %[1]q
			  name        = "[revert] volume %[1]s backup snapshot"
			  most_recent = true
			}`, volume),
			statecheck.ExpectKnownValue("data.istack_volume_snapshot.newest", tfjsonpath.New("id"), knownvalue.StringExact(good)),
			statecheck.ExpectKnownValue("data.istack_volume_snapshot.named", tfjsonpath.New("id"), knownvalue.StringExact(left)),
		)},
	})
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
