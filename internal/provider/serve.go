package provider

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Address is that of the provider in a registry.
const Address = "registry.terraform.io/istack/istack"

// Serve answers Terraform until Terraform ends it, or with debug any number of its
// commands until an interrupt. With quiet there is no log.
func Serve(version string, debug, quiet bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(Address, func() tfprotov6.ProviderServer { return NewServer(version, quiet) }, options...)
}

// SetGCPercent lets the heap grow to five times what is in use instead of two, unless
// GOGC says otherwise: that is some 30 MiB, and saves most of the garbage collector's 13 % of
// the CPU of a plan.
func SetGCPercent() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// NewServer returns the server as [Serve] serves it.
func NewServer(version string, quiet bool) tfprotov6.ProviderServer {
	server := &finishingServer{frameworkServer: validatingServer{newJSONReader(newFrameworkServer(New(version)()))}}
	if quiet {
		return releasingServer{server}
	}
	return server
}

// NewReleasingServer returns the framework's server for a provider, with nothing of ours
// but that it lets go of the contexts of ended calls.
func NewReleasingServer(p provider.Provider) tfprotov6.ProviderServer {
	return releasingServer{newFrameworkServer(p)}
}

func newFrameworkServer(p provider.Provider) frameworkServer {
	return providerserver.NewProtocol6(p)().(frameworkServer) //nolint:forcetypeassert // it is, says a test
}

// frameworkServer is all that the framework's server can do: all of it is served. What is
// missing here is missed by the compiler, or by TestServesAllThatTheFrameworkDoes.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// releasingServer gives the framework a context of its own for each call that
// Terraform makes many of. The framework keeps the context of every call until it is
// stopped, and with Terraform's own it would keep the loggers and the request in it:
// 60 kB for each resource of a plan.
type releasingServer struct{ frameworkServer }

func (s releasingServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return released(ctx, req, s.frameworkServer.ValidateResourceConfig)
}

func (s releasingServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return released(ctx, req, s.frameworkServer.UpgradeResourceState)
}

func (s releasingServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return released(ctx, req, s.frameworkServer.UpgradeResourceIdentity)
}

func (s releasingServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return released(ctx, req, s.frameworkServer.ReadResource)
}

func (s releasingServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return released(ctx, req, s.frameworkServer.PlanResourceChange)
}

func (s releasingServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return released(ctx, req, s.frameworkServer.ApplyResourceChange)
}

func (s releasingServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return released(ctx, req, s.frameworkServer.ImportResourceState)
}

func (s releasingServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return released(ctx, req, s.frameworkServer.ReadDataSource)
}

// released makes a call with a context without values, which ends with ctx and
// with the call.
func released[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	fresh, end := context.WithCancel(context.Background())
	defer end()
	defer context.AfterFunc(ctx, end)()
	return call(fresh, req) //nolint:contextcheck // see releasingServer
}
