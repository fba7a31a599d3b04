package volumesnapshot

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func TestFlattenAbsenceHasOneForm(t *testing.T) {
	t.Parallel()
	m := flatten("", client.Snapshot{ID: "i", VolumeID: "v"})
	for name, value := range map[string]attr.Value{
		"region": m.Region, "name": m.Name, "description": m.Description, "status": m.Status, "progress": m.Progress,
		"created_at": m.CreatedAt, "updated_at": m.UpdatedAt, "project_id": m.ProjectID, "user_id": m.UserID, "group_snapshot_id": m.GroupSnapshotID,
		"consumes_quota": m.ConsumesQuota,
	} {
		if !value.IsNull() {
			t.Errorf("%s is %s, not null", name, value)
		}
	}
	if m.Metadata.IsNull() || len(m.Metadata.Elements()) != 0 {
		t.Errorf("no metadata is %s, not {}", m.Metadata)
	}
}

func TestFlattenTimeIsUTC(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 2*3600)
	m := flatten("", client.Snapshot{CreatedAt: time.Date(2016, 8, 19, 18, 20, 36, 0, zone)})
	if got := m.CreatedAt.ValueString(); got != "2016-08-19T16:20:36Z" {
		t.Error(got)
	}
}

func TestCarryText(t *testing.T) {
	t.Parallel()
	null, empty, text := types.StringNull(), types.StringValue(""), types.StringValue("x")
	for _, row := range []struct{ observed, earlier, want types.String }{
		{null, null, null},
		{null, empty, empty},
		{null, text, null}, // drift: the name was taken away
		{empty, null, null},
		{text, null, text},
		{text, empty, text},
		{text, types.StringValue("y"), text},
		{null, types.StringUnknown(), null},
	} {
		if got := carryEmpty(row.observed, row.earlier); !got.Equal(row.want) {
			t.Errorf("told %s, earlier %s: %s, want %s", row.observed, row.earlier, got, row.want)
		}
	}
}

// A status that only an available snapshot can come to says that it was available.
func TestCarryWhatWasUnfinished(t *testing.T) {
	t.Parallel()
	for status, unfinished := range map[client.Status]bool{
		"": true, "creating": true, "error": true, "deleting": true, "error_deleting": true,
		"available": false, "backing-up": false, "restoring": false,
	} {
		earlier := resourceModel{snapshotModel: flatten("", client.Snapshot{Status: client.StatusCreating})}
		if got := carry(flatten("", client.Snapshot{Status: status, CreatedAt: time.Now()}), earlier).unfinished(); got != unfinished {
			t.Errorf("%s: unfinished is %t", status, got)
		}
	}
}

func TestExpandUpdate(t *testing.T) {
	t.Parallel()
	null, empty, text := types.StringNull(), types.StringValue(""), types.StringValue("x")
	for _, row := range []struct {
		state, plan types.String
		want        *string
	}{
		{null, null, nil},
		{null, empty, nil}, // the same to the API
		{empty, null, nil},
		{text, text, nil},
		{text, null, new(string)},
		{text, empty, new(string)},
	} {
		request, needed := expandUpdate(
			resourceModel{snapshotModel: snapshotModel{Name: row.state, Description: null}},
			resourceModel{snapshotModel: snapshotModel{Name: row.plan, Description: null}})
		if needed != (row.want != nil) || request.Description != nil || (request.Name == nil) != (row.want == nil) ||
			row.want != nil && *request.Name != *row.want {
			t.Errorf("from %s to %s: %+v, %t", row.state, row.plan, request, needed)
		}
	}
}

// owned is a resource with these three maps.
func owned(own, defaults, other types.Map) resourceModel {
	return resourceModel{
		snapshotModel:   snapshotModel{ID: types.StringValue("i"), Metadata: own},
		DefaultMetadata: defaults, OtherMetadata: other,
	}
}

// From the state, the provider's defaults and the plan's metadata follow the
// planned maps and what is written.
func TestMetadataPlan(t *testing.T) {
	t.Parallel()
	m := func(pairs ...string) types.Map {
		metadata := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			metadata[pairs[i]] = pairs[i+1]
		}
		return flattenMetadata(metadata)
	}
	null, unknown := types.MapNull(types.StringType), types.MapUnknown(types.StringType)
	partly := types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringUnknown()})
	ignore := framework.IgnoreMetadata{Keys: []string{"backup"}, KeyPrefixes: []string{"sys:"}}
	for name, row := range map[string]struct {
		own, defaults, other types.Map // of the state
		plan, provider       types.Map
		imported             bool
		wantDefaults         types.Map
		wantOther            types.Map
		set                  map[string]string
		remove               []string
	}{
		"nothing":                        {null, m(), m(), null, null, false, m(), m(), nil, nil},
		"as it is":                       {m("a", "1"), m("d", "1"), m("x", "1"), m("a", "1"), m("d", "1"), false, m("d", "1"), m("x", "1"), nil, nil},
		"only what changes":              {m("a", "1", "b", "1"), m(), m("x", "1"), m("a", "1", "b", "2", "c", "3"), null, false, m(), m("x", "1"), map[string]string{"b": "2", "c": "3"}, nil},
		"an empty value is one":          {null, m(), m(), m("a", ""), null, false, m(), m(), map[string]string{"a": ""}, nil},
		"ours goes, theirs stays":        {m("a", "1"), m(), m("x", "1"), null, null, false, m(), m("x", "1"), nil, []string{"a"}},
		"theirs becomes ours":            {null, m(), m("x", "1", "y", "1"), m("x", "2"), null, false, m(), m("y", "1"), map[string]string{"x": "2"}, nil},
		"theirs becomes ours as it is":   {null, m(), m("x", "1"), m("x", "1"), null, false, m(), m(), nil, nil},
		"theirs becomes a default":       {null, m(), m("d", "1"), null, m("d", "1"), false, m("d", "1"), m(), nil, nil},
		"default drifted":                {null, m("d", "drifted"), m(), null, m("d", "1"), false, m("d", "1"), m(), map[string]string{"d": "1"}, nil},
		"default gone from the snapshot": {null, m(), m(), null, m("d", "1"), false, m("d", "1"), m(), map[string]string{"d": "1"}, nil},
		"default leaves":                 {null, m("d", "1"), m("x", "1"), null, null, false, m(), m("x", "1"), nil, []string{"d"}},
		"default overridden":             {null, m("d", "1"), m(), m("d", "own"), m("d", "1"), false, m(), m(), map[string]string{"d": "own"}, nil},
		"back to the default":            {m("d", "own"), m(), m(), null, m("d", "1"), false, m("d", "1"), m(), map[string]string{"d": "1"}, nil},
		"ours is now ignored":            {m("backup", "1"), m("sys:x", "1"), m(), null, null, false, m(), m("backup", "1", "sys:x", "1"), nil, nil},
		"first change after an import":   {m("a", "1", "b", "1"), m("d", "1"), m(), m("a", "2"), null, true, m(), m("b", "1", "d", "1"), map[string]string{"a": "2"}, nil},
		"value unknown":                  {m("a", "1"), m(), m("x", "1"), partly, m("d", "1"), false, m("d", "1"), m("x", "1"), nil, nil},
		"keys unknown":                   {m("a", "1"), m("d", "1"), m("x", "1"), unknown, m("d", "1"), false, unknown, unknown, nil, nil},
		"keys unknown, nobody else's":    {m("a", "1"), m(), m(), unknown, null, false, m(), m(), nil, nil},
		"keys unknown, may be released":  {m("a", "1"), m(), m(), unknown, null, true, m(), unknown, nil, nil},
		"keys unknown, moved":            {null, null, null, unknown, null, true, m(), m(), nil, nil},
		"defaults unknown":               {m("a", "1"), m("d", "1"), m("x", "1"), m("a", "1"), unknown, false, unknown, unknown, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			owners := metadataOwners{defaults: row.provider, ignore: ignore, imported: row.imported}
			state, plan := owned(row.own, row.defaults, row.other), owned(row.plan, null, null)
			plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
			if !plan.DefaultMetadata.Equal(row.wantDefaults) || !plan.OtherMetadata.Equal(row.wantOther) {
				t.Errorf("default_metadata %s, want %s; other_metadata %s, want %s", plan.DefaultMetadata, row.wantDefaults, plan.OtherMetadata, row.wantOther)
			}
			if strings.Contains(name, "unknown") {
				return // nothing is written before it is known
			}
			change := owners.change(state, plan)
			if !maps.Equal(change.Set, row.set) || !slices.Equal(change.Remove, row.remove) {
				t.Errorf("set %v, remove %v", change.Set, change.Remove)
			}
			if change.IsEmpty() != (len(row.set)+len(row.remove) == 0) {
				t.Error("IsEmpty is wrong")
			}
		})
	}
}

func TestSplitMetadata(t *testing.T) {
	t.Parallel()
	null := types.MapNull(types.StringType)
	m := flattenMetadata
	all := m(map[string]string{"a": "1", "b": "2", "team": "x", "sys:n": "3", "é": "4", strings.Repeat("k", 256): "5"})
	for _, row := range []struct{ own, defaults, wantOwn, wantDefaults types.Map }{
		{null, m(nil), null, m(nil)},
		{m(nil), m(nil), m(nil), m(nil)},
		{m(map[string]string{"a": "0"}), m(map[string]string{"team": "0"}), m(map[string]string{"a": "1"}), m(map[string]string{"team": "x"})},
		// What is no longer there is forgotten as ours.
		{m(map[string]string{"gone": "0"}), m(map[string]string{"gone too": "0"}), m(nil), m(nil)},
	} {
		own, defaults, other := splitMetadata(all, row.own, row.defaults)
		if !own.Equal(row.wantOwn) || !defaults.Equal(row.wantDefaults) {
			t.Errorf("%s, %s: %s, %s", row.own, row.defaults, own, defaults)
		}
		if n := len(own.Elements()) + len(defaults.Elements()) + len(other.Elements()); n != len(all.Elements()) {
			t.Errorf("%s, %s: %d keys became %d", row.own, row.defaults, len(all.Elements()), n)
		}
	}
	ignore := framework.IgnoreMetadata{KeyPrefixes: []string{"sys:"}}
	team := m(map[string]string{"team": "storage", "absent": "x"})
	own, defaults, other := splitImported(all, team, ignore)
	if !own.Equal(m(map[string]string{"a": "1", "b": "2", "é": "4"})) || !defaults.Equal(m(map[string]string{"team": "x"})) || len(other.Elements()) != 2 {
		t.Errorf("an import takes over %s, %s, %s", own, defaults, other)
	}
	if own, _, _ := splitImported(m(map[string]string{"team": "x"}), team, ignore); !own.IsNull() {
		t.Errorf("an import of nothing of its own takes over %s", own)
	}
}

// No triggers and no keys of triggers are the same, whatever comes first.
func TestTriggersChange(t *testing.T) {
	t.Parallel()
	null, empty, unknown := types.MapNull(types.StringType), flattenMetadata(nil), types.MapUnknown(types.StringType)
	one, two := flattenMetadata(map[string]string{"r": "1"}), flattenMetadata(map[string]string{"r": "2"})
	for _, row := range []struct {
		state, plan    types.Map
		imported, want bool
	}{
		{null, null, false, false},
		{null, empty, false, false},
		{empty, null, false, false},
		{null, one, false, true},
		{one, null, false, true},
		{one, empty, false, true},
		{one, one, false, false},
		{one, two, false, true},
		{one, unknown, false, true},
		{null, unknown, false, true},
		{null, one, true, false}, // taken over
		{one, two, true, true},
	} {
		if got := triggersChange(row.state, row.plan, row.imported); got != row.want {
			t.Errorf("from %s to %s, imported %t: %t", row.state, row.plan, row.imported, got)
		}
	}
}

func TestParseImportID(t *testing.T) {
	t.Parallel()
	const id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	for text, want := range map[string]identityModel{
		id:           {ID: types.StringValue(id), Region: types.StringNull()},
		"east/" + id: {ID: types.StringValue(id), Region: types.StringValue("east")},
	} {
		if got, problem := parseImportID(text); got != want || problem != "" {
			t.Errorf("%q: %v, %s", text, got, problem)
		}
	}
	for _, text := range []string{"", "x", "/" + id, id + "/", "a/b/" + id, id + "\n", "east /" + id, "../volumes/x"} {
		if _, problem := parseImportID(text); problem == "" {
			t.Errorf("%q was taken", text)
		}
	}
}

// A time is kept as the cloud shows it: one that is cut would be before itself.
func TestFlattenTime(t *testing.T) {
	t.Parallel()
	for want, at := range map[string]time.Time{
		"2016-08-19T16:20:36Z":        time.Date(2016, 8, 19, 16, 20, 36, 0, time.UTC),
		"2016-08-19T16:20:36.000123Z": time.Date(2016, 8, 19, 16, 20, 36, 123000, time.UTC),
	} {
		if got := flattenTime(at); got.ValueString() != want {
			t.Errorf("%s, not %s", got.ValueString(), want)
		}
	}
}

// Where a cloud refuses what the plan has warned of, the error says so; where it
// refuses something else, the warning's text is not blamed.
func TestExplainRefusal(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status  int
		written texts
		at, has string
	}{
		"name":                 {500, texts{name: "a😀"}, "name", "Character 2 of the name is an emoji"},
		"description":          {500, texts{description: "😀"}, "description", "Character 1 of the description is an emoji"},
		"key":                  {500, texts{metadata: map[string]string{"a😀": ""}}, "metadata", `Character 2 of the metadata key "a😀" is an emoji`},
		"value":                {500, texts{metadata: map[string]string{"a": "", "b": "c😀"}}, "metadata", `Character 2 of the value of the metadata key "b" is an emoji`},
		"line break":           {400, texts{description: "a\nb"}, "description", "Character 2 of the description is a line break"},
		"emoji in description": {400, texts{description: "a😀"}, "description", "or emoji"},
		"odd key":              {400, texts{name: "😀", metadata: map[string]string{"a": "😀", "aé": ""}}, "metadata", `Character 2 of the metadata key "aé" is none of`},
		"slash, new":           {400, texts{metadata: map[string]string{"a/b": ""}}, "", ""},
		"slash, later":         {400, texts{metadata: map[string]string{"a/b": ""}, later: true}, "metadata", `Character 2 of the metadata key "a/b" is a slash`},
		"slash and another":    {400, texts{metadata: map[string]string{"a/b": "", "é": ""}, later: true}, "metadata", `Character 1 of the metadata key "é" is none of`},
		"nothing odd":          {400, texts{"n", "é", map[string]string{"a": "b"}, false}, "", ""},
		"500 of another cause": {500, texts{"n", "a\nb", map[string]string{"é": "b"}, false}, "", ""},
		"400 of another cause": {400, texts{name: "😀", metadata: map[string]string{"a": "😀"}}, "", ""},
		"a gateway's 500":      {502, texts{name: "😀"}, "", ""},
		"another status":       {403, texts{"😀", "a\nb", map[string]string{"é": "😀"}, false}, "", ""},
	} {
		answer := map[int]openstack.APIError{
			400: {Status: 400, Kind: "badRequest", Message: "Invalid input for field/attribute description."},
			500: {Status: 500, Kind: "computeFault"},
			502: {Status: 500},
			403: {Status: 403, Kind: "forbidden"},
		}[row.status]
		err := explainRefusal(&answer, row.written)
		var refused *refusal
		if explained := errors.As(err, &refused); explained != (row.at != "") || explained && (refused.at.String() != row.at || !strings.Contains(refused.advice, row.has)) {
			t.Errorf("%s: %+v", name, err)
		}
		if !errors.As(err, new(*openstack.APIError)) {
			t.Errorf("%s: %v is no error of the API any more", name, err)
		}
	}
	// Cinder 17 says 400 of what its database does not take.
	var refused *refusal
	if err := explainRefusal(&openstack.APIError{Status: 400, Message: "Error writing field to database"}, texts{name: "a😀"}); !errors.As(err, &refused) ||
		refused.at.String() != "name" || !strings.Contains(refused.advice, "Character 2 of the name is an emoji") {
		t.Error(err)
	}
	if err := explainRefusal(&openstack.APIError{Status: 400, Kind: "badRequest", Message: "Modification operations are not allowed on frozen storage backends."},
		texts{description: "a\nb"}); errors.As(err, new(*refusal)) {
		t.Error(err)
	}
	if err := explainRefusal(&openstack.TransportError{Err: io.EOF}, texts{name: "😀"}); !errors.Is(err, io.EOF) || errors.As(err, new(*refusal)) {
		t.Error(err)
	}
}

func BenchmarkFlatten(b *testing.B) {
	s := client.Snapshot{
		ID: "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", Name: "nightly", VolumeID: "4da79faf-e4c2-421a-b09d-c1b5147cf776", Status: client.StatusAvailable,
		Size: 1, Progress: "100%", CreatedAt: time.Now(), UpdatedAt: time.Now(), ProjectID: "22a42a028e074f0aba6728ae6b710061", UserID: "u",
		Metadata: map[string]string{"tier": "gold", "n": "1"},
	}
	kind := resourceSchema(b.Context()).Type().TerraformType(b.Context())
	nothing := map[string]tftypes.Value{}
	for name, attribute := range kind.(tftypes.Object).AttributeTypes {
		nothing[name] = tftypes.NewValue(attribute, nil)
	}
	earlier, diags := readResource(b.Context(), tftypes.NewValue(kind, nothing))
	if diags.HasError() {
		b.Fatal(diags)
	}
	b.ReportAllocs()
	for b.Loop() {
		model := carry(flatten("east", s), earlier)
		if _, diags := resourceCodec().Write(b.Context(), model.bindings()); diags.HasError() {
			b.Fatal(diags)
		}
	}
}

// What a listing calls a snapshot is one line, and never empty.
func TestDisplayName(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 31, 23, 59, 1, 500, time.UTC)
	for want, s := range map[string]client.Snapshot{
		"nightly, 2026-01-31 23:59:01 UTC, 10 GiB":             {Name: "nightly", CreatedAt: made, Size: 10},
		"snapshot of volume v, 2026-01-31 23:59:01 UTC, 0 GiB": {VolumeID: "v", CreatedAt: made},
		`"two\nlines", 1 GiB`:                                  {Name: "two\nlines", Size: 1},
		`a "quoted" name, 1 GiB`:                               {Name: `a "quoted" name`, Size: 1},
		"é 漢字, 1 GiB":                                          {Name: "é 漢字", Size: 1},
		`"\u202eback", 1 GiB`:                                  {Name: "\u202eback", Size: 1},
	} {
		if got := displayName(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
