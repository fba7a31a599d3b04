package functions

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

type (
	object = map[string]any
	list   = []any
)

// value makes what Terraform makes of a literal.
func value(t *testing.T, v any) attr.Value {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return types.DynamicNull()
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case float64:
		return types.NumberValue(big.NewFloat(v))
	case list:
		var (
			elements []attr.Value
			kinds    []attr.Type
		)
		for _, e := range v {
			elements = append(elements, value(t, e))
			kinds = append(kinds, elements[len(elements)-1].Type(t.Context()))
		}
		return types.TupleValueMust(kinds, elements)
	case object:
		attributes, kinds := map[string]attr.Value{}, map[string]attr.Type{}
		for name, a := range v {
			attributes[name] = value(t, a)
			kinds[name] = attributes[name].Type(t.Context())
		}
		return types.ObjectValueMust(kinds, attributes)
	case attr.Value:
		return v
	}
	t.Fatalf("%T", v)
	return nil
}

// call calls retain as the framework does.
func call(t *testing.T, snapshots, policy any) (retained, *function.FuncError) {
	t.Helper()
	ctx, f := t.Context(), NewRetain()
	var definition function.DefinitionResponse
	f.Definition(ctx, function.DefinitionRequest{}, &definition)
	result, funcErr := definition.Definition.Return.NewResultData(ctx)
	if funcErr != nil {
		t.Fatal(funcErr)
	}
	resp := function.RunResponse{Result: result}
	f.Run(ctx, function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{
		types.DynamicValue(value(t, snapshots)), types.DynamicValue(value(t, policy)),
	})}, &resp)
	var r retained
	if resp.Error == nil {
		if diags := resp.Result.Value().(types.Object).As(ctx, &r, basetypes.ObjectAsOptions{}); diags.HasError() {
			t.Fatal(diags)
		}
	}
	return r, resp.Error
}

func TestRetain(t *testing.T) {
	t.Parallel()
	// As much as a list may leave out, and as much as there may be beside it.
	snapshots := list{
		object{"id": "a", "created_at": "2026-05-01T12:00:00Z"},
		object{"id": "b", "created_at": "2026-05-02T12:00:00.5Z", "volume_id": nil, "status": nil, "group_snapshot_id": nil, "metadata": nil},
		object{"id": "c", "created_at": "2026-05-02T14:00:00+02:00", "status": "available", "name": "n", "size": 1, "metadata": object{}},
		object{"id": "d", "created_at": "2026-05-01T11:00:00Z", "metadata": object{"tier": "gold", "absent": nil}},
		object{"id": "e", "created_at": "2026-05-03T12:00:00Z", "status": "error"},
		object{"id": "f", "created_at": nil},
		object{"id": "g", "group_snapshot_id": "group"},
		object{"id": "h", "created_at": "2026-05-01T12:00:00Z", "volume_id": "v"},
		object{"id": "j", "created_at": "2026-05-04T12:00:00Z", "consumes_quota": false},
		object{"id": "k", "created_at": "2026-05-01T12:00:00Z", "volume_id": "w", "consumes_quota": true},
		object{"id": "l", "created_at": "2026-05-05T12:00:00Z", "volume_id": "w", "name": "backup-snap-w", "consumes_quota": nil},
		object{"id": "m", "created_at": "2026-05-05T11:00:00Z", "volume_id": "w", "name": "[revert] volume w backup snapshot"},
		object{"id": "n", "created_at": "2026-05-05T10:00:00Z", "volume_id": "w", "name": "tmp-snap-6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"},
		object{"id": "i", "created_at": "2027-05-01T12:00:00Z"},
	}
	policy := object{
		"keep_last": 1, "keep_weekly": nil, "keep_within_daily": "7d", "now": "2026-05-09T12:00:00+02:00",
		"keep_metadata": list{object{"tier": "gold"}, object{"tier": "gold", "absent": ""}},
	}
	got, err := call(t, snapshots, policy)
	if err != nil {
		t.Fatal(err)
	}
	want := retained{
		KeptIDs: []string{"b", "a", "h", "k", "d"}, ExpiredIDs: []string{"c"}, IgnoredIDs: []string{"i", "l", "m", "n", "j", "e", "f", "g"},
		Reasons: map[string][]string{
			"a": {"keep_within_daily 7d"},
			"b": {"keep_last", "keep_within_daily 7d"},
			"d": {"keep_within_daily 7d (oldest)", "keep_metadata {tier=gold}"},
			"e": {"ignored: its status is error"},
			"f": {"ignored: its time of creation is not known"},
			"g": {"ignored: it is part of group snapshot group", "ignored: its time of creation is not known"},
			"h": {"keep_last", "keep_within_daily 7d"},
			"j": {"ignored: the cloud has made it for itself"},
			"k": {"keep_last", "keep_within_daily 7d"},
			"l": {"ignored: the cloud has made it for itself"},
			"m": {"ignored: the cloud has made it for itself"},
			"n": {"ignored: the cloud has made it for itself"},
			"i": {"ignored: it is from the future: made at 2027-05-01T12:00:00Z, and now is 2026-05-09T10:00:00Z"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
}

func TestRetainNone(t *testing.T) {
	t.Parallel()
	got, err := call(t, list{}, object{"keep_last": -1})
	if err != nil || !reflect.DeepEqual(got, retained{[]string{}, []string{}, []string{}, map[string][]string{}}) {
		t.Errorf("%#v %v", got, err)
	}
}

// A variable with a type has lists, sets and maps where a literal has tuples and objects.
func TestRetainTakesAnyCollection(t *testing.T) {
	t.Parallel()
	texts := func(pairs ...string) types.Map {
		m := map[string]attr.Value{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = types.StringValue(pairs[i+1])
		}
		return types.MapValueMust(types.StringType, m)
	}
	a := texts("id", "a", "created_at", "2026-05-01T12:00:00Z")
	b := texts("id", "b", "created_at", "2026-05-02T12:00:00Z")
	for _, snapshots := range []attr.Value{
		types.ListValueMust(a.Type(t.Context()), []attr.Value{a, b}), types.SetValueMust(a.Type(t.Context()), []attr.Value{a, b}),
	} {
		policy := types.MapValueMust(types.NumberType, map[string]attr.Value{"keep_last": types.NumberValue(big.NewFloat(1))})
		got, err := call(t, snapshots, policy)
		if err != nil || !reflect.DeepEqual(got.KeptIDs, []string{"b"}) || !reflect.DeepEqual(got.ExpiredIDs, []string{"a"}) {
			t.Errorf("%+v %v", got, err)
		}
	}
}

func TestRetainRefuses(t *testing.T) {
	t.Parallel()
	one := func(attributes object) list {
		o := object{"id": "s1", "created_at": "2026-05-01T12:00:00Z"}
		for name, v := range attributes {
			o[name] = v
		}
		return list{o}
	}
	some, last := one(nil), object{"keep_last": 1}
	const aboutSnapshots, aboutPolicy = 0, 1
	for _, row := range []struct {
		snapshots, policy any
		argument          int64
		want              string
	}{
		{object{"snapshots": some}, last, aboutSnapshots, "it must be a list of objects, such as the attribute snapshots of the data source istack_volume_snapshots, not an object"},
		{"all", last, aboutSnapshots, "it must be a list of objects, such as the attribute snapshots of the data source istack_volume_snapshots, not a string"},
		{list{nil}, last, aboutSnapshots, "element 0 must be an object, not null"},
		{list{some[0], "s1"}, last, aboutSnapshots, "element 1 must be an object, not a string"},
		{list{object{"created_at": "2026-05-01T12:00:00Z"}}, last, aboutSnapshots, "element 0 has no id"},
		{one(object{"id": ""}), last, aboutSnapshots, "element 0 has no id"},
		{one(object{"id": 1}), last, aboutSnapshots, "element 0: id must be a string, not a number"},
		{one(object{"created_at": "yesterday"}), last, aboutSnapshots, `snapshot s1: created_at is "yesterday": it must be a time of RFC 3339, such as 2026-01-31T00:00:00Z`},
		{one(object{"created_at": ""}), last, aboutSnapshots, `snapshot s1: created_at is "": it must be a time of RFC 3339, such as 2026-01-31T00:00:00Z`},
		{one(object{"created_at": 2026}), last, aboutSnapshots, "snapshot s1: created_at must be a string, not a number"},
		{one(object{"created_at": types.StringUnknown()}), last, aboutSnapshots, "snapshot s1: created_at must be a string, not an unknown value"},
		{one(object{"volume_id": list{}}), last, aboutSnapshots, "snapshot s1: volume_id must be a string, not a list"},
		{one(object{"status": true}), last, aboutSnapshots, "snapshot s1: status must be a string, not a bool"},
		{one(object{"consumes_quota": "no"}), last, aboutSnapshots, "snapshot s1: consumes_quota must be a bool, not a string"},
		{one(object{"group_snapshot_id": object{}}), last, aboutSnapshots, "snapshot s1: group_snapshot_id must be a string, not an object"},
		{one(object{"metadata": "tier"}), last, aboutSnapshots, "snapshot s1: metadata must be a map of strings, not a string"},
		{one(object{"metadata": object{"n": 1}}), last, aboutSnapshots, `snapshot s1: metadata["n"] must be a string, not a number`},
		{list{some[0], some[0]}, last, aboutSnapshots, "snapshot s1 is there twice"},
		{some, list{last}, aboutPolicy, "it must be an object such as { keep_daily = 7 }, not a list"},
		{some, object{}, aboutPolicy, "the policy has no rule, and would keep nothing: give at least one of keep_last, "},
		{some, object{"keep_last": nil, "now": "2026-05-01T12:00:00Z"}, aboutPolicy, "the policy has no rule, and would keep nothing: give at least one of keep_last, "},
		{some, object{"keep_dayly": 1, "keep_last": 1}, aboutPolicy, "there is no keep_dayly; there are keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly, " +
			"keep_yearly, keep_within, keep_within_hourly, keep_within_daily, keep_within_weekly, keep_within_monthly, keep_within_yearly, keep_metadata, now"},
		{some, object{"keep_last": 0}, aboutPolicy, "keep_last is 0, which keeps nothing: leave it out"},
		{some, object{"keep_last": -2}, aboutPolicy, "keep_last is -2: it must be 1 or more, or -1 for all"},
		{some, object{"keep_last": 1.5}, aboutPolicy, "keep_last is 1.5: it must be a whole number, 1 or more, or -1 for all"},
		{some, object{"keep_last": 1e30}, aboutPolicy, "keep_last is 1e+30: it must be a whole number, 1 or more, or -1 for all"},
		{some, object{"keep_last": "1"}, aboutPolicy, "keep_last must be a whole number, not a string"},
		{some, object{"keep_within": 7}, aboutPolicy, `keep_within must be a string such as "7d", not a number`},
		{some, object{"keep_within": "1w"}, aboutPolicy, `keep_within: "1w" is no duration such as 7d or 1y6m: "w" does not begin with a unit; the units are y, m (months), d and h`},
		{some, object{"keep_within_daily": "-1d"}, aboutPolicy, `keep_within_daily: "-1d" is no duration such as 7d or 1y6m: there is no number where "-1d" begins`},
		{some, object{"keep_within_daily": "0d"}, aboutPolicy, "keep_within_daily is no time at all, which keeps nothing: leave it out"},
		{some, object{"keep_metadata": object{"tier": "gold"}}, aboutPolicy, "keep_metadata must be a list of maps, not an object"},
		{some, object{"keep_metadata": list{object{"tier": "gold"}, nil}}, aboutPolicy, "keep_metadata[1] must be a map of strings, not null"},
		{some, object{"keep_metadata": list{object{"tier": 1}}}, aboutPolicy, `keep_metadata[0]["tier"] must be a string, not a number`},
		{some, object{"keep_metadata": list{}}, aboutPolicy, "keep_metadata is an empty list, which keeps nothing: leave it out"},
		{some, object{"keep_metadata": list{object{}}}, aboutPolicy, "keep_metadata has an empty map (number 1), which every snapshot would match: leave it out"},
		{some, object{"keep_last": 1, "now": "today"}, aboutPolicy, `now is "today": it must be a time of RFC 3339, such as 2026-01-31T00:00:00Z`},
		{some, object{"keep_last": 1, "now": 0}, aboutPolicy, "now must be a string, not a number"},
		{
			one(object{"volume_id": "v1"}),
			object{"keep_metadata": list{object{"tier": "gold"}}},
			aboutPolicy,
			"the policy would keep none of the snapshots of volume v1, and 1 would expire: add a rule such as keep_last = 1",
		},
	} {
		_, err := call(t, row.snapshots, row.policy)
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != row.argument || err.Text != row.want &&
			!(strings.HasSuffix(row.want, ", ") && strings.HasPrefix(err.Text, row.want)) {
			t.Errorf("%v, %v:\n%+v\nwant\n%s", row.snapshots, row.policy, err, row.want)
		}
	}
}
