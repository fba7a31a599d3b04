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
			return leanServer{server}
		}
		return server
	}, options...)
}

// leanServer gives contexts to the framework that let go of what they hold when
// a call ends. The framework keeps the context of every call until it is
// stopped, with the loggers and the request that hang on it: 60 kB for each
// resource of a plan.
type leanServer struct{ tfprotov6.ProviderServer }

func (s leanServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lean(ctx, req, s.ProviderServer.ValidateResourceConfig)
}

func (s leanServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lean(ctx, req, s.ProviderServer.UpgradeResourceState)
}

func (s leanServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lean(ctx, req, s.ProviderServer.UpgradeResourceIdentity)
}

func (s leanServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lean(ctx, req, s.ProviderServer.ReadResource)
}

func (s leanServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lean(ctx, req, s.ProviderServer.PlanResourceChange)
}

func (s leanServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lean(ctx, req, s.ProviderServer.ApplyResourceChange)
}

func (s leanServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return lean(ctx, req, s.ProviderServer.ImportResourceState)
}

func (s leanServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return lean(ctx, req, s.ProviderServer.ReadDataSource)
}

func lean[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	passing, end := withEnd(ctx)
	defer end()
	return call(passing, req)
}

// withEnd gives a context that is the given one until its end, and holds nothing
// afterwards.
func withEnd(ctx context.Context) (passing context.Context, end func()) {
	c := &passingContext{}
	c.inner.Store(&ctx)
	return c, func() { c.inner.Store(&ended) }
}

type passingContext struct {
	inner atomic.Pointer[context.Context]
}

var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *passingContext) Deadline() (time.Time, bool) { return (*c.inner.Load()).Deadline() }
func (c *passingContext) Done() <-chan struct{}       { return (*c.inner.Load()).Done() }
func (c *passingContext) Err() error                  { return (*c.inner.Load()).Err() }
func (c *passingContext) Value(key any) any           { return (*c.inner.Load()).Value(key) }
