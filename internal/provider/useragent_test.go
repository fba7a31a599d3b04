package provider_test

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

const (
	terraform   = "Terraform/1.11.4 (+https://www.terraform.io) "
	libraryName = " gophercloud/"
)

// ownAgent is without a commit: tests are built without one.
var ownAgent = "terraform-provider-istack/test (+https://registry.terraform.io/providers/istack/istack; " + runtime.Version() + ")"

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
			p := newProtocol(t)
			p.configureFor(c, row.version)
			p.readNone()
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
	form := regexp.MustCompile(`^Terraform/[0-9]+\.[0-9]+\S* \(\+https://www\.terraform\.io\) terraform-provider-istack/\S+ \(\+\S+; go[^;)]+(; commit [0-9a-f]+)?\) ci/7 gophercloud/`)
	for _, agent := range agents(t, c) {
		if !form.MatchString(agent) {
			t.Errorf("the user agent is %q", agent)
		}
	}
}
