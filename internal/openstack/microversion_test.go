package openstack_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/openstack/openstacktest"
)

func TestMicroversions(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		min, max int
		asked    []string
	}{
		// The usual: no look at the range at all.
		"all":       {0, 70, []string{"3.65", "3.65"}},
		"enough":    {0, 65, []string{"3.65", "3.65"}},
		"old":       {0, 27, []string{"3.65", "3.27", "3.27"}},
		"only 3.0":  {0, 0, []string{"3.65", "3.0", "3.0"}},
		"only new":  {66, 80, []string{"3.65", "3.66", "3.66"}},
		"only then": {50, 50, []string{"3.65", "3.50", "3.50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cinder := &openstacktest.Ranged{Min: row.min, Max: row.max}
			b := newScript(t, cinder.ServeHTTP).open()
			for range 2 {
				if _, err := b.Get(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(cinder.Asked, row.asked) {
				t.Errorf("asked for %v, want %v", cinder.Asked, row.asked)
			}
		})
	}
}

// An API that has the microversion and refuses it all the same is not asked again: it
// would say the same.
func TestRefusedMicroversionIsNotALoop(t *testing.T) {
	t.Parallel()
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/v3/") {
			always(200, `{"versions": [{"id": "v3.0", "version": "3.70", "min_version": "3.0"}]}`)(w, r)
			return
		}
		fault(w, http.StatusNotAcceptable, "computeFault", "No.")
	})
	if _, err := s.open().Get(t.Context(), snapshot); !openstack.HasStatus(err, http.StatusNotAcceptable) {
		t.Error(err)
	}
	wantLines(t, s.Requests(), "GET /snapshots/"+snapshot, "GET /v3/")
}

// Many requests that find out at once read the range once.
func TestRangeIsReadOnce(t *testing.T) {
	t.Parallel()
	cinder := &openstacktest.Ranged{Max: 10}
	s := newScript(t, cinder.ServeHTTP)
	b := s.open()
	for _, err := range parallel(20, func() error { _, err := b.Get(t.Context(), snapshot); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	documents := 0
	for _, line := range s.Requests() {
		if strings.HasSuffix(line, "/v3/") {
			documents++
		}
	}
	if documents != 1 {
		t.Errorf("the range was read %d times", documents)
	}
}

// A read of the range that is refused for its rate ends, also after whoever began it. Time is virtual.
func TestTheReadOfTheRangeEnds(t *testing.T) {
	t.Parallel()
	cinder := &openstacktest.Ranged{Max: 10}
	limited := true
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if limited && strings.HasSuffix(r.URL.Path, "/v3/") {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		cinder.ServeHTTP(w, r)
	})
	synctest.Test(t, func(t *testing.T) {
		b := s.open(func(c *openstack.Config) { c.Network, c.MaxRetries = inMemory{s}, nil })
		for _, patience := range []time.Duration{time.Minute, time.Hour} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			began := time.Now()
			if _, err := b.Get(ctx, snapshot); err == nil || time.Since(began) > 2*time.Minute {
				t.Errorf("after %s of %s: %v", time.Since(began), patience, err)
			}
			cancel()
			time.Sleep(3 * time.Minute)
			asked := len(s.Requests())
			time.Sleep(time.Hour)
			if later := len(s.Requests()); later != asked {
				t.Errorf("after %s: %d requests more", patience, later-asked)
			}
		}
		limited = false
		time.Sleep(time.Hour)
	})
}

// An old API refuses the microversion before it looks at the token, which may
// have ended as well: that shows in the look at the range, or only after it.
func TestRangeIsReadWithANewToken(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]func(r *http.Request) bool{
		"the range":   func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/v3/") },
		"the request": func(r *http.Request) bool { return r.Header.Get("OpenStack-API-Version") == "volume 3.10" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cinder := &openstacktest.Ranged{Max: 10}
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Auth-Token") == "token-1" && refused(r) {
					fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
					return
				}
				cinder.ServeHTTP(w, r)
			})
			if _, err := s.open().Get(t.Context(), snapshot); err != nil {
				t.Error(err)
			}
			if n := len(s.SignIns()); n != 2 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

// API v2 has no microversions, and is asked for none.
func TestV2HasNoMicroversion(t *testing.T) {
	t.Parallel()
	cinder := &openstacktest.Ranged{Max: -1}
	s := newScript(t, cinder.ServeHTTP)
	s.Catalog = "[" + entry("volumev2", at("public", "east", "/v2/"+project)) + "]"
	if _, err := s.open().Get(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cinder.Asked, []string{""}) {
		t.Errorf("asked for %q", cinder.Asked)
	}
}
