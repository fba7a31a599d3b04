package simulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// region is one Cinder and what it holds.
type region struct {
	server *Server
	name   string
	path   string // first segment of its URLs
	types  volumeTypes

	volumes     shelf[*volume]
	snapshots   shelf[*snapshot]
	attachments shelf[*attachment]
	messages    shelf[*message]
	limits      map[string]map[string]int // by project: what an administrator set
	used        map[string]map[string]int // by project and resource
	pending     changes
	changeCount int
}

func newRegion(s *Server, name, path string, types volumeTypes) *region {
	return &region{
		server: s, name: name, path: path, types: types,
		volumes:     newShelf[*volume](),
		snapshots:   newShelf[*snapshot](),
		attachments: newShelf[*attachment](),
		messages:    newShelf[*message](),
		limits:      map[string]map[string]int{},
		used:        map[string]map[string]int{},
	}
}

// serve answers a request to this region's Cinder. Rest is the path below its root.
func (r *region) serve(w http.ResponseWriter, req *http.Request, rest, requestID string) {
	switch {
	case rest == "":
		w.Header().Set("Location", baseURL(req)+"/"+r.path+"/")
		writeText(w, http.StatusFound, "text/plain; charset=utf8", "")
		return
	case rest == "/":
		r.serveVersions(w, req, requestID)
		return
	}
	api, rest, _ := strings.Cut(rest[1:], "/")
	if api != "v3" && (api != "v2" || !r.server.release.v2) {
		if r.server.release.bareRoot {
			w.Header().Del("X-Openstack-Request-Id")
		}
		noRoute(w, req)
		return
	}
	r.serveVersion(w, req, api, rest, requestID)
}

// serveVersions tells which versions there are.
func (r *region) serveVersions(w http.ResponseWriter, req *http.Request, requestID string) {
	apis := []string{"v3"}
	if r.server.release.v2 {
		apis = []string{"v2", "v3"}
	}
	body := r.versions(req, apis)
	if r.server.release.bareRoot {
		w.Header().Del("X-Openstack-Request-Id")
		requested{shown: "3.0"}.writeTo(w.Header())
		writeJSON(w, http.StatusMultipleChoices, body)
		return
	}
	asked, err := requestedVersion(req, r.server.release.highest)
	asked.writeTo(w.Header())
	write(w, reply{status: http.StatusMultipleChoices, body: body}, err, requestID)
}

func (r *region) versions(req *http.Request, apis []string) object {
	var list []object
	for _, api := range apis {
		links := []object{
			{{"rel", "describedby"}, {"type", "text/html"}, {"href", "https://docs.openstack.org/"}},
			{{"rel", "self"}, {"href", scheme(req) + "://" + req.Host + "/" + r.path + "/" + api + "/"}},
		}
		media := []object{{
			{"base", "application/json"},
			{"type", "application/vnd.openstack.volume+json;version=" + api[1:]},
		}}
		entry := object{
			{"id", "v3.0"},
			{"status", "CURRENT"},
			{"version", r.server.release.highest.String()},
			{"min_version", "3.0"},
			{"updated", r.server.release.updated},
		}
		if api == "v2" {
			entry = object{
				{"id", "v2.0"},
				{"status", "DEPRECATED"},
				{"version", ""},
				{"min_version", ""},
				{"updated", "2017-02-25T12:00:00Z"},
			}
		}
		list = append(list, append(entry, member{"links", links}, member{"media-types", media}))
	}
	return object{{"versions", list}}
}

// bodyLimit is the most bytes of a request that Cinder reads.
const bodyLimit = 114688

// serveVersion answers below /v3 or /v2.
func (r *region) serveVersion(w http.ResponseWriter, req *http.Request, api, rest, requestID string) {
	body, err := io.ReadAll(io.LimitReader(req.Body, bodyLimit+1))
	if err != nil {
		return // the client is gone
	}
	if len(body) > bodyLimit {
		writeBare(w, req, http.StatusRequestEntityTooLarge, "Request Entity Too Large",
			fmt.Sprintf("Request is too large. Larger than max_request_body_size (%d).", bodyLimit))
		return
	}
	r.answer(req, api, rest, requestID, body)(w)
}

// answer works a request out and returns what writes the answer, so that no slow client holds the lock. The
// order of the checks is Cinder's: token, route, microversion, body, project.
func (r *region) answer(req *http.Request, api, rest, requestID string, body []byte) func(http.ResponseWriter) {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	holder := s.identity.valid(req.Header.Get("X-Auth-Token"), now)
	if holder == nil {
		// This answer comes from Keystone's middleware in front of Cinder.
		return func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", s.challenge(req))
			writeJSON(w, http.StatusUnauthorized, object{{"error", object{
				{"code", http.StatusUnauthorized}, {"title", "Unauthorized"}, {"message", unauthorizedMessage},
			}}})
		}
	}
	if rest == "" && !strings.HasSuffix(req.URL.Path, "/") {
		return func(w http.ResponseWriter) {
			w.Header().Set("Location", baseURL(req)+"/"+r.path+"/"+api+"/")
			writeText(w, http.StatusFound, "text/plain; charset=utf8", "")
		}
	}
	r.settle(now)
	c := &call{
		server: s, region: r, request: req, requestID: requestID, token: holder, api: api, now: now,
	}
	route, known := r.route(c, rest)
	if !known {
		return func(w http.ResponseWriter) { noRoute(w, req) }
	}
	asked, err := requested{}, error(nil)
	if api == "v3" {
		asked, err = requestedVersion(req, s.release.highest)
	}
	c.version = asked.version
	var result reply
	if err == nil {
		result, err = c.run(route, body)
	}
	return func(w http.ResponseWriter) {
		asked.writeTo(w.Header())
		write(w, result, err, requestID)
	}
}
