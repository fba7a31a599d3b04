package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/cinder"
)

// client speaks to a server without a network.
type client struct {
	t     testing.TB
	s     *Server
	base  string // of Cinder, with the version and the project
	token string
	user  string
}

const address = "http://cloud.test"

// signedIn returns a client with a token for the user's own project.
func signedIn(t testing.TB, s *Server, user string) *client {
	t.Helper()
	c := &client{t: t, s: s, user: user}
	c.signIn()
	return c
}

func (c *client) signIn() {
	c.t.Helper()
	body := fmt.Sprintf(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": %q, "password": %q,
		"domain": {"id": "default"}}}}, "scope": {"project": {"name": %q, "domain": {"id": "default"}}}}}`,
		c.user, c.s.options.Password, c.user)
	status, header, answer := c.do(http.MethodPost, address+"/identity/v3/auth/tokens", body)
	if status != http.StatusCreated {
		c.t.Fatalf("sign-in of %s: %d %s", c.user, status, answer)
	}
	c.token = header.Get("X-Subject-Token")
	c.base = c.endpoints(answer)[0].url
}

type place struct{ kind, region, url string }

// endpoints returns Cinder's public endpoints in the catalogue of a sign-in.
func (c *client) endpoints(answer []byte) []place {
	c.t.Helper()
	var parsed struct {
		Token struct {
			Catalog []struct {
				Type      string
				Endpoints []struct{ Interface, Region, URL string }
			}
		}
	}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		c.t.Fatal(err)
	}
	var places []place
	for _, entry := range parsed.Token.Catalog {
		for _, e := range entry.Endpoints {
			if e.Interface == "public" && entry.Type != "identity" && entry.Type != "image" {
				places = append(places, place{entry.Type, e.Region, e.URL})
			}
		}
	}
	return places
}

// do sends a request: to a whole URL, or to a path below the project.
func (c *client) do(method, target, body string, headers ...string) (int, http.Header, []byte) {
	c.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = c.base + target
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, target, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", c.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("OpenStack-API-Version", "volume latest")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.Bytes()
}

// want sends a request whose status is known, and decodes the answer.
func (c *client) want(status int, method, target, body string, headers ...string) map[string]any {
	c.t.Helper()
	got, _, answer := c.do(method, target, body, headers...)
	if got != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", method, target, got, status, answer)
	}
	var value map[string]any
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &value); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, target, err, answer)
		}
	}
	return value
}

// make creates an object and returns its id.
func (c *client) make(kind, members string) string {
	c.t.Helper()
	answer := c.want(http.StatusAccepted, http.MethodPost, "/"+kind+"s", fmt.Sprintf(`{%q: {%s}}`, kind, members))
	return answer[kind].(map[string]any)["id"].(string)
}

func (c *client) status(kind, id string) string {
	c.t.Helper()
	answer := c.want(http.StatusOK, http.MethodGet, "/"+kind+"s/"+id, "")
	return answer[kind].(map[string]any)["status"].(string)
}

func TestStatusesFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{CreateTime: 10 * time.Second, DeleteTime: 5 * time.Second}), "demo")
		v := c.make("volume", `"size": 1`)
		time.Sleep(9 * time.Second)
		if got := c.status("volume", v); got != "creating" {
			t.Errorf("volume after 9 s: %s", got)
		}
		time.Sleep(time.Second)
		if got := c.status("volume", v); got != "available" {
			t.Errorf("volume after 10 s: %s", got)
		}
		s := c.make("snapshot", `"volume_id": "`+v+`"`)
		if got := c.status("snapshot", s); got != "creating" {
			t.Errorf("snapshot at once: %s", got)
		}
		c.want(http.StatusBadRequest, http.MethodDelete, "/snapshots/"+s, "")
		time.Sleep(10 * time.Second)
		if got := c.status("snapshot", s); got != "available" {
			t.Errorf("snapshot after 10 s: %s", got)
		}
		c.want(http.StatusAccepted, http.MethodDelete, "/snapshots/"+s, "")
		if got := c.status("snapshot", s); got != "deleting" {
			t.Errorf("snapshot after its deletion: %s", got)
		}
		c.want(http.StatusBadRequest, http.MethodDelete, "/snapshots/"+s, "")
		c.want(http.StatusOK, http.MethodPost, "/snapshots/"+s+"/metadata", `{"metadata": {"a": "b"}}`)
		time.Sleep(5 * time.Second)
		c.want(http.StatusNotFound, http.MethodGet, "/snapshots/"+s, "")
	})
}

func TestVolumeOfADeletedSnapshotFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{CreateTime: 10 * time.Second, DeleteTime: time.Second}), "demo")
		v := c.make("volume", `"size": 1`)
		time.Sleep(10 * time.Second)
		s := c.make("snapshot", `"volume_id": "`+v+`"`)
		time.Sleep(10 * time.Second)
		made := c.make("volume", `"snapshot_id": "`+s+`"`)
		c.want(http.StatusAccepted, http.MethodDelete, "/snapshots/"+s, "")
		time.Sleep(10 * time.Second)
		if got := c.status("volume", made); got != "error" {
			t.Errorf("volume: %s", got)
		}
	})
}

func TestTokensExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{TokenLife: 20 * time.Second}), "demo")
		time.Sleep(19 * time.Second)
		c.want(http.StatusOK, http.MethodGet, "/snapshots", "")
		time.Sleep(time.Second)
		status, header, body := c.do(http.MethodGet, "/snapshots", "")
		const want = `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`
		if status != http.StatusUnauthorized || string(body) != want {
			t.Errorf("Cinder with an expired token: %d %s", status, body)
		}
		if got := header.Get("WWW-Authenticate"); got != `Keystone uri="`+address+`/identity/v3"` {
			t.Errorf("challenge %q", got)
		}
		c.want(http.StatusUnauthorized, http.MethodGet, address+"/identity/v3/auth/projects", "")
		c.signIn()
		c.want(http.StatusOK, http.MethodGet, "/snapshots", "")
	})
}

func TestTokenFromATokenLivesNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{TokenLife: 20 * time.Second}), "demo")
		time.Sleep(15 * time.Second)
		body := `{"auth": {"identity": {"methods": ["token"], "token": {"id": "` + c.token + `"}}}}`
		_, header, _ := c.do(http.MethodPost, address+"/identity/v3/auth/tokens", body)
		c.token = header.Get("X-Subject-Token")
		c.want(http.StatusOK, http.MethodGet, address+"/identity/v3/auth/projects", "")
		time.Sleep(5 * time.Second)
		c.want(http.StatusUnauthorized, http.MethodGet, address+"/identity/v3/auth/projects", "")
	})
}

// follow reads all pages of a list by their links and returns the ids.
func (c *client) follow(path string) (ids []string, pages int) {
	c.t.Helper()
	for path != "" {
		answer := c.want(http.StatusOK, http.MethodGet, path, "")
		pages++
		for _, item := range answer["snapshots"].([]any) {
			ids = append(ids, item.(map[string]any)["id"].(string))
		}
		path = ""
		if links, ok := answer["snapshots_links"].([]any); ok {
			path = links[0].(map[string]any)["href"].(string)
		}
	}
	return ids, pages
}

func TestPagesFollowEachOther(t *testing.T) {
	s := New(Options{})
	v := s.SeedVolume("vol", 1)
	if err := s.SeedSnapshots(v, 1000, "seed"); err != nil {
		t.Fatal(err)
	}
	c := signedIn(t, s, "demo")
	for _, query := range []string{
		"limit=100", "limit=100&sort=created_at:asc", "limit=100&sort=name:asc", "limit=100&sort=name:desc&status=available",
		"limit=100&sort=status:asc,name:desc", "limit=100&sort=updated_at:desc",
	} {
		ids, pages := c.follow("/snapshots/detail?" + query)
		seen := map[string]bool{}
		for _, id := range ids {
			seen[id] = true
		}
		if len(ids) != 1000 || len(seen) != 1000 || pages != 11 {
			t.Errorf("%s: %d ids, %d of them different, in %d pages", query, len(ids), len(seen), pages)
		}
	}
	answer := c.want(http.StatusOK, http.MethodGet, "/snapshots?limit=1", "")
	if got := answer["snapshots"].([]any)[0].(map[string]any)["name"]; got != "seed-01000" {
		t.Errorf("the newest is %v", got)
	}
	answer = c.want(http.StatusOK, http.MethodGet, `/snapshots?metadata={"n":"17"}`, "")
	if got := len(answer["snapshots"].([]any)); got != 1 {
		t.Errorf("%d snapshots with one's metadata", got)
	}
}

func TestPageLimit(t *testing.T) {
	s := New(Options{PageLimit: 10})
	if err := s.SeedSnapshots(s.SeedVolume("vol", 1), 25, "seed"); err != nil {
		t.Fatal(err)
	}
	c := signedIn(t, s, "demo")
	for _, path := range []string{"/snapshots", "/snapshots?limit=1000"} {
		if ids, pages := c.follow(path); len(ids) != 25 || pages != 3 {
			t.Errorf("%s: %d ids in %d pages", path, len(ids), pages)
		}
	}
}

func TestSeedSnapshotsOfNoVolume(t *testing.T) {
	if err := New(Options{}).SeedSnapshots("nothing", 1, "seed"); err == nil {
		t.Error("no error")
	}
}

func TestQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{SnapshotQuota: 2, GigabyteQuota: 6}), "demo")
		v := c.make("volume", `"size": 2`)
		time.Sleep(time.Second)
		first := c.make("snapshot", `"volume_id": "`+v+`"`)
		c.make("snapshot", `"volume_id": "`+v+`"`)
		create := `{"snapshot": {"volume_id": "` + v + `"}}`
		_, header, body := c.do(http.MethodPost, "/snapshots", create)
		if !strings.Contains(string(body), "quota is 6G and 6G has been consumed") || header.Get("Retry-After") != "0" {
			t.Errorf("beyond the gigabytes: %v %s", header, body)
		}
		time.Sleep(time.Second)
		c.want(http.StatusAccepted, http.MethodDelete, "/snapshots/"+first, "")
		c.want(http.StatusRequestEntityTooLarge, http.MethodPost, "/snapshots", create)
		time.Sleep(time.Second)
		c.want(http.StatusAccepted, http.MethodPost, "/snapshots", create)

		limits := c.want(http.StatusOK, http.MethodGet, "/limits", "")["limits"].(map[string]any)["absolute"].(map[string]any)
		if limits["totalSnapshotsUsed"] != 2.0 || limits["totalGigabytesUsed"] != 6.0 || limits["maxTotalSnapshots"] != 2.0 {
			t.Errorf("limits: %v", limits)
		}

		admin := signedIn(t, c.s, "admin")
		project := c.base[strings.LastIndexByte(c.base, '/'):]
		admin.want(http.StatusOK, http.MethodPut, "/os-quota-sets"+project, `{"quota_set": {"gigabytes": -1}}`)
		_, _, body = c.do(http.MethodPost, "/snapshots", create)
		if !strings.Contains(string(body), "Maximum number of snapshots allowed (2) exceeded") {
			t.Errorf("beyond the snapshots: %s", body)
		}
		admin.want(http.StatusOK, http.MethodDelete, "/os-quota-sets"+project, "")
		c.want(http.StatusRequestEntityTooLarge, http.MethodPost, "/snapshots", create)
	})
}

func TestProjectsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		demo, other := signedIn(t, s, "demo"), signedIn(t, s, "demo2")
		v := demo.make("volume", `"size": 1`)
		other.want(http.StatusNotFound, http.MethodGet, "/volumes/"+v, "")
		if got := other.want(http.StatusOK, http.MethodGet, "/volumes?all_tenants=1", "")["volumes"].([]any); len(got) != 0 {
			t.Errorf("another project sees %v", got)
		}
		other.want(http.StatusBadRequest, http.MethodGet, demo.base+"/volumes", "")
		admin := signedIn(t, s, "admin")
		if got := admin.want(http.StatusOK, http.MethodGet, "/volumes?all_tenants=1", "")["volumes"].([]any); len(got) != 1 {
			t.Errorf("an administrator sees %v", got)
		}
	})
}

func TestRegionsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{Regions: []string{"north", "south"}}), "demo")
		status, _, answer := c.do(http.MethodPost, address+"/identity/v3/auth/tokens",
			`{"auth": {"identity": {"methods": ["token"], "token": {"id": "`+c.token+`"}}, "scope": {"project":
			{"name": "demo", "domain": {"id": "default"}}}}}`)
		if status != http.StatusCreated {
			t.Fatal(status)
		}
		urls := map[string]string{}
		for _, p := range c.endpoints(answer) {
			urls[p.region] = p.url
		}
		v := c.make("volume", `"size": 1`)
		c.want(http.StatusOK, http.MethodGet, urls["north"]+"/volumes/"+v, "")
		c.want(http.StatusNotFound, http.MethodGet, urls["south"]+"/volumes/"+v, "")
	})
}

func TestCatalogTypes(t *testing.T) {
	for _, test := range []struct {
		types     []string
		reachable map[string]int
	}{
		{nil, map[string]int{"v3": 200, "v2": 404}},
		{[]string{"volumev2"}, map[string]int{"v3": 200, "v2": 200}},
		{[]string{"volumev3", "volumev2"}, map[string]int{"v3": 200, "v2": 200}},
	} {
		c := signedIn(t, New(Options{CatalogTypes: test.types}), "demo")
		project := c.base[strings.LastIndexByte(c.base, '/'):]
		for version, want := range test.reachable {
			status, _, body := c.do(http.MethodGet, address+"/volume/"+version+project+"/snapshots", "")
			if status != want {
				t.Errorf("%v: %s answers %d: %s", test.types, version, status, body)
			}
		}
	}
}

func TestV2HasNoMicroversions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{CatalogTypes: []string{"volumev2"}}), "demo")
		v := c.make("volume", `"size": 1`)
		time.Sleep(time.Second)
		status, header, body := c.do(http.MethodPost, "/snapshots", `{"snapshot": {"volume_id": "`+v+`"}}`)
		if status != http.StatusAccepted || header.Get(cinder.VersionHeader) != "" || bytes.Contains(body, []byte("user_id")) {
			t.Errorf("create: %d %v %s", status, header, body)
		}
		answer := c.want(http.StatusOK, http.MethodGet, "/snapshots?limit=1&name~=x", "")
		href := answer["snapshots_links"].([]any)[0].(map[string]any)["href"].(string)
		if !strings.HasPrefix(href, c.base+"/snapshots?") {
			t.Errorf("next page at %s", href)
		}
	})
}

func TestMaxMicroversion(t *testing.T) {
	c := signedIn(t, New(Options{MaxMicroversion: "3.0"}), "demo")
	c.want(http.StatusOK, http.MethodGet, "/snapshots", "")
	c.want(http.StatusOK, http.MethodGet, "/snapshots", "", cinder.VersionHeader, "volume 3.0")
	answer := c.want(http.StatusNotAcceptable, http.MethodGet, "/snapshots", "", cinder.VersionHeader, "volume 3.1")
	want := "Version 3.1 is not supported by the API. Minimum is 3.0 and maximum is 3.0."
	if got := answer["computeFault"].(map[string]any)["message"]; got != want {
		t.Errorf("message %q", got)
	}
	versions := c.want(http.StatusMultipleChoices, http.MethodGet, address+"/volume/", "")["versions"].([]any)
	if got := versions[0].(map[string]any)["version"]; got != "3.0" {
		t.Errorf("version %v", got)
	}
}

func TestLinksLeadThroughProxies(t *testing.T) {
	s := New(Options{})
	if err := s.SeedSnapshots(s.SeedVolume("vol", 1), 2, "seed"); err != nil {
		t.Fatal(err)
	}
	c := signedIn(t, s, "demo")
	behind := httptest.NewServer(s)
	defer behind.Close()
	target, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}})
	defer proxy.Close()

	project := c.base[strings.LastIndexByte(c.base, '/'):]
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, proxy.URL+"/volume/v3"+project+"/snapshots?limit=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", c.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Links []struct{ Href string } `json:"snapshots_links"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Links) != 1 {
		t.Fatalf("%v %v", err, answer)
	}
	if !strings.HasPrefix(answer.Links[0].Href, proxy.URL+"/") {
		t.Errorf("next page at %s, not at the proxy %s", answer.Links[0].Href, proxy.URL)
	}
	_, _, body := c.do(http.MethodGet, "/snapshots?limit=1", "", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.test, b.test")
	if !bytes.Contains(body, []byte(`"https://b.test/volume/v3/`)) {
		t.Errorf("no link to the forwarded host in %s", body)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := signedIn(t, New(Options{Latency: 3 * time.Second}), "demo")
		begin := time.Now()
		c.want(http.StatusOK, http.MethodGet, "/snapshots", "")
		if got := time.Since(begin); got != 3*time.Second {
			t.Errorf("answered after %s", got)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	s := New(Options{CreateTime: time.Microsecond, DeleteTime: time.Microsecond})
	admin := signedIn(t, s, "admin")
	clients := []*client{signedIn(t, s, "demo"), signedIn(t, s, "demo2"), admin}
	var volumes []string
	for _, c := range clients {
		volumes = append(volumes, c.make("volume", `"size": 1`))
	}
	time.Sleep(time.Millisecond)
	var all sync.WaitGroup
	for i := range 30 {
		c, v := clients[i%3], volumes[i%3]
		all.Go(func() {
			for range 10 {
				status, _, body := c.do(http.MethodPost, "/snapshots", `{"snapshot": {"volume_id": "`+v+`"}}`)
				if status != http.StatusAccepted {
					t.Errorf("create: %d %s", status, body)
					return
				}
				var made struct{ Snapshot struct{ ID string } }
				_ = json.Unmarshal(body, &made)
				id := made.Snapshot.ID
				c.do(http.MethodPut, "/snapshots/"+id, `{"snapshot": {"name": "x"}}`)
				c.do(http.MethodPost, "/snapshots/"+id+"/metadata", `{"metadata": {"a": "b"}}`)
				c.do(http.MethodGet, "/snapshots/detail?sort=name:asc&with_count=true", "")
				admin.do(http.MethodGet, "/snapshots?all_tenants=1", "")
				time.Sleep(time.Millisecond)
				if status, _, body := c.do(http.MethodDelete, "/snapshots/"+id, ""); status != http.StatusAccepted {
					t.Errorf("delete: %d %s", status, body)
				}
			}
		})
	}
	all.Wait()
	time.Sleep(time.Millisecond)
	for _, c := range clients {
		if got := c.want(http.StatusOK, http.MethodGet, "/snapshots", "")["snapshots"].([]any); len(got) != 0 {
			t.Errorf("%d snapshots are left", len(got))
		}
		limits := c.want(http.StatusOK, http.MethodGet, "/limits", "")["limits"].(map[string]any)["absolute"].(map[string]any)
		if limits["totalSnapshotsUsed"] != 0.0 {
			t.Errorf("snapshots are still charged: %v", limits)
		}
	}
}

func BenchmarkListOneThousandOfFiftyThousand(b *testing.B) {
	s := New(Options{})
	if err := s.SeedSnapshots(s.SeedVolume("vol", 1), 50000, "seed"); err != nil {
		b.Fatal(err)
	}
	c := signedIn(b, s, "demo")
	answer := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, c.base+"/snapshots/detail?limit=1&offset=25000", nil)
	r.Header.Set("X-Auth-Token", c.token)
	s.ServeHTTP(answer, r)
	var first struct{ Snapshots []struct{ ID string } }
	if err := json.Unmarshal(answer.Body.Bytes(), &first); err != nil || len(first.Snapshots) != 1 {
		b.Fatalf("%v %s", err, answer.Body)
	}
	for _, query := range []string{"", "&sort=name:asc", "&metadata=%7B%22seed%22%3A%22seed%22%7D"} {
		b.Run("limit=1000"+query, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet,
					c.base+"/snapshots/detail?limit=1000&marker="+first.Snapshots[0].ID+query, nil)
				r.Header.Set("X-Auth-Token", c.token)
				r.Header.Set(cinder.VersionHeader, "volume 3.70")
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
