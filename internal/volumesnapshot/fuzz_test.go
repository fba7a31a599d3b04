package volumesnapshot

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// Whatever is given to an import, what is taken is a region and a UUID.
func FuzzParseImportID(f *testing.F) {
	for _, text := range []string{"6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", "east/6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", "/", "a/b/c", "../x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		identity, problem := parseImportID(text)
		if problem != "" {
			return
		}
		back := identity.ID.ValueString()
		if !identity.Region.IsNull() {
			back = identity.Region.ValueString() + "/" + back
		}
		if back != text || !validators.IsUUID(identity.ID.ValueString()) || identity.Region.ValueString() == "" && !identity.Region.IsNull() {
			t.Errorf("%q was taken as %v", text, identity)
		}
	})
}

// Whatever the API tells, the model has one form of absence, and reading it back
// into a request changes nothing.
func FuzzFlatten(f *testing.F) {
	f.Add("id", "name", "", "k", "v", int64(0))
	f.Add("", "", "d", "", "", int64(1e15))
	f.Fuzz(func(t *testing.T, id, name, description, key, value string, at int64) {
		s := client.Snapshot{ID: id, VolumeID: id, Name: name, Description: description, Metadata: map[string]string{key: value}, CreatedAt: time.Unix(at%1e11, 0)}
		m := carry(flatten("", s), owned(flattenMetadata(s.Metadata), flattenMetadata(nil), flattenMetadata(nil)))
		for _, text := range []types.String{m.Name, m.Description, m.Region, m.Progress} {
			if !text.IsNull() && text.ValueString() == "" {
				t.Errorf("%+v", m)
			}
		}
		if _, needed := expandUpdate(m, m); needed {
			t.Error("a snapshot as it is wants a change")
		}
		request := expandCreate(m)
		if request.Name != name || request.Description != description || !maps.Equal(request.Metadata, s.Metadata) {
			t.Errorf("%+v became %+v", s, request)
		}
		if !(metadataOwners{}).change(m, m).IsEmpty() {
			t.Error("metadata as it is wants a change")
		}
	})
}

// Whatever is there and wanted, a change brings what is wanted, takes what was
// ours, leaves everybody else's, and plans what then is on the snapshot.
func FuzzMetadataChange(f *testing.F) {
	f.Add("a=1,b=2", "d=1", "x=1", "b=3,c=", "d=2,e=1", "c", false)
	f.Add("", "", "", "", "", "", true)
	f.Fuzz(func(t *testing.T, own, defaults, other, desired, provider, ignored string, imported bool) {
		ownMap, defaultMap, otherMap := pairs(own), pairs(defaults), pairs(other)
		for key := range ownMap {
			delete(defaultMap, key)
		}
		for _, mine := range []map[string]string{ownMap, defaultMap} {
			for key := range mine {
				delete(otherMap, key)
			}
		}
		ignore := framework.IgnoreMetadata{Keys: strings.Split(ignored, ",")}
		owners := metadataOwners{defaults: flattenMetadata(pairs(provider)), ignore: ignore, imported: imported}
		state := owned(flattenMetadata(ownMap), flattenMetadata(defaultMap), flattenMetadata(otherMap))
		plan := owned(flattenMetadata(pairs(desired)), state.DefaultMetadata, state.OtherMetadata)
		plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
		change := owners.change(state, plan)

		before := expandMetadata(state.allMetadata())
		after := maps.Clone(before)
		for _, key := range change.Remove {
			if _, there := after[key]; !there || imported || ignore.Matches(key) {
				t.Errorf("%q must not be removed", key)
			}
			delete(after, key)
		}
		maps.Copy(after, change.Set)
		if !maps.Equal(after, expandMetadata(plan.allMetadata())) {
			t.Errorf("planned is %v, and the snapshot has %v", plan.allMetadata(), after)
		}
		planned := len(plan.Metadata.Elements()) + len(plan.DefaultMetadata.Elements()) + len(plan.OtherMetadata.Elements())
		if planned != len(after) {
			t.Errorf("the maps overlap: %v", plan)
		}
		want := pairs(provider)
		maps.Copy(want, pairs(desired))
		for key, value := range want {
			if after[key] != value {
				t.Errorf("%q is not as wanted", key)
			}
		}
		for key, value := range otherMap {
			if _, filterArguments := want[key]; !filterArguments && after[key] != value {
				t.Errorf("%q is somebody else's and was touched", key)
			}
		}
		for key, value := range change.Set {
			if is, there := before[key]; there && is == value {
				t.Errorf("%q is written without need", key)
			}
		}
	})
}

func pairs(text string) map[string]string {
	m := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(pair, "=")
		m[key] = value
	}
	return m
}

// Whatever passes the rules of a schema makes a filter without a panic.
func FuzzFilter(f *testing.F) {
	f.Add("name", "^a", "2026-01-01T00:00:00Z")
	f.Add("", "(", "yesterday")
	f.Fuzz(func(t *testing.T, name, expression, after string) {
		m := filterModel{NameRegex: types.StringNull(), CreatedAfter: timetypes.NewRFC3339Null(), CreatedBefore: timetypes.NewRFC3339Null()}
		if expression != "" {
			m.NameRegex = types.StringValue(expression)
		}
		if at, diags := timetypes.NewRFC3339Value(after); !diags.HasError() {
			m.CreatedAfter = at
		}
		filter, diags := expandFilter(filterArguments{Name: types.StringValue(name), Metadata: types.MapNull(types.StringType)}, m)
		if _, err := regexp.Compile(expression); (err != nil) != diags.HasError() {
			t.Errorf("%q: %v, %v", expression, err, diags)
		}
		if filter.Match(client.Snapshot{Name: name + "x"}) && name != "" {
			t.Error("another name matches")
		}
	})
}
