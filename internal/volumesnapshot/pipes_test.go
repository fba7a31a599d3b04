package volumesnapshot_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// pipes is a network that exists in memory only, so that the time of what
// crosses it can be virtual (testing/synctest).
type pipes struct {
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	before http.RoundTripper
}

// host is the only one there.
const host = "cloud.example.com"

// serveInMemory serves a handler to every HTTP client that is made from
// [http.DefaultTransport] until close. A test that uses it must not be parallel.
func serveInMemory(handler http.Handler) *pipes {
	p := &pipes{
		server: &http.Server{Handler: handler}, //nolint:gosec // no client is slow on purpose
		conns:  make(chan net.Conn), closed: make(chan struct{}), before: http.DefaultTransport,
	}
	http.DefaultTransport = &http.Transport{DialContext: p.dial}
	go p.server.Serve(p) //nolint:errcheck // it ends with close
	return p
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) close() {
	http.DefaultTransport = p.before
	_ = p.server.Close()
}

// Accept is that of a listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close is that of a listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is that of a listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: host} }

// inMemory is a provider whose cloud is in memory, so that time can be virtual.
type inMemory struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	schemas  *tfprotov6.GetProviderSchemaResponse
	messages []string // of actions
}

// newInMemory signs in to a cloud behind a handler.
func newInMemory(t *testing.T, cloud *simulator.Server, handler http.Handler) *inMemory {
	t.Helper()
	network := serveInMemory(handler)
	t.Cleanup(network.close)
	server := newServer(t)
	schemas := schemasOf(t, server)
	p := &inMemory{t: t, server: server, schemas: schemas}
	block := credentials(cloud.Environment("http://"+host, "demo"))
	block["request_timeout"] = tftypes.NewValue(tftypes.String, "24h")
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, filled(schemas.Provider.ValueType().(tftypes.Object), block)),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return p
}

// value is an object of a schema with these texts.
func (p *inMemory) value(schema *tfprotov6.Schema, texts map[string]string) *tfprotov6.DynamicValue {
	p.t.Helper()
	object := schema.ValueType().(tftypes.Object)
	known := map[string]tftypes.Value{}
	for name, text := range texts {
		known[name] = tftypes.NewValue(tftypes.String, text)
	}
	if rules, ok := object.AttributeTypes["retention"].(tftypes.Object); ok {
		known["retention"] = filled(rules, map[string]tftypes.Value{"keep_last": tftypes.NewValue(tftypes.Number, 1)})
		known["dry_run"] = tftypes.NewValue(tftypes.Bool, false)
	}
	return dynamic(p.t, filled(object, known))
}

// call calls a method with a configuration that has but these arguments, or with a state, and reports
// whether there was an error.
func (p *inMemory) call(method, of string, arguments map[string]string) bool {
	p.t.Helper()
	ctx := p.t.Context()
	var diagnostics []*tfprotov6.Diagnostic
	var err error
	switch method {
	case "data source":
		var read *tfprotov6.ReadDataSourceResponse
		if read, err = p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: of, Config: p.value(p.schemas.DataSourceSchemas[of], arguments)}); err == nil {
			diagnostics = read.Diagnostics
		}
	case "list":
		var stream *tfprotov6.ListResourceServerStream
		stream, err = p.server.(tfprotov6.ListResourceServer).ListResource(ctx, &tfprotov6.ListResourceRequest{
			TypeName: of, Limit: 100, Config: p.value(p.schemas.ListResourceSchemas[of], arguments),
		})
		if err == nil {
			for result := range stream.Results {
				diagnostics = append(diagnostics, result.Diagnostics...)
			}
		}
	case "action":
		var stream *tfprotov6.InvokeActionServerStream
		stream, err = p.server.(tfprotov6.ActionServer).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
			ActionType: of, Config: p.value(p.schemas.ActionSchemas[of].Schema, arguments),
		})
		if err == nil {
			for event := range stream.Events {
				switch event := event.Type.(type) {
				case tfprotov6.ProgressInvokeActionEventType:
					p.messages = append(p.messages, event.Message)
				case tfprotov6.CompletedInvokeActionEventType:
					diagnostics = event.Diagnostics
				}
			}
		}
	default:
		diagnostics, err = p.change(method)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return len(diagnostics) > 0
}

// change does what a resource does.
func (p *inMemory) change(method string) ([]*tfprotov6.Diagnostic, error) {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[kind]
	null := dynamic(p.t, tftypes.NewValue(schema.ValueType(), nil))
	state := func(name string) *tfprotov6.DynamicValue {
		return p.value(schema, map[string]string{"id": nowhere, "volume_id": nowhere, "name": name, "region": "RegionOne", "deletion_policy": "delete"})
	}
	request := &tfprotov6.ApplyResourceChangeRequest{TypeName: kind, PriorState: state("one"), PlannedState: state("two"), Config: state("two")}
	switch method {
	case "read":
		read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: state("one")})
		if err != nil {
			return nil, err
		}
		return read.Diagnostics, nil
	case "create":
		request.PriorState = null
	case "delete":
		request.PlannedState, request.Config = null, null
	}
	applied, err := p.server.ApplyResourceChange(p.t.Context(), request)
	if err != nil {
		return nil, err
	}
	return applied.Diagnostics, nil
}
