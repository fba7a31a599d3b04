package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// outages are answers in place of the cloud's.
func outages() map[string]func(http.ResponseWriter, *http.Request) {
	say := func(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	return map[string]func(http.ResponseWriter, *http.Request){
		"503":                    say(503, ""),
		"503 for ten minutes":    say(503, "", "Retry-After", "600"),
		"503 of the API":         say(503, `{"serviceUnavailable": {"code": 503, "message": "down"}}`),
		"500 of the API":         say(500, `{"computeFault": {"code": 500, "message": "The server has either erred or is incapable of performing the requested operation."}}`),
		"504":                    say(504, "<html>"),
		"522":                    say(522, ""),
		"408":                    say(408, ""),
		"429":                    say(429, ""),
		"429 for ten minutes":    say(429, "", "Retry-After", "600"),
		"413 for ten minutes":    say(413, "", "Retry-After", "600"), // of an older rate limiter
		"another kind of answer": say(200, "<html>"),
		"an empty one":           say(200, ""),
		"no answer":              func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
}

// A wait ends with its snapshot or with its own time, whatever fails meanwhile
// and for however long.
func TestAWaitOutlastsAnOutage(t *testing.T) {
	for name, answer := range outages() {
		for _, what := range []string{"create", "delete"} {
			t.Run(what+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := inMemory(t, simulator.Options{CreateTime: 20 * time.Minute, DeleteTime: 20 * time.Minute})
					volume, b := m.SeedVolume("v", 1), m.open()
					created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					if what == "delete" {
						if _, err := b.WaitAvailable(ctx, created.ID); err != nil {
							t.Fatal(err)
						}
						if err := b.Delete(ctx, created.ID); err != nil {
							t.Fatal(err)
						}
					}
					began := time.Now()
					m.instead = func(w http.ResponseWriter, r *http.Request) bool {
						// From the second minute to the seventeenth.
						if minutes := time.Since(began).Minutes(); minutes < 1 || minutes > 17 || strings.Contains(r.URL.Path, "/auth/") {
							return false
						}
						answer(w, r)
						return true
					}
					if what == "delete" {
						err = b.WaitGone(ctx, created.ID)
					} else {
						_, err = b.WaitAvailable(ctx, created.ID)
					}
					if took := time.Since(began); err != nil || took > 25*time.Minute {
						t.Errorf("%v after %s", err, took)
					}
				})
			})
		}
	}
}

// The time of a wait ends it also in an outage, and the error says what the last
// look met.
func TestAWaitEndsInAnOutage(t *testing.T) {
	for name, answer := range outages() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: time.Hour})
				volume, b := m.SeedVolume("v", 1), m.open()
				created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
				if err != nil {
					t.Fatal(err)
				}
				m.instead = func(w http.ResponseWriter, r *http.Request) bool { answer(w, r); return true }
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				began := time.Now()
				_, err = b.WaitAvailable(ctx, created.ID)
				var wait *WaitError
				if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Minute {
					t.Errorf("%v after %s", err, time.Since(began))
				}
				if name == "503" && !strings.Contains(err.Error(), "the last look at it failed: GET /volume/v3/") {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// A refusal is no outage.
func TestAWaitEndsWithARefusal(t *testing.T) {
	for _, status := range []int{400, 403, 404, 410} {
		synctest.Test(t, func(t *testing.T) {
			m := inMemory(t, simulator.Options{CreateTime: time.Hour})
			volume, b := m.SeedVolume("v", 1), m.open()
			created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
			if err != nil {
				t.Fatal(err)
			}
			m.instead = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true }
			if _, err := b.WaitAvailable(t.Context(), created.ID); !openstack.HasStatus(err, status) {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

// What waits share is a hint: where its listing is busy, each looks for itself,
// at its own pace and after a few seconds.
func TestABusyListingCostsNoWait(t *testing.T) {
	for name, answer := range outages() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: 10 * time.Second})
				volume, b := m.SeedVolume("v", 1), m.open()
				m.listings(answer)
				for i, late := range crowd(10, 10, func(i int) time.Duration {
					created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)})
					if err != nil {
						t.Error(err)
					}
					began := time.Now()
					if _, err := b.WaitAvailable(t.Context(), created.ID); err != nil {
						t.Error(err)
					}
					return time.Since(began) - 10*time.Second
				}) {
					if late > 10*time.Second {
						t.Errorf("%d ended %s after the cloud was done", i, late)
					}
				}
			})
		})
	}
}

// Nobody looks for waits that have all ended: what has been sent ends within its
// own short time, what stands in the line leaves it, and nothing follows.
func TestASharedPollEndsWithTheWaits(t *testing.T) {
	for name, row := range map[string]struct {
		config func(*openstack.Config)
		looks  int64
	}{
		"sent":        {func(c *openstack.Config) { c.MaxRetries = new(int) }, 1},
		"in the line": {func(c *openstack.Config) { c.RequestsPerSecond = 0.05 }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: 10 * time.Hour})
				volume, b := m.SeedVolume("v", 1), m.open(row.config)
				ctx, cancel := context.WithCancel(t.Context())
				var looks atomic.Int64
				m.listings(func(_ http.ResponseWriter, r *http.Request) {
					looks.Add(1)
					<-r.Context().Done()
				})
				var waits sync.WaitGroup
				for range 5 {
					created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
					if err != nil {
						t.Fatal(err)
					}
					waits.Go(func() { _, _ = b.WaitAvailable(ctx, created.ID) })
				}
				time.Sleep(1500 * time.Millisecond)
				cancel()
				waits.Wait()
				time.Sleep(time.Minute)
				if n := looks.Load(); n != row.looks {
					t.Errorf("%d looks", n)
				}
				if row.looks > 0 {
					m.wantAllSlots(b, transport.DefaultMaxConcurrentRequests)
				}
			})
		})
	}
}

// A shared look tells nothing of a wait that began after it: what it does not show
// may have been made since.
func TestASharedPollIsNotForLaterWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{CreateTime: 30 * time.Second})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.listings(func(w http.ResponseWriter, r *http.Request) {
			m.ServeHTTP(w, r)
			time.Sleep(3 * time.Second)
		})
		crowd(100, 100, func(i int) time.Duration {
			time.Sleep(time.Duration(i) * 100 * time.Millisecond)
			created, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
			if _, err := b.WaitAvailable(t.Context(), created.ID); err != nil {
				t.Error(err)
			}
			return 0
		})
		// Its own look at the end, and few more where waits began almost alone.
		if got := m.count()["read"]; got > 110 {
			t.Errorf("%d looks of their own", got)
		}
	})
}

// An API that ignores the filter by status lists all snapshots, and the waits see
// which of these have left the status.
func TestSharedPollsWithoutAFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{CreateTime: 10 * time.Second})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.listingsWithout("status")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		crowd(20, 20, func(i int) time.Duration {
			created, err := b.Create(ctx, CreateRequest{VolumeID: volume, Name: fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
			began := time.Now()
			if _, err := b.WaitAvailable(ctx, created.ID); err != nil || time.Since(began) > 20*time.Second {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			return 0
		})
		if got := m.count()["read"]; got > 20*3 {
			t.Errorf("%d single looks", got)
		}
	})
}
