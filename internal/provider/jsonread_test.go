package provider

import (
	"encoding/json"
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
