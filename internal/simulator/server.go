package simulator

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/cinder"
	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// Options shape a simulated cloud. The zero value is a cloud like the one whose behaviour was watched, with
// short waits.
type Options struct {
	// CreateTime is how long an object stays creating after the request: zero means 150 ms, what Cinder's test
	// driver takes.
	CreateTime time.Duration
	// DeleteTime is how long an object stays deleting: zero means 100 ms.
	DeleteTime time.Duration
	// Latency is added before every answer.
	Latency time.Duration
	// Release is the release of Debian whose Keystone and Cinder this is, one of [Releases]: "" means 12, or 11
	// where the catalogue has volumev2.
	Release string
	// TokenLife is how long a token is valid: zero means an hour.
	TokenLife time.Duration
	// PageLimit is Cinder's osapi_max_limit, the most items in a page: zero means 1000.
	PageLimit int
	// CatalogTypes are the catalogue entries for Cinder: nil means volumev3 and block-storage. The type volumev2
	// has a /v2/ URL, which only release 11 serves, and all others /v3/.
	CatalogTypes []string
	// MaxMicroversion is the highest microversion, from "3.0": "" means the release's own, and no higher one is had.
	MaxMicroversion string
	// Regions names the regions, each with its own Cinder: nil means RegionOne alone.
	Regions []string
	// SnapshotQuota is the most snapshots of a project, GigabyteQuota the most gigabytes of its volumes and
	// snapshots together: zero means 100000 and 10000000. An administrator can change both for a project.
	SnapshotQuota, GigabyteQuota int
	// Password is that of all users: "" means "secret".
	Password string
}

// Server is a simulated Keystone and Cinder. It is safe for concurrent use.
type Server struct {
	options  Options
	keystone *keystone.Keystone
	regions  map[string]*cinder.Region // by the first segment of the path
}

// New returns a cloud with the users demo, demo2 and admin, each in a project of its own name.
func New(options Options) *Server {
	options.CreateTime = cmp.Or(options.CreateTime, 150*time.Millisecond)
	options.DeleteTime = cmp.Or(options.DeleteTime, 100*time.Millisecond)
	options.TokenLife = cmp.Or(options.TokenLife, time.Hour)
	options.PageLimit = cmp.Or(options.PageLimit, 1000)
	options.SnapshotQuota = cmp.Or(options.SnapshotQuota, 100000)
	options.GigabyteQuota = cmp.Or(options.GigabyteQuota, 10000000)
	options.Password = cmp.Or(options.Password, "secret")
	if options.CatalogTypes == nil {
		options.CatalogTypes = []string{"volumev3", "block-storage"}
	}
	if len(options.Regions) == 0 {
		options.Regions = []string{"RegionOne"}
	}
	release := releaseFor(options)
	s := &Server{options: options, regions: map[string]*cinder.Region{}}
	tokens := keystone.Options{
		Release: keystone.Releases[release], Password: options.Password, TokenLife: options.TokenLife, Regions: options.Regions,
	}
	paths := make([]string, len(options.Regions))
	for i, name := range options.Regions {
		paths[i] = "volume"
		if i > 0 {
			paths[i] += "-" + name
		}
	}
	for _, t := range options.CatalogTypes {
		entry := keystone.Volumes{Type: t}
		for _, path := range paths {
			entry.Paths = append(entry.Paths, "/"+path+"/"+catalogVersion(t))
		}
		tokens.Volumes = append(tokens.Volumes, entry)
	}
	s.keystone = keystone.New(tokens)
	types := cinder.NewVolumeTypes()
	for _, path := range paths {
		s.regions[path] = cinder.New(cinder.Options{
			Release: cinder.Releases[release], MaxMicroversion: options.MaxMicroversion,
			CreateTime: options.CreateTime, DeleteTime: options.DeleteTime, PageLimit: options.PageLimit,
			SnapshotQuota: options.SnapshotQuota, GigabyteQuota: options.GigabyteQuota,
		}, path, types, s.keystone)
	}
	return s
}

// catalogVersion is the version of Cinder that a catalogue entry leads to.
func catalogVersion(catalogType string) string {
	if catalogType == "volumev2" {
		return "v2"
	}
	return "v3"
}

// ServeHTTP answers as Keystone under /identity and as Cinder under /volume.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !pause(r.Context(), s.options.Latency) {
		return
	}
	requestID := "req-" + python.NewUUID()
	w.Header().Set("X-Openstack-Request-Id", requestID)
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !strings.HasPrefix(r.URL.Path[len("/"+first):], "/") {
		rest = ""
	} else {
		rest = "/" + rest
	}
	if first == "identity" {
		s.keystone.Serve(w, r, rest)
		return
	}
	if region := s.regions[first]; region != nil {
		region.Serve(w, r, rest, requestID)
		return
	}
	cinder.NoRoute(w, r)
}

// pause waits, and says whether the client is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Environment returns the OS_* variables with which a client signs in as a user (demo, demo2 or admin) to a
// server that listens at baseURL, for instance http://127.0.0.1:8080.
func (s *Server) Environment(baseURL, user string) map[string]string {
	return map[string]string{
		"OS_AUTH_URL":             strings.TrimRight(baseURL, "/") + "/identity/v3",
		"OS_IDENTITY_API_VERSION": "3",
		"OS_REGION_NAME":          s.options.Regions[0],
		"OS_INTERFACE":            "public",
		"OS_USERNAME":             user,
		"OS_PASSWORD":             s.options.Password,
		"OS_PROJECT_NAME":         user,
		"OS_USER_DOMAIN_NAME":     "Default",
		"OS_PROJECT_DOMAIN_NAME":  "Default",
	}
}

// SeedVolume adds an available volume of the type fake to the project demo, in the first region, and returns
// its id. Size is in gigabytes.
func (s *Server) SeedVolume(name string, size int) string {
	user, project := s.keystone.Project("demo")
	return s.regions["volume"].SeedVolume(name, size, project, user)
}

// SeedSnapshots adds available snapshots of a volume: named PREFIX-00001 and so on, with the metadata
// seed=PREFIX and n=NUMBER, born one second apart, the last one now. It is for lists too long to make through
// the API.
func (s *Server) SeedSnapshots(volumeID string, count int, prefix string) error {
	for _, region := range s.regions {
		if region.SeedSnapshots(volumeID, count, prefix) {
			return nil
		}
	}
	return fmt.Errorf("no volume %s", volumeID)
}

// Group makes a snapshot, in the first region, the member of a group snapshot and returns the id of that.
func (s *Server) Group(snapshotID string) string { return s.regions["volume"].Group(snapshotID) }

// Ungroup undoes what Group did.
func (s *Server) Ungroup(snapshotID string) { s.regions["volume"].Ungroup(snapshotID) }

// Transfer gives a volume, in the first region, to the project of a user (demo, demo2 or admin), with its snapshots
// unless they stay.
func (s *Server) Transfer(volumeID, to string, snapshotsStay bool) {
	user, project := s.keystone.Project(to)
	s.regions["volume"].Transfer(volumeID, project, user, snapshotsStay)
}
