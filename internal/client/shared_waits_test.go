package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// crowd does something with many snapshots, so many at a time, and gives for
// each how long after the cloud was done with it the wait ended.
func crowd(n, parallelism int, one func(i int) (late time.Duration)) (late []time.Duration) {
	late = make([]time.Duration, n)
	next := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range next {
				late[i] = one(i)
			}
		})
	}
	for i := range n {
		time.Sleep(3 * time.Millisecond) // Terraform's own work
		next <- i
	}
	close(next)
	workers.Wait()
	return late
}

func TestManyWaitsShareTheirPolls(t *testing.T) {
	for name, row := range map[string]struct {
		n, parallelism int
		takes          time.Duration
		// most is how many requests a snapshot may cost beyond the one that
		// makes or deletes it, within how late each may end.
		most   float64
		within time.Duration
		// nameless snapshots are all alike.
		nameless bool
	}{
		"as wide as it goes":   {n: 200, parallelism: 100, takes: 2 * time.Second, most: 1.3, within: time.Second},
		"all alike":            {n: 200, parallelism: 100, takes: 2 * time.Second, most: 1.3, within: time.Second, nameless: true},
		"ten at a time":        {n: 100, parallelism: 10, takes: 2 * time.Second, most: 1.7, within: time.Second},
		"in an instant":        {n: 100, parallelism: 10, takes: 150 * time.Millisecond, most: 1.3, within: time.Second},
		"half a minute":        {n: 100, parallelism: 100, takes: 30 * time.Second, most: 1.5, within: 5 * time.Second},
		"five at a time, slow": {n: 20, parallelism: 5, takes: 10 * time.Second, most: 4, within: 3 * time.Second},
		"three at a time":      {n: 9, parallelism: 3, takes: 2 * time.Second, most: 3, within: 2500 * time.Millisecond},
	} {
		options := simulator.Options{CreateTime: row.takes, DeleteTime: row.takes, Latency: 20 * time.Millisecond}
		check := func(t *testing.T, what string, m *memory, late []time.Duration) {
			t.Helper()
			counts := m.count()
			if got := float64(counts["all"]-row.n) / float64(row.n); got > row.most {
				t.Errorf("%s: %.2f requests each, want at most %.2f: %v", what, got, row.most, counts)
			}
			for i, late := range late {
				if late < 0 || late > row.within {
					t.Errorf("%s: %d ended %s after the cloud was done", what, i, late)
				}
			}
			m.forget()
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, options)
				volume, b := m.SeedVolume("v", 1), m.open()
				if _, err := b.Get(t.Context(), "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"); !openstack.IsNotFound(err) {
					t.Fatal(err)
				}
				m.forget()

				ids := make([]string, row.n)
				check(t, "create", m, crowd(row.n, row.parallelism, func(i int) time.Duration {
					request := CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)}
					if row.nameless {
						request.Name = ""
					}
					created, err := b.Create(t.Context(), request)
					if err != nil {
						t.Error(err)
						return 0
					}
					began := time.Now()
					got, err := b.WaitAvailable(t.Context(), created.ID)
					if err != nil || got.Status != StatusAvailable || got.ID != created.ID {
						t.Errorf("%d: %v, %v", i, got, err)
					}
					ids[i] = created.ID
					return time.Since(began) - row.takes
				}))
				check(t, "delete", m, crowd(row.n, row.parallelism, func(i int) time.Duration {
					began := time.Now()
					if err := b.Remove(t.Context(), Reference{ID: ids[i]}); err != nil {
						t.Error(err)
					}
					return time.Since(began) - row.takes
				}))
				time.Sleep(time.Minute)
			})
		})
	}
}

// However shared, each wait has its own end.
func TestWaitsThatShareEndEachItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{CreateTime: 3 * time.Second})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			// The third is shown as failed from the first on.
			_, id, _ := strings.Cut(r.URL.Path, "/snapshots/failed-")
			if id != "" {
				fmt.Fprintf(w, `{"snapshot": {"id": "failed-1", "status": "error", "volume_id": %q}}`, volume)
			}
			return id != ""
		}
		var waits sync.WaitGroup
		for i := range 10 {
			created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)})
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			switch i {
			case 3:
				created.ID = "failed-1"
			case 4:
				created.ID = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1" // is not there
			case 5:
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			waits.Go(func() {
				began := time.Now()
				_, err := b.WaitAvailable(ctx, created.ID)
				text := fmt.Sprint(err)
				switch {
				case i == 3 && !strings.Contains(text, `"error"`),
					i == 4 && !openstack.IsNotFound(err),
					i == 5 && (!strings.Contains(text, "timed out") || time.Since(began) > 1100*time.Millisecond),
					(i < 3 || i > 5) && err != nil:
					t.Errorf("%d: %v after %s", i, err, time.Since(began))
				}
			})
		}
		waits.Wait()
		time.Sleep(time.Minute)
	})
}

// Where the listing does not work, each wait looks for itself, at its own pace.
func TestWaitsWithoutAListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{CreateTime: 2 * time.Second})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("status") == "" {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		crowd(20, 20, func(i int) time.Duration {
			created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
			if _, err := b.WaitAvailable(t.Context(), created.ID); err != nil {
				t.Error(err)
			}
			return 0
		})
		if got := m.count()["all"]; got > 20*4+1 {
			t.Errorf("%d requests", got)
		}
		time.Sleep(time.Minute)
	})
}
