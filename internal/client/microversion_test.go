package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// ranged is a Cinder that takes only these microversions, and records which
// were asked for and what the creates said of force.
type ranged struct {
	min, max int
	volume   string // status of every volume

	mu    sync.Mutex
	asked []string
	force []string
}

func (r *ranged) serve(w http.ResponseWriter, req *http.Request) {
	if strings.HasSuffix(req.URL.Path, "/v3/") {
		fmt.Fprintf(w, `{"versions": [{"id": "v3.0", "version": "3.%d", "min_version": "3.%d"}]}`, r.max, r.min)
		return
	}
	version := req.Header.Get("OpenStack-API-Version")
	r.mu.Lock()
	r.asked = append(r.asked, strings.TrimPrefix(version, "volume "))
	r.mu.Unlock()
	var minor int
	if _, err := fmt.Sscanf(version, "volume 3.%d", &minor); err == nil && (minor > r.max || minor < r.min) {
		fault(w, http.StatusNotAcceptable, "computeFault", "Version "+version+" is not supported by the API.")
		return
	}
	if strings.Contains(req.URL.Path, "/volumes/") {
		fmt.Fprintf(w, `{"volume": {"status": %q}}`, r.volume)
		return
	}
	if req.Method == http.MethodPost {
		body, _ := io.ReadAll(req.Body)
		if minor >= 66 && strings.Contains(string(body), `"force":false`) {
			fault(w, http.StatusBadRequest, "badRequest", "Since microversion 3.66 the 'force' flag is invalid for this request.")
			return
		}
		var made struct {
			Snapshot map[string]json.RawMessage `json:"snapshot"`
		}
		_ = json.Unmarshal(body, &made)
		r.mu.Lock()
		r.force = append(r.force, string(made.Snapshot["force"]))
		r.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}
	fmt.Fprint(w, show("creating"))
}

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
			cinder := &ranged{min: row.min, max: row.max}
			b := newScript(t, cinder.serve).open()
			for range 2 {
				if _, err := b.Get(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(cinder.asked, row.asked) {
				t.Errorf("asked for %v, want %v", cinder.asked, row.asked)
			}
		})
	}
}

// Many requests that find out at once read the range once.
func TestRangeIsReadOnce(t *testing.T) {
	t.Parallel()
	cinder := &ranged{max: 10}
	s := newScript(t, cinder.serve)
	b := s.open()
	for _, err := range parallel(20, func() error { _, err := b.Get(t.Context(), snapshot); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	documents := 0
	for _, line := range s.requests() {
		if strings.HasSuffix(line, "/v3/") {
			documents++
		}
	}
	if documents != 1 {
		t.Errorf("the range was read %d times", documents)
	}
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
			cinder := &ranged{max: 10}
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Auth-Token") == "token-1" && refused(r) {
					fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
					return
				}
				cinder.serve(w, r)
			})
			if _, err := s.open().Get(t.Context(), snapshot); err != nil {
				t.Error(err)
			}
			if n := len(s.signIns()); n != 2 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

// API v2 has no microversions, and is asked for none.
func TestV2HasNoMicroversion(t *testing.T) {
	t.Parallel()
	cinder := &ranged{max: -1}
	s := newScript(t, cinder.serve)
	s.catalog = "[" + entry("volumev2", at("public", "east", "/v2/"+project)) + "]"
	if _, err := s.open().Get(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cinder.asked, []string{""}) {
		t.Errorf("asked for %q", cinder.asked)
	}
}

// Whatever the cloud has, force means what it says.
func TestForce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		min    int
		known  bool // whether an earlier request has found out the range
		force  bool
		volume string
		sent   []string
		inUse  bool
	}{
		"usual, not forced":               {0, false, false, "in-use", []string{"false"}, false},
		"usual, forced":                   {0, false, true, "in-use", []string{"true"}, false},
		"from 3.66 on, forced":            {66, true, true, "in-use", []string{"true"}, false},
		"from 3.66 on, not forced":        {66, true, false, "available", []string{""}, false},
		"from 3.66 on, refused when used": {66, true, false, "in-use", nil, true},
		"found out by the create itself":  {66, false, false, "available", []string{""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cinder := &ranged{min: row.min, max: 70, volume: row.volume}
			b := newScript(t, cinder.serve).open()
			if row.known {
				if _, err := b.Get(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
			}
			_, err := b.Create(t.Context(), client.CreateRequest{VolumeID: volume, Force: row.force})
			var inUse *client.VolumeInUseError
			if errors.As(err, &inUse) != row.inUse || !row.inUse && err != nil {
				t.Errorf("%v", err)
			}
			if !slices.Equal(cinder.force, row.sent) {
				t.Errorf("force was sent as %q, want %q", cinder.force, row.sent)
			}
		})
	}
}

// Where the client itself looks whether a volume is in use, a failure of that look
// has asked for no snapshot.
func TestAFailedLookAtTheVolumeIsNoLostCreate(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusGatewayTimeout, 522} {
		cinder := &ranged{min: 66, max: 70}
		s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/volumes/") {
				w.WriteHeader(status)
				return
			}
			cinder.serve(w, r)
		})
		b := s.open()
		if _, err := b.Get(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		_, err := b.Create(t.Context(), client.CreateRequest{VolumeID: volume})
		var api *client.APIError
		if !errors.As(err, &api) || api.Status != status || errors.As(err, new(*client.LostCreateError)) {
			t.Errorf("%d: %v", status, err)
		}
		for _, line := range s.requests() {
			if strings.HasPrefix(line, "POST") || strings.Contains(line, "detail") {
				t.Errorf("%d: %s", status, line)
			}
		}
	}
}
