package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// jsonReader answers reads in JSON instead of MessagePack. Terraform 1.11 and
// OpenTofu 1.12 compare what was read with the state bit by bit. The state is
// JSON, and a number that comes as MessagePack has another precision than the
// same number there: `plan -refresh-only -detailed-exitcode` would find every
// snapshot changed (Terraform's issue 37406).
type jsonReader struct {
	frameworkServer
	types func() (map[string]tftypes.Type, error)
}

func newJSONReader(server frameworkServer) jsonReader {
	return jsonReader{server, sync.OnceValues(func() (map[string]tftypes.Type, error) {
		schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			return nil, err
		}
		types := map[string]tftypes.Type{}
		for name, schema := range schemas.ResourceSchemas {
			types[name] = schema.ValueType()
		}
		return types, nil
	})}
}

func (s jsonReader) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.frameworkServer.ReadResource(ctx, req)
	if err != nil || resp.NewState == nil {
		return resp, err
	}
	types, err := s.types()
	if err != nil {
		return nil, err
	}
	state, err := resp.NewState.Unmarshal(types[req.TypeName])
	if err != nil {
		return nil, err
	}
	plain, err := plainValue(state)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	resp.NewState = &tfprotov6.DynamicValue{JSON: data}
	return resp, nil
}

// plainValue turns a value that is wholly known into what encoding/json encodes
// as Terraform does.
func plainValue(value tftypes.Value) (any, error) {
	if value.IsNull() {
		return nil, nil
	}
	switch kind := value.Type(); {
	case kind.Is(tftypes.String):
		return as[string](value)
	case kind.Is(tftypes.Bool):
		return as[bool](value)
	case kind.Is(tftypes.Number):
		var number big.Float
		err := value.As(&number)
		return json.Number(number.Text('f', -1)), err
	case kind.Is(tftypes.Map{}), kind.Is(tftypes.Object{}):
		return plainElements(value)
	default:
		return nil, fmt.Errorf("a %s cannot be read", kind)
	}
}

func as[T any](value tftypes.Value) (T, error) {
	var plain T
	err := value.As(&plain)
	return plain, err
}

func plainElements(value tftypes.Value) (any, error) {
	elements, err := as[map[string]tftypes.Value](value)
	if err != nil {
		return nil, err
	}
	plain := make(map[string]any, len(elements))
	for name, element := range elements {
		if plain[name], err = plainValue(element); err != nil {
			return nil, err
		}
	}
	return plain, nil
}
