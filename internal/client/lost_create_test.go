package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// However long it takes until an answer is known to be lost, the search for its
// snapshot begins only then.
func TestALateSnapshotIsWaitedForFromTheLoss(t *testing.T) {
	for name, row := range map[string]struct {
		config  func(*openstack.Config)
		gateway time.Duration // when the gateway gives up
		arrives time.Duration // when the API has done it, after that
		status  int
	}{
		"a gateway of 30 s": {func(*openstack.Config) {}, 30 * time.Second, 5 * time.Second, 504},
		"nginx":             {func(c *openstack.Config) { c.RequestTimeout = 2 * time.Minute }, time.Minute, 15 * time.Second, 504},
		"our own timeout":   {func(*openstack.Config) {}, 70 * time.Second, 8 * time.Second, 504},
		"Cloudflare":        {func(c *openstack.Config) { c.RequestTimeout = 2 * time.Minute }, 100 * time.Second, 5 * time.Second, 524},
		"a long line":       {func(c *openstack.Config) { c.RequestsPerSecond = 0.025 }, 0, 6 * time.Second, 502},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{})
				volume := m.SeedVolume("v", 1)
				b := m.open(row.config)
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					if !isCreate(r) {
						return false
					}
					m.after(row.gateway+row.arrives, r)
					time.Sleep(row.gateway)
					w.WriteHeader(row.status)
					return true
				}
				made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "late"})
				time.Sleep(5 * time.Minute)
				m.wantOnly(volume, made, err)
			})
		})
	}
}

// A create that begins while another one looks for its snapshot keeps its own.
func TestAnEqualCreateThatBeginsMeanwhileKeepsItsSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		var creates sync.WaitGroup
		ids := make([]string, 2)
		create := func(i int) {
			made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "alike"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = made.ID
		}
		var posts, listings atomic.Int64
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case isCreate(r):
				switch posts.Add(1) {
				case 1: // is lost, and makes nothing
					w.WriteHeader(http.StatusBadGateway)
				case 2: // the equal create's makes its snapshot at once and answers late
					m.ServeHTTP(w, r)
					time.Sleep(5 * time.Second)
				default:
					return false
				}
				return true
			case isListing(r) && listings.Add(1) == 1:
				creates.Go(func() { create(1) })
				time.Sleep(2 * time.Second)
			}
			return false
		}
		creates.Go(func() { create(0) })
		creates.Wait()
		if found := m.snapshotsOf(volume); len(found) != 2 || ids[0] == ids[1] {
			t.Errorf("two creates were given %v, and there are %v", ids, found)
		}
	})
}

// However many more come after it, a create whose answer was lost finds its
// snapshot at once.
func TestALostCreateAmongManyEqual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{Latency: 100 * time.Millisecond})
		volume, b := m.SeedVolume("v", 1), m.open()
		var posts atomic.Int64
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if isCreate(r) && posts.Add(1) == 5 {
				m.lose(w, r)
				return true
			}
			return false
		}
		const all, parallelism = 2000, 40
		longest := time.Duration(0)
		for _, took := range crowd(all, parallelism, func(int) time.Duration {
			began := time.Now()
			if _, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "alike"}); err != nil {
				t.Error(err)
			}
			return time.Since(began)
		}) {
			longest = max(longest, took)
		}
		if longest > 2*time.Second {
			t.Errorf("one create took %s", longest)
		}
		if n := len(m.snapshotsOf(volume)); n != all {
			t.Errorf("there are %d snapshots", n)
		}
	})
}

// While the cloud cannot even be asked, a lost create is neither given up nor
// sent again.
func TestALostCreateOutlastsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		began := time.Now()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if time.Since(began) > 3*time.Minute || strings.Contains(r.URL.Path, "/auth/") {
				return false
			}
			if isCreate(r) {
				m.ServeHTTP(httptest.NewRecorder(), r)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
		m.wantOnly(volume, made, err)
	})
}

// What a listing that takes long shows is compared with the time at its
// beginning: another client's snapshot from before is not adopted.
func TestASnapshotOfAnotherClientIsNotAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		otherClient, err := m.open().Create(t.Context(), CreateRequest{VolumeID: volume, Name: "alike"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(15 * time.Second) // more than a proxy's clock may be wrong
		lost := false
		m.slowBody = func(r *http.Request) time.Duration {
			if isListing(r) {
				return 8 * time.Second
			}
			return 0
		}
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if isCreate(r) && !lost {
				lost = true
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			return false
		}
		made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "alike"})
		if err != nil || made.ID == otherClient.ID {
			t.Errorf("returned %s, and the stranger's is %s; %v", made.ID, otherClient.ID, err)
		}
	})
}

// The clocks of the API's nodes may differ: the snapshot of a lost answer is
// found also where the node that made it is behind the one that lists.
func TestALostCreateUnderNodesWithOtherClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		// Every other create, and each listing, is answered by a node that is ahead.
		var creates atomic.Int64
		m.date = func(r *http.Request) time.Duration {
			if isListing(r) || isCreate(r) && creates.Add(1)%2 == 1 {
				return 8 * time.Second
			}
			return 0
		}
		for range 4 {
			if _, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "before"}); err != nil {
				t.Fatal(err)
			}
		}
		lost := false
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if isCreate(r) && !lost {
				lost = true
				m.lose(w, r)
				return true
			}
			return false
		}
		made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "lost"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if found := m.snapshotsOf(volume); len(found) != 5 || made.Name != "lost" {
			t.Errorf("returned %v, and there are %d", made, len(found))
		}
	})
}

// A cloud may not tell its time: then the clock of this machine counts until a create has been
// answered. Or a proxy tells its own. Where that does not fit, a snapshot is neither taken nor
// made a second time.
func TestLostCreateUnderAWrongClock(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		skew     time.Duration // of the API
		date     time.Duration // of the header Date, 0 for none
		answered int           // creates before the one that is lost
		doubtful bool
	}{
		"a clock that is right":            {0, 0, 0, false},
		"a clock that is wrong":            {-30 * time.Second, 0, 0, true},
		"a wrong clock that is known":      {-30 * time.Second, 0, 1, false},
		"a wrong time zone":                {-14 * time.Hour, 0, 0, true},
		"a clock that is behind":           {time.Hour, 0, 1, false},
		"a proxy that is ahead":            {0, 5 * time.Second, 0, true},
		"a proxy that is known":            {0, 5 * time.Second, 1, false},
		"a proxy that is ahead by more":    {-time.Minute, -51 * time.Second, 0, true},
		"a proxy that is known, far ahead": {-time.Hour, time.Hour, 1, false},
		"a node that is behind its proxy":  {-7 * time.Second, time.Nanosecond, 0, true},
		"a proxy that is behind":           {0, -30 * time.Second, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const volume, mine = "8a1a4cf5-6f4e-4cb2-9c5e-9a9c27b9e6d1", "2bd1c1f7-7b6b-4c60-8c5f-3d9f0f4e5b17"
				show := func(id string, created time.Time) string {
					return fmt.Sprintf(`{"id": %q, "volume_id": %q, "status": "available", "created_at": %q}`, id, volume, created.Format("2006-01-02T15:04:05.000000"))
				}
				posts, made, old := 0, time.Time{}, time.Now().Add(row.skew-24*time.Hour)
				m := inMemory(t, simulator.Options{})
				m.undated = row.date == 0
				m.date = func(*http.Request) time.Duration { return row.date }
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					now := time.Now().Add(row.skew).UTC()
					switch {
					case isListing(r):
						fmt.Fprintf(w, `{"snapshots": [%s, %s]}`, show(mine, made), show("old", old))
					case isCreate(r):
						made = now
						if posts++; posts > row.answered {
							w.WriteHeader(http.StatusBadGateway)
							break
						}
						w.WriteHeader(http.StatusAccepted)
						fmt.Fprintf(w, `{"snapshot": %s}`, show("another", now))
					}
					return isListing(r) || isCreate(r)
				}
				b := m.open()
				for range row.answered {
					if _, err := b.Create(t.Context(), CreateRequest{VolumeID: volume}); err != nil {
						t.Fatal(err)
					}
				}
				got, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
				var ambiguous *AmbiguousCreateError
				switch {
				case posts != row.answered+1:
					t.Errorf("%d requests to create", posts)
				case !row.doubtful && (err != nil || got.ID != mine):
					t.Errorf("%+v, %v", got, err)
				case row.doubtful && (!errors.As(err, &ambiguous) || !ambiguous.Doubtful || len(ambiguous.Candidates) != 1 || ambiguous.Candidates[0].ID != mine):
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}

// Where a cloud gives times that nobody can read, whether an equal snapshot is that of the lost
// answer is not known. It is not made a second time.
func TestLostCreateOfAnUnknownTime(t *testing.T) {
	t.Parallel()
	for name, created := range map[string]string{"none": `null`, "in another form": `"19.08.2016 16:20"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m, posts := inMemory(t, simulator.Options{}), 0
				volume := m.SeedVolume("v", 1)
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					if !isCreate(r) && !isListing(r) {
						return false
					}
					answer := httptest.NewRecorder()
					m.ServeHTTP(answer, r)
					if isCreate(r) {
						posts++
						answer.Code = http.StatusBadGateway
					}
					w.WriteHeader(answer.Code)
					_, _ = io.WriteString(w, regexp.MustCompile(`"created_at": ?"[^"]*"`).ReplaceAllString(answer.Body.String(), `"created_at": `+created))
					return true
				}
				_, err := m.open().Create(t.Context(), CreateRequest{VolumeID: volume})
				var ambiguous *AmbiguousCreateError
				if posts != 1 || !errors.As(err, &ambiguous) || !ambiguous.Doubtful || len(ambiguous.Candidates) != 1 {
					t.Errorf("%d requests to create: %v", posts, err)
				}
			})
		})
	}
}

// Any success is one, whatever its number, and a status that the API itself does
// not give says nothing about what it has done.
func TestOutcomesOfACreate(t *testing.T) {
	for _, row := range []struct {
		status   int
		made     bool
		requests int // of creation
		body     string
	}{
		{200, true, 1, ""},
		{201, true, 1, ""},
		{202, true, 1, ""},
		{202, true, 1, `{}`},
		{202, true, 1, `{"snapshot": null}`},
		{202, true, 1, `{"snapshot": {}}`},
		{202, true, 1, `{"snapshot": {"id": null}}`},
		{203, true, 1, ""},
		{206, true, 1, ""},
		{408, true, 1, ""},
		{500, true, 1, ""},
		{500, false, 2, ""},
		{502, true, 1, ""},
		{520, true, 1, ""},
		{522, true, 1, ""},
		{524, true, 1, ""},
		{524, false, 2, ""},
		{530, true, 1, ""},
	} {
		t.Run(fmt.Sprint(row.status, " ", row.made, " ", row.body), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{})
				volume, b := m.SeedVolume("v", 1), m.open()
				posts := 0
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					if !isCreate(r) {
						return false
					}
					if posts++; posts > 1 {
						return false
					}
					answer := httptest.NewRecorder()
					if row.made {
						m.ServeHTTP(answer, r)
					}
					w.WriteHeader(row.status)
					if row.status < 300 {
						_, _ = io.WriteString(w, cmp.Or(row.body, answer.Body.String()))
					}
					return true
				}
				made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
				if posts != row.requests {
					t.Errorf("%d requests", posts)
				}
				m.wantOnly(volume, made, err)
			})
		})
	}
}

// A create that was never sent is not looked for: not the one interrupted in the
// sign-in or in a pause, and not the one that comes too late.
func TestACreateThatWasNeverSentIsNotLost(t *testing.T) {
	var signIns atomic.Int64
	for name, row := range map[string]struct {
		after   time.Duration // the interrupt, 0 for before
		instead func(http.ResponseWriter, *http.Request) bool
	}{
		"before": {},
		"in the sign-in": {time.Second, func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/auth/") {
				time.Sleep(3 * time.Second)
			}
			return false
		}},
		"in a renewal": {time.Second, func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/auth/") {
				// The first is quick.
				time.Sleep(3 * time.Second * time.Duration(signIns.Add(1)-1))
			}
			if isCreate(r) {
				w.WriteHeader(http.StatusUnauthorized)
			}
			return isCreate(r)
		}},
		"in a pause": {time.Second, func(w http.ResponseWriter, r *http.Request) bool {
			if isCreate(r) {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusTooManyRequests)
			}
			return isCreate(r)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{})
				volume, b := m.SeedVolume("v", 1), m.open()
				m.instead = row.instead
				ctx, cancel := context.WithCancel(t.Context())
				if row.after > 0 {
					time.AfterFunc(row.after, cancel)
				} else {
					if _, err := b.Region(t.Context()); err != nil {
						t.Fatal(err)
					}
					cancel()
				}
				began := time.Now()
				_, err := b.Create(ctx, CreateRequest{VolumeID: volume})
				if !errors.Is(err, context.Canceled) || errors.As(err, new(*LostCreateError)) {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took > row.after {
					t.Errorf("it took %s", took)
				}
				if n := m.count()["list"]; n > 0 {
					t.Errorf("%d listings", n)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// What arrives while a listing is read may be missing on it: the search ends with a
// listing that began after its time. (Found by simulation.)
func TestALateSnapshotArrivesDuringTheLastListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		began := time.Now()
		posts := 0
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if isCreate(r) {
				if posts++; posts == 1 {
					m.after(10*time.Second, r)
					w.WriteHeader(http.StatusGatewayTimeout)
					return true
				}
			}
			if isListing(r) && time.Since(began) > 2*time.Second {
				// As read when it was asked for.
				m.ServeHTTP(w, r)
				time.Sleep(25 * time.Second)
				return true
			}
			return false
		}
		made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
		m.wantOnly(volume, made, err)
	})
}

// Of creates alike, one that is lost later may take the snapshot of one that was
// lost before. Then the earlier one waits for the later one's. (Found by
// simulation.)
func TestACreateWaitsForTheSnapshotOfAnEqualOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		began := time.Now()
		var posts atomic.Int64
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			// Lost after 1 s and there after 12 s; lost after 11 s and there after 24 s.
			switch posts.Add(1) {
			case 1:
				m.after(12*time.Second, r)
				time.Sleep(time.Second)
			case 2:
				m.after(24*time.Second-time.Since(began), r)
				time.Sleep(11*time.Second - time.Since(began))
			default:
				return false
			}
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		}
		var creates sync.WaitGroup
		ids := make([]string, 2)
		for i := range 2 {
			creates.Go(func() {
				made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "alike"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = made.ID
			})
			time.Sleep(100 * time.Millisecond)
		}
		creates.Wait()
		if found := m.snapshotsOf(volume); len(found) != 2 || ids[0] == ids[1] || posts.Load() != 2 {
			t.Errorf("two creates were given %v by %d requests, and there are %v", ids, posts.Load(), found)
		}
	})
}

// untilKey is until when the listings of a create do not work.
type untilKey struct{}

// A create whose answer was lost takes the oldest of what may be its own, since a
// later one cannot. (Found by simulation.)
func TestALostCreateTakesTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		began := time.Now()
		var posts atomic.Int64
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case isCreate(r):
				posts.Add(1)
				m.lose(w, r)
				return true
			case isListing(r) && time.Since(began) < r.Context().Value(untilKey{}).(time.Duration):
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			return false
		}
		var creates sync.WaitGroup
		// The second is lost later, and can look only when the first has done so.
		for _, until := range []time.Duration{15 * time.Second, 45 * time.Second} {
			creates.Go(func() {
				if _, err := b.Create(context.WithValue(t.Context(), untilKey{}, until), CreateRequest{VolumeID: volume, Name: "alike"}); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(10 * time.Second)
		}
		creates.Wait()
		m.instead = nil
		if n := len(m.snapshotsOf(volume)); n != 2 || posts.Load() != 2 {
			t.Errorf("%d requests made %d snapshots", posts.Load(), n)
		}
	})
}

// A snapshot that has more metadata than was asked for may be the one: a backend or a tool
// may have added some. It is not adopted, and no second one is made.
func TestASnapshotWithMoreMetadataMayBeTheOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			m.instead = nil
			m.after(0, r)
			time.Sleep(30 * time.Second)
			m.tag(b, volume)
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		}
		_, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "n", Metadata: map[string]string{"a": "1"}})
		var ambiguous *AmbiguousCreateError
		if there := m.snapshotsOf(volume); len(there) != 1 || !errors.As(err, &ambiguous) || !ambiguous.Doubtful || len(ambiguous.Candidates) != 1 || ambiguous.Candidates[0].ID != there[0].ID {
			t.Errorf("%v: %v", there, err)
		}
	})
}

// What may be a request's is told without what certainly is another's.
func TestAmbiguousWithoutTheKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		request := CreateRequest{VolumeID: volume, Name: "alike"}
		first, err := b.Create(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			m.instead = nil
			if _, err := m.open().Create(t.Context(), request); err != nil {
				t.Error(err)
			}
			m.lose(w, r)
			return true
		}
		_, err = b.Create(t.Context(), request)
		var ambiguous *AmbiguousCreateError
		if !errors.As(err, &ambiguous) || len(ambiguous.Candidates) != 2 || strings.Contains(err.Error(), first.ID) {
			t.Errorf("%s is known: %v", first.ID, err)
		}
	})
}

// One with more metadata that another create of this process has made is not the one.
func TestASnapshotOfAnotherCreateIsNotTheOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			m.instead = nil
			if _, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Metadata: map[string]string{"a": "1"}}); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
		if there := m.snapshotsOf(volume); err != nil || len(there) != 2 || len(made.Metadata) != 0 {
			t.Errorf("%v: %v, %v", there, made, err)
		}
	})
}

// Nor is one that a create under way may have made, equal or not, whose answer comes late.
func TestASnapshotOfACreateUnderWayIsNotTheOne(t *testing.T) {
	for name, metadata := range map[string]map[string]string{"more metadata": {"a": "1"}, "equal": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{})
				volume, b := m.SeedVolume("v", 1), m.open()
				var posts atomic.Int64
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case !isCreate(r):
						return false
					case posts.Add(1) == 1: // makes its snapshot at once, to which something is added, and answers late
						m.ServeHTTP(w, r)
						m.tag(b, volume)
						time.Sleep(40 * time.Second)
						return true
					case posts.Load() == 2: // makes none
						w.WriteHeader(http.StatusBadGateway)
						return true
					}
					return false
				}
				var creates sync.WaitGroup
				creates.Go(func() {
					if _, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Metadata: metadata}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				made, err := b.Create(t.Context(), CreateRequest{VolumeID: volume})
				creates.Wait()
				if there := m.snapshotsOf(volume); err != nil || len(there) != 2 || len(made.Metadata) != 0 {
					t.Errorf("%v: %v, %v", there, made, err)
				}
			})
		})
	}
}

// Two that search, and find more metadata only, do not wait for each other.
func TestTwoThatFindMoreMetadataEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		volume, b := m.SeedVolume("v", 1), m.open()
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !isCreate(r) {
				return false
			}
			m.ServeHTTP(httptest.NewRecorder(), r)
			time.Sleep(10 * time.Second)
			m.tag(b, volume)
			w.WriteHeader(http.StatusGatewayTimeout)
			return true
		}
		began := time.Now()
		var creates sync.WaitGroup
		for _, metadata := range []map[string]string{nil, {"a": "1"}} {
			creates.Go(func() {
				_, err := b.Create(t.Context(), CreateRequest{VolumeID: volume, Metadata: metadata})
				var ambiguous *AmbiguousCreateError
				if !errors.As(err, &ambiguous) || !ambiguous.Doubtful {
					t.Errorf("%v: %v", metadata, err)
				}
			})
		}
		creates.Wait()
		if took := time.Since(began); took > time.Minute {
			t.Errorf("they took %s", took)
		}
	})
}
