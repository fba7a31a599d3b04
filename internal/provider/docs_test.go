package provider_test

import (
	"bytes"
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/provider"
)

const root = "../.."

// prose is the text of each page that people read: those of the registry, which have the examples
// in them, and those of the repository.
func prose(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	read := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(text)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tools/cinder/README.md", "internal/simulator/releases.md"} {
		read(filepath.Join(root, name))
	}
	for _, folder := range []string{"docs", "design", "examples", ".github"} {
		if err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".md") {
				read(path)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

// Also in a list, where a block is indented.
var fenced = regexp.MustCompile("(?ms)^ *```([a-z]+)\n(.*?)^ *```$")

// Each block of Terraform's language in the pages is valid.
func TestAccDocs(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	for name, page := range prose(t) {
		for i, block := range fenced.FindAllStringSubmatch(page, -1) {
			language, text := block[1], block[2]
			if indent := text[:len(text)-len(strings.TrimLeft(text, " "))]; indent != "" {
				text = regexp.MustCompile(`(?m)^`+indent).ReplaceAllString(text, "")
			}
			if language != "terraform" && language != "hcl" {
				continue
			}
			t.Run(name+"/"+string(rune('a'+i)), func(t *testing.T) {
				t.Parallel()
				cli := acctest.NewCLI(t, "")
				file, validate := "block.tf", []string{"validate", "-no-color"}
				switch {
				case strings.Contains(text, "provider_installation {"):
					// The configuration of the CLI itself, which it reads at each start.
					cli.Write("cli.tfrc", text)
					if out := cli.Run("version"); strings.Contains(out, "Error") || strings.Contains(out, "Invalid") {
						t.Error(out)
					}
					return
				case regexp.MustCompile(`(?m)^list "`).MatchString(text):
					acctest.TerraformSince(t, "terraform query", "1.14.0")
					file, validate = "block.tfquery.hcl", append(validate, "-query")
				case strings.HasPrefix(text, "mock_provider "):
					file = "block.tftest.hcl"
				case regexp.MustCompile(`(?m)^action "`).MatchString(text):
					acctest.TerraformSince(t, "actions", "1.14.0")
				case strings.Contains(text, "identity = {"):
					acctest.Since(t, "an import by identity", "1.12.0")
				}
				text, validated := text, text
				// The objects of other providers are not to be had here.
				validated, _, _ = strings.Cut(validated, `resource "openstack_`)
				validated = strings.Replace(validated, "    vkcs = {\n      source = \"vk-cs/vkcs\"\n    }\n", "", 1)
				validated, _, _ = strings.Cut(validated, "moved {\n  from = vkcs")
				if _, ours, found := strings.Cut(validated, "}\n\nprovider \"istack\""); found && strings.HasPrefix(validated, `ephemeral "`) {
					validated = `provider "istack"` + regexp.MustCompile(`ephemeral\.\S+`).ReplaceAllString(ours, `"secret"`)
				}
				if strings.Contains(text, "required_providers {") {
					file = "main.tf"
				}
				cli.Write(file, validated)
				cli.Write("by_hand.json", "{}")
				cli.Run(validate...)
				formatted := cli.Command("fmt", "-no-color", "-")
				formatted.Stdin = strings.NewReader(text)
				if out, err := formatted.Output(); err != nil || string(bytes.TrimSpace(out)) != strings.TrimSpace(text) {
					t.Errorf("%v: it is not formatted:\n%s", err, out)
				}
			})
		}
	}
}

// Each clouds.yaml in the pages has an entry that the provider takes.
func TestDocsClouds(t *testing.T) {
	entry := regexp.MustCompile(`(?m)^clouds:\n  (\w+):`)
	n := 0
	for name, page := range prose(t) {
		for _, block := range fenced.FindAllStringSubmatch(page, -1) {
			found := entry.FindStringSubmatch(block[2])
			if block[1] != "yaml" {
				continue
			}
			if found == nil {
				t.Errorf("%s: no entry in\n%s", name, block[2])
				continue
			}
			n++
			file := filepath.Join(t.TempDir(), "clouds.yaml")
			if err := os.WriteFile(file, []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("OS_CLIENT_CONFIG_FILE", file)
			t.Setenv("OS_PASSWORD", "secret")
			p := newProtocol(t)
			configured, err := p.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: p.object(p.provider, map[string]tftypes.Value{"cloud": tftypes.NewValue(tftypes.String, found[1])}),
			})
			p.check(err, configured.Diagnostics)
		}
	}
	if n == 0 {
		t.Error("there is none")
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	named   = regexp.MustCompile(`<a id="([^"]+)">`)
)

// anchors are the places in a page that a link can lead to, as GitHub and the registry name them.
func anchors(page string) map[string]bool {
	places := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		slug := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(found[1]), "")
		places[strings.ReplaceAll(slug, " ", "-")] = true
	}
	for _, found := range named.FindAllStringSubmatch(page, -1) {
		places[found[1]] = true
	}
	return places
}

// Each link within the repository leads somewhere.
// The pages of docs/ are read in a registry, and no relative link from one of its folders to another works in both:
// Terraform's has the first page at another depth, and OpenTofu's has other names for the folders.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	const registry = "https://registry.terraform.io/providers/istack/istack/latest/docs"
	pages := prose(t)
	for name, page := range pages {
		for _, found := range link.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
			to, anchor, _ := strings.Cut(found[1], "#")
			target := name
			if page, ok := strings.CutPrefix(to, registry); ok {
				target = filepath.Join("docs", cmp.Or(page, "index")+".md")
			} else if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			} else if strings.HasPrefix(name, "docs/") && strings.Contains(to, "/") {
				t.Errorf("%s: %s begins with neither %s nor another address", name, to, registry)
			} else if to != "" {
				target = filepath.Join(filepath.Dir(name), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: %s leads nowhere", name, found[1])
			}
			if other, ok := pages[target]; anchor != "" && (!ok || !anchors(other)[anchor]) {
				t.Errorf("%s: there is no #%s in %s", name, anchor, target)
			}
		}
	}
}

var (
	variable = regexp.MustCompile(`\b(OS|ISTACK)_[A-Z][A-Z_]+\b`)
	target   = regexp.MustCompile("(?m)(?:`|^)make ([a-z][a-z-]*)")
	span     = regexp.MustCompile("`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`")
	aTest    = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z_]+)`")
)

// Each environment variable, each target of make and each test that is named exists.
func TestDocsNameWhatExists(t *testing.T) {
	t.Parallel()
	source, product := sources(t, true), sources(t, false)
	makefile, err := os.ReadFile(filepath.Join(root, "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range prose(t) {
		for _, found := range variable.FindAllString(page, -1) {
			// Those for endpoints are put together from the types of the service.
			if !strings.HasSuffix(found, "_ENDPOINT_OVERRIDE") && !strings.Contains(product, `"`+found) && !strings.Contains(product, found+"=") && !strings.Contains(product, "{"+found) {
				t.Errorf("%s: nothing reads %s", name, found)
			}
		}
		for _, found := range target.FindAllStringSubmatch(page, -1) {
			if !regexp.MustCompile(`(?m)^([a-z -]* )?` + found[1] + `( [a-z -]*)?:`).Match(makefile) {
				t.Errorf("%s: there is no make %s", name, found[1])
			}
		}
		for _, found := range aTest.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(source, "func "+found[1]+"(") {
				t.Errorf("%s: there is no %s", name, found[1])
			}
		}
	}
}

// elsewhere are names with an underscore in the pages that are not of our schemas: Terraform's, the cloud's,
// and those of other tools.
var elsewhere = strings.Fields(`
	create_before_destroy replace_triggered_by prevent_destroy ignore_changes for_each action_trigger before_create before_update before_destroy
	after_create after_update after_destroy mock_provider mock_resource mock_data required_providers dev_overrides terraform_data filesystem_mirror
	error_deleting error_restoring by_hand with_count os_reset_status snapshot_id
`)

// Each attribute, type and function that is named exists.
func TestDocsNameAttributesThatExist(t *testing.T) {
	t.Parallel()
	schemas, err := provider.NewServer("test", true).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, name := range elsewhere {
		known[name] = true
	}
	var add func(*tfprotov6.SchemaBlock)
	var addAttributes func([]*tfprotov6.SchemaAttribute)
	addAttributes = func(attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			known[a.Name] = true
			if a.NestedType != nil {
				addAttributes(a.NestedType.Attributes)
			}
		}
	}
	add = func(block *tfprotov6.SchemaBlock) {
		addAttributes(block.Attributes)
		for _, nested := range block.BlockTypes {
			known[nested.TypeName] = true
			add(nested.Block)
		}
	}
	add(schemas.Provider.Block)
	for _, each := range []map[string]*tfprotov6.Schema{schemas.ResourceSchemas, schemas.DataSourceSchemas, schemas.ListResourceSchemas} {
		for name, s := range each {
			known[name] = true
			add(s.Block)
		}
	}
	for name, a := range schemas.ActionSchemas {
		known[name] = true
		add(a.Schema.Block)
	}
	for _, name := range []string{"kept_ids", "expired_ids", "ignored_ids"} { // of the result of retain
		known[name] = true
	}
	source := sources(t, false)
	for name, page := range prose(t) {
		if strings.HasPrefix(name, "design") || name == "CONTRIBUTING.md" || name == "internal/simulator/releases.md" {
			continue // About the code, or Cinder's.
		}
		for _, found := range span.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
			if !known[found[1]] && !strings.HasSuffix(found[1], "_endpoint_override") && !strings.Contains(source, `yaml:"`+found[1]) && !strings.Contains(source, `"`+found[1]+`"`) {
				t.Errorf("%s: there is no %s", name, found[1])
			}
		}
	}
}

// sources are our own files, but for pages, and perhaps for tests.
func sources(t *testing.T, tests bool) string {
	t.Helper()
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard") //nolint:noctx // of the test itself
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range strings.Fields(string(out)) {
		if slices.Contains([]string{".md", ".tmpl", ".golden", ".svg"}, filepath.Ext(name)) || strings.HasSuffix(name, "docs_test.go") || !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // Removed, and not committed.
		}
		all.Write(content)
	}
	return all.String()
}
