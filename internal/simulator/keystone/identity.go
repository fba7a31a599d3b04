package keystone

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// Options shape a Keystone.
type Options struct {
	Release Release
	// Password is that of all users, TokenLife how long a token is valid.
	Password  string
	TokenLife time.Duration
	// Regions are the names of the regions, and Volumes the entries of the catalogue for Cinder.
	Regions []string
	Volumes []Volumes
}

// Volumes is an entry of the catalogue for Cinder: its type, and the path of its API in each region, below the
// server's address and before the id of the project.
type Volumes struct {
	Type  string
	Paths []string
}

// Keystone is one domain, Default, with a few users and projects that do not change, and the tokens and application
// credentials that come and go. It is safe for concurrent use.
type Keystone struct {
	mu sync.Mutex // guards what follows
	identity
}

type identity struct {
	options     Options
	users       []*user
	projects    []*project
	roles       map[string]*role
	services    []service
	tokens      map[string]*Token
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

// New returns a Keystone with the users demo, demo2 and admin, each in a project of its own name.
func New(options Options) *Keystone {
	n := &Keystone{identity: identity{
		options:     options,
		roles:       map[string]*role{},
		tokens:      map[string]*Token{},
		credentials: map[string]*credential{},
	}}
	for _, name := range []string{"admin", "member", "reader"} {
		n.roles[name] = &role{python.NewID(), name}
	}
	member, reader, admin := n.roles["member"], n.roles["reader"], n.roles["admin"]
	n.add("demo", "", []*role{member, reader}, nil)
	n.add("demo2", "", []*role{member, reader}, nil)
	all := []*role{member, reader, admin}
	n.add("admin", "Bootstrap project for initializing the cloud.", all, all)
	n.services = newServices(options)
	return n
}

func (n *identity) add(name, description string, roles, systemRoles []*role) {
	p := &project{python.NewID(), name, description}
	n.projects = append(n.projects, p)
	n.users = append(n.users, &user{python.NewID(), name, p, roles, systemRoles})
}

func (n *identity) userByName(name string) *user {
	for _, u := range n.users {
		if mariadb.Equal(u.name, name) {
			return u
		}
	}
	return nil
}

// Project returns the ids of a user, by name, and of the user's project.
func (n *Keystone) Project(userName string) (userID, projectID string) {
	u := n.userByName(userName)
	return u.id, u.project.id
}

// Challenge is the WWW-Authenticate header of a 401.
func Challenge(r *http.Request) string {
	return `Keystone uri="` + python.BaseURL(r) + `/identity/v3"`
}

// call is one request to Keystone.
type call struct {
	*identity
	request *http.Request
	segments
	body  []byte
	now   time.Time
	token *Token // of X-Auth-Token; nil if there is none, or no good one
}

type segments []string

// at returns a segment of the path, or "".
func (s segments) at(i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

// reply is Keystone's answer; a body of nil is none.
type reply struct {
	status  int
	body    any
	subject string // the X-Subject-Token header
}

// Serve answers a request for a path below Keystone's own.
func (n *Keystone) Serve(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Vary", "X-Auth-Token")
	switch path {
	case "", "/":
		w.Header().Set("Location", python.BaseURL(r)+"/identity/v3/")
		python.WriteJSON(w, http.StatusMultipleChoices, object{{"versions", object{{"values", []object{version(r)}}}}})
		return
	case "/v3", "/v3/":
		python.WriteJSON(w, http.StatusOK, object{{"version", version(r)}})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	rest, isV3 := strings.CutPrefix(path, "/v3/")
	parts := segments(strings.Split(strings.TrimSuffix(rest, "/"), "/"))
	handlers := routes(parts)
	if !isV3 || handlers == nil {
		python.WriteText(w, http.StatusNotFound, "text/html; charset=utf-8", n.options.Release.noRoute+noRoute)
		return
	}
	handle := handlers[r.Method]
	if handle == nil {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(handlers)), ", "))
		python.WriteJSON(w, http.StatusMethodNotAllowed, object{{"message", "The method is not allowed for the requested URL."}})
		return
	}
	n.mu.Lock()
	c := &call{identity: &n.identity, request: r, segments: parts, body: body, now: time.Now().UTC()}
	answer, err := c.run(handle)
	n.mu.Unlock()
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			panic(err) // handlers return identity faults only
		}
		if f.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", Challenge(r))
		}
		python.WriteJSON(w, f.status, f.body())
		return
	}
	if answer.subject != "" {
		w.Header().Set("X-Subject-Token", answer.subject)
	}
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	python.WriteJSON(w, answer.status, answer.body)
}

func version(r *http.Request) object {
	return object{
		{"id", "v3.14"},
		{"status", "stable"},
		{"updated", "2020-04-07T00:00:00Z"},
		{"links", []object{{{"rel", "self"}, {"href", python.BaseURL(r) + "/identity/v3/"}}}},
		{"media-types", []object{{
			{"base", "application/json"}, {"type", "application/vnd.openstack.identity-v3+json"},
		}}},
	}
}

type handler func(*call) (reply, error)

// routes returns the methods of a path, or nil if there is no such path.
func routes(path segments) map[string]handler {
	get := func(h handler) map[string]handler {
		return map[string]handler{http.MethodGet: h}
	}
	switch strings.Join(path, "/") {
	case "auth/tokens":
		return map[string]handler{
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
		return map[string]handler{http.MethodGet: listCredentials, http.MethodPost: createCredential}
	case len(path) == 4 && path[0] == "users" && path[2] == "application_credentials":
		return map[string]handler{http.MethodGet: showCredential, http.MethodDelete: deleteCredential}
	}
	return nil
}

// run checks the token first: all but a sign-in want a good one.
func (c *call) run(handle handler) (reply, error) {
	id := c.request.Header.Get("X-Auth-Token")
	isSignIn := c.request.Method == http.MethodPost && c.segments[0] == "auth"
	if t := c.tokens[id]; t != nil && t.credential != nil && c.credentials[t.credential.id] == nil {
		// Keystone trips over a token whose credential is gone before it judges the token.
		_, err := c.lookup(id, c.now)
		return reply{}, err
	}
	if c.token = c.valid(id, c.now); c.token == nil && !isSignIn {
		return reply{}, unauthorized()
	}
	return handle(c)
}

func showCatalog(c *call) (reply, error) {
	if c.token.project == nil && !c.token.system {
		return reply{}, forbidden("")
	}
	body := object{
		{"catalog", catalog(c.request, c.services, c.token.ProjectID())},
		{"links", object{{"self", c.url("auth/catalog")}}},
	}
	return reply{status: http.StatusOK, body: body}, nil
}

func (c *call) url(path string) string {
	return python.BaseURL(c.request) + "/identity/v3/" + path
}
