package simulator

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// identity is Keystone's content: one domain, Default, with a few users and projects that do not change, and
// the tokens and application credentials that come and go.
type identity struct {
	server      *Server
	users       []*user
	projects    []*project
	roles       map[string]*role
	services    []service
	tokens      map[string]*token
	credentials map[string]*credential
}

const (
	domainID   = "default"
	domainName = "Default"
)

// domainReference is how tokens name the domain.
func domainReference() object { return object{{"id", domainID}, {"name", domainName}} }

type user struct {
	id, name    string
	project     *project // the only one that the user has roles in
	roles       []*role
	systemRoles []*role
}

type project struct{ id, name, description string }

type role struct{ id, name string }

func newIdentity(s *Server) *identity {
	n := &identity{
		server:      s,
		roles:       map[string]*role{},
		tokens:      map[string]*token{},
		credentials: map[string]*credential{},
	}
	for _, name := range []string{"admin", "member", "reader"} {
		n.roles[name] = &role{newID(), name}
	}
	member, reader, admin := n.roles["member"], n.roles["reader"], n.roles["admin"]
	n.add("demo", "", []*role{member, reader}, nil)
	n.add("demo2", "", []*role{member, reader}, nil)
	all := []*role{member, reader, admin}
	n.add("admin", "Bootstrap project for initializing the cloud.", all, all)
	n.services = newServices(s)
	return n
}

func (n *identity) add(name, description string, roles, systemRoles []*role) {
	p := &project{newID(), name, description}
	n.projects = append(n.projects, p)
	n.users = append(n.users, &user{newID(), name, p, roles, systemRoles})
}

func (n *identity) userByName(name string) *user {
	for _, u := range n.users {
		if equal(u.name, name) {
			return u
		}
	}
	return nil
}

func (s *Server) challenge(r *http.Request) string {
	return `Keystone uri="` + baseURL(r) + `/identity/v3"`
}

// identityCall is one request to Keystone.
type identityCall struct {
	*identity
	request *http.Request
	segments
	body  []byte
	now   time.Time
	token *token // of X-Auth-Token; nil if there is none, or no good one
}

type segments []string

// at returns a segment of the path, or "".
func (s segments) at(i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

// identityReply is Keystone's answer; a body of nil is none.
type identityReply struct {
	status  int
	body    any
	subject string // the X-Subject-Token header
}

func (s *Server) serveIdentity(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Vary", "X-Auth-Token")
	switch path {
	case "", "/":
		w.Header().Set("Location", baseURL(r)+"/identity/v3/")
		writeJSON(w, http.StatusMultipleChoices, object{{"versions", object{{"values", []object{identityVersion(r)}}}}})
		return
	case "/v3", "/v3/":
		writeJSON(w, http.StatusOK, object{{"version", identityVersion(r)}})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	rest, isV3 := strings.CutPrefix(path, "/v3/")
	parts := segments(strings.Split(strings.TrimSuffix(rest, "/"), "/"))
	handlers := identityRoutes(parts)
	if !isV3 || handlers == nil {
		writeText(w, http.StatusNotFound, "text/html; charset=utf-8", s.release.keystoneNoRoute+keystoneNoRoute)
		return
	}
	handle := handlers[r.Method]
	if handle == nil {
		w.Header().Set("Allow", strings.Join(sortedKeys(handlers), ", "))
		writeJSON(w, http.StatusMethodNotAllowed, object{{"message", "The method is not allowed for the requested URL."}})
		return
	}
	s.mu.Lock()
	c := &identityCall{identity: s.identity, request: r, segments: parts, body: body, now: s.now()}
	answer, err := c.run(handle)
	s.mu.Unlock()
	if err != nil {
		var f *identityFault
		if !errors.As(err, &f) {
			panic(err) // handlers return identity faults only
		}
		if f.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", s.challenge(r))
		}
		writeJSON(w, f.status, f.body())
		return
	}
	if answer.subject != "" {
		w.Header().Set("X-Subject-Token", answer.subject)
	}
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	writeJSON(w, answer.status, answer.body)
}

func identityVersion(r *http.Request) object {
	return object{
		{"id", "v3.14"},
		{"status", "stable"},
		{"updated", "2020-04-07T00:00:00Z"},
		{"links", []object{{{"rel", "self"}, {"href", baseURL(r) + "/identity/v3/"}}}},
		{"media-types", []object{{
			{"base", "application/json"}, {"type", "application/vnd.openstack.identity-v3+json"},
		}}},
	}
}

type identityHandler func(*identityCall) (identityReply, error)

// identityRoutes returns the methods of a path, or nil if there is no such path.
func identityRoutes(path segments) map[string]identityHandler {
	get := func(h identityHandler) map[string]identityHandler {
		return map[string]identityHandler{http.MethodGet: h}
	}
	switch strings.Join(path, "/") {
	case "auth/tokens":
		return map[string]identityHandler{
			http.MethodPost: signIn, http.MethodGet: validateToken, http.MethodHead: validateToken,
			http.MethodDelete: revokeToken,
		}
	case "auth/catalog":
		return get(showCatalog)
	case "auth/projects":
		return get(listOwnProjects)
	case "auth/domains":
		return get(listOwnDomains)
	case "auth/system":
		return get(listOwnSystem)
	case "projects":
		return get(listProjects)
	case "users":
		return get(listUsers)
	case "domains":
		return get(listDomains)
	case "roles":
		return get(listRoles)
	case "regions":
		return get(listRegions)
	}
	switch {
	case len(path) == 2 && path[0] == "projects":
		return get(showProject)
	case len(path) == 2 && path[0] == "users":
		return get(showUser)
	case len(path) == 3 && path[0] == "users" && path[2] == "projects":
		return get(listUserProjects)
	case len(path) == 3 && path[0] == "users" && path[2] == "application_credentials":
		return map[string]identityHandler{http.MethodGet: listCredentials, http.MethodPost: createCredential}
	case len(path) == 4 && path[0] == "users" && path[2] == "application_credentials":
		return map[string]identityHandler{http.MethodGet: showCredential, http.MethodDelete: deleteCredential}
	}
	return nil
}

// run checks the token first: all but a sign-in want a good one.
func (c *identityCall) run(handle identityHandler) (identityReply, error) {
	id := c.request.Header.Get("X-Auth-Token")
	isSignIn := c.request.Method == http.MethodPost && c.segments[0] == "auth"
	if t := c.tokens[id]; t != nil && t.credential != nil && c.credentials[t.credential.id] == nil {
		// Keystone trips over a token whose credential is gone before it judges the token.
		_, err := c.lookup(id, c.now)
		return identityReply{}, err
	}
	if c.token = c.valid(id, c.now); c.token == nil && !isSignIn {
		return identityReply{}, unauthorized()
	}
	return handle(c)
}

func showCatalog(c *identityCall) (identityReply, error) {
	if c.token.project == nil && !c.token.system {
		return identityReply{}, identityForbidden("")
	}
	body := object{
		{"catalog", catalog(c.request, c.services, c.token.projectID())},
		{"links", object{{"self", c.url("auth/catalog")}}},
	}
	return identityReply{status: http.StatusOK, body: body}, nil
}

func (c *identityCall) url(path string) string { return baseURL(c.request) + "/identity/v3/" + path }
