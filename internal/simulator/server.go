package simulator

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
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
	// Region is the name of the only region: "" means RegionOne.
	Region string
	// Regions names several regions, each with its own Cinder; Region is then ignored.
	Regions []string
	// SnapshotQuota is the most snapshots of a project, GigabyteQuota the most gigabytes of its volumes and
	// snapshots together: zero means 100000 and 10000000. An administrator can change both for a project.
	SnapshotQuota, GigabyteQuota int
	// Password is that of all users: "" means "secret".
	Password string
}

// Server is a simulated Keystone and Cinder. It is safe for concurrent use.
type Server struct {
	options     Options
	release     release // as Options limit it
	now         func() time.Time
	regions     []*region
	regionPaths map[string]*region // first segment of the path to the region

	mu       sync.Mutex // guards what follows, and the regions' content
	identity *identity
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
		options.Regions = []string{cmp.Or(options.Region, "RegionOne")}
	}
	s := &Server{
		options:     options,
		release:     *releaseFor(options),
		now:         func() time.Time { return time.Now().UTC() },
		regionPaths: map[string]*region{},
	}
	if v, ok := parseMicroversion(options.MaxMicroversion); ok {
		s.release.highest = min(v, s.release.highest)
	}
	types := newVolumeTypes()
	for i, name := range options.Regions {
		path := "volume"
		if i > 0 {
			path += "-" + name
		}
		r := newRegion(s, name, path, types)
		s.regions = append(s.regions, r)
		s.regionPaths[path] = r
	}
	s.identity = newIdentity(s)
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
	requestID := "req-" + newUUID()
	w.Header().Set("X-Openstack-Request-Id", requestID)
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !strings.HasPrefix(r.URL.Path[len("/"+first):], "/") {
		rest = ""
	} else {
		rest = "/" + rest
	}
	if first == "identity" {
		s.serveIdentity(w, r, rest)
		return
	}
	if region := s.regionPaths[first]; region != nil {
		region.serve(w, r, rest, requestID)
		return
	}
	noRoute(w, r)
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

// scheme is http or https; a proxy may say that it was https before it.
func scheme(r *http.Request) string {
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		return "https"
	}
	return "http"
}

// baseURL is the address under which the client reached the server, so that links lead through the same
// proxies.
func baseURL(r *http.Request) string {
	host := r.Host
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" {
		parts := strings.Split(forwarded, ",")
		host = strings.TrimSpace(parts[len(parts)-1])
	}
	return scheme(r) + "://" + host
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data := encode(body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func writeText(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newID is an id as Keystone makes them: 32 hexadecimal digits.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
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
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.regions[0]
	user := s.identity.userByName("demo")
	now := s.now()
	v := &volume{
		id: newUUID(), name: &name, size: size, status: "available", kind: r.types.named("fake"),
		project: user.project.id, user: user.id, created: now, updated: now, placed: true,
	}
	r.volumes.add(v)
	r.charge(v.project, v.usage(), 1)
	return v.id
}

// SeedSnapshots adds available snapshots of a volume: named PREFIX-00001 and so on, with the metadata
// seed=PREFIX and n=NUMBER, born one second apart, the last one now. It is for lists too long to make through
// the API.
func (s *Server) SeedSnapshots(volumeID string, count int, prefix string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.regions {
		v := r.volumes.byID[volumeID]
		if v == nil {
			continue
		}
		now := s.now()
		for n := 1; n <= count; n++ {
			name := fmt.Sprintf("%s-%05d", prefix, n)
			born := now.Add(-time.Duration(count-n) * time.Second)
			x := &snapshot{
				id: newUUID(), volume: v.id, name: &name, size: v.size, status: "available", progress: "100%",
				kind: v.kind, project: v.project, user: v.user, created: born, updated: born,
				metadata: metadata{{"seed", prefix}, {"n", strconv.Itoa(n)}},
			}
			r.snapshots.add(x)
			r.charge(x.project, x.usage(), 1)
		}
		return nil
	}
	return fmt.Errorf("no volume %s", volumeID)
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
