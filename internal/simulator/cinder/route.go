package cinder

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// handler answers one kind of request. It runs with the server locked.
type handler func(*call) (reply, error)

// resource is a collection with the methods behind its routes; nil where Cinder has none.
type resource struct {
	v3                                           bool // not in the API v2
	index, create, replace, show, update, remove handler
	collection                                   map[string]handler // GET on a name beside the ids
	member                                       map[string]handler // GET on a name below an id
	actions                                      map[string]handler // POST .../action, by the body's only key
	metadata                                     *resource
}

// cinderRoutes are the collections that are served, by the first segment of the path below the project.
var cinderRoutes = map[string]resource{
	"volumes": {
		index: listVolumes, create: createVolume, show: showVolume, update: updateVolume, remove: deleteVolume,
		collection: map[string]handler{"detail": listVolumesDetail},
		actions: map[string]handler{
			"os-reset_status": resetVolume, "os-force_delete": forceDeleteVolume, "revert": revertVolume,
			"os-attach": attachVolume, "os-detach": detachVolume,
		},
	},
	"snapshots": {
		index: listSnapshots, create: createSnapshot, show: showSnapshot, update: updateSnapshot,
		remove:     deleteSnapshot,
		collection: map[string]handler{"detail": listSnapshotsDetail},
		actions:    map[string]handler{"os-reset_status": resetSnapshot, "os-force_delete": forceDeleteSnapshot},
		metadata: &resource{
			index: listMetadata, create: mergeMetadata, replace: replaceMetadata,
			show: showMetadata, update: putMetadata, remove: deleteMetadata,
		},
	},
	"attachments": {
		v3: true, index: listAttachments, create: createAttachment, show: showAttachment, update: updateAttachment,
		remove:     deleteAttachment,
		collection: map[string]handler{"detail": listAttachmentsDetail},
		actions:    map[string]handler{"os-complete": completeAttachment},
	},
	"messages": {
		v3: true, index: listMessages, show: showMessage, remove: deleteMessage,
		// Cinder has the route and no method behind it.
		collection: map[string]handler{"detail": nil},
	},
	"types":  {index: listTypes, show: showType},
	"limits": {index: showLimits},
	"os-quota-sets": {
		show: showQuota, update: updateQuota, remove: deleteQuota,
		member: map[string]handler{"defaults": showQuotaDefaults},
	},
}

// route is what a path and a method lead to. A nil handler is a route without a method behind it.
type route struct {
	handler handler
	actions map[string]handler
}

// projectPattern is Cinder's for the project id in a path, where that may also be left out.
var projectPattern = regexp.MustCompile(`^[0-9a-f-]+$`)

// route finds the route of a path below the version, and reads the ids in it.
func (r *Region) route(c *call, path string) (route, bool) {
	if path == "" {
		return route{handler: func(c *call) (reply, error) {
			return reply{status: http.StatusOK, body: r.versions(c.request, []string{c.api})}, nil
		}}, true
	}
	segments := strings.Split(latin1(path), "/")
	needsProject := r.options.Release.needsProject
	if needsProject && len(segments) < 2 {
		return route{}, false
	}
	if len(segments) > 1 && (needsProject || projectPattern.MatchString(segments[0])) {
		c.project = segments[0]
		segments = segments[1:]
	}
	// Cinder takes a ".json" at the end of any path for a format and drops it, with a line break behind it.
	last := &segments[len(segments)-1]
	*last = strings.TrimSuffix(strings.TrimSuffix(*last, ".json\n"), ".json")
	if slices.Contains(segments, "") {
		return route{}, false
	}
	found, ok := cinderRoutes[segments[0]]
	if !ok || c.api == "v2" && found.v3 {
		return route{}, false
	}
	if len(segments) >= 3 && segments[2] == "metadata" && found.metadata != nil {
		c.id = segments[1]
		return found.metadata.route(c, segments[2:], &c.key)
	}
	return found.route(c, segments, &c.id)
}

func (x resource) route(c *call, segments []string, id *string) (route, bool) {
	method := c.request.Method
	switch len(segments) {
	case 1:
		switch {
		case method == http.MethodGet:
			return route{handler: x.index}, true
		case method == http.MethodPost:
			return route{handler: x.create}, true
		case method == http.MethodPut && x.replace != nil:
			return route{handler: x.replace}, true
		}
	case 2:
		named, isNamed := x.collection[segments[1]]
		*id = segments[1]
		switch method {
		case http.MethodGet:
			if isNamed {
				return route{handler: named}, true
			}
			if segments[1] == "new" {
				return route{}, true
			}
			return route{handler: x.show}, true
		case http.MethodPut:
			return route{handler: x.update}, true
		case http.MethodDelete:
			return route{handler: x.remove}, true
		}
	case 3:
		*id = segments[1]
		named, isNamed := x.member[segments[2]]
		switch {
		case method == http.MethodGet && isNamed:
			return route{handler: named}, true
		case method == http.MethodGet && segments[2] == "edit":
			return route{}, true
		case method == http.MethodPost && segments[2] == "action" && x.actions != nil:
			return route{actions: x.actions}, true
		}
	}
	return route{}, false
}

// latin1 reads the bytes of a path as Latin-1, as Python's web servers hand it on: an id or a key in the path
// with other than ASCII letters arrives garbled.
func latin1(path string) string {
	var b strings.Builder
	for i := range len(path) {
		b.WriteRune(rune(path[i]))
	}
	return b.String()
}
