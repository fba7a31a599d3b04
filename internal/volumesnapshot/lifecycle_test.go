package volumesnapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// The engine's own way to leave a snapshot in the cloud, and what it does not reach: a block that is gone.
func TestAccVolumeSnapshot_lifecycleDestroy(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	for name, row := range map[string]struct {
		attributes string
		stays      bool // when the block is gone
	}{
		// OpenTofu has it in the state, and Terraform has not.
		"lifecycle": {"lifecycle {\n    destroy = false\n  }", acctest.OpenTofu()},
		"policy":    {`deletion_policy = "retain"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			volume := c.Volume()
			cli := acctest.NewCLI(t, snapshotConfig(c, volume, row.attributes))
			cli.Attach()
			out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
			if strings.Contains(out, `An argument named "destroy" is not expected here`) {
				t.Skip("this engine has no lifecycle { destroy }")
			}
			if err != nil {
				t.Fatal(out)
			}
			out, err = cli.Try("destroy", "-auto-approve", "-no-color", "-input=false")
			// OpenTofu fails in the end, and has forgotten it.
			if fails := name == "lifecycle" && acctest.OpenTofu(); (err != nil) != fails {
				t.Errorf("destroy: %v\n%s", err, out)
			}
			if state := cli.Run("state", "list"); strings.Contains(state, address) || len(c.Snapshots(volume)) != 1 {
				t.Errorf("a destroy left %q in the state, and %v", state, c.Snapshots(volume))
			}
			cli.Apply()
			cli.Configure(c.ProviderConfig())
			cli.Apply()
			// The one of the first apply is there in any case.
			if stays := len(c.Snapshots(volume)) == 2; stays != row.stays {
				t.Errorf("without its block it stays: %t", stays)
			}
		})
	}
}

// A removed block forgets it in every engine.
func TestAccVolumeSnapshot_removed(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, ""))
	cli.Attach()
	cli.Apply()
	cli.Configure(c.ProviderConfig() + "removed {\n  from = " + address + "\n  lifecycle {\n    destroy = false\n  }\n}\n")
	cli.Apply()
	if state := cli.Run("state", "list"); strings.Contains(state, address) || len(c.Snapshots(volume)) != 1 {
		t.Errorf("%s, %v", state, c.Snapshots(volume))
	}
}

// The example of a test passes without a cloud, and fails without the ids that it gives to mocks.
func TestAccExampleTesting(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	for name, change := range map[string]func(string) string{
		"as it is":       func(s string) string { return s },
		"without the id": func(s string) string { return strings.Replace(s, `id     = "`+nowhere+`"`, "", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cli := acctest.NewCLI(t, "")
			if err := os.Mkdir(filepath.Join(cli.Dir(), "tests"), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"main.tf", "tests/before.tftest.hcl"} {
				text, err := os.ReadFile(filepath.Join("../../examples/testing", file))
				if err != nil {
					t.Fatal(err)
				}
				cli.Write(file, change(string(text)))
			}
			out, err := cli.Try("test", "-no-color")
			if passes := name == "as it is"; (err == nil) != passes || passes != strings.Contains(out, "1 passed, 0 failed") || passes == strings.Contains(out, "must be a UUID") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// A change of the release is in the output of the same apply.
func TestAccExampleTesting_converges(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	text, err := os.ReadFile("../../examples/testing/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	cli := acctest.NewCLI(t, "")
	cli.Attach()
	cli.Write("main.tf", string(text)+c.ProviderConfig())
	cli.Setenv("TF_VAR_volume_id", c.Volume())
	for _, release := range []string{"17.2", "17.3"} {
		cli.Setenv("TF_VAR_release", release)
		if out := cli.Apply(); !strings.Contains(out, `restores = "before-`+release) {
			t.Errorf("%s:\n%s", release, out)
		}
	}
	empty(t, cli, "another release")
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A secret of the provider that comes from an ephemeral resource is in no plan and no state.
func TestAccVolumeSnapshot_ephemeralSecret(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	password := fmt.Sprintf("%q", c.Environment()["OS_PASSWORD"])
	cli := acctest.NewCLI(t, "")
	cli.AddProvider("hashicorp/vault", "vault_nothing", "id")
	cli.Setenv("OLD_SECRET", c.Environment()["OS_PASSWORD"])
	cli.Configure(strings.Replace(c.ProviderConfig(), password, "ephemeral.vault_secret.password.value", 1) + fmt.Sprintf(`
ephemeral "vault_secret" "password" {}

resource "istack_volume_snapshot" "test" {
  volume_id = %q
}
`, c.Volume()))
	cli.Run("plan", "-no-color", "-out=plan")
	shown := cli.Run("show", "-json", "plan")
	cli.Run("apply", "-no-color", "plan")
	state, err := os.ReadFile(filepath.Join(cli.Dir(), "terraform.tfstate"))
	if err != nil || strings.Contains(shown+string(state), password) {
		t.Errorf("%v, or the secret is in the plan or the state", err)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}
