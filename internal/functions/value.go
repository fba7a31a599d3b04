package functions

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// plain returns a value of whatever type as a string, bool, *big.Float, []any or
// map[string]any, or nil if it is null. Terraform calls no function with an unknown value;
// if one came, it would be of none of these types, and be refused.
func plain(value attr.Value) any {
	if value == nil || value.IsNull() {
		return nil
	}
	if value.IsUnknown() {
		return value
	}
	switch v := value.(type) {
	case types.Dynamic:
		return plain(v.UnderlyingValue())
	case types.String:
		return v.ValueString()
	case types.Bool:
		return v.ValueBool()
	case types.Number:
		return v.ValueBigFloat()
	case types.List:
		return plainList(v.Elements())
	case types.Set:
		return plainList(v.Elements())
	case types.Tuple:
		return plainList(v.Elements())
	case types.Map:
		return plainMap(v.Elements())
	case types.Object:
		return plainMap(v.Attributes())
	}
	return value
}

func plainList(elements []attr.Value) []any {
	list := make([]any, 0, len(elements))
	for _, e := range elements {
		list = append(list, plain(e))
	}
	return list
}

func plainMap(elements map[string]attr.Value) map[string]any {
	m := make(map[string]any, len(elements))
	for name, e := range elements {
		m[name] = plain(e)
	}
	return m
}

// kind names the type of a plain value as Terraform's users know it.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a bool"
	case *big.Float:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "an unknown value"
}

// text reads a string; null is "".
func text(name string, value any) (string, error) {
	if value == nil {
		return "", nil
	}
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("%s must be a string, not %s", name, kind(value))
	}
	return s, nil
}

// texts reads a map of strings. An object may have attributes that are null, which are left
// out.
func texts(name string, value any) (map[string]string, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s must be a map of strings, not %s", name, kind(value))
	}
	read := make(map[string]string, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if m[key] == nil {
			continue
		}
		s, err := text(fmt.Sprintf("%s[%q]", name, key), m[key])
		if err != nil {
			return nil, err
		}
		read[key] = s
	}
	return read, nil
}
