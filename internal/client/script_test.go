package client_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
)

const (
	project  = "22a42a028e074f0aba6728ae6b710061"
	snapshot = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	volume   = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
)

// script is a cloud whose every answer a test writes: for answers that no well
// cloud gives, and for the exact form of requests.
type script struct {
	*httptest.Server
	t *testing.T

	// catalog are the entries of the service catalogue; %s stands for the
	// address of the server.
	catalog string
	// answer is Cinder.
	answer http.HandlerFunc
	// signIn is Keystone; nil hands out a new token for anything.
	signIn http.HandlerFunc

	mu     sync.Mutex
	bodies []string // of the sign-ins
	lines  []string // method, path behind the project, and query, of the requests to Cinder
	tokens int
}

const onlyV3 = `[{"type": "volumev3", "endpoints": [{"interface": "public", "region": "east", "region_id": "east", "url": "%s/v3/` + project + `"}]}]`

func newScript(t *testing.T, answer http.HandlerFunc) *script {
	t.Helper()
	s := &script{t: t, catalog: onlyV3, answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.tokens++
		token := fmt.Sprintf("token-%d", s.tokens)
		s.bodies = append(s.bodies, string(body))
		s.mu.Unlock()
		if s.signIn != nil {
			s.signIn(w, r)
			return
		}
		s.token(w, token)
		return
	}
	line := r.Method + " " + strings.TrimPrefix(r.URL.EscapedPath(), "/v3/"+project)
	if r.URL.RawQuery != "" {
		line += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	s.lines = append(s.lines, line)
	s.mu.Unlock()
	s.answer(w, r)
}

func (s *script) token(w http.ResponseWriter, token string) {
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token": {"project": {"id": %q}, "user": {"id": "u"}, "catalog": %s}}`,
		project, strings.ReplaceAll(s.catalog, "%s", s.URL))
}

func (s *script) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

func (s *script) signIns() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bodies)
}

func (s *script) config() client.Config {
	// Most scripts are about one answer.
	return client.Config{AuthURL: s.URL + "/identity/v3", UserName: "u", Password: "p", ProjectName: "j", MaxRetries: new(int)}
}

// open makes the client, with the configuration changed by some.
func (s *script) open(change ...func(*client.Config)) *client.BlockStorage {
	s.t.Helper()
	config := s.config()
	for _, c := range change {
		c(&config)
	}
	cloud, err := client.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return cloud.BlockStorage("")
}

// show is a snapshot as the API shows it.
func show(status string, more ...string) string {
	fields := append([]string{fmt.Sprintf(`"id": %q, "volume_id": %q, "status": %q, "size": 1, "metadata": {}`, snapshot, volume, status)}, more...)
	return `{"snapshot": {` + strings.Join(fields, ", ") + `}}`
}

func fault(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Openstack-Request-Id", "req-1")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{kind: map[string]any{"code": status, "message": message}})
}

// always answers every request with this.
func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the requests were\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
