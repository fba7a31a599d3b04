package volumesnapshot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// Each example of a page does what its comments say, with a volume and a snapshot that exist.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	query := []string{"query", "-no-color"}
	apply := []string{"apply", "-auto-approve", "-no-color", "-input=false"}
	invoke := func(action string) []string { return append(apply[:4:4], "-invoke=action."+action) }
	for folder, row := range map[string]struct {
		needs    string // of Terraform; "" for any engine
		admin    bool
		commands [][]string
		says     string // of the last command
	}{
		"resources/istack_volume_snapshot":                  {says: "1 added", commands: [][]string{apply}},
		"data-sources/istack_volume_snapshot":               {says: "Apply complete", commands: [][]string{apply}},
		"data-sources/istack_volume_snapshots":              {says: "nightly = [", admin: true, commands: [][]string{apply}},
		"data-sources/istack_volume_snapshot_metadata":      {says: `tier = "gold"`, commands: [][]string{apply}},
		"functions/retain":                                  {says: "reasons = {", commands: [][]string{apply}},
		"list-resources/istack_volume_snapshot":             {needs: "1.14.0", says: "nightly-1, ", commands: [][]string{query}},
		"actions/istack_volume_snapshot_create":             {needs: "1.14.0", says: ", is available", commands: [][]string{apply}},
		"actions/istack_volume_snapshot_revert":             {needs: "1.14.0", says: "as it was in snapshot", commands: [][]string{invoke("istack_volume_snapshot_revert.back")}},
		"actions/istack_volume_snapshot_prune":              {needs: "1.14.0", says: "deleted 0 of 0", commands: [][]string{invoke("istack_volume_snapshot_prune.look"), invoke("istack_volume_snapshot_prune.nightly")}},
		"actions/istack_volume_snapshot_reset_status":       {needs: "1.14.0", says: `is "error"`, admin: true, commands: [][]string{invoke("istack_volume_snapshot_reset_status.stuck")}},
		"resources/istack_volume_snapshot import-by-string": {says: "Plan: 1 to import, 0 to add, 0 to change", commands: [][]string{{"plan", "-no-color", "-generate-config-out=generated.tf"}}},
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if row.needs != "" {
				acctest.TerraformSince(t, "this", row.needs)
			}
			acctest.OnSimulator(t) // Elsewhere there may be snapshots of these names.
			c := acctest.New(t)
			volume := c.NFSVolume()
			snapshot := c.CreateSnapshot(volume, "nightly-1", map[string]string{"tier": "gold"})
			provider := c.ProviderConfig()
			if row.admin {
				provider = c.Administrator().ProviderConfig()
			}
			cli := acctest.NewCLI(t, provider)
			cli.Setenv("TF_VAR_volume_id", volume)
			folder, only, _ := strings.Cut(folder, " ")
			files, err := filepath.Glob(filepath.Join("../../examples", folder, only+"*.*"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, file := range files {
				if strings.HasPrefix(filepath.Base(file), "import") && only == "" {
					continue
				}
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				text := strings.NewReplacer("4da79faf-e4c2-421a-b09d-c1b5147cf776", volume, "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", snapshot,
					"22a42a028e074f0aba6728ae6b710061", c.ProjectID(), `, "RegionTwo"`, "").Replace(string(content))
				// The provider is named by the file beside it.
				if _, rest, found := strings.Cut(text, "terraform {\n  required_providers {\n    istack = {\n      source = \"istack/istack\"\n    }\n  }\n}\n"); found {
					text = rest
				}
				cli.Write(filepath.Base(file), text)
			}
			out := ""
			for _, command := range row.commands {
				out = cli.Run(command...)
			}
			if !strings.Contains(out, row.says) {
				t.Errorf("no %q in\n%s", row.says, out)
			}
			if row.says == "1 added" {
				// Its policy is to retain the snapshot, which the volume takes with it in the end.
				cli.Run("destroy", "-auto-approve", "-no-color")
			}
		})
	}
}
