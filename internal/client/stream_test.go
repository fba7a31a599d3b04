package client

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// A listing holds one page at a time, however long it is.
func TestListIsBoundedInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 50,000 snapshots")
	}
	const pages, size = 50, 1000
	m := inMemory(t, simulator.Options{})
	b := m.open()
	sent := 0
	m.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if !isListing(r) {
			return false
		}
		var body strings.Builder
		body.WriteString(`{"snapshots": [`)
		for i := range size {
			if i > 0 {
				body.WriteString(", ")
			}
			fmt.Fprintf(&body, `{"id": "%036d", "name": %q, "volume_id": "v", "status": "available", "metadata": {"k": %q}}`,
				sent*size+i, strings.Repeat("n", 200), strings.Repeat("v", 200))
		}
		body.WriteString(`]`)
		if sent++; sent < pages {
			body.WriteString(`, "snapshots_links": [{"rel": "next", "href": "x"}]`)
		}
		body.WriteString(`}`)
		fmt.Fprint(w, body.String())
		return true
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	count, early, late := 0, uint64(0), uint64(0)
	for _, err := range b.List(t.Context(), Filter{Name: strings.Repeat("n", 200)}) {
		if err != nil {
			t.Fatal(err)
		}
		switch count++; count {
		case 5*size + 1:
			early = heap()
		case 45*size + 1:
			late = heap()
		}
	}
	if count != pages*size {
		t.Errorf("%d snapshots", count)
	}
	// A page is half a megabyte on the wire, and about as much again decoded.
	if late > early+4<<20 {
		t.Errorf("%d kB were in use at the 5th page, %d kB at the 45th", early>>10, late>>10)
	}
}

// What is older than the filter asks for is not read, page after page.
func TestListStopsAtTheAgeAskedFor(t *testing.T) {
	m, b, all := seeded(t, simulator.Options{PageLimit: 10}, 100)
	count := 0
	for _, err := range b.List(t.Context(), Filter{CreatedAfter: all[15].CreatedAt.Add(-time.Millisecond)}) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if requests := m.count()["list"]; count != 16 || requests != 2 {
		t.Errorf("%d snapshots with %d requests", count, requests)
	}
}
