package volumesnapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

func TestAccVolumeSnapshot_importByRegionAndID(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	id := c.CreateSnapshot(volume, "by hand", map[string]string{"a": "1"})
	config := snapshotConfig(c, volume, `name = "by hand"
		metadata = { a = "1" }`)
	test(t, c, volume,
		resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateId: c.Region() + "/" + id, ImportStatePersist: true,
		},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestAccVolumeSnapshot_importIdentity(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	resource.Test(t, resource.TestCase{
		// Identities came with Terraform and OpenTofu 1.12.
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{
				Config: snapshotConfig(c, volume, `name = "x"
					metadata = { a = "1" }`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
						"id":     knownvalue.NotNull(),
						"region": knownvalue.StringExact(c.Region()),
					}),
				},
			},
			{
				ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
				ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		},
	})
}

// What is no identity of a snapshot is refused in words of the provider's own,
// before any request: also the empty id, which Terraform hands on.
func TestAccVolumeSnapshot_importOfNothing(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	cli := acctest.NewCLI(t, snapshotConfig(c, nowhere, ""))
	cli.Attach()
	refused := func(id, message string) {
		t.Helper()
		out, err := cli.Try("import", "-no-color", "-input=false", address, id)
		if err == nil || !strings.Contains(flat(out), message) {
			t.Errorf("%q: %v, without %q:\n%s", id, err, message, out)
		}
	}
	for _, id := range []string{"", "nightly", "/" + nowhere, "a/b/" + nowhere, "../volumes/x", " " + nowhere, nowhere + "/", "X/" + nowhere[1:], "{" + nowhere + "}"} {
		refused(id, fmt.Sprintf("Error: Unusable import id A snapshot is imported by its id, a UUID in lower case, or by region/id; this is neither: %q.", id))
	}
	if n := len(c.Requests()); n > 0 {
		t.Errorf("there were %d requests", n)
	}
	refused(nowhere, "Error: Cannot import non-existent remote object")
	if len(c.Requests()) == 0 {
		t.Error("the cloud was not asked")
	}
}

// What Terraform generates for an imported snapshot is accepted by the provider
// and wants no change.
func TestAccVolumeSnapshot_generatedConfiguration(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	for name, metadata := range map[string]map[string]string{"": nil, "by hand": {"a": "1", "Team:x/y z": ""}} {
		t.Run(fmt.Sprintf("name %q", name), func(t *testing.T) {
			volume := c.Volume()
			id := c.CreateSnapshot(volume, name, metadata)
			if metadata != nil {
				// A key that the API takes in an update only, and of which a configuration is warned.
				c.UpdateMetadata(id, map[string]string{"é": "2"})
			}
			block := func(provider string) string {
				return c.ProviderConfig() + fmt.Sprintf("import {\n to = istack_volume_snapshot.test\n id = %q\n %s\n}\n", id, provider)
			}
			// Terraform from 1.16 on wants the provider named where it generates the resource, and each
			// refuses that where the resource is there.
			cli := acctest.NewCLI(t, block("provider = istack"))
			cli.Attach()
			cli.Run("plan", "-no-color", "-generate-config-out=generated.tf")
			generated, err := os.ReadFile(filepath.Join(cli.Dir(), "generated.tf"))
			if err != nil {
				t.Fatal(err)
			}
			cli.Configure(block(""))
			if out := cli.Apply(); !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
				t.Errorf("with\n%s\nthe import was not just an import:\n%s", generated, out)
			}
			// Exit code 2 would be a difference.
			if out, err := cli.Try("plan", "-no-color", "-detailed-exitcode"); err != nil {
				t.Errorf("with\n%s\nthe plan is not empty: %v\n%s", generated, err, out)
			}
			cli.Run("destroy", "-auto-approve", "-no-color")
		})
	}
}

// What is no identity of a snapshot is refused also by identity, as engines from 1.12 on send it.
func TestImportOfNoIdentity(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	null := tftypes.NewValue(tftypes.String, nil)
	const id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	for _, row := range []struct {
		id, region tftypes.Value
		problem    string
	}{
		{text(id), null, ""},
		{text(id), text("east"), ""},
		{text("nightly"), null, `The id of a snapshot is a UUID in lower case, and this is none: "nightly"`},
		{text(""), null, `and this is none: ""`},
		{text(strings.ToUpper(id)), null, "a UUID in lower case"},
		{null, text("east"), `and this is none: ""`},
		{text(id), text(""), `This is not the name of a region: ""`},
		{text(id), text(" east"), `This is not the name of a region: " east"`},
	} {
		kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "region": tftypes.String}}
		identity := dynamic(t, tftypes.NewValue(kind, map[string]tftypes.Value{"id": row.id, "region": row.region}))
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: "istack_volume_snapshot", Identity: &tfprotov6.ResourceIdentityData{IdentityData: identity},
		})
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for _, d := range resp.Diagnostics {
			said.WriteString(d.Summary + ": " + d.Detail)
		}
		if row.problem == "" && said.Len() > 0 || !strings.Contains(said.String(), row.problem) {
			t.Errorf("%s, %s: %s", row.id, row.region, said.String())
		}
	}
}
