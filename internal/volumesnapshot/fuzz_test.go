package volumesnapshot

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
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
		if back != text || !uuid.MatchString(identity.ID.ValueString()) || identity.Region.ValueString() == "" && !identity.Region.IsNull() {
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
		m := carry(flatten("", s), resourceModel{snapshotModel: snapshotModel{Metadata: flattenMetadata(s.Metadata)}})
		for _, text := range []types.String{m.Name, m.Description, m.Region, m.Progress} {
			if !text.IsNull() && text.ValueString() == "" {
				t.Errorf("%+v", m)
			}
		}
		if _, needed := expandUpdate(m, m); needed {
			t.Error("a snapshot as it is wants a change")
		}
		request := expandCreate(m, types.MapNull(types.StringType))
		if request.Name != name || request.Description != description || !maps.Equal(request.Metadata, s.Metadata) {
			t.Errorf("%+v became %+v", s, request)
		}
		if !metadataChange(s.Metadata, request.Metadata, keys(m.Metadata), framework.IgnoreMetadata{}).IsEmpty() {
			t.Error("metadata as it is wants a change")
		}
	})
}

// Whatever is there and wanted, a change brings what is wanted, takes what was
// ours, and leaves everybody else's.
func FuzzMetadataChange(f *testing.F) {
	f.Add("a=1,b=2", "b=3,c=", "a,b", "c")
	f.Add("", "", "", "")
	f.Fuzz(func(t *testing.T, present, desired, owned, ignored string) {
		have, want := pairs(present), pairs(desired)
		ours := strings.Split(owned, ",")
		ignore := framework.IgnoreMetadata{Keys: strings.Split(ignored, ",")}
		change := metadataChange(have, want, ours, ignore)
		after := maps.Clone(have)
		for _, key := range change.Remove {
			delete(after, key)
		}
		maps.Copy(after, change.Set)
		for key, value := range want {
			if after[key] != value {
				t.Errorf("%q is not as wanted", key)
			}
		}
		for key, value := range have {
			_, wanted := want[key]
			mine := false
			for _, o := range ours {
				mine = mine || o == key && !ignore.Matches(key)
			}
			now, there := after[key]
			switch {
			case wanted:
			case mine && there:
				t.Errorf("%q was ours and stays", key)
			case !mine && (!there || now != value):
				t.Errorf("%q is somebody else's and was touched", key)
			}
		}
		for key, value := range change.Set {
			if is, there := have[key]; there && is == value {
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
		if isRegexp.problem(expression) == "" {
			m.NameRegex = types.StringValue(expression)
		}
		if at, diags := timetypes.NewRFC3339Value(after); !diags.HasError() {
			m.CreatedAfter = at
		}
		filter := expandFilter(wanted{Name: types.StringValue(name), Metadata: types.MapNull(types.StringType)}, m)
		if filter.Match(client.Snapshot{Name: name + "x"}) && name != "" {
			t.Error("another name matches")
		}
	})
}
