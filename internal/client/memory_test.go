package client

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// memory is a simulated cloud without a network in between, so that time can be
// virtual (testing/synctest).
type memory struct {
	*simulator.Server
	t testing.TB
	// instead answers in place of the cloud, where it returns true.
	instead func(http.ResponseWriter, *http.Request) bool
	// slowBody, unless nil, is how long a body takes after the header.
	slowBody func(*http.Request) time.Duration
	// date, unless nil, is how far the clock in the header is ahead.
	date func(*http.Request) time.Duration
	// undated says that there is no such header, as where uWSGI answers.
	undated bool

	mu       sync.Mutex
	requests []sent
}

// sent is a request to Cinder that has been answered.
type sent struct {
	method, path string
	query        url.Values
	status       int
}

func (s sent) String() string {
	return strings.TrimSuffix(s.method+" "+s.path+"?"+s.query.Encode(), "?")
}

func inMemory(t testing.TB, options simulator.Options) *memory {
	return &memory{Server: simulator.New(options), t: t}
}

// open makes a client of the cloud, with the configuration changed by some.
func (m *memory) open(change ...func(*openstack.Config)) *BlockStorage {
	m.t.Helper()
	env := m.Environment("http://cloud.example.com", "demo")
	config := openstack.Config{
		Config:  transport.Config{Network: m},
		AuthURL: env["OS_AUTH_URL"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
		ProjectName: env["OS_PROJECT_NAME"], Region: env["OS_REGION_NAME"],
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		m.t.Fatal(err)
	}
	return c.BlockStorage("")
}

// sharedBy is what is shared of the endpoint.
func (m *memory) sharedBy(b *BlockStorage) *shared {
	m.t.Helper()
	_, s, err := b.open(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// wantAllSlots wants so many requests to be under way at a time, as they are where
// none is still on its way.
func (m *memory) wantAllSlots(b *BlockStorage, slots int) {
	m.t.Helper()
	var underWay atomic.Int64
	release := make(chan struct{})
	m.instead = func(http.ResponseWriter, *http.Request) bool {
		underWay.Add(1)
		<-release
		return false
	}
	var requests sync.WaitGroup
	for range slots + 5 {
		requests.Go(func() { _, _ = b.Get(m.t.Context(), "none") })
	}
	time.Sleep(time.Minute / 2)
	if n := underWay.Load(); n != int64(slots) {
		m.t.Errorf("%d requests are under way at a time, want %d: another one is still on its way", n, slots)
	}
	close(release)
	requests.Wait()
}

// gotConn tells the request that it has a connection, as net/http does.
func gotConn(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	gotConn(req)
	received := req.Clone(req.Context())
	received.Host = req.URL.Host
	if received.Body == nil {
		received.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	if m.instead == nil || !m.instead(recorder, received) {
		m.ServeHTTP(recorder, received)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if _, path, ok := strings.Cut(req.URL.Path, "/snapshots"); ok {
		m.mu.Lock()
		m.requests = append(m.requests, sent{req.Method, "snapshots" + path, maps.Clone(req.URL.Query()), recorder.Code})
		m.mu.Unlock()
	}
	resp := recorder.Result()
	resp.Request = req
	ahead := time.Duration(0)
	if m.date != nil {
		ahead = m.date(req)
	}
	if !m.undated {
		resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}
	if m.slowBody != nil {
		resp.Body = &delayedBody{resp.Body, m.slowBody(req)}
	}
	return resp, nil
}

// delayedBody takes its time before the first byte.
type delayedBody struct {
	io.ReadCloser
	delay time.Duration
}

func (b *delayedBody) Read(p []byte) (int, error) {
	time.Sleep(b.delay)
	b.delay = 0
	return b.ReadCloser.Read(p)
}

// forget empties the record of requests.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = nil
}

// count counts the requests by what they are: "list", "read", or the method.
func (m *memory) count() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[string]int{}
	for _, r := range m.requests {
		switch {
		case r.method != http.MethodGet:
			counts[r.method]++
		case r.path == "snapshots/detail":
			counts["list"]++
		default:
			counts["read"]++
		}
		counts["all"]++
	}
	return counts
}

func isCreate(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/snapshots")
}

func isListing(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/snapshots/detail")
}

// listings lets this answer each listing in place of the cloud.
func (m *memory) listings(answer func(http.ResponseWriter, *http.Request)) {
	m.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if isListing(r) {
			answer(w, r)
		}
		return isListing(r)
	}
}

// listingsWithout lets the cloud ignore these parameters of listings.
func (m *memory) listingsWithout(parameters ...string) {
	m.listings(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		for _, name := range parameters {
			query.Del(name)
		}
		r.URL.RawQuery = query.Encode()
		m.ServeHTTP(w, r)
	})
}

// answer is what the cloud answers to a request, which does not get it.
func (m *memory) answer(r *http.Request) []byte {
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, r)
	return recorder.Body.Bytes()
}

// lose lets the cloud act on a request, and a gateway lose the answer.
func (m *memory) lose(w http.ResponseWriter, r *http.Request) {
	m.ServeHTTP(httptest.NewRecorder(), r)
	w.WriteHeader(http.StatusBadGateway)
}

// after lets the cloud act on a request when some time has passed, also where its
// sender has given it up.
func (m *memory) after(d time.Duration, r *http.Request) {
	r = r.Clone(context.WithoutCancel(r.Context()))
	time.AfterFunc(d, func() { m.ServeHTTP(httptest.NewRecorder(), r) })
}

// snapshotsOf are those that the cloud has of a volume.
func (m *memory) snapshotsOf(volume string) (found []Snapshot) {
	m.t.Helper()
	for s, err := range m.open().List(context.WithoutCancel(m.t.Context()), Filter{VolumeID: volume}) {
		if err != nil {
			m.t.Fatal(err)
		}
		found = append(found, s)
	}
	return found
}

// tag adds a key to all snapshots of a volume, as a backend or a tool may.
func (m *memory) tag(b *BlockStorage, volume string) {
	m.t.Helper()
	for _, s := range m.snapshotsOf(volume) {
		of := Reference{ID: s.ID, VolumeID: volume}
		if err := b.ChangeMetadata(m.t.Context(), of, MetadataChange{Set: map[string]string{"array": "7"}}); err != nil {
			m.t.Error(err)
		}
	}
}

// wantOnly wants the cloud to have one snapshot of the volume, and a create to
// have returned that.
func (m *memory) wantOnly(volume string, made Snapshot, err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	if found := m.snapshotsOf(volume); len(found) != 1 || found[0].ID != made.ID {
		m.t.Errorf("returned %s, and there are %v", made.ID, found)
	}
}
