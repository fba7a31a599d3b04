package cinder

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// Options shape a Cinder.
type Options struct {
	Release Release
	// MaxMicroversion is the highest microversion, from "3.0": "" means the release's own, and no higher one is had.
	MaxMicroversion string
	// CreateTime is how long an object stays creating after the request, DeleteTime how long it stays deleting.
	CreateTime, DeleteTime time.Duration
	// PageLimit is osapi_max_limit, the most items in a page.
	PageLimit int
	// SnapshotQuota is the most snapshots of a project, GigabyteQuota the most gigabytes of its volumes and
	// snapshots together.
	SnapshotQuota, GigabyteQuota int
}

// Region is one Cinder and what it holds. It is safe for concurrent use.
type Region struct {
	options  Options
	keystone *keystone.Keystone
	path     string // first segment of its URLs
	types    VolumeTypes

	mu          sync.Mutex // guards what follows
	volumes     table[*volume]
	snapshots   table[*snapshot]
	attachments table[*attachment]
	messages    table[*message]
	limits      map[string]map[string]int // by project: what an administrator set
	used        map[string]map[string]int // by project and resource
	pending     changes
	changeCount int
}

// New returns a Cinder whose URLs begin with a path, a single segment, and whose tokens are those of a Keystone.
func New(options Options, path string, types VolumeTypes, tokens *keystone.Keystone) *Region {
	if v, ok := parseMicroversion(options.MaxMicroversion); ok {
		options.Release.highest = min(v, options.Release.highest)
	}
	return &Region{
		options: options, keystone: tokens, path: path, types: types,
		volumes:     newTable[*volume](),
		snapshots:   newTable[*snapshot](),
		attachments: newTable[*attachment](),
		messages:    newTable[*message](),
		limits:      map[string]map[string]int{},
		used:        map[string]map[string]int{},
	}
}

// Serve answers a request. Rest is the path below its root.
func (r *Region) Serve(w http.ResponseWriter, req *http.Request, rest, requestID string) {
	switch {
	case rest == "":
		w.Header().Set("Location", python.BaseURL(req)+"/"+r.path+"/")
		python.WriteText(w, http.StatusFound, "text/plain; charset=utf8", "")
		return
	case rest == "/":
		r.serveVersions(w, req, requestID)
		return
	}
	api, rest, _ := strings.Cut(rest[1:], "/")
	if api != "v3" && (api != "v2" || !r.options.Release.v2) {
		if r.options.Release.bareRoot {
			w.Header().Del("X-Openstack-Request-Id")
		}
		NoRoute(w, req)
		return
	}
	r.serveVersion(w, req, api, rest, requestID)
}

// serveVersions tells which versions there are.
func (r *Region) serveVersions(w http.ResponseWriter, req *http.Request, requestID string) {
	apis := []string{"v3"}
	if r.options.Release.v2 {
		apis = []string{"v2", "v3"}
	}
	body := r.versions(req, apis)
	if r.options.Release.bareRoot {
		w.Header().Del("X-Openstack-Request-Id")
		requested{shown: "3.0"}.writeTo(w.Header())
		python.WriteJSON(w, http.StatusMultipleChoices, body)
		return
	}
	asked, err := requestedVersion(req, r.options.Release.highest)
	asked.writeTo(w.Header())
	write(w, reply{status: http.StatusMultipleChoices, body: body}, err, requestID)
}

func (r *Region) versions(req *http.Request, apis []string) object {
	var list []object
	for _, api := range apis {
		links := []object{
			{{"rel", "describedby"}, {"type", "text/html"}, {"href", "https://docs.openstack.org/"}},
			{{"rel", "self"}, {"href", python.Scheme(req) + "://" + req.Host + "/" + r.path + "/" + api + "/"}},
		}
		media := []object{{
			{"base", "application/json"},
			{"type", "application/vnd.openstack.volume+json;version=" + api[1:]},
		}}
		entry := object{
			{"id", "v3.0"},
			{"status", "CURRENT"},
			{"version", r.options.Release.highest.String()},
			{"min_version", "3.0"},
			{"updated", r.options.Release.updated},
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
func (r *Region) serveVersion(w http.ResponseWriter, req *http.Request, api, rest, requestID string) {
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
func (r *Region) answer(req *http.Request, api, rest, requestID string, body []byte) func(http.ResponseWriter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now().UTC()
	holder := r.keystone.Valid(req.Header.Get("X-Auth-Token"), now)
	if holder == nil {
		// This answer comes from Keystone's middleware in front of Cinder.
		return func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", keystone.Challenge(req))
			python.WriteJSON(w, http.StatusUnauthorized, object{{"error", object{
				{"code", http.StatusUnauthorized}, {"title", "Unauthorized"}, {"message", keystone.UnauthorizedMessage},
			}}})
		}
	}
	if rest == "" && !strings.HasSuffix(req.URL.Path, "/") {
		return func(w http.ResponseWriter) {
			w.Header().Set("Location", python.BaseURL(req)+"/"+r.path+"/"+api+"/")
			python.WriteText(w, http.StatusFound, "text/plain; charset=utf8", "")
		}
	}
	r.settle(now)
	c := &call{
		region: r, request: req, requestID: requestID, token: holder, api: api, now: now,
	}
	route, known := r.route(c, rest)
	if !known {
		return func(w http.ResponseWriter) { NoRoute(w, req) }
	}
	asked, err := requested{}, error(nil)
	if api == "v3" {
		asked, err = requestedVersion(req, r.options.Release.highest)
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
