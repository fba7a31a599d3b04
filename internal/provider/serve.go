package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Address is that of the provider in a registry.
const Address = "registry.terraform.io/istack/istack"

// Serve answers Terraform until it says goodbye, or with debug any number of
// its commands until an interrupt. Quiet says that nobody reads the log; what of
// it would be written after the call that it belongs to is lost then.
func Serve(version string, debug, quiet bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(Address, func() tfprotov6.ProviderServer {
		server := newJSONReader(providerserver.NewProtocol6(New(version)())())
		if quiet {
			return releasingServer{server}
		}
		return server
	}, options...)
}

// releasingServer empties the context of a call when the call ends. The framework
// keeps the context of every call until it is stopped, with the loggers and the
// request in it: 60 kB for each resource of a plan.
type releasingServer struct{ tfprotov6.ProviderServer }

func (s releasingServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return released(ctx, req, s.ProviderServer.ValidateResourceConfig)
}

func (s releasingServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return released(ctx, req, s.ProviderServer.UpgradeResourceState)
}

func (s releasingServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return released(ctx, req, s.ProviderServer.UpgradeResourceIdentity)
}

func (s releasingServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return released(ctx, req, s.ProviderServer.ReadResource)
}

func (s releasingServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return released(ctx, req, s.ProviderServer.PlanResourceChange)
}

func (s releasingServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return released(ctx, req, s.ProviderServer.ApplyResourceChange)
}

func (s releasingServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return released(ctx, req, s.ProviderServer.ImportResourceState)
}

func (s releasingServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return released(ctx, req, s.ProviderServer.ReadDataSource)
}

func released[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	releasing, end := releasable(ctx)
	defer end()
	return call(releasing, req)
}

// releasable returns a context that is ctx until end is called, and a canceled one
// without values afterwards.
func releasable(ctx context.Context) (releasing context.Context, end func()) {
	c := &releasableContext{}
	c.inner.Store(&ctx)
	return c, func() { c.inner.Store(&ended) }
}

type releasableContext struct {
	inner atomic.Pointer[context.Context]
}

var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *releasableContext) Deadline() (time.Time, bool) { return (*c.inner.Load()).Deadline() }
func (c *releasableContext) Done() <-chan struct{}       { return (*c.inner.Load()).Done() }
func (c *releasableContext) Err() error                  { return (*c.inner.Load()).Err() }
func (c *releasableContext) Value(key any) any           { return (*c.inner.Load()).Value(key) }
