package client_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/openstack/openstacktest"
)

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
			cinder := &openstacktest.Ranged{Min: row.min, Max: 70, Volume: row.volume}
			b := newScript(t, cinder.ServeHTTP).open()
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
			if !slices.Equal(cinder.Force, row.sent) {
				t.Errorf("force was sent as %q, want %q", cinder.Force, row.sent)
			}
		})
	}
}

// Where the client itself looks whether a volume is in use, a failure of that look
// has asked for no snapshot.
func TestAFailedReadOfTheVolumeIsNoLostCreate(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusGatewayTimeout, 522} {
		cinder := &openstacktest.Ranged{Min: 66, Max: 70}
		s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/volumes/") {
				w.WriteHeader(status)
				return
			}
			cinder.ServeHTTP(w, r)
		})
		b := s.open()
		if _, err := b.Get(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		_, err := b.Create(t.Context(), client.CreateRequest{VolumeID: volume})
		var api *openstack.APIError
		if !errors.As(err, &api) || api.Status != status || errors.As(err, new(*client.LostCreateError)) {
			t.Errorf("%d: %v", status, err)
		}
		for _, line := range s.Requests() {
			if strings.HasPrefix(line, "POST") || strings.Contains(line, "detail") {
				t.Errorf("%d: %s", status, line)
			}
		}
	}
}
