package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// Plugin is the built provider, spoken to by its protocol as Terraform does: for calls that the
// command line on the machine may be too old to make. A configuration is a map of Go's strings,
// booleans, numbers, slices and maps; what it leaves out is null.
type Plugin struct {
	t          testing.TB
	connection *grpc.ClientConn
	service    protoreflect.ServiceDescriptor
	schemas    *tfprotov6.GetProviderSchemaResponse
}

// Diagnostic is one of the protocol.
type Diagnostic struct {
	Severity, Summary, Detail string
	// Attribute is the path of the attribute that it is about.
	Attribute struct {
		Steps []struct{ AttributeName string }
	}
}

// Path is the attribute that it is about, such as retention.keep_last, or "".
func (d Diagnostic) Path() string {
	names := make([]string, 0, len(d.Attribute.Steps))
	for _, step := range d.Attribute.Steps {
		names = append(names, step.AttributeName)
	}
	return strings.Join(names, ".")
}

// Listed is one result of a listing.
type Listed struct {
	DisplayName string
	// Identity and Resource are attributes by name. Text is a string and a missing one nil.
	Identity, Resource map[string]tftypes.Value
	Diagnostics        []Diagnostic
}

// Plugin starts the provider, configured for the cloud so that every request goes through the
// proxy. more is put into the configuration.
func (c *Cloud) Plugin(more map[string]any) *Plugin {
	c.t.Helper()
	a := c.user.account
	configuration := map[string]any{
		"auth_url": c.IdentityURL(), "region": a.Region, "user_name": a.User, "password": a.Password, "project_name": a.Project,
		"user_domain_name": a.Domain, "project_domain_name": a.ProjectDomain,
		"endpoint_overrides": map[string]any{"volumev3": c.VolumeURL()},
	}
	for name, value := range more {
		configuration[name] = value
	}
	p := startPlugin(c.t)
	var configured struct{ Diagnostics []Diagnostic }
	p.ask("ConfigureProvider", map[string]any{
		"terraformVersion": "1.14.0", "config": p.encode(p.schemas.Provider.ValueType(), configuration),
	}, &configured)
	for _, d := range configured.Diagnostics {
		c.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
	return p
}

// connecting is the plugin of the library for plugins, which is nothing but its connection.
type connecting struct{ plugin.NetRPCUnsupportedPlugin }

func (connecting) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is the client")
}

func (connecting) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (any, error) {
	return connection, nil
}

func startPlugin(t testing.TB) *Plugin {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	folder, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	client := plugin.NewClient(&plugin.ClientConfig{
		// As Terraform and plugin-go have them.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 4, MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": connecting{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
		Cmd:              exec.Command(filepath.Join(folder, "terraform-provider-istack")), //nolint:noctx,gosec // killed below; the program is the tests' own
	})
	t.Cleanup(client.Kill)
	started, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	dispensed, err := started.Dispense("provider")
	if err != nil {
		t.Fatal(err)
	}
	// Plugin-go has the protocol among its internal packages, and registers it.
	described, err := protoregistry.GlobalFiles.FindDescriptorByName("tfplugin6.Provider")
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := provider.NewServer("test", true).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return &Plugin{t, dispensed.(*grpc.ClientConn), described.(protoreflect.ServiceDescriptor), schemas}
}

// call makes a call of the protocol, whose messages are in protobuf's JSON, and gives each answer
// until somebody has enough.
func (p *Plugin) call(ctx context.Context, method string, request any) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		described := p.service.Methods().ByName(protoreflect.Name(method))
		message := dynamicpb.NewMessage(described.Input())
		data, err := json.Marshal(request)
		if err == nil {
			err = protojson.Unmarshal(data, message)
		}
		var stream grpc.ClientStream
		if err == nil {
			stream, err = p.connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/tfplugin6.Provider/"+method, grpc.MaxCallRecvMsgSize(64<<20))
		}
		if err == nil {
			err = errors.Join(stream.SendMsg(message), stream.CloseSend())
		}
		for err == nil {
			answer := dynamicpb.NewMessage(described.Output())
			if err = stream.RecvMsg(answer); errors.Is(err, io.EOF) {
				return
			}
			var data []byte
			if err == nil {
				data, err = protojson.Marshal(answer)
			}
			if err == nil && !yield(data, nil) {
				return
			}
		}
		yield(nil, err)
	}
}

// ask makes a call that has one answer.
func (p *Plugin) ask(method string, request, answer any) {
	p.t.Helper()
	for data, err := range p.call(p.t.Context(), method, request) {
		if err == nil {
			err = json.Unmarshal(data, answer)
		}
		if err != nil {
			p.t.Fatalf("%s: %v", method, err)
		}
	}
}

// dynamicValue is a value on the wire.
type dynamicValue struct {
	Msgpack []byte `json:"msgpack"`
}

func (p *Plugin) encode(kind tftypes.Type, value any) dynamicValue {
	p.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(kind, toValue(kind, value))
	if err != nil {
		p.t.Fatal(err)
	}
	return dynamicValue{encoded.MsgPack}
}

func (p *Plugin) decode(kind tftypes.Type, value *dynamicValue) map[string]tftypes.Value {
	p.t.Helper()
	if value == nil {
		return nil
	}
	decoded, err := tfprotov6.DynamicValue{MsgPack: value.Msgpack}.Unmarshal(kind)
	attributes := map[string]tftypes.Value{}
	if err == nil {
		err = decoded.As(&attributes)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return attributes
}

// toValue returns a value of a type of Terraform's.
func toValue(kind tftypes.Type, value any) tftypes.Value {
	switch typed := value.(type) {
	case map[string]any:
		if typed == nil {
			return tftypes.NewValue(kind, nil)
		}
		elements := map[string]tftypes.Value{}
		if object, ok := kind.(tftypes.Object); ok {
			for name, attribute := range object.AttributeTypes {
				elements[name] = toValue(attribute, typed[name])
			}
			for name := range typed {
				if _, ok := elements[name]; !ok {
					panic(fmt.Sprintf("no attribute %q", name))
				}
			}
		} else {
			for name, element := range typed {
				elements[name] = toValue(kind.(tftypes.Map).ElementType, element)
			}
		}
		return tftypes.NewValue(kind, elements)
	case []any:
		of := tftypes.Type(tftypes.String)
		switch collection := kind.(type) {
		case tftypes.List:
			of = collection.ElementType
		case tftypes.Set:
			of = collection.ElementType
		}
		elements := make([]tftypes.Value, 0, len(typed))
		for _, element := range typed {
			elements = append(elements, toValue(of, element))
		}
		return tftypes.NewValue(kind, elements)
	}
	return tftypes.NewValue(kind, value)
}

// ValidateList validates the configuration of a listing.
func (p *Plugin) ValidateList(resource string, config map[string]any) []Diagnostic {
	p.t.Helper()
	var answer struct{ Diagnostics []Diagnostic }
	p.ask("ValidateListResourceConfig", map[string]any{
		"typeName": resource, "config": p.encode(p.schemas.ListResourceSchemas[resource].ValueType(), config),
	}, &answer)
	return answer.Diagnostics
}

// List asks for the instances of a resource.
func (p *Plugin) List(ctx context.Context, resource string, config map[string]any, includeResource bool, limit int) iter.Seq[Listed] {
	p.t.Helper()
	request := map[string]any{
		"typeName": resource, "includeResourceObject": includeResource, "limit": limit,
		"config": p.encode(p.schemas.ListResourceSchemas[resource].ValueType(), config),
	}
	identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "region": tftypes.String}}
	return func(yield func(Listed) bool) {
		for data, err := range p.call(ctx, "ListResource", request) {
			var event struct {
				Identity    struct{ IdentityData *dynamicValue }
				DisplayName string
				// ResourceObject is left out unless it was asked for.
				ResourceObject *dynamicValue
				Diagnostic     []Diagnostic
			}
			if err == nil {
				err = json.Unmarshal(data, &event)
			}
			if err != nil {
				p.t.Fatal(err)
			}
			if !yield(Listed{
				DisplayName: event.DisplayName, Diagnostics: event.Diagnostic,
				Identity: p.decode(identity, event.Identity.IdentityData),
				Resource: p.decode(p.schemas.ResourceSchemas[resource].ValueType(), event.ResourceObject),
			}) {
				return
			}
		}
	}
}

// PlanAction validates and plans an action.
func (p *Plugin) PlanAction(action string, config map[string]any) []Diagnostic {
	p.t.Helper()
	var answer struct{ Diagnostics []Diagnostic }
	encoded := p.encode(p.schemas.ActionSchemas[action].Schema.ValueType(), config)
	if p.ask("ValidateActionConfig", map[string]any{"actionType": action, "config": encoded}, &answer); len(answer.Diagnostics) > 0 {
		return answer.Diagnostics
	}
	p.ask("PlanAction", map[string]any{"actionType": action, "config": encoded}, &answer)
	return answer.Diagnostics
}

// InvokeAction runs an action, and gives each message and in the end the diagnostics.
func (p *Plugin) InvokeAction(ctx context.Context, action string, config map[string]any) (messages []string, diagnostics []Diagnostic) {
	p.t.Helper()
	encoded := p.encode(p.schemas.ActionSchemas[action].Schema.ValueType(), config)
	for data, err := range p.call(ctx, "InvokeAction", map[string]any{"actionType": action, "config": encoded}) {
		var event struct {
			Progress  *struct{ Message string }
			Completed *struct{ Diagnostics []Diagnostic }
		}
		if err == nil {
			err = json.Unmarshal(data, &event)
		}
		switch {
		case err != nil:
			p.t.Fatal(err)
		case event.Progress != nil:
			messages = append(messages, event.Progress.Message)
		case event.Completed != nil:
			diagnostics = event.Completed.Diagnostics
		}
	}
	return messages, diagnostics
}

// Stop asks the provider to end what it does, as Terraform does when it is interrupted.
func (p *Plugin) Stop() {
	p.t.Helper()
	var answer struct{ Error string }
	if p.ask("StopProvider", map[string]any{}, &answer); answer.Error != "" {
		p.t.Error(answer.Error)
	}
}
