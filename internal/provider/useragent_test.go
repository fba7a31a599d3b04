package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

const (
	ownAgent    = "terraform-provider-istack/test (+https://registry.terraform.io/providers/istack/istack)"
	terraform   = "Terraform/1.11.4 (+https://www.terraform.io) "
	libraryName = " gophercloud/"
)

// agents tells the User-Agent of the requests to Keystone and to Cinder.
func agents(t *testing.T, c *acctest.Cloud) (agents []string) {
	t.Helper()
	if len(c.SignIns()) == 0 || len(c.Requests()) == 0 {
		t.Fatalf("the requests were %v and %v", c.SignIns(), c.Requests())
	}
	for _, r := range append(c.SignIns(), c.Requests()...) {
		agents = append(agents, r.Header.Get("User-Agent"))
	}
	return agents
}

func TestUserAgent(t *testing.T) {
	for name, row := range map[string]struct{ version, more, want string }{
		"Terraform":            {"1.11.4", "", terraform + ownAgent},
		"no version":           {"", "", ownAgent},
		"more":                 {"1.11.4", "ci/7 (nightly)", terraform + ownAgent + " ci/7 (nightly)"},
		"spaces around":        {"1.11.4", "  ci/7\t", terraform + ownAgent + " ci/7"},
		"nothing but space":    {"1.11.4", " \n", terraform + ownAgent},
		"a line break":         {"1.11.4", "ci/7\r\nX-Evil: 1\n", terraform + ownAgent + " ci/7 X-Evil: 1"},
		"a control character":  {"1.11.4", "ci\x01/\x7f7\x1b", terraform + ownAgent + " ci / 7"},
		"beyond ASCII":         {"1.11.4", "ci/é", terraform + ownAgent + " ci/é"},
		"a version that is no": {"1.11\n.4", "", "Terraform/1.11 .4 (+https://www.terraform.io) " + ownAgent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TF_APPEND_USER_AGENT", row.more)
			c := acctest.New(t)
			env := c.Environment()
			p := newProtocol(t)
			overrides := tftypes.Map{ElementType: tftypes.String}
			settings := map[string]tftypes.Value{
				"endpoint_overrides": tftypes.NewValue(overrides, map[string]tftypes.Value{"volumev3": tftypes.NewValue(tftypes.String, c.VolumeURL())}),
			}
			for attribute, variable := range map[string]string{
				"auth_url": "OS_AUTH_URL", "user_name": "OS_USERNAME", "password": "OS_PASSWORD", "project_name": "OS_PROJECT_NAME",
				"user_domain_name": "OS_USER_DOMAIN_NAME", "project_domain_name": "OS_PROJECT_DOMAIN_NAME",
			} {
				settings[attribute] = tftypes.NewValue(tftypes.String, env[variable])
			}
			configured, err := p.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: p.object(p.provider, settings), TerraformVersion: row.version,
			})
			p.check(err, configured.Diagnostics)
			// There is none, and the API says so.
			_, err = p.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: p.value(map[string]tftypes.Value{
				"id": tftypes.NewValue(tftypes.String, "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"),
			})})
			p.check(err, nil)
			for _, agent := range agents(t, c) {
				if got, _, ok := strings.Cut(agent, libraryName); !ok || got != row.want {
					t.Errorf("the user agent is %q", agent)
				}
			}
		})
	}
}

// The engine's own version, as the real command line reports it.
func TestAccUserAgent(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	cli := acctest.NewCLI(t, c.ProviderConfig()+"data \"istack_volume_snapshots\" \"test\" {\n name = \"none has this name\"\n}\n")
	cli.Setenv("TF_APPEND_USER_AGENT", "ci/7")
	cli.Apply()
	form := regexp.MustCompile(`^Terraform/[0-9]+\.[0-9]+\S* \(\+https://www\.terraform\.io\) terraform-provider-istack/\S+ \(\+\S+\) ci/7 gophercloud/`)
	for _, agent := range agents(t, c) {
		if !form.MatchString(agent) {
			t.Errorf("the user agent is %q", agent)
		}
	}
}
