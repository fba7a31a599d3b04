package provider

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// JSON says the same as MessagePack, whatever the value.
func TestPlainValue(t *testing.T) {
	texts := tftypes.Map{ElementType: tftypes.String}
	inner := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String}}
	kinds := map[string]tftypes.Type{
		"text": tftypes.String, "no_text": tftypes.String, "flag": tftypes.Bool, "small": tftypes.Number, "large": tftypes.Number,
		"map": texts, "empty": texts, "no_map": texts, "object": inner, "no_object": inner,
	}
	large, _, _ := big.ParseFloat("123456789012345678901234567890", 10, 512, big.ToNearestEven)
	object := tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, map[string]tftypes.Value{
		"text":      tftypes.NewValue(tftypes.String, "<é\u2028\"\n😀>"),
		"no_text":   tftypes.NewValue(tftypes.String, nil),
		"flag":      tftypes.NewValue(tftypes.Bool, true),
		"small":     tftypes.NewValue(tftypes.Number, 7),
		"large":     tftypes.NewValue(tftypes.Number, large),
		"map":       tftypes.NewValue(texts, map[string]tftypes.Value{"a/b": tftypes.NewValue(tftypes.String, "")}),
		"empty":     tftypes.NewValue(texts, map[string]tftypes.Value{}),
		"no_map":    tftypes.NewValue(texts, nil),
		"object":    tftypes.NewValue(inner, map[string]tftypes.Value{"create": tftypes.NewValue(tftypes.String, "5m")}),
		"no_object": tftypes.NewValue(inner, nil),
	})
	plain, err := plainValue(object)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	back, err := (&tfprotov6.DynamicValue{JSON: data}).Unmarshal(object.Type())
	if err != nil || !back.Equal(object) {
		t.Errorf("%v: %s became %s", err, object, data)
	}
	if _, err := plainValue(tftypes.NewValue(tftypes.String, tftypes.UnknownValue)); err == nil {
		t.Error("an unknown value was taken")
	}
}

// unreadable is a server without a state to read.
type unreadable struct {
	frameworkServer
	resp *tfprotov6.ReadResourceResponse
	err  error
}

func (s unreadable) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return s.resp, s.err
}

// What is no state is passed on as it is.
func TestReadsWithoutAState(t *testing.T) {
	refused := &tfprotov6.ReadResourceResponse{Diagnostics: []*tfprotov6.Diagnostic{{Summary: "no"}}}
	for name, server := range map[string]unreadable{
		"an error":    {err: errors.New("no")},
		"diagnostics": {resp: refused},
		"both":        {resp: refused, err: errors.New("no")},
	} {
		if resp, err := newJSONReader(server).ReadResource(t.Context(), nil); resp != server.resp || !errors.Is(err, server.err) {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}
