// Package openstacktest is a cloud for tests: Keystone and Cinder whose every answer
// a test writes.
package openstacktest

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

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Project is the id of the project of every sign-in.
const Project = "22a42a028e074f0aba6728ae6b710061"

// Server is a cloud whose every answer a test writes: for answers that no well
// cloud gives, and for the exact form of requests.
type Server struct {
	*httptest.Server

	// Catalog are the entries of the service catalogue; %s stands for the
	// address of the server.
	Catalog string
	// Answer is Cinder.
	Answer http.HandlerFunc
	// SignIn is Keystone; nil hands out a new token for anything.
	SignIn http.HandlerFunc

	mu     sync.Mutex
	bodies []string // of the sign-ins
	lines  []string // method, path behind the project, and query, of the requests to Cinder
	tokens int
}

// OnlyV3 is a service catalogue with volumev3 alone.
const OnlyV3 = `[{"type": "volumev3", "endpoints": [{"interface": "public", "region": "east", "region_id": "east", "url": "%s/v3/` + Project + `"}]}]`

// New starts a server whose Cinder answers so. It is closed with the test.
func New(t testing.TB, answer http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{Catalog: OnlyV3, Answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP is what the server does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.tokens++
		token := fmt.Sprintf("token-%d", s.tokens)
		s.bodies = append(s.bodies, string(body))
		s.mu.Unlock()
		if s.SignIn != nil {
			s.SignIn(w, r)
			return
		}
		s.Token(w, token)
		return
	}
	line := r.Method + " " + strings.TrimPrefix(r.URL.EscapedPath(), "/v3/"+Project)
	if r.URL.RawQuery != "" {
		line += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	s.lines = append(s.lines, line)
	s.mu.Unlock()
	s.Answer(w, r)
}

// Token answers a sign-in with this token.
func (s *Server) Token(w http.ResponseWriter, token string) {
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token": {"project": {"id": %q}, "user": {"id": "u"}, "catalog": %s}}`,
		Project, strings.ReplaceAll(s.Catalog, "%s", s.URL))
}

// Requests returns the requests to Cinder: method, path behind the project, and
// query.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// SignIns returns the bodies of the sign-ins.
func (s *Server) SignIns() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bodies)
}

// ClientConfig returns what a client signs in with, which sends nothing again.
func (s *Server) ClientConfig() openstack.Config {
	return openstack.Config{AuthURL: s.URL + "/identity/v3", UserName: "u", Password: "p", ProjectName: "j", Config: transport.Config{MaxRetries: new(int)}}
}

// Fault answers as Cinder and Keystone say what is wrong.
func Fault(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Openstack-Request-Id", "req-1")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{kind: map[string]any{"code": status, "message": message}})
}

// Always answers every request with this.
func Always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// CatalogEntry is one for [Server.Catalog].
func CatalogEntry(kind string, endpoints ...string) string {
	return fmt.Sprintf(`{"type": %q, "endpoints": [%s]}`, kind, strings.Join(endpoints, ", "))
}

// CatalogEndpoint is one for [CatalogEntry], on the server itself.
func CatalogEndpoint(kind, region, path string) string {
	return fmt.Sprintf(`{"interface": %q, "region": %q, "region_id": %q, "url": "%%s%s"}`, kind, region, region, path)
}

// WantLines wants these requests, as [Server.Requests] returns them.
func WantLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the requests were\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
