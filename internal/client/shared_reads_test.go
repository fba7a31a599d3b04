package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// seeded is a cloud with these many snapshots of each volume, and the ids of
// all, the newest first.
func seeded(t *testing.T, options simulator.Options, counts ...int) (m *memory, b *BlockStorage, all []Snapshot) {
	t.Helper()
	m = inMemory(t, options)
	for i, n := range counts {
		prefix := fmt.Sprintf("seed%d", i)
		if err := m.SeedSnapshots(m.SeedVolume(prefix, 1), n, prefix); err != nil {
			t.Fatal(err)
		}
	}
	b = m.open()
	for s, err := range m.open().List(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	m.forget()
	return m, b, all
}

// spread takes n of them, evenly.
func spread(all []Snapshot, n int) []Snapshot {
	var some []Snapshot
	for i := range n {
		some = append(some, all[i*len(all)/n])
	}
	return some
}

// walk reads the snapshots as Terraform does: so many at a time, each with a
// little work of its own.
func walk(t *testing.T, b *BlockStorage, parallelism int, snapshots []Snapshot) {
	t.Helper()
	order := slices.Clone(snapshots)
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	walkInOrder(t, b, parallelism, order)
}

func walkInOrder(t *testing.T, b *BlockStorage, parallelism int, order []Snapshot) {
	t.Helper()
	next := make(chan Snapshot)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for want := range next {
				time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
				got, err := b.Read(t.Context(), Reference{ID: want.ID, VolumeID: want.VolumeID})
				if err != nil {
					t.Errorf("%s: %v", want.ID, err)
				} else if !reflect.DeepEqual(got, want) {
					t.Errorf("read %+v, listed %+v", got, want)
				}
			}
		})
	}
	for _, s := range order {
		next <- s
	}
	close(next)
	workers.Wait()
}

func TestReadCosts(t *testing.T) {
	for name, row := range map[string]struct {
		options     simulator.Options
		in          []int // snapshots of each volume
		read        int
		parallelism int
		most        int // requests
	}{
		"one":                      {in: []int{1}, read: 1, parallelism: 10, most: 1},
		"one among very many":      {in: []int{4000}, read: 1, parallelism: 10, most: 1},
		"five among very many":     {in: []int{4000}, read: 5, parallelism: 10, most: 5},
		"five, one at a time":      {in: []int{4000}, read: 5, parallelism: 1, most: 5},
		"ten among very many":      {in: []int{12000}, read: 10, parallelism: 10, most: 11},
		"a hundred of a hundred":   {in: []int{100}, read: 100, parallelism: 10, most: 2},
		"a thousand of a thousand": {in: []int{1000}, read: 1000, parallelism: 10, most: 3},
		"at once":                  {in: []int{1000}, read: 1000, parallelism: 100, most: 3},
		"one at a time":            {in: []int{1000}, read: 1000, parallelism: 1, most: 7},
		"five thousand":            {in: []int{5000}, read: 5000, parallelism: 10, most: 7},
		"a thousand among many":    {in: []int{20000}, read: 1000, parallelism: 10, most: 42},
		"a thousand, four volumes": {in: []int{250, 250, 250, 250}, read: 1000, parallelism: 10, most: 6},
		"a small page":             {options: simulator.Options{PageLimit: 100}, in: []int{1000}, read: 1000, parallelism: 10, most: 20},
		// One of each kind is refused, until it is known what the API takes.
		"an API that does not count":   {options: simulator.Options{MaxMicroversion: "3.44"}, in: []int{1000}, read: 1000, parallelism: 10, most: 7},
		"v2, five thousand":            {options: simulator.Options{CatalogTypes: []string{"volumev2"}}, in: []int{5000}, read: 5000, parallelism: 10, most: 14},
		"v2, a few among many":         {options: simulator.Options{CatalogTypes: []string{"volumev2"}}, in: []int{6000}, read: 10, parallelism: 10, most: 20},
		"as many as a page, and a few": {in: []int{1003}, read: 1000, parallelism: 10, most: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				row.options.Latency = 20 * time.Millisecond
				m, b, all := seeded(t, row.options, row.in...)
				walk(t, b, row.parallelism, spread(all, row.read))
				if got := m.count(); got["all"] > row.most {
					t.Errorf("%v requests, want at most %d", got, row.most)
				}
				// The last page dies of age before the bubble ends.
				time.Sleep(2 * SharedReadLife)
			})
		})
	}
}

// However many reads are of one volume before those of others come: what the listing of that
// volume and the one of all have in common is served from the newer.
func TestReadCosts_oneVolumeFirst(t *testing.T) {
	step := 12
	if testing.Short() {
		step = 80
	}
	for first := 1; first <= 250; first += step {
		synctest.Test(t, func(t *testing.T) {
			m, b, all := seeded(t, simulator.Options{Latency: 20 * time.Millisecond}, 250, 250, 250, 250)
			var order, others []Snapshot
			for _, s := range all {
				if s.VolumeID == all[0].VolumeID && len(order) < first {
					order = append(order, s)
				} else {
					others = append(others, s)
				}
			}
			rand.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
			walkInOrder(t, b, 10, append(order, others...))
			if got := m.count(); got["all"] > 6 {
				t.Errorf("%d of one volume first: %v requests", first, got)
			}
			time.Sleep(2 * SharedReadLife)
		})
	}
}

// Whatever a project looks like: at most about twice the requests of the better
// of the two ways to read.
func TestReadNeverCostsMuchMore(t *testing.T) {
	projects := 60
	if testing.Short() {
		projects = 10
	}
	for range projects {
		page, total := 5+rand.IntN(40), 1+rand.IntN(600)
		read, parallelism := 1+rand.IntN(total), 1+rand.IntN(30)
		options := simulator.Options{PageLimit: page, Latency: time.Duration(rand.IntN(30)) * time.Millisecond}
		if rand.IntN(3) == 0 {
			options.MaxMicroversion = "3.0"
		}
		synctest.Test(t, func(t *testing.T) {
			m, b, all := seeded(t, options, total)
			// So that no refused microversion counts.
			if _, err := b.Get(t.Context(), all[0].ID); err != nil {
				t.Fatal(err)
			}
			m.forget()
			rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			walk(t, b, parallelism, all[:read])
			better := min(read, total/page+1)
			if got := m.count(); got["all"] > 2*better+freeReads {
				t.Errorf("%d of %d, %d a page, %d at a time, microversion %q: %v, the better way %d", read, total, page, parallelism, options.MaxMicroversion, got, better)
			}
			time.Sleep(2 * SharedReadLife)
		})
	}
}

// A few snapshots of one volume are not worth listing the whole project.
func TestReadListsOneVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{Latency: 20 * time.Millisecond}, 9000, 60)
		volume := slices.IndexFunc(all, func(s Snapshot) bool { return strings.HasPrefix(s.Name, "seed1") })
		ours := slices.DeleteFunc(slices.Clone(all), func(s Snapshot) bool { return s.VolumeID != all[volume].VolumeID })
		walk(t, b, 10, ours)
		if got := m.count(); got["all"] > 2 {
			t.Errorf("%v", got)
		}
		for _, r := range m.requests {
			if r.path == "snapshots/detail" && r.query.Get("volume_id") != all[volume].VolumeID {
				t.Errorf("listed %v", r)
			}
		}
		// Those of another volume are not taken for missing.
		m.forget()
		walk(t, b, 10, slices.DeleteFunc(all[:50], func(s Snapshot) bool { return s.VolumeID == all[volume].VolumeID }))
		if got := m.count(); got["all"] > 20 {
			t.Errorf("%v", got)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// What is served is never older than the limit.
func TestReadIsNeverTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		otherClient := m.open() // with a cache of their own
		walk(t, b, 10, all[:20])
		began := time.Now()
		name := "changed"
		for _, s := range all {
			if _, err := otherClient.Update(t.Context(), Reference{ID: s.ID}, UpdateRequest{Name: &name}); err != nil {
				t.Fatal(err)
			}
		}
		// Read one at a time, so that nothing but age can end the sharing.
		seen := false
		for i, s := range all {
			time.Sleep(time.Second)
			got, err := b.Read(t.Context(), Reference{ID: s.ID, VolumeID: s.VolumeID})
			if err != nil {
				t.Fatal(err)
			}
			age := time.Since(began)
			if got.Name != name && age >= SharedReadLife {
				t.Errorf("read %d, %s after the change: the old name", i, age)
			}
			seen = seen || got.Name != name
		}
		if !seen {
			t.Error("nothing was shared")
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// Pages take no more memory than there is room for.
func TestReadIsBoundedInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 3000)
		walk(t, b, 1, all[:1])
		room := &m.sharedBy(b).reads.first.room
		if *room <= 0 || *room > 64<<20 {
			t.Errorf("there is room for %d bytes", *room)
		}
		*room = 100 << 10
		walk(t, b, 10, all)
		// The small page, and one that is more than fits.
		if got := m.count(); got["list"] != 2 || got["read"] < 1900 {
			t.Errorf("%v", got)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// Pages do not stay in memory when nobody reads any more.
func TestReadForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 300)
		walk(t, b, 10, all)
		reads := &m.sharedBy(b).reads
		shared := func() int {
			reads.mu.Lock()
			defer reads.mu.Unlock()
			return len(reads.first.seen)
		}
		if n := shared(); n != 300 {
			t.Fatalf("%d shared", n)
		}
		time.Sleep(SharedReadLife + time.Second)
		if n := shared(); n != 0 {
			t.Errorf("%d are still there", n)
		}
	})
}

// Own writes are seen at once, whichever they are.
func TestReadSeesOwnWrites(t *testing.T) {
	name := "changed"
	for what, write := range map[string]func(ctx context.Context, b *BlockStorage, id string) error{
		"update": func(ctx context.Context, b *BlockStorage, id string) error {
			_, err := b.Update(ctx, Reference{ID: id}, UpdateRequest{Name: &name})
			return err
		},
		"metadata set": func(ctx context.Context, b *BlockStorage, id string) error {
			_, err := b.UpdateMetadata(ctx, id, map[string]string{"new": "1"})
			return err
		},
		"metadata replaced": func(ctx context.Context, b *BlockStorage, id string) error {
			_, err := b.ReplaceMetadata(ctx, id, nil)
			return err
		},
		"metadata key removed": func(ctx context.Context, b *BlockStorage, id string) error {
			return b.DeleteMetadataKey(ctx, id, "n")
		},
		"removal": func(ctx context.Context, b *BlockStorage, id string) error { return b.Remove(ctx, Reference{ID: id}) },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, b, all := seeded(t, simulator.Options{}, 50)
				walk(t, b, 10, all)
				if err := write(t.Context(), b, all[7].ID); err != nil {
					t.Fatal(err)
				}
				got, err := b.Read(t.Context(), Reference{ID: all[7].ID})
				if what == "removal" {
					if !openstack.IsNotFound(err) {
						t.Errorf("got %v, %v", got, err)
					}
				} else if err != nil || reflect.DeepEqual(got, all[7]) {
					t.Errorf("the old one is still served: %v, %v", got, err)
				}
				m.forget()
				walk(t, b, 10, slices.Delete(slices.Clone(all), 7, 8))
				// The first one went singly, and may have been answered later than the page
				// was asked for.
				if got := m.count(); got["all"] > 1 {
					t.Errorf("the others were read again: %v", got)
				}
				time.Sleep(2 * SharedReadLife)
			})
		})
	}
}

// A page that was asked for before a write is not served after it, even where it
// comes only then.
func TestReadSeesAWriteThatOvertookAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		m.listings(func(w http.ResponseWriter, r *http.Request) {
			m.ServeHTTP(w, r)
			time.Sleep(time.Second)
		})
		var reads sync.WaitGroup
		for _, s := range all[:20] {
			reads.Go(func() {
				got, err := b.Read(t.Context(), Reference{ID: s.ID, VolumeID: s.VolumeID})
				if err != nil {
					t.Error(err)
				}
				if s.ID == all[7].ID && got.Name != "changed" {
					t.Errorf("got %+v", got)
				}
			})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(500 * time.Millisecond)
		name := "changed"
		if _, err := b.Update(t.Context(), Reference{ID: all[7].ID}, UpdateRequest{Name: &name}); err != nil {
			t.Fatal(err)
		}
		reads.Wait()
		time.Sleep(2 * SharedReadLife)
	})
}

// That a listing lacks a snapshot does not mean that there is none.
func TestReadConfirmsWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		walk(t, b, 10, all)
		late := m.open()
		created, err := late.Create(t.Context(), CreateRequest{VolumeID: all[0].VolumeID, Name: "late"})
		if err != nil {
			t.Fatal(err)
		}
		if err := late.Remove(t.Context(), Reference{ID: all[3].ID}); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Read(t.Context(), Reference{ID: created.ID}); err != nil || got.Name != "late" {
			t.Errorf("one that is not on the pages: %v, %v", got, err)
		}
		m.forget()
		_, err = b.Read(t.Context(), Reference{ID: "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"})
		if got := m.count(); !openstack.IsNotFound(err) || got["read"] != 1 || got["all"] != 1 {
			t.Errorf("one that does not exist: %v, %v", err, got)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// A listing that fails, or takes long, costs no read.
func TestReadWithoutAListing(t *testing.T) {
	answer := func(status int, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, list := range map[string]func(http.ResponseWriter, *http.Request){
		"forbidden":      answer(http.StatusForbidden, `{"forbidden": {"message": "no", "code": 403}}`),
		"broken":         answer(http.StatusInternalServerError, ""),
		"no JSON":        answer(http.StatusOK, "<html>"),
		"no list":        answer(http.StatusOK, "{}"),
		"no ids":         answer(http.StatusOK, `{"snapshots": [{"name": "x"}]}`),
		"not snapshots":  answer(http.StatusOK, `{"snapshots": [17]}`),
		"never answered": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, b, all := seeded(t, simulator.Options{Latency: 20 * time.Millisecond}, 300)
				m.listings(list)
				began := time.Now()
				walk(t, b, 10, all)
				if got := m.count(); got["read"] != 300 {
					t.Errorf("%v", got)
				}
				// The slowest case waits for one page in vain, once.
				if took := time.Since(began); took > 45*time.Second {
					t.Errorf("it took %s", took)
				}
				time.Sleep(2 * SharedReadLife)
			})
		})
	}
}

// The listing of an API that ignores the marker has no end, and is given up.
func TestReadWithoutPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{PageLimit: 100}, 300)
		m.listingsWithout("marker")
		walk(t, b, 10, all)
		if got := m.count(); got["list"] > 3 || got["read"] < 200 {
			t.Errorf("%v", got)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// An interrupt ends reads that wait for a page at once.
func TestReadInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 300)
		m.instead = func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/snapshots") {
				<-r.Context().Done()
				return true
			}
			return false
		}
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var reads sync.WaitGroup
		for _, s := range all[:20] {
			reads.Go(func() {
				if _, err := b.Read(ctx, Reference{ID: s.ID, VolumeID: s.VolumeID}); err == nil {
					t.Error("a read that could not be succeeded")
				}
			})
		}
		time.Sleep(time.Second)
		cancel()
		reads.Wait()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// Without sharing each read is a request.
func TestSingleReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		b.client.SingleReads = true
		walk(t, b, 10, all)
		if got := m.count(); got["read"] != 50 || got["all"] != 50 {
			t.Errorf("%v", got)
		}
	})
}

// The sign-in is everybody's, and not bounded by the timeout of the page that began it.
func TestTheTimeoutOfAPageIsNotTheSignIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 1)
		m.instead = func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
				time.Sleep(10 * time.Second)
			}
			return false
		}
		if _, err := b.Get(transport.WithOptions(t.Context(), transport.Options{Budget: transport.NewBudget(time.Second)}), all[0].ID); err != nil {
			t.Error(err)
		}
	})
}

// A page with one snapshot is a page.
func TestPagesBehind(t *testing.T) {
	for _, row := range []struct{ total, passed, want int }{{0, 0, 0}, {1, 0, 1}, {1000, 0, 1}, {1001, 0, 2}, {1001, 1, 1}, {1001, 1001, 0}, {5, 9, 0}} {
		if got := (&listing{total: row.total, size: 1000}).pagesBehind(row.passed); got != row.want {
			t.Errorf("%+v: %d", row, got)
		}
	}
}
