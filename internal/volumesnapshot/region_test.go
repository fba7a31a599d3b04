package volumesnapshot_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// twoRegions is a cloud with two regions, each with a volume.
func twoRegions(t *testing.T) (east, west *acctest.Cloud, eastVolume, westVolume string) {
	t.Helper()
	acctest.OnSimulator(t)
	east = acctest.New(t, simulator.Options{Regions: []string{"RegionOne", "west"}})
	west = east.In("west")
	return east, west, east.Volume(), west.Volume()
}

func regionConfig(provider, volume, attributes string) string {
	return provider + fmt.Sprintf("resource \"istack_volume_snapshot\" \"test\" {\n  volume_id = %q\n  %s\n}\n", volume, attributes)
}

func fails(t *testing.T, cli *acctest.CLI, message string, args ...string) {
	t.Helper()
	out, err := cli.Try(append(args, "-no-color")...)
	if err == nil || !regexp.MustCompile(`(?s)`+loose(message)).MatchString(out) {
		t.Errorf("%v: %v, without %q:\n%s", args, err, message, out)
	}
}

// failsAt runs a plan or apply that fails with its message at each of the addresses, and
// nowhere else.
func failsAt(t *testing.T, cli *acctest.CLI, messages map[string]string, command string) {
	t.Helper()
	args := []string{command, "-json"}
	if command == "apply" {
		args = append(args, "-auto-approve")
	}
	out, err := cli.Command(args...).Output()
	if err == nil {
		t.Errorf("%v: no error:\n%s", args, out)
	}
	said := map[string]string{}
	for line := range strings.Lines(string(out)) {
		var message struct {
			Diagnostic struct{ Severity, Address, Summary, Detail string }
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if d := message.Diagnostic; d.Severity == "error" {
			said[d.Address] += d.Summary + ": " + d.Detail + "\n"
		}
	}
	for address, message := range messages {
		if !regexp.MustCompile(`(?s)` + message).MatchString(said[address]) {
			t.Errorf("%s: %q, without %q", address, said[address], message)
		}
		delete(said, address)
	}
	if len(said) > 0 {
		t.Errorf("nothing was to be wrong here: %q", said)
	}
}

func empty(t *testing.T, cli *acctest.CLI, what string) {
	t.Helper()
	if out, err := cli.Try("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("%s: the plan is not empty: %v\n%s", what, err, out)
	}
}

// A snapshot stays where it was made when the provider moves, and a replacement
// elsewhere is refused until somebody writes down that it is wanted.
func TestAccVolumeSnapshot_providerMoves(t *testing.T) {
	t.Parallel()
	east, west, volume, westVolume := twoRegions(t)
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider("RegionOne"), volume, `triggers = { release = "1" }`))
	cli.Attach()
	cli.Apply()
	first := east.Snapshots(volume)[0].ID

	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `triggers = { release = "1" }`))
	empty(t, cli, "the provider in another region")
	const refused = `Replacement of volume snapshot in another region.*is in region "RegionOne", and the region of the provider is "west".*region = "RegionOne"`
	// Terraform wants these replacements, and not the schema.
	fails(t, cli, refused, "plan", "-replace="+address)
	const release = "\nresource \"terraform_data\" \"release\" {\n  input = \"1\"\n}\n"
	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `triggers = { release = "1" }`) + release)
	cli.Apply()
	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `triggers = { release = "1" }
		lifecycle { replace_triggered_by = [terraform_data.release] }`) + strings.Replace(release, "1", "2", 1))
	fails(t, cli, refused, "plan")
	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `triggers = { release = "1" }`))
	cli.Apply()
	for _, attributes := range []string{`triggers = { release = "2" }`, ``} {
		cli.Configure(regionConfig(east.CatalogProvider("west"), volume, attributes))
		fails(t, cli, refused, "plan")
	}
	cli.Configure(regionConfig(east.CatalogProvider("west"), westVolume, `triggers = { release = "1" }`))
	fails(t, cli, `Replacement of volume snapshot in another region`, "plan")
	if s := east.Snapshots(volume); len(s) != 1 || s[0].ID != first {
		t.Errorf("the first snapshot became %v", s)
	}

	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `triggers = { release = "2" }
		region = "RegionOne"`))
	if out := cli.Apply(); !strings.Contains(out, "1 added, 0 changed, 1 destroyed") {
		t.Error(out)
	}
	if s := east.Snapshots(volume); len(s) != 1 || s[0].ID == first {
		t.Errorf("the replacement in the same region is %v", s)
	}
	// Another region, written down, replaces there.
	cli.Configure(regionConfig(east.CatalogProvider("RegionOne"), volume, `triggers = { release = "2" }
		region = "west"`))
	if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "1 to add, 0 to change, 1 to destroy") || !strings.Contains(out, "region") {
		t.Error(out)
	}
	cli.Configure(regionConfig(east.CatalogProvider("RegionOne"), westVolume, `region = "west"`))
	cli.Apply()
	if e, w := east.Snapshots(volume), west.Snapshots(westVolume); len(e) != 0 || len(w) != 1 {
		t.Errorf("after the move there are %v and %v", e, w)
	}
	empty(t, cli, "after the move")
	cli.Run("destroy", "-auto-approve", "-no-color")
	if w := west.Snapshots(westVolume); len(w) != 0 {
		t.Errorf("left: %v", w)
	}
}

// The same where no region is configured any more, and the catalogue's first is another one.
func TestAccVolumeSnapshot_providerLosesItsRegion(t *testing.T) {
	t.Parallel()
	east, west, _, volume := twoRegions(t)
	configure := func(region, release string) string {
		return regionConfig(east.CatalogProvider(region), volume, fmt.Sprintf("triggers = { release = %q }", release))
	}
	cli := acctest.NewCLI(t, configure("west", "1"))
	cli.Attach()
	cli.Apply()
	first := west.Snapshots(volume)[0].ID

	cli.Configure(configure("", "1"))
	empty(t, cli, "no region any more")
	const refused = `Replacement of volume snapshot in another region.*region of the provider is "RegionOne".*region = "west"`
	fails(t, cli, refused, "plan", "-replace="+address)
	cli.Configure(configure("", "2"))
	fails(t, cli, refused, "plan")
	fails(t, cli, refused, "plan", "-refresh=false")
	// Why the region is not known is the error then.
	cli.Configure(regexp.MustCompile(`password +=.*`).ReplaceAllString(configure("", "2"), `password = "wrong"`))
	fails(t, cli, `Looking for the region in which the replacement of snapshot.*failed.*refused the sign-in`, "plan", "-refresh=false")
	if s := west.Snapshots(volume); len(s) != 1 || s[0].ID != first {
		t.Errorf("the snapshot became %v", s)
	}
	cli.Configure(configure("", "1"))
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A saved plan is applied in the region that it was made for, or not at all.
func TestAccVolumeSnapshot_savedPlanInAnotherRegion(t *testing.T) {
	t.Parallel()
	east, west, volume, _ := twoRegions(t)
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider(""), volume, ""))
	cli.Attach()
	for _, region := range []string{"west", "RegionOne"} {
		cli.Setenv("OS_REGION_NAME", "RegionOne")
		cli.Run("plan", "-out=saved", "-no-color")
		cli.Setenv("OS_REGION_NAME", region)
		if region == "RegionOne" {
			cli.Run("apply", "-no-color", "saved")
		} else {
			fails(t, cli, "Provider produced inconsistent final plan", "apply", "saved")
		}
	}
	if e, w := east.Snapshots(volume), west.Snapshots(volume); len(e) != 1 || len(w) != 0 {
		t.Errorf("made %v and %v", e, w)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// With ignore_changes, Terraform shows the provider the region of the state as if it were written.
func TestAccVolumeSnapshot_providerMovesIgnored(t *testing.T) {
	t.Parallel()
	east, _, volume, _ := twoRegions(t)
	for attributes, args := range map[string][]string{
		`lifecycle { ignore_changes = all }`: {"plan", "-replace=" + address},
		`triggers = { release = "2" }
			lifecycle { ignore_changes = [region] }`: {"plan"},
	} {
		cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider("RegionOne"), volume, strings.Replace(attributes, "2", "1", 1)))
		cli.Attach()
		cli.Apply()
		cli.Configure(regionConfig(east.CatalogProvider("west"), volume, attributes))
		fails(t, cli, `Replacement of volume snapshot in another region.*region = "RegionOne"`, args...)
		cli.Configure(regionConfig(east.CatalogProvider("RegionOne"), volume, attributes))
		cli.Run("destroy", "-auto-approve", "-no-color")
	}
}

// What a plan has noted of a snapshot that stays does not outlive it: one that is gone is made again.
func TestAccVolumeSnapshot_goneAfterProviderMoved(t *testing.T) {
	t.Parallel()
	east, _, volume, _ := twoRegions(t)
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider("RegionOne"), volume, ""))
	cli.Attach()
	cli.Apply()
	cli.Configure(regionConfig(east.CatalogProvider("west"), volume, `name = "changed"`))
	cli.Apply()
	east.DeleteSnapshot(east.Snapshots(volume)[0].ID)
	for _, region := range []string{"west", "RegionOne"} {
		cli.Configure(regionConfig(east.CatalogProvider(region), volume, `name = "changed"`))
		if out := cli.Run("plan", "-no-color"); !strings.Contains(out, "1 to add, 0 to change, 0 to destroy") {
			t.Errorf("%s:\n%s", region, out)
		}
	}
}

// A snapshot is imported from the region that the id names, and found there.
func TestAccVolumeSnapshot_importFromRegion(t *testing.T) {
	t.Parallel()
	east, west, _, volume := twoRegions(t)
	id := west.CreateSnapshot(volume, "w", nil)
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider("RegionOne"), volume, `name = "w"`))
	cli.Attach()
	fails(t, cli, "Cannot import non-existent remote object", "import", address, id)
	cli.Run("import", "-no-color", address, "west/"+id)
	empty(t, cli, "an import from another region")
	cli.Run("destroy", "-auto-approve", "-no-color")
	if left := west.Snapshots(volume); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// prevent sees each change that replaces.
func TestAccVolumeSnapshot_preventReplacement(t *testing.T) {
	t.Parallel()
	east, west, volume, westVolume := twoRegions(t)
	other := east.Volume()
	const prevent = `deletion_policy = "prevent"
		triggers = { a = "1" }
		`
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider("RegionOne"), volume, prevent))
	cli.Attach()
	cli.Apply()
	for _, change := range []struct{ volume, attributes string }{
		{other, prevent},
		{volume, prevent + `region = "west"`},
		{volume, `deletion_policy = "prevent"`},
	} {
		cli.Configure(regionConfig(east.CatalogProvider("RegionOne"), change.volume, change.attributes))
		fails(t, cli, "Deletion of volume snapshot prevented.*ISTACK_DELETION_POLICY", "plan")
	}
	if e, w := east.Snapshots(volume), west.Snapshots(westVolume); len(e) != 1 || len(w) != 0 {
		t.Errorf("there are %v and %v", e, w)
	}
	cli.Setenv("ISTACK_DELETION_POLICY", "delete")
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// An override is the endpoint of one region, and of no other.
func TestAccVolumeSnapshot_overrideIsOfItsRegion(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	elsewhere := regexp.MustCompile(`region += "`+c.Region()+`"`).ReplaceAllString(c.ProviderConfig(), `region = "elsewhere"`)
	nowhere := regexp.MustCompile(`region += "`+c.Region()+`"`).ReplaceAllString(c.ProviderConfig(), ``)
	resource := fmt.Sprintf("resource \"istack_volume_snapshot\" \"test\" {\n  volume_id = %q\n}\n", volume)
	for provider, advice := range map[string]string{
		elsewhere: `endpoint \(volumev3\) of the provider's own region, "elsewhere".*\(alias\) for region "` + c.Region() + `"`,
		nowhere:   `own region, which is not set.*set region = "` + c.Region() + `" in the provider block`,
	} {
		cli.Configure(provider + resource)
		for _, args := range [][]string{{"plan"}, {"destroy", "-auto-approve"}, {"destroy", "-auto-approve", "-refresh=false"}} {
			fails(t, cli, advice, args...)
		}
	}
	for _, data := range []string{
		`"istack_volume_snapshot" "x" {
			id = "` + id + `"`, `"istack_volume_snapshots" "x" {`, `"istack_volume_snapshot_metadata" "x" {
			snapshot_id = "` + id + `"`,
	} {
		cli.Configure(snapshotConfig(c, volume, "") + "data " + data + "\n  region = \"elsewhere\"\n}\n")
		fails(t, cli, `what was asked for is region "elsewhere"`, "plan")
	}
	if shown := cli.Run("show", "-no-color"); !strings.Contains(shown, id) {
		t.Error("the snapshot is no longer in the state")
	}
	cli.Configure(snapshotConfig(c, volume, ""))
	empty(t, cli, "the right region again")
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A snapshot whose region was not known when it was made is not replaced when it
// becomes known, whether to the provider or to the resource.
func TestAccVolumeSnapshot_regionBecomesKnown(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	without := func(provider string) string {
		return regexp.MustCompile(`region += "`+c.Region()+`"`).ReplaceAllString(provider, ``)
	}
	cli := acctest.NewCLI(t, without(snapshotConfig(c, volume, "")))
	cli.Attach()
	cli.Apply()
	id := c.Snapshots(volume)[0].ID
	empty(t, cli, "no region")
	cli.Configure(snapshotConfig(c, volume, `region = "`+c.Region()+`"`))
	c.Forget()
	if out := cli.Apply("-refresh=false"); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
		t.Error(out)
	}
	if lines := methods(c.Requests()); len(lines) != 1 || lines[0] != "GET" {
		t.Errorf("the region was proved by %v", lines)
	}
	cli.Configure(snapshotConfig(c, volume, ""))
	empty(t, cli, "the region in the provider alone")

	editState(t, cli, func(attributes map[string]any) { attributes["region"] = nil })
	if out := cli.Apply(); !strings.Contains(out, "0 added, 0 changed, 0 destroyed") {
		t.Error(out)
	}
	if s := c.Snapshots(volume); len(s) != 1 || s[0].ID != id {
		t.Errorf("%s became %v", id, s)
	}
	// A region in which it is not.
	editState(t, cli, func(attributes map[string]any) { attributes["region"] = nil })
	cli.Configure(snapshotConfig(c, volume, `region = "elsewhere"`))
	fails(t, cli, `Looking in region elsewhere`, "apply", "-auto-approve", "-refresh=false")
	cli.Configure(snapshotConfig(c, volume, ""))
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// An identity that is stored stays as it is: Terraform from 1.12 on refuses
// another.
func TestAccVolumeSnapshot_identityIsKept(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	server := newServer(t)
	schemas := schemasOf(t, server)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, filled(schemas.Provider.ValueType().(tftypes.Object), credentials(c.Environment()))),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured.Diagnostics)
	}
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "n", nil)
	kindOf := schemas.ResourceSchemas[kind].ValueType().(tftypes.Object)
	identityKind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "region": tftypes.String}}
	stored := tftypes.NewValue(identityKind, map[string]tftypes.Value{"id": text(id), "region": tftypes.NewValue(tftypes.String, nil)})
	identity := &tfprotov6.ResourceIdentityData{IdentityData: dynamic(t, stored)}
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentIdentity: identity,
		CurrentState: dynamic(t, filled(kindOf, map[string]tftypes.Value{"id": text(id), "volume_id": text(volume)})),
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read.Diagnostics)
	}
	state, err := read.NewState.Unmarshal(kindOf)
	if err != nil || textOf(object(state)["region"]) != c.Region() {
		t.Errorf("%v: the region is %s", err, object(state)["region"])
	}
	same := func(got *tfprotov6.ResourceIdentityData) {
		t.Helper()
		value, err := got.IdentityData.Unmarshal(identityKind)
		if err != nil || !value.Equal(stored) {
			t.Errorf("%v: the identity became %s", err, value)
		}
	}
	same(read.NewIdentity)
	plan := object(state)
	plan["name"], plan["force"], plan["deletion_policy"] = text("changed"), tftypes.NewValue(tftypes.Bool, false), text("delete")
	applied, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PlannedIdentity: identity, PriorState: dynamic(t, state), PlannedState: dynamic(t, tftypes.NewValue(kindOf, plan)),
		Config: dynamic(t, filled(kindOf, map[string]tftypes.Value{"volume_id": text(volume), "name": text("changed")})),
	})
	if err != nil || len(applied.Diagnostics) > 0 {
		t.Fatal(err, applied.Diagnostics)
	}
	same(applied.NewIdentity)
}

// Where nobody names a region and there are several, one warning says which was
// taken.
func TestAccVolumeSnapshot_regionChosen(t *testing.T) {
	t.Parallel()
	east, _, volume, _ := twoRegions(t)
	cli := acctest.NewCLI(t, regionConfig(east.CatalogProvider(""), volume, `count = 3`))
	out := cli.Apply()
	if n := strings.Count(out, "Region chosen by the provider"); n != 1 || !regexp.MustCompile(loose(`The provider uses "RegionOne", the first of them; the others are "west"`)).MatchString(out) {
		t.Errorf("%d warnings:\n%s", n, out)
	}
	if n := len(east.Snapshots(volume)); n != 3 {
		t.Errorf("there are %d snapshots", n)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")

	id := east.CreateSnapshot(volume, "by hand", nil)
	for kind, argument := range map[string]string{
		"istack_volume_snapshot": "id", "istack_volume_snapshots": "name", "istack_volume_snapshot_metadata": "snapshot_id",
	} {
		cli.Configure(east.CatalogProvider("") + fmt.Sprintf("data %q \"test\" {\n  %s = %q\n}\n", kind, argument, id))
		if out := cli.Run("plan", "-no-color"); strings.Count(out, "Region chosen by the provider") != 1 {
			t.Errorf("%s: not one warning:\n%s", kind, out)
		}
	}
}
