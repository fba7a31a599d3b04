package provider_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/provider"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// seededCloud is a cloud with so many snapshots of one volume, which the
// environment names. The newest comes first.
func seededCloud(t testing.TB, n int) (cloud *client.BlockStorage, volume string, ids []string) {
	t.Helper()
	simulated := simulator.New(simulator.Options{})
	server := httptest.NewServer(simulated)
	t.Cleanup(server.Close)
	volume = simulated.SeedVolume("v", 1)
	if err := simulated.SeedSnapshots(volume, n, "seed"); err != nil {
		t.Fatal(err)
	}
	env := simulated.Environment(server.URL, "demo")
	for name, value := range env {
		t.Setenv(name, value)
	}
	c, err := client.New(openstack.Config{
		AuthURL: env["OS_AUTH_URL"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"], ProjectName: env["OS_PROJECT_NAME"],
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud = c.BlockStorage("")
	for s, err := range cloud.List(t.Context(), client.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	return cloud, volume, ids
}

const resourceType = "istack_volume_snapshot"

// protocol is the provider as Terraform speaks to it.
type protocol struct {
	tfprotov6.ProviderServer
	t        testing.TB
	provider tftypes.Object
	resource tftypes.Object
}

func newProtocol(t testing.TB) *protocol {
	p := &protocol{ProviderServer: providerserver.NewProtocol6(provider.New("test")())(), t: t}
	schemas, err := p.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	p.check(err, schemas.Diagnostics)
	p.provider = schemas.Provider.ValueType().(tftypes.Object)
	p.resource = schemas.ResourceSchemas[resourceType].ValueType().(tftypes.Object)
	return p
}

func (p *protocol) check(err error, diagnostics []*tfprotov6.Diagnostic) {
	if err != nil {
		p.t.Error(err)
	}
	for _, d := range diagnostics {
		p.t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

func (p *protocol) value(known map[string]tftypes.Value) *tfprotov6.DynamicValue {
	return p.object(p.resource, known)
}

func (p *protocol) object(kind tftypes.Object, known map[string]tftypes.Value) *tfprotov6.DynamicValue {
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range known {
		values[name] = value
	}
	dynamic, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		p.t.Fatal(err)
	}
	return &dynamic
}

func (p *protocol) configure() {
	configured, err := p.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.object(p.provider, nil)})
	p.check(err, configured.Diagnostics)
}

// configureFor configures the provider as a version of Terraform does, for a
// cloud whose every request is recorded.
func (p *protocol) configureFor(c *acctest.Cloud, terraform string) {
	env := c.Environment()
	settings := map[string]tftypes.Value{
		"endpoint_overrides": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
			"volumev3": tftypes.NewValue(tftypes.String, c.VolumeURL()),
		}),
	}
	for attribute, variable := range map[string]string{
		"auth_url": "OS_AUTH_URL", "user_name": "OS_USERNAME", "password": "OS_PASSWORD", "project_name": "OS_PROJECT_NAME",
		"user_domain_name": "OS_USER_DOMAIN_NAME", "project_domain_name": "OS_PROJECT_DOMAIN_NAME",
	} {
		settings[attribute] = tftypes.NewValue(tftypes.String, env[variable])
	}
	configured, err := p.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: p.object(p.provider, settings), TerraformVersion: terraform,
	})
	p.check(err, configured.Diagnostics)
}

// readNone has the provider ask for a snapshot that does not exist.
func (p *protocol) readNone() {
	_, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: p.value(map[string]tftypes.Value{
		"id": tftypes.NewValue(tftypes.String, "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"),
	})})
	p.check(err, nil)
}

// name reads a resource and gives its name.
func (p *protocol) name(id, volume string) string {
	p.t.Helper()
	read, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: p.value(map[string]tftypes.Value{
		"id": tftypes.NewValue(tftypes.String, id), "volume_id": tftypes.NewValue(tftypes.String, volume),
	})})
	p.check(err, read.Diagnostics)
	state, err := read.NewState.Unmarshal(p.resource)
	var attributes map[string]tftypes.Value
	if err == nil {
		err = state.As(&attributes)
	}
	var name string
	if err == nil {
		err = attributes["name"].As(&name)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return name
}

// A process may live through many commands, as under a debugger: what one of
// them has read is none of the next one's business.
func TestConfigureDropsSharedReads(t *testing.T) {
	cloud, volume, ids := seededCloud(t, 30)
	p := newProtocol(t)
	p.configure()
	for _, id := range ids[:20] {
		p.name(id, volume)
	}
	name := "changed"
	if _, err := cloud.Update(t.Context(), client.Reference{ID: ids[25]}, client.UpdateRequest{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if got := p.name(ids[25], volume); got == name {
		t.Fatal("nothing was shared")
	}
	p.configure()
	for i, id := range ids {
		if got := p.name(id, volume); i == 25 && got != name {
			t.Errorf("after a new configuration the name was still %q", got)
		}
	}
}

// One process has one configuration, the last: what -debug says of itself.
func TestLastConfigurationHolds(t *testing.T) {
	t.Parallel()
	first, last := acctest.New(t), acctest.New(t)
	p := newProtocol(t)
	p.configureFor(first, "")
	p.configureFor(last, "")
	p.readNone()
	if len(first.Requests()) != 0 || len(last.Requests()) != 1 {
		t.Errorf("the first got %v, the last %v", first.Requests(), last.Requests())
	}
}
