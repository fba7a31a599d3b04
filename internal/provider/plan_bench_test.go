package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// BenchmarkPlan is what a plan with nothing to change asks of the provider: for
// each of a thousand resources the four calls that Terraform makes, ten at a
// time. The cloud's own work is in it.
func BenchmarkPlan(b *testing.B) {
	b.Setenv("TF_LOG_SDK", "ERROR")
	b.Setenv("TF_LOG_PROVIDER_ISTACK", "ERROR")
	const n = 1000
	_, volume, ids := seededCloud(b, n)

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
		config["region"] = tftypes.NewValue(tftypes.String, "RegionOne")
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
