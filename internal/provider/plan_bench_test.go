package provider_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/provider"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// BenchmarkPlan is what a plan with nothing to change asks of the provider: for
// each of a thousand resources the four calls that Terraform makes, ten at a
// time. The cloud's own work is in it.
func BenchmarkPlan(b *testing.B) {
	b.Setenv("TF_LOG_SDK", "ERROR")
	b.Setenv("TF_LOG_PROVIDER_ISTACK", "ERROR")
	const n = 1000
	cloud := simulator.New(simulator.Options{})
	server := httptest.NewServer(cloud)
	defer server.Close()
	volume := cloud.SeedVolume("v", 1)
	if err := cloud.SeedSnapshots(volume, n, "seed"); err != nil {
		b.Fatal(err)
	}
	for name, value := range cloud.Environment(server.URL, "demo") {
		b.Setenv(name, value)
	}
	env := cloud.Environment(server.URL, "demo")
	c, err := client.New(client.Config{
		AuthURL: env["OS_AUTH_URL"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"], ProjectName: env["OS_PROJECT_NAME"],
	})
	if err != nil {
		b.Fatal(err)
	}
	var ids []string
	for s, err := range c.BlockStorage("").List(b.Context(), client.Filter{}) {
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, s.ID)
	}

	ctx := b.Context()
	p := newProtocol(b)
	states := make([]*tfprotov6.DynamicValue, n)
	configs := make([]*tfprotov6.DynamicValue, n)
	for i, id := range ids {
		config := map[string]tftypes.Value{
			"volume_id": tftypes.NewValue(tftypes.String, volume),
			"name":      tftypes.NewValue(tftypes.String, fmt.Sprintf("seed-%05d", n-i)),
		}
		configs[i] = p.value(config)
		config["id"] = tftypes.NewValue(tftypes.String, id)
		config["region"] = tftypes.NewValue(tftypes.String, env["OS_REGION_NAME"])
		config["force"] = tftypes.NewValue(tftypes.Bool, false)
		config["deletion_policy"] = tftypes.NewValue(tftypes.String, "delete")
		states[i] = p.value(config)
	}
	one := func(i int) {
		read, err := p.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: states[i]})
		p.check(err, read.Diagnostics)
		validated, err := p.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: resourceType, Config: configs[i]})
		p.check(err, validated.Diagnostics)
		planned, err := p.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, PriorState: read.NewState, ProposedNewState: read.NewState, Config: configs[i], PriorIdentity: read.NewIdentity,
		})
		p.check(err, planned.Diagnostics)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.configure()
		next := make(chan int)
		var workers sync.WaitGroup
		for range 10 {
			workers.Go(func() {
				for i := range next {
					one(i)
				}
			})
		}
		for i := range n {
			next <- i
		}
		close(next)
		workers.Wait()
	}
}

const resourceType = "istack_volume_snapshot"

// protocol is the provider as Terraform speaks to it.
type protocol struct {
	tfprotov6.ProviderServer
	b        *testing.B
	provider tftypes.Object
	resource tftypes.Object
}

func newProtocol(b *testing.B) *protocol {
	p := &protocol{ProviderServer: providerserver.NewProtocol6(provider.New("test")())(), b: b}
	schemas, err := p.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	p.check(err, schemas.Diagnostics)
	p.provider = schemas.Provider.ValueType().(tftypes.Object)
	p.resource = schemas.ResourceSchemas[resourceType].ValueType().(tftypes.Object)
	return p
}

func (p *protocol) check(err error, diagnostics []*tfprotov6.Diagnostic) {
	if err != nil {
		p.b.Error(err)
	}
	for _, d := range diagnostics {
		p.b.Errorf("%s: %s", d.Summary, d.Detail)
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
		p.b.Fatal(err)
	}
	return &dynamic
}

func (p *protocol) configure() {
	configured, err := p.ConfigureProvider(p.b.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.object(p.provider, nil)})
	p.check(err, configured.Diagnostics)
}
