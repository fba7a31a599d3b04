// Package acctest is what the acceptance tests stand on: a cloud to run
// against, a proxy in front of it that records every request, and ways to run
// the provider. The cloud is the simulator, or with ISTACK_ACC_TARGET=cloud the
// one that the OS_* variables sign in to.
package acctest

import (
	"cmp"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/istack/terraform-provider-istack/internal/provider"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// Factories makes the provider for terraform-plugin-testing.
func Factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"istack": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", true), nil },
	}
}

// environment is the OS_* and ISTACK_ACC_* environment that the tests were
// started with. OS_* is taken away from the process, so that no setting of the
// caller's reaches a provider that a test configures.
var environment = sync.OnceValue(func() map[string]string {
	values := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "OS_") {
			os.Unsetenv(name)
			values[name] = value
		} else if strings.HasPrefix(name, "ISTACK_ACC_") {
			values[name] = value
		}
	}
	return values
})

// OnCloud reports whether the tests run against a real cloud.
func OnCloud() bool { return environment()["ISTACK_ACC_TARGET"] == "cloud" }

// Cloud is a cloud as one test sees it: through a proxy of its own.
type Cloud struct {
	*Proxy

	t         testing.TB
	simulator *simulator.Server // nil on a real cloud
	user      *session
	admin     *session
}

// New returns the cloud as one test sees it. The first of options, if any, shapes the
// simulator; on a real cloud it has no effect, so a test that needs it calls
// [OnSimulator] first.
func New(t testing.TB, options ...simulator.Options) *Cloud {
	t.Helper()
	c := &Cloud{t: t}
	var user, admin account
	if OnCloud() {
		env := environment()
		user = account{
			AuthURL: env["OS_AUTH_URL"], Region: env["OS_REGION_NAME"],
			User: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
			Project: cmp.Or(env["OS_PROJECT_NAME"], env["OS_TENANT_NAME"]),
			Domain:  cmp.Or(env["OS_USER_DOMAIN_NAME"], "Default"), ProjectDomain: cmp.Or(env["OS_PROJECT_DOMAIN_NAME"], "Default"),
		}
		admin = user
		admin.User, admin.Password, admin.Project = env["ISTACK_ACC_ADMIN_USERNAME"], env["ISTACK_ACC_ADMIN_PASSWORD"], env["ISTACK_ACC_ADMIN_PROJECT_NAME"]
	} else {
		var o simulator.Options
		if len(options) > 0 {
			o = options[0]
		}
		c.simulator = simulator.New(o)
		server := httptest.NewServer(c.simulator)
		t.Cleanup(server.Close)
		user = account{
			AuthURL: server.URL + "/identity/v3", Region: "RegionOne", User: "demo", Password: "secret", Project: "demo",
			Domain: "Default", ProjectDomain: "Default",
		}
		admin = user
		admin.User, admin.Project = "admin", "admin"
	}
	c.user = signIn(t, user)
	if admin.User != "" {
		c.admin = signIn(t, admin)
	}
	c.Proxy = c.proxy()
	return c
}

// proxy makes one in front of the cloud.
func (c *Cloud) proxy() *Proxy {
	c.t.Helper()
	p := newProxy(c.t, c.user.account.AuthURL, c.user.endpoint)
	if OnCloud() {
		highest := c.Microversion()
		p.highest = &highest
	}
	return p
}

// Seed fills the project with snapshots of a volume of their own. Only the
// simulator can do that.
func (c *Cloud) Seed(snapshots int) {
	c.t.Helper()
	if err := c.simulator.SeedSnapshots(c.simulator.SeedVolume("seed", 1), snapshots, "seed"); err != nil {
		c.t.Fatal(err)
	}
}

// OnSimulator skips a test that needs what no real cloud can be told to do.
func OnSimulator(t testing.TB) {
	t.Helper()
	if OnCloud() {
		t.Skip("this is about a cloud of another kind, which only the simulator can be")
	}
}

// AsksNoCloud skips, on a real cloud, a test none of whose requests reaches it.
func AsksNoCloud(t testing.TB) {
	t.Helper()
	if OnCloud() {
		t.Skip("this asks no cloud; the run on the simulator has it")
	}
}

// DecidedByProxy skips, on a real cloud, a test whose answers or counts are those
// of the proxy, so that nothing of the cloud's own decides it.
func DecidedByProxy(t testing.TB) {
	t.Helper()
	if OnCloud() {
		t.Skip("the proxy of the test decides this, not the cloud; the run on the simulator has it")
	}
}

// NeedsAdministrator skips a test that needs an administrator where there is none.
func (c *Cloud) NeedsAdministrator() {
	c.t.Helper()
	if c.admin == nil {
		c.t.Skip("this needs an administrator of the cloud (ISTACK_ACC_ADMIN_USERNAME and its like)")
	}
}

// HasAdministrator reports whether [Cloud.NeedsAdministrator] would not skip a test.
func (c *Cloud) HasAdministrator() bool { return c.admin != nil }

// In is the same cloud in another of its regions, through a proxy of its own.
func (c *Cloud) In(region string) *Cloud {
	c.t.Helper()
	account := c.user.account
	account.Region = region
	return c.as(signIn(c.t, account), c.admin)
}

// Administrator is the same cloud as an administrator sees it, through a proxy of
// its own. It skips a test where there is none.
func (c *Cloud) Administrator() *Cloud {
	c.t.Helper()
	c.NeedsAdministrator()
	return c.as(c.admin, c.admin)
}

// OtherProject is the same cloud as somebody sees it who is signed in to another
// project, through a proxy of its own. It skips a test where nobody is known.
func (c *Cloud) OtherProject() *Cloud {
	c.t.Helper()
	account := c.user.account
	account.User, account.Project = "demo2", "demo2" // of the simulator
	if OnCloud() {
		env := environment()
		account.User, account.Password, account.Project = env["ISTACK_ACC_OTHER_USERNAME"], env["ISTACK_ACC_OTHER_PASSWORD"], env["ISTACK_ACC_OTHER_PROJECT_NAME"]
	}
	if account.User == "" {
		c.t.Skip("this needs a user of another project (ISTACK_ACC_OTHER_USERNAME and its like)")
	}
	return c.as(signIn(c.t, account), c.admin)
}

func (c *Cloud) as(user, admin *session) *Cloud {
	other := &Cloud{t: c.t, simulator: c.simulator, user: user, admin: admin}
	other.Proxy = other.proxy()
	return other
}

// Region is the name of the cloud's region.
func (c *Cloud) Region() string { return c.user.account.Region }

// ProjectID is the id of the user's project.
func (c *Cloud) ProjectID() string { return c.user.projectID }

// Environment is how a process signs in through the proxy. The catalogue names
// the cloud's own endpoints, so these do not show in the record; see
// [Cloud.ProviderConfig] for a provider whose every request does.
func (c *Cloud) Environment() map[string]string {
	a := c.user.account
	return map[string]string{
		"OS_AUTH_URL":            c.IdentityURL(),
		"OS_REGION_NAME":         a.Region,
		"OS_USERNAME":            a.User,
		"OS_PASSWORD":            a.Password,
		"OS_PROJECT_NAME":        a.Project,
		"OS_USER_DOMAIN_NAME":    a.Domain,
		"OS_PROJECT_DOMAIN_NAME": a.ProjectDomain,
	}
}

// CatalogProvider is a provider block that takes the endpoints of the service
// catalogue, which do not show in the record, in a region, "" for none. more is
// put into it.
func (c *Cloud) CatalogProvider(region string, more ...string) string {
	a := c.user.account
	if region != "" {
		more = append(more, `region = "`+region+`"`)
	}
	return c.provider(a, more)
}

// ProviderConfig is a provider block that sends every request through the
// proxy. more is put into it.
func (c *Cloud) ProviderConfig(more ...string) string {
	a := c.user.account
	return c.provider(a, append([]string{
		`region = "` + a.Region + `"`,
		`endpoint_overrides = { volumev3 = "` + c.VolumeURL() + `" }`,
	}, more...))
}

func (c *Cloud) provider(a account, more []string) string {
	return `
provider "istack" {
  auth_url            = "` + c.IdentityURL() + `"
  user_name           = "` + a.User + `"
  password            = "` + a.Password + `"
  project_name        = "` + a.Project + `"
  user_domain_name    = "` + a.Domain + `"
  project_domain_name = "` + a.ProjectDomain + `"
  ` + strings.Join(more, "\n  ") + `
}
`
}
