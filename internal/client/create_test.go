package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// Creates that are alike in every way, and that all lose their answers at once,
// make exactly as many snapshots as there are creates, each its own.
func TestAccEqualCreates(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(n int64) bool{
		"all lost":        func(int64) bool { return true },
		"every other":     func(n int64) bool { return n%2 == 0 },
		"only the second": func(n int64) bool { return n == 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			volume := c.Volume()
			b := through(t, c)
			var posts atomic.Int64
			c.Instead(func(_ http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
				if r.Method != http.MethodPost || r.Path != "snapshots" || !lose(posts.Add(1)) {
					return false
				}
				forward(httptest.NewRecorder())
				panic(http.ErrAbortHandler)
			})
			const creates = 6
			ids := make([]string, creates)
			var next atomic.Int64
			for _, err := range parallel(creates, func() error {
				made, err := b.Create(t.Context(), client.CreateRequest{VolumeID: volume, Name: "alike"})
				ids[next.Add(1)-1] = made.ID
				return err
			}) {
				if err != nil {
					t.Error(err)
				}
			}
			slices.Sort(ids)
			if distinct := slices.Compact(slices.Clone(ids)); len(distinct) != creates {
				t.Errorf("%d creates were given %v", creates, ids)
			}
			if made := c.Snapshots(volume); len(made) != creates {
				t.Errorf("%d creates made %d snapshots", creates, len(made))
			}
		})
	}
}

// What was there before, what another run makes, and what is not equal is not
// taken for the snapshot of a lost answer.
func TestAccCreateFindsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	request := func(volume string) client.CreateRequest {
		return client.CreateRequest{VolumeID: volume, Name: "nightly", Metadata: map[string]string{"run": "7"}}
	}
	t.Run("not others", func(t *testing.T) {
		t.Parallel()
		c := acctest.New(t)
		volume := c.Volume()
		earlier := c.CreateSnapshot(volume, "nightly", map[string]string{"run": "7"})
		time.Sleep(4 * time.Second) // times of the API are whole seconds, and two of them are for that
		c.CreateSnapshot(volume, "nightly", nil)
		c.CreateSnapshot(volume, "NIGHTLY", map[string]string{"run": "7"})
		met := c.Inject(named(t, "connection cut after"), 1, is(http.MethodPost, "snapshots"))
		made, err := through(t, c).Create(t.Context(), request(volume))
		if met() != 1 || err != nil || made.ID == earlier || made.Name != "nightly" || made.Metadata["run"] != "7" {
			t.Errorf("%+v, %v", made, err)
		}
		if n := len(c.Snapshots(volume)); n != 4 {
			t.Errorf("there are %d snapshots", n)
		}
	})
	t.Run("several", func(t *testing.T) {
		t.Parallel()
		c := acctest.New(t)
		volume := c.Volume()
		other := ""
		c.Instead(func(_ http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
			if !is(http.MethodPost, "snapshots")(r) {
				return false
			}
			// Another run makes one like it at the same time.
			other = c.CreateSnapshot(volume, "nightly", map[string]string{"run": "7"})
			forward(httptest.NewRecorder())
			panic(http.ErrAbortHandler)
		})
		_, err := through(t, c).Create(t.Context(), request(volume))
		var ambiguous *client.AmbiguousCreateError
		if !errors.As(err, &ambiguous) || len(ambiguous.Candidates) != 2 || !strings.Contains(err.Error(), other) {
			t.Errorf("%v", err)
		}
		if n := len(c.Snapshots(volume)); n != 2 {
			t.Errorf("there are %d snapshots", n)
		}
	})
}

func named(t *testing.T, name string) acctest.Fault {
	t.Helper()
	for _, f := range acctest.Faults(4 * time.Second) {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no fault %q", name)
	return acctest.Fault{}
}

// A snapshot that arrives late, behind a proxy that gave up early, is waited
// for: there is no second request.
func TestAccCreateArrivesLate(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	c.Instead(func(w http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
		if !is(http.MethodPost, "snapshots")(r) {
			return false
		}
		w.WriteHeader(http.StatusGatewayTimeout)
		time.AfterFunc(6*time.Second, func() { forward(httptest.NewRecorder()) })
		return true
	})
	made, err := through(t, c).Create(t.Context(), client.CreateRequest{VolumeID: volume, Name: "late"})
	if err != nil {
		t.Fatal(err)
	}
	if found := c.Snapshots(volume); len(found) != 1 || found[0].ID != made.ID {
		t.Errorf("returned %s, and there are %v", made.ID, found)
	}
	posts := 0
	for _, r := range c.Requests() {
		if r.Method == http.MethodPost {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("%d requests to create", posts)
	}
}

// The clock of this machine does not matter, only that of the cloud.
func TestLostCreateUnderClockSkew(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-time.Hour, time.Hour, 0} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			server := time.Now().Add(skew).UTC()
			made := fmt.Sprintf(`{"id": %q, "volume_id": %q, "status": "available", "created_at": %q}`, snapshot, volume, server.Format("2006-01-02T15:04:05.000000"))
			old := fmt.Sprintf(`{"id": "old", "volume_id": %q, "status": "available", "created_at": %q}`, volume, server.Add(-time.Minute).Format("2006-01-02T15:04:05.000000"))
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
				if r.Method == http.MethodPost {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				fmt.Fprintf(w, `{"snapshots": [%s, %s]}`, made, old)
			})
			got, err := s.open().Create(t.Context(), client.CreateRequest{VolumeID: volume})
			if err != nil || got.ID != snapshot {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// An interrupt while the request is under way still learns its answer.
func TestInterruptedCreateLearnsItsAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		time.Sleep(300 * time.Millisecond)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, show("creating"))
	})
	got, err := s.open().Create(ctx, client.CreateRequest{VolumeID: volume})
	if err != nil || got.ID != snapshot {
		t.Errorf("%+v, %v", got, err)
	}
}

// Where the answer is lost and nothing can be found out, the error says so.
func TestLostCreateThatCannotBeFoundOut(t *testing.T) {
	t.Parallel()
	// The sign-in is within it, also on a busy machine.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s := newScript(t, always(http.StatusServiceUnavailable, ""))
	_, err := s.open().Create(ctx, client.CreateRequest{VolumeID: volume, Name: "x"})
	var lost *client.LostCreateError
	var api *openstack.APIError
	if !errors.As(err, &lost) || !errors.As(err, &api) || lost.Request.Name != "x" {
		t.Errorf("%v", err)
	}
	posts := 0
	for _, line := range s.Requests() {
		if strings.HasPrefix(line, "POST") {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("%d requests to create", posts)
	}
}

// A sign-in that fails has asked for no snapshot, whatever its own answer was.
func TestFailedSignInIsNoLostCreate(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, `{"snapshots": []}`))
	s.SignIn = always(http.StatusGatewayTimeout, "")
	_, err := s.open().Create(t.Context(), client.CreateRequest{VolumeID: volume})
	var signIn *openstack.SignInError
	var lost *client.LostCreateError
	if !errors.As(err, &signIn) || errors.As(err, &lost) {
		t.Errorf("%v", err)
	}
}

// A refusal is final: no list, no second request.
func TestRefusedCreate(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 409} {
		s := newScript(t, always(status, ""))
		if _, err := s.open().Create(t.Context(), client.CreateRequest{VolumeID: volume}); err == nil {
			t.Errorf("%d: no error", status)
		}
		wantLines(t, s.Requests(), "POST /snapshots")
	}
}

// A quota says which, how much is used, and is not retried.
func TestAccQuota(t *testing.T) {
	t.Parallel()
	t.Run("scripted", func(t *testing.T) {
		t.Parallel()
		for _, row := range []struct{ message, quota string }{
			{"SnapshotLimitExceeded: Maximum number of snapshots allowed (70) exceeded", "the snapshots quota of the project is 70, 70 are used, and 1 more were asked for"},
			{"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 10G, quota is 100G and 99G has been consumed.", "the gigabytes quota of the project is 100, 99 are used, and 10 more were asked for"},
			{"Invalid metadata size: too long", ""},
			// The quotas of a volume type are in no limits.
			{"SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded", ""},
			{"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_fake quota. Requested 1G, quota is 2G and 2G has been consumed.", ""},
		} {
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/limits") {
					fmt.Fprint(w, `{"limits": {"absolute": {"maxTotalSnapshots": 70, "totalSnapshotsUsed": 70, "maxTotalVolumeGigabytes": 100, "totalGigabytesUsed": 99}}}`)
					return
				}
				w.Header().Set("Retry-After", "0")
				fault(w, http.StatusRequestEntityTooLarge, "overLimit", row.message)
			})
			_, err := s.open(func(c *openstack.Config) { c.MaxRetries = nil }).Create(t.Context(), client.CreateRequest{VolumeID: volume})
			var quota *client.QuotaError
			if errors.As(err, &quota) != (row.quota != "") || !strings.Contains(err.Error(), row.quota) || !strings.Contains(err.Error(), row.message) {
				t.Errorf("%v", err)
			}
			if n := len(s.Requests()); n > 2 {
				t.Errorf("%d requests", n)
			}
		}
	})
}
