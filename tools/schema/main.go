// Command schema prints the provider's schemas in the form of `terraform providers schema -json`, for the generator
// of the registry's pages. It asks the provider itself: an older Terraform on the PATH would leave out what it does not
// know (resource identities before 1.12; list resources and actions before 1.14), and none at all is needed so.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// The one address under which the generator looks for a provider named istack.
const address = "registry.terraform.io/hashicorp/istack"

func main() {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	out, err := export(context.Background(), server)
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
	os.Stdout.Write(append(out, '\n'))
}

func export(ctx context.Context, server tfprotov6.ProviderServer) ([]byte, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err == nil {
		err = firstError(schemas.Diagnostics)
	}
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err == nil {
		err = firstError(identities.Diagnostics)
	}
	if err != nil {
		return nil, err
	}

	return json.MarshalIndent(document{
		FormatVersion: "1.0",
		Providers: map[string]providerSchema{address: {
			Provider:   newSchema(schemas.Provider),
			Resources:  convert(schemas.ResourceSchemas, newSchema),
			Data:       convert(schemas.DataSourceSchemas, newSchema),
			Ephemeral:  convert(schemas.EphemeralResourceSchemas, newSchema),
			Lists:      convert(schemas.ListResourceSchemas, newSchema),
			Actions:    convert(schemas.ActionSchemas, func(a *tfprotov6.ActionSchema) *schema { return newSchema(a.Schema) }),
			Functions:  convert(schemas.Functions, newFunction),
			Identities: convert(identities.IdentitySchemas, newIdentity),
		}},
	}, "", "  ")
}

func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}

type document struct {
	FormatVersion string                    `json:"format_version"`
	Providers     map[string]providerSchema `json:"provider_schemas"`
}

type providerSchema struct {
	Provider   *schema              `json:"provider,omitempty"`
	Resources  map[string]*schema   `json:"resource_schemas,omitempty"`
	Data       map[string]*schema   `json:"data_source_schemas,omitempty"`
	Ephemeral  map[string]*schema   `json:"ephemeral_resource_schemas,omitempty"`
	Lists      map[string]*schema   `json:"list_resource_schemas,omitempty"`
	Actions    map[string]*schema   `json:"action_schemas,omitempty"`
	Functions  map[string]*function `json:"functions,omitempty"`
	Identities map[string]*identity `json:"resource_identity_schemas,omitempty"`
}

type schema struct {
	Version int64  `json:"version"`
	Block   *block `json:"block"`
}

type block struct {
	Attributes      map[string]*attribute   `json:"attributes,omitempty"`
	Blocks          map[string]*nestedBlock `json:"block_types,omitempty"`
	Description     string                  `json:"description,omitempty"`
	DescriptionKind string                  `json:"description_kind"`
	Deprecated      bool                    `json:"deprecated,omitempty"`
}

type nestedBlock struct {
	Nesting  string `json:"nesting_mode"`
	Block    *block `json:"block"`
	MinItems int64  `json:"min_items,omitempty"`
	MaxItems int64  `json:"max_items,omitempty"`
}

type attribute struct {
	Type            tftypes.Type      `json:"type,omitempty"`
	NestedType      *nestedAttributes `json:"nested_type,omitempty"`
	Description     string            `json:"description,omitempty"`
	DescriptionKind string            `json:"description_kind"`
	Deprecated      bool              `json:"deprecated,omitempty"`
	Required        bool              `json:"required,omitempty"`
	Optional        bool              `json:"optional,omitempty"`
	Computed        bool              `json:"computed,omitempty"`
	Sensitive       bool              `json:"sensitive,omitempty"`
	WriteOnly       bool              `json:"write_only,omitempty"`
}

type nestedAttributes struct {
	Attributes map[string]*attribute `json:"attributes"`
	Nesting    string                `json:"nesting_mode"`
}

type identity struct {
	Version    int64                         `json:"version"`
	Attributes map[string]*identityAttribute `json:"attributes"`
}

type identityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

type function struct {
	Description        string       `json:"description,omitempty"`
	Summary            string       `json:"summary,omitempty"`
	DeprecationMessage string       `json:"deprecation_message,omitempty"`
	Return             tftypes.Type `json:"return_type"`
	Parameters         []*parameter `json:"parameters,omitempty"`
	Variadic           *parameter   `json:"variadic_parameter,omitempty"`
}

type parameter struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

func convert[From, To any](in map[string]From, f func(From) To) map[string]To {
	out := make(map[string]To, len(in))
	for name, v := range in {
		out[name] = f(v)
	}
	return out
}

func newSchema(in *tfprotov6.Schema) *schema {
	return &schema{Version: in.Version, Block: newBlock(in.Block)}
}

func newBlock(in *tfprotov6.SchemaBlock) *block {
	out := &block{
		Attributes:      newAttributes(in.Attributes),
		Blocks:          map[string]*nestedBlock{},
		Description:     in.Description,
		DescriptionKind: strings.ToLower(in.DescriptionKind.String()),
		Deprecated:      in.Deprecated,
	}
	for _, b := range in.BlockTypes {
		out.Blocks[b.TypeName] = &nestedBlock{
			Nesting:  strings.ToLower(b.Nesting.String()),
			Block:    newBlock(b.Block),
			MinItems: b.MinItems,
			MaxItems: b.MaxItems,
		}
	}
	return out
}

func newAttributes(in []*tfprotov6.SchemaAttribute) map[string]*attribute {
	out := map[string]*attribute{}
	for _, a := range in {
		attr := &attribute{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: strings.ToLower(a.DescriptionKind.String()),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			attr.NestedType = &nestedAttributes{
				Attributes: newAttributes(a.NestedType.Attributes),
				Nesting:    strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		out[a.Name] = attr
	}
	return out
}

func newIdentity(in *tfprotov6.ResourceIdentitySchema) *identity {
	out := &identity{Version: in.Version, Attributes: map[string]*identityAttribute{}}
	for _, a := range in.IdentityAttributes {
		out.Attributes[a.Name] = &identityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

func newFunction(in *tfprotov6.Function) *function {
	out := &function{
		Description:        in.Description,
		Summary:            in.Summary,
		DeprecationMessage: in.DeprecationMessage,
		Return:             in.Return.Type,
	}
	for _, p := range in.Parameters {
		out.Parameters = append(out.Parameters, newParameter(p))
	}
	if in.VariadicParameter != nil {
		out.Variadic = newParameter(in.VariadicParameter)
	}
	return out
}

func newParameter(in *tfprotov6.FunctionParameter) *parameter {
	return &parameter{Name: in.Name, Description: in.Description, IsNullable: in.AllowNullValue, Type: in.Type}
}
