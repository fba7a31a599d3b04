package client_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func decode(body []byte) map[string]string {
	var sent struct{ Metadata map[string]string }
	_ = json.Unmarshal(body, &sent)
	return sent.Metadata
}

// pages is a Cinder with these snapshots, so many a page, that knows no place
// behind a snapshot which has been deleted.
type pages struct {
	ids     []string
	size    int
	deleted map[string]bool
	next    string // where the link to the next page leads
	rising  bool   // the oldest comes first
}

func (p *pages) serve(w http.ResponseWriter, r *http.Request) {
	begin := 0
	if marker := r.URL.Query().Get("marker"); marker != "" {
		begin = slices.Index(p.ids, marker) + 1
		if p.deleted[marker] {
			fault(w, http.StatusNotFound, "itemNotFound", "Snapshot "+marker+" could not be found.")
			return
		}
	}
	var shown []string
	for i, id := range p.ids {
		if i >= begin && len(shown) < p.size && !p.deleted[id] {
			// Some are of the same second.
			age := time.Duration(i/3) * time.Second
			if p.rising {
				age = -age
			}
			created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(-age)
			shown = append(shown, fmt.Sprintf(`{"id": %q, "volume_id": "v", "status": "available", "size": 1, "created_at": %q}`, id, created.Format("2006-01-02T15:04:05")))
		}
	}
	links := ""
	if len(shown) == p.size {
		links = fmt.Sprintf(`, "snapshots_links": [{"rel": "next", "href": %q}]`, p.next)
	}
	fmt.Fprintf(w, `{"snapshots": [%s]%s}`, strings.Join(shown, ", "), links)
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "s" + strconv.Itoa(i)
	}
	return ids
}

func collect(t *testing.T, b *client.BlockStorage, filter client.Filter, each func(id string)) []string {
	t.Helper()
	var ids []string
	for s, err := range b.List(t.Context(), filter) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
		each(s.ID)
	}
	return ids
}

func TestListFollowsAllPages(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 99, 100, 101, 250, 300} {
		// The link leads to another host, which is not to be asked.
		p := &pages{ids: numbered(n), size: 100, next: "http://192.0.2.1/v3/x/snapshots/detail?marker=wrong"}
		s := newScript(t, p.serve)
		if got := collect(t, s.open(), client.Filter{}, func(string) {}); !slices.Equal(got, p.ids) {
			t.Errorf("%d: got %d", n, len(got))
		}
		if pages := len(s.Requests()); pages != n/100+1 {
			t.Errorf("%d: %d requests", n, pages)
		}
	}
}

// A cloud whose operators allow fewer filters gives the whole listing, which is filtered here. A filter
// that selects what else is not to be seen cannot be left out.
func TestListWhereFiltersAreRefused(t *testing.T) {
	t.Parallel()
	for refused, row := range map[string]struct {
		filter client.Filter
		asked  int
		fails  bool
	}{
		"volume_id":            {client.Filter{VolumeID: "v"}, 2, false},
		"name,volume_id":       {client.Filter{VolumeID: "v", Name: "n", Status: "available"}, 2, false},
		"status,metadata":      {client.Filter{Status: "available", Metadata: map[string]string{"k": "1"}}, 2, false},
		"project_id":           {client.Filter{ProjectID: "p", AllProjects: true}, 1, true},
		"volume_id,project_id": {client.Filter{VolumeID: "v", ProjectID: "p", AllProjects: true}, 1, true},
		// Which was not sent.
		"status": {client.Filter{VolumeID: "v"}, 1, true},
	} {
		for _, limit := range []int{0, 10} {
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				if names := strings.Split(refused, ","); r.URL.Query().Has(names[0]) || refused == "status" {
					fault(w, http.StatusBadRequest, "badRequest", "Invalid filters "+refused+" are found in query options.")
					return
				}
				fmt.Fprint(w, `{"count": 2, "snapshots": [{"id": "1", "volume_id": "v", "name": "n", "status": "available", "metadata": {"k": "1"}}, {"id": "2", "volume_id": "w", "status": "error"}]}`)
			})
			var got []string
			var failed error
			for snapshot, err := range s.open().ListFirst(t.Context(), row.filter, limit) {
				got, failed = append(got, snapshot.ID), err
			}
			if failed != nil != row.fails || !row.fails && !slices.Equal(got, []string{"1"}) || len(s.Requests()) != row.asked {
				t.Errorf("%s, limit %d: %v, %v by %v", refused, limit, got, failed, s.Requests())
			}
		}
	}
}

// A text with several Unicode forms is compared here: the cloud has it in the form in which it was written.
func TestListFindsEachUnicodeForm(t *testing.T) {
	t.Parallel()
	const theirs = `{"count": 2, "snapshots": [{"id": "1", "name": "de\u0301ja\u0300 \u65e5", "metadata": {"tier": "dore\u0301", "k": "1"}}, {"id": "2", "name": "deja", "metadata": {}}]}`
	for name, row := range map[string]struct {
		filter client.Filter
		asked  string
	}{
		"name":                     {client.Filter{Name: "d\u00e9j\u00e0 \u65e5"}, ""},
		"name, as they wrote it":   {client.Filter{Name: "de\u0301ja\u0300 \u65e5"}, ""},
		"name that matches":        {client.Filter{NameRegexp: regexp.MustCompile("^d\u00e9j\u00e0")}, ""},
		"metadata":                 {client.Filter{Metadata: map[string]string{"tier": "dor\u00e9", "k": "1"}}, `metadata={"k":"1"}`},
		"metadata, as they did it": {client.Filter{Metadata: map[string]string{"tier": "dore\u0301"}}, ""},
	} {
		for _, limit := range []int{0, 10} {
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				query.Del("with_count")
				if asked, _ := url.QueryUnescape(query.Encode()); asked != row.asked {
					t.Errorf("%s, limit %d: asked for %q", name, limit, asked)
				}
				fmt.Fprint(w, theirs)
			})
			var got []string
			for snapshot, err := range s.open().ListFirst(t.Context(), row.filter, limit) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, snapshot.ID)
			}
			if !slices.Equal(got, []string{"1"}) || len(s.Requests()) != 1 {
				t.Errorf("%s, limit %d: %v by %v", name, limit, got, s.Requests())
			}
		}
	}
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("name") != "\u65e5" {
			t.Error(r.URL)
		}
		fmt.Fprint(w, `{"snapshots": []}`)
	})
	collect(t, s.open(), client.Filter{Name: "\u65e5"}, func(string) {})
}

// An empty page is the last, whatever it links to.
func TestAnEmptyPageEndsTheListing(t *testing.T) {
	t.Parallel()
	s := newScript(t, (&pages{}).serve)
	if got := collect(t, s.open(), client.Filter{}, func(string) {}); len(got) != 0 || len(s.Requests()) != 1 {
		t.Errorf("got %v by %v", got, s.Requests())
	}
}

// The last of a page, and even several before it, may be deleted before the
// next page is read.
func TestListSurvivesDeletions(t *testing.T) {
	t.Parallel()
	p := &pages{ids: numbered(30), size: 10, deleted: map[string]bool{}}
	got := collect(t, newScript(t, p.serve).open(), client.Filter{}, func(id string) {
		if id == "s9" {
			p.deleted["s8"], p.deleted["s9"] = true, true
		}
	})
	if !slices.Equal(got, p.ids) {
		t.Errorf("got %v", got)
	}
}

// Whatever is deleted while a listing is read: each snapshot that stays is given
// once, none is given twice, and it does not end early.
func TestListIsCompleteWhateverIsDeleted(t *testing.T) {
	t.Parallel()
	for seed := range 200 {
		random := rand.New(rand.NewPCG(uint64(seed), 0))
		p := &pages{ids: numbered(20 + random.IntN(60)), size: 1 + random.IntN(15), deleted: map[string]bool{}}
		s := newScript(t, p.serve)
		var got []string
		for snapshot, err := range s.open().List(t.Context(), client.Filter{}) {
			if err != nil {
				t.Fatalf("seed %d: after %v: %v", seed, got, err)
			}
			got = append(got, snapshot.ID)
			if random.IntN(p.size) == 0 {
				// Those behind, those before, or both, back to the first.
				from := random.IntN(len(p.ids))
				for _, id := range p.ids[from : from+random.IntN(len(p.ids)-from+1)] {
					if random.IntN(4) > 0 {
						p.deleted[id] = true
					}
				}
			}
		}
		given := map[string]bool{}
		for _, id := range got {
			if given[id] {
				t.Errorf("seed %d: %s is given twice", seed, id)
			}
			given[id] = true
		}
		for _, id := range p.ids {
			if !p.deleted[id] && !given[id] {
				t.Errorf("seed %d: %s is missing", seed, id)
			}
		}
		// Steps back double, so that a deleted page costs few requests.
		if n, most := len(s.Requests()), 8*(1+len(p.ids)/p.size); n > most {
			t.Errorf("seed %d: %d requests, want at most %d", seed, n, most)
		}
		s.Close()
	}
}

// The order is the API's, whatever it was asked for: none is taken for one that was made
// since the listing began, unless that began anew.
func TestListInAnyOrder(t *testing.T) {
	t.Parallel()
	p := &pages{ids: numbered(30), size: 10, rising: true}
	if got := collect(t, newScript(t, p.serve).open(), client.Filter{}, func(string) {}); !slices.Equal(got, p.ids) {
		t.Errorf("%v", got)
	}
}

// An API that ignores the marker would have no end.
func TestListWithoutMarkers(t *testing.T) {
	t.Parallel()
	p := &pages{ids: numbered(30), size: 10}
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = ""
		p.serve(w, r)
	})
	given := 0
	var failed error
	for _, err := range s.open().List(t.Context(), client.Filter{}) {
		if failed = err; err == nil {
			given++
		}
	}
	if given != 10 || failed == nil || openstack.IsNotFound(failed) || !strings.Contains(failed.Error(), "ignores the marker") {
		t.Errorf("%d, then %v", given, failed)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// One odd value does not hide all other snapshots.
func TestOddValues(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, `{"snapshots": [
		{"id": "a", "metadata": {"n": 17, "t": true, "z": null, "o": {"x": [1]}, "s": "text"}, "created_at": "yesterday", "size": 1},
		{"id": "b", "metadata": null, "created_at": null, "size": null, "name": null, "status": null}
	]}`))
	var got []client.Snapshot
	for snapshot, err := range s.open().List(t.Context(), client.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if (client.Filter{CreatedBefore: time.Now()}).Match(snapshot) {
			t.Errorf("%s was made at a time that nobody knows", snapshot.ID)
		}
		got = append(got, snapshot)
	}
	if len(got) != 2 || !maps.Equal(got[0].Metadata, map[string]string{"n": "17", "t": "true", "z": "null", "o": `{"x": [1]}`, "s": "text"}) || !got[0].CreatedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	read, err := newScript(t, always(200, `{"metadata": {"n": 17}}`)).open().Metadata(t.Context(), snapshot)
	if err != nil || read["n"] != "17" {
		t.Errorf("%v, %v", read, err)
	}
}

func TestListStopsWhenAsked(t *testing.T) {
	t.Parallel()
	s := newScript(t, (&pages{ids: numbered(30), size: 10}).serve)
	for _, err := range s.open().List(t.Context(), client.Filter{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"status":       always(500, ""),
		"no snapshots": always(200, "{}"),
		"broken":       always(200, `{"snapshots": [{}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := 0
			for _, err := range newScript(t, answer).open().List(t.Context(), client.Filter{}) {
				count++
				if err == nil {
					t.Error("no error")
				}
			}
			if count != 1 {
				t.Errorf("%d results", count)
			}
		})
	}
}

func TestListQuery(t *testing.T) {
	t.Parallel()
	filter := client.Filter{
		Name: "a&b", VolumeID: "v", Status: "error", AllProjects: true, ProjectID: "p", Metadata: map[string]string{"k": `it's "x"`},
		NameRegexp: regexp.MustCompile("."), CreatedAfter: time.Now(),
	}
	want := url.Values{"name": {"a&b"}, "volume_id": {"v"}, "status": {"error"}, "all_tenants": {"1"}, "project_id": {"p"}, "metadata": {`{"k":"it's \"x\""}`}}
	for _, major := range []string{"v3", "v2"} {
		s := newScript(t, always(200, `{"snapshots": []}`))
		s.Catalog = "[" + entry("volume"+major, at("public", "east", "/"+major+"/"+project)) + "]"
		collect(t, s.open(), filter, func(string) {})
		_, query, _ := strings.Cut(s.Requests()[0], "?")
		got, err := url.ParseQuery(query)
		if major == "v2" {
			// It knows no such filter.
			delete(want, "metadata")
		}
		if err != nil || got.Encode() != want.Encode() {
			t.Errorf("%s: %v, want %v", major, got, want)
		}
	}
}

// Whatever the cloud sends, only what matches comes out.
func TestFilterMatch(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := client.Snapshot{Name: "Nightly", VolumeID: "v", ProjectID: "p", Status: "available", CreatedAt: made, Metadata: map[string]string{"a": "1", "b": ""}}
	for name, row := range map[string]struct {
		filter client.Filter
		want   bool
	}{
		"nothing":           {client.Filter{}, true},
		"name":              {client.Filter{Name: "Nightly"}, true},
		"name by case":      {client.Filter{Name: "nightly"}, false},
		"regexp":            {client.Filter{NameRegexp: regexp.MustCompile("ight")}, true},
		"regexp not":        {client.Filter{NameRegexp: regexp.MustCompile("^ight")}, false},
		"volume":            {client.Filter{VolumeID: "w"}, false},
		"status":            {client.Filter{Status: "error"}, false},
		"project":           {client.Filter{ProjectID: "p"}, true},
		"another project":   {client.Filter{ProjectID: "q"}, false},
		"metadata":          {client.Filter{Metadata: map[string]string{"a": "1"}}, true},
		"metadata empty":    {client.Filter{Metadata: map[string]string{"b": ""}}, true},
		"metadata missing":  {client.Filter{Metadata: map[string]string{"c": ""}}, false},
		"metadata value":    {client.Filter{Metadata: map[string]string{"a": "2"}}, false},
		"after":             {client.Filter{CreatedAfter: made.Add(-time.Second)}, true},
		"after the second":  {client.Filter{CreatedAfter: made}, false},
		"before":            {client.Filter{CreatedBefore: made.Add(time.Second)}, true},
		"before the second": {client.Filter{CreatedBefore: made}, false},
		"one of two":        {client.Filter{Name: "Nightly", Status: "error"}, false},
	} {
		if got := row.filter.Match(s); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
