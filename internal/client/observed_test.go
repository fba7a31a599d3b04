package client

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// Whatever this process has returned of a snapshot, nothing older is returned later: not
// from a page that was asked for before.
func TestReadNeverGoesBack(t *testing.T) {
	for what, learn := range map[string]func(t *testing.T, b *BlockStorage, id string){
		"a wait": func(t *testing.T, b *BlockStorage, id string) {
			if _, err := b.WaitAvailable(t.Context(), id); err != nil {
				t.Error(err)
			}
		},
		"a single read": func(t *testing.T, b *BlockStorage, id string) {
			time.Sleep(10 * time.Second)
			if _, err := b.Get(t.Context(), id); err != nil {
				t.Error(err)
			}
		},
		"a listing": func(t *testing.T, b *BlockStorage, id string) {
			time.Sleep(10 * time.Second)
			for s, err := range b.List(t.Context(), Filter{}) {
				if err != nil || s.ID == id && s.Status != StatusAvailable {
					t.Errorf("%v, %v", s, err)
				}
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, b, all := seeded(t, simulator.Options{CreateTime: 8 * time.Second}, 50)
				created, err := m.open().Create(t.Context(), CreateRequest{VolumeID: all[0].VolumeID})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				walk(t, b, 10, all)
				reference := Reference{ID: created.ID, VolumeID: all[0].VolumeID}
				before, err := b.Read(t.Context(), reference)
				if err != nil || before.Status != StatusCreating {
					t.Fatalf("%v, %v", before, err)
				}
				learn(t, b, created.ID)
				for range 3 {
					if after, err := b.Read(t.Context(), reference); err != nil || after.Status != StatusAvailable {
						t.Errorf("after %s: %v, %v", what, after.Status, err)
					}
				}
				// All others are read as cheaply as before.
				m.forget()
				walk(t, b, 10, all)
				if got := m.count()["all"]; got > 4 {
					t.Errorf("the others cost %d requests", got)
				}
				time.Sleep(3 * SharedReadLife)
			})
		})
	}
}

// A listing of one volume and one of all may both have a snapshot: the older of
// them is not served after the newer.
func TestReadKnowsTheNewerListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		read := func(s Snapshot, volumeID string) string {
			got, err := b.Read(t.Context(), Reference{ID: s.ID, VolumeID: volumeID})
			if err != nil {
				t.Error(err)
			}
			return got.Name
		}
		several := func(volumeID string) {
			var reads sync.WaitGroup
			for _, s := range all[:20] {
				reads.Go(func() { read(s, volumeID) })
			}
			reads.Wait()
		}
		volume := all[0].VolumeID
		several(volume)
		time.Sleep(10 * time.Second)
		several("") // which may be of any volume
		time.Sleep(time.Second)
		name := "changed"
		if _, err := m.open().Update(t.Context(), Reference{ID: all[30].ID}, UpdateRequest{Name: &name}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(SharedReadLife - 10*time.Second)
		several(volume) // anew
		m.forget()
		if got := read(all[30], volume); got != name {
			t.Errorf("read %q", got)
		}
		if got := read(all[30], ""); got != name {
			t.Errorf("then read %q", got)
		}
		if got := m.count(); got["all"] > 0 {
			t.Errorf("the test is about pages: %v", got)
		}
		time.Sleep(3 * SharedReadLife)
	})
}

// A page that was asked for while a write was on its way may be from before it.
func TestReadSeesAWriteOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				time.Sleep(2 * time.Second)
				m.ServeHTTP(w, r)
				time.Sleep(2 * time.Second)
				return true
			}
			return false
		}
		name := "changed"
		var write sync.WaitGroup
		write.Go(func() {
			if _, err := b.Update(t.Context(), Reference{ID: all[7].ID}, UpdateRequest{Name: &name}); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		walk(t, b, 10, all)
		write.Wait()
		if got, err := b.Read(t.Context(), Reference{ID: all[7].ID, VolumeID: all[7].VolumeID}); err != nil || got.Name != name {
			t.Errorf("%v, %v", got, err)
		}
		time.Sleep(3 * SharedReadLife)
	})
}

// One that is known to be gone does not come back.
func TestReadKnowsWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{DeleteTime: 8 * time.Second}, 50)
		if err := m.open().Delete(t.Context(), all[7].ID); err != nil {
			t.Fatal(err)
		}
		walk(t, b, 10, all[:7])
		walk(t, b, 10, all[8:])
		if err := b.WaitGone(t.Context(), all[7].ID); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Read(t.Context(), Reference{ID: all[7].ID}); !openstack.IsNotFound(err) {
			t.Errorf("%v, %v", got, err)
		}
		time.Sleep(3 * SharedReadLife)
	})
}

// The region that is configured and the same one by its name are one: what is known
// of the snapshots, and which create owns which.
func TestARegionIsOneHoweverItIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _, all := seeded(t, simulator.Options{}, 50)
		unnamed := m.open(func(c *openstack.Config) { c.Region = "" })
		named := unnamed.client.BlockStorage("RegionOne")
		if unnamed.BlockStorage == named.BlockStorage {
			t.Fatal("the test needs two objects")
		}
		walk(t, unnamed, 10, all)
		m.forget()
		walk(t, named, 10, all)
		if got := m.count()["all"]; got > 1 {
			t.Errorf("the same region by its name cost %d requests", got)
		}
		name := "changed"
		if _, err := named.Update(t.Context(), Reference{ID: all[3].ID}, UpdateRequest{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if got, err := unnamed.Read(t.Context(), Reference{ID: all[3].ID, VolumeID: all[3].VolumeID}); err != nil || got.Name != name {
			t.Errorf("%v, %v", got, err)
		}

		// Both lose their answers, and each finds one of the two snapshots.
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			m.ServeHTTP(httptest.NewRecorder(), r)
			time.Sleep(time.Second)
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		var creates sync.WaitGroup
		ids := make([]string, 2)
		for i, storage := range []*BlockStorage{unnamed, named} {
			creates.Go(func() {
				made, err := storage.Create(t.Context(), CreateRequest{VolumeID: all[0].VolumeID, Name: "alike"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = made.ID
			})
		}
		creates.Wait()
		if ids[0] == ids[1] || ids[0] == "" {
			t.Errorf("two creates were given %v", ids)
		}
		time.Sleep(3 * SharedReadLife)
	})
}

// A listing that is busy costs no read more than a few seconds.
func TestABusyListingCostsNoRead(t *testing.T) {
	for name, answer := range outages() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, b, all := seeded(t, simulator.Options{Latency: 20 * time.Millisecond}, 300)
				m.listings(answer)
				began := time.Now()
				walk(t, b, 20, spread(all, 40))
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
				time.Sleep(2 * SharedReadLife)
			})
		})
	}
}

// Readers that leave take the page with them, and no other reader's.
func TestAPageEndsWithItsReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 300)
		asked := make(chan struct{})
		ended := false
		m.instead = func(_ http.ResponseWriter, r *http.Request) bool {
			if !isListing(r) || ended {
				return false
			}
			close(asked)
			<-r.Context().Done()
			ended = true
			return true
		}
		ctx, cancel := context.WithCancel(t.Context())
		var reads sync.WaitGroup
		for _, s := range all[:20] {
			reads.Go(func() { _, _ = b.Read(ctx, Reference{ID: s.ID, VolumeID: s.VolumeID}) })
		}
		<-asked
		began := time.Now()
		cancel()
		reads.Wait()
		synctest.Wait()
		if !ended || time.Since(began) > 0 {
			t.Errorf("the page ended: %t, after %s", ended, time.Since(began))
		}
		// Those who come later share pages all the same.
		m.forget()
		walk(t, b, 10, all)
		if got := m.count()["all"]; got > 50 {
			t.Errorf("%d requests", got)
		}
		time.Sleep(2 * SharedReadLife)
	})
}

// What is known of snapshots is forgotten in time: neither the ids that were read
// nor those that were created are kept for ever.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		for range 20 {
			for i := range 100 {
				created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: fmt.Sprint(i, time.Now())})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b.Get(t.Context(), created.ID); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(20 * time.Minute)
		}
		if n := len(m.sharedBy(b).creates.equal); n > 200 {
			t.Errorf("%d kinds of creates are known", n)
		}
		observed := &m.sharedBy(b).reads.observed
		if n := len(observed.recent) + len(observed.earlier); n > 200 {
			t.Errorf("%d snapshots are known", n)
		}
	})
}

// A snapshot that is read many times, as one that many volumes are made of, is read
// singly no more often than others.
func TestOneSnapshotReadManyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		slow := m.instead
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			time.Sleep(100 * time.Millisecond)
			return slow != nil && slow(w, r)
		}
		if _, err := b.Region(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.forget()
		same := make([]Snapshot, 200)
		for i := range same {
			same[i] = all[0]
		}
		walk(t, b, 10, same)
		if n := m.count()["all"]; n > 3 {
			t.Errorf("%d requests: %v", n, m.requests)
		}
	})
}

// An answer that overtakes another one is the newer: the other one is not kept for
// later reads.
func TestOvertakenAnswersAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 50)
		walk(t, b, 10, all)
		reference := Reference{ID: all[0].ID, VolumeID: all[0].VolumeID}
		if _, err := b.Get(t.Context(), reference.ID); err != nil { // so that reads of it are single
			t.Fatal(err)
		}
		var slow sync.Once
		m.slowBody = func(*http.Request) (delay time.Duration) {
			slow.Do(func() { delay = 2 * time.Second })
			return delay
		}
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := b.Read(t.Context(), reference); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		name := "newer"
		if _, err := m.open().Update(t.Context(), reference, UpdateRequest{Name: &name}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if s, err := b.Read(t.Context(), reference); err != nil || s.Name != name {
				t.Errorf("%q, %v", s.Name, err)
			}
			first.Wait()
		}
	})
}

// Of two listings that have a snapshot, the one with the newer page may be the first that is
// too old. The page of the other one is not served after it.
func TestReadNeverGoesBack_twoListings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, b, all := seeded(t, simulator.Options{}, 150, 150)
		isFirst := func(s Snapshot) bool { return s.VolumeID == all[0].VolumeID }
		first, second := slices.DeleteFunc(slices.Clone(all), func(s Snapshot) bool { return !isFirst(s) }), slices.DeleteFunc(slices.Clone(all), isFirst)
		changing, name := Reference{ID: first[149].ID, VolumeID: first[149].VolumeID}, "changed"
		read := func() string {
			s, err := b.Read(t.Context(), changing)
			if err != nil {
				t.Fatal(err)
			}
			return s.Name
		}
		walk(t, b, 10, first)
		time.Sleep(5 * time.Second)
		walk(t, b, 10, second[:50]) // the first page of all
		time.Sleep(SharedReadLife - 4*time.Second)
		walk(t, b, 10, first) // anew
		if _, err := m.open().Update(t.Context(), changing, UpdateRequest{Name: &name}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		walk(t, b, 10, second[50:]) // the second page of all
		if got := read(); got != name {
			t.Fatalf("%q is served: the second page has not been read", got)
		}
		time.Sleep(5 * time.Second)
		if got := read(); got != name {
			t.Errorf("%q is served after %q", got, name)
		}
		time.Sleep(2 * SharedReadLife)
	})
}
