package client

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// listFirst returns the names of the first snapshots, ended by "..." if there are more, and the
// parameters limit and with_count of each request.
func (m *memory) listFirst(filter Filter, limit int, each func(Snapshot)) (names, asked []string) {
	m.t.Helper()
	storage := m.open()
	m.forget()
	for s, err := range storage.ListFirst(m.t.Context(), filter, limit) {
		switch {
		case errors.Is(err, ErrLimit):
			names = append(names, "...")
		case err != nil:
			m.t.Error(err)
		default:
			names = append(names, s.Name)
			each(s)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.path == listPath {
			asked = append(asked, strings.TrimSuffix(r.query.Get("limit")+" "+r.query.Get("with_count"), " "))
		}
	}
	return names, asked
}

// A page is never larger than what is left of the limit where the API has all filters, none is
// read behind the last snapshot, and what is left out is said.
func TestListFirst(t *testing.T) {
	t.Parallel()
	const all = "all"
	some := Filter{NameRegexp: regexp.MustCompile("[02468]$")}
	old := simulator.Options{MaxMicroversion: "3.44", PageLimit: 10}
	v2 := simulator.Options{CatalogTypes: []string{"volumev2"}, PageLimit: 10}
	for name, row := range map[string]struct {
		options simulator.Options
		filter  Filter
		exist   int
		limit   int
		want    string // how many names, and whether there are more
		asked   []string
	}{
		"none":                         {exist: 0, limit: 100, want: "0", asked: []string{"100 true"}},
		"fewer":                        {exist: 7, limit: 100, want: "7", asked: []string{"100 true"}},
		"as many":                      {exist: 7, limit: 7, want: "7", asked: []string{"7 true"}},
		"more":                         {exist: 8, limit: 7, want: "7 ...", asked: []string{"7 true"}},
		"one":                          {exist: 8, limit: 1, want: "1 ...", asked: []string{"1 true"}},
		"pages":                        {simulator.Options{PageLimit: 10}, Filter{}, 30, 100, "30", []string{"100 true", "90", "80"}},
		"pages cut":                    {simulator.Options{PageLimit: 10}, Filter{}, 30, 25, "25 ...", []string{"25 true", "15", "5"}},
		"pages cut at the end":         {simulator.Options{PageLimit: 10}, Filter{}, 30, 20, "20 ...", []string{"20 true", "10"}},
		"the client's filter":          {simulator.Options{PageLimit: 10}, some, 30, 100, "15", []string{" true", "", ""}},
		"the client's filter cut":      {simulator.Options{PageLimit: 10}, some, 30, 7, "7 ...", []string{" true", ""}},
		"the client's filter, as many": {simulator.Options{PageLimit: 10}, some, 30, 15, "15", []string{" true", "", ""}},
		"the server's filter":          {simulator.Options{PageLimit: 10}, Filter{Status: StatusAvailable}, 30, 12, "12 ...", []string{"12 true", "2"}},
		// 3.65 is refused with 406, and a count with 400.
		"no count":          {old, Filter{}, 30, 100, "30", []string{"100 true", "100 true", "100", "90", "80", "70"}},
		"no count, cut":     {old, Filter{}, 30, 20, "20 ...", []string{"20 true", "20 true", "20", "10", "1"}},
		"no count, as many": {old, Filter{}, 20, 20, "20", []string{"20 true", "20 true", "20", "10", "1"}},
		"v2":                {v2, Filter{}, 20, 20, "20", []string{"20", "10", "1"}},
		"v2, cut":           {v2, Filter{}, 30, 20, "20 ...", []string{"20", "10", "1"}},
		"without a limit":   {simulator.Options{PageLimit: 10}, Filter{}, 20, 0, "20", []string{"", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := inMemory(t, row.options)
			if err := m.SeedSnapshots(m.SeedVolume("v", 1), row.exist, all); err != nil {
				t.Fatal(err)
			}
			names, asked := m.listFirst(row.filter, row.limit, func(Snapshot) {})
			got := fmt.Sprint(len(names))
			if len(names) > 0 && names[len(names)-1] == "..." {
				got = fmt.Sprint(len(names)-1) + " ..."
			}
			if got != row.want || !slices.Equal(asked, row.asked) {
				t.Errorf("got %s with the limits %q, want %s with %q", got, asked, row.want, row.asked)
			}
		})
	}
}

// What the API lists and the filter leaves out is no more of what matches.
func TestListFirstCountsWhatMatches(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]func(m *memory, all []Snapshot) Filter{
		"a member of a group": func(m *memory, all []Snapshot) Filter {
			m.Group(all[2].ID)
			return Filter{Independent: true}
		},
		"another name": func(m *memory, all []Snapshot) Filter {
			name := "same"
			for _, s := range all[:2] {
				if _, err := m.open().Update(m.t.Context(), Reference{ID: s.ID}, UpdateRequest{Name: &name}); err != nil {
					m.t.Fatal(err)
				}
			}
			return Filter{Name: name}
		},
		"other metadata": func(m *memory, all []Snapshot) Filter {
			metadata := map[string]string{"tier": "gold"}
			for _, s := range all[:2] {
				if _, err := m.open().UpdateMetadata(m.t.Context(), s.ID, metadata); err != nil {
					m.t.Fatal(err)
				}
			}
			return Filter{Metadata: metadata}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _, all := seeded(t, simulator.Options{}, 3)
			chosen := filter(m, all)
			// A database may compare names and metadata in another way.
			m.listingsWithout("name", "metadata")
			if names, _ := m.listFirst(chosen, 2, func(Snapshot) {}); len(names) != 2 || slices.Contains(names, "...") {
				t.Errorf("got %q", names)
			}
		})
	}
}

// What is left of a limit may be so little that a page behind snapshots which have been deleted
// meanwhile would be empty.
func TestListFirstSurvivesDeletions(t *testing.T) {
	t.Parallel()
	m := inMemory(t, simulator.Options{PageLimit: 10})
	if err := m.SeedSnapshots(m.SeedVolume("v", 1), 30, "s"); err != nil {
		t.Fatal(err)
	}
	deleting := m.open()
	var page []Snapshot
	names, _ := m.listFirst(Filter{}, 12, func(s Snapshot) {
		if page = append(page, s); len(page) != 10 {
			return
		}
		for _, s := range page[6:] {
			if err := deleting.Remove(t.Context(), Reference{ID: s.ID}); err != nil {
				t.Error(err)
			}
		}
	})
	if len(names) != 13 || names[12] != "..." {
		t.Errorf("got %q", names)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			t.Errorf("%s came twice", name)
		}
		seen[name] = true
	}
}

// An error is the last of a listing, and keeps what came before it.
func TestListFirstFails(t *testing.T) {
	t.Parallel()
	m := inMemory(t, simulator.Options{PageLimit: 10})
	if err := m.SeedSnapshots(m.SeedVolume("v", 1), 30, "s"); err != nil {
		t.Fatal(err)
	}
	m.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("marker") {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	n := 0
	var last error
	for _, err := range m.open().ListFirst(t.Context(), Filter{}, 25) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 10 || last == nil || errors.Is(last, ErrLimit) {
		t.Errorf("%d, then %v", n, last)
	}
}
