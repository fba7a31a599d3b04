package cinder

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// reply is what a handler has to say.
type reply struct {
	status int
	body   any // nil for none
	// bare marks an answer that Cinder makes without its usual serializer: HTML as type, no
	// x-compute-request-id.
	bare bool
}

// accepted is Cinder's empty 202 to a DELETE.
var accepted = reply{status: http.StatusAccepted, bare: true}

// call is one request to Cinder with a valid token.
type call struct {
	region    *Region
	request   *http.Request
	requestID string
	token     *keystone.Token
	version   microversion
	api       string // "v3" or "v2"
	project   string // the project id in the path, "" if there is none
	id, key   string // ids in the path
	query     query
	body      any // the decoded body
	hasBody   bool
	now       time.Time
}

// linkBase is the beginning of links to this API.
func (c *call) linkBase() string {
	base := python.BaseURL(c.request) + "/" + c.region.path + "/" + c.api
	if c.project != "" {
		base += "/" + c.project
	}
	return base
}

// bookmarkBase is the same without the version.
func (c *call) bookmarkBase() string {
	base := python.BaseURL(c.request) + "/" + c.region.path
	if c.project != "" {
		base += "/" + c.project
	}
	return base
}

// object returns the body as an object, empty if it is none.
func (c *call) object() object {
	o, _ := c.body.(object)
	return o
}

// checkBody validates a body that Cinder's method demands as an argument: without one it falls over.
func (c *call) checkBody(s schema) error {
	if !c.hasBody {
		return serverError()
	}
	return s.validate(c.body)
}

// write sends what a handler gave.
func write(w http.ResponseWriter, answer reply, err error, requestID string) {
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			panic(err) // handlers return faults only
		}
		if f.overQuota {
			w.Header().Set("Retry-After", "0")
		}
		w.Header().Set("X-Compute-Request-Id", requestID)
		python.WriteJSON(w, f.status, f.body())
		return
	}
	if answer.bare {
		python.WriteText(w, answer.status, "text/html; charset=UTF-8", "")
		return
	}
	w.Header().Set("X-Compute-Request-Id", requestID)
	if answer.body == nil {
		python.WriteText(w, answer.status, "application/json", "")
		return
	}
	python.WriteJSON(w, answer.status, answer.body)
}

// run reads the body and calls the handler.
func (c *call) run(route route, raw []byte) (reply, error) {
	if len(raw) > 0 {
		contentType, _, _ := strings.Cut(c.request.Header.Get("Content-Type"), ";")
		switch strings.TrimSpace(contentType) {
		case "application/json", "application/vnd.openstack.volume+json":
			c.hasBody = true
		case "":
		default:
			return reply{}, &fault{status: http.StatusUnsupportedMediaType, message: "Unsupported Content-Type"}
		}
	}
	if c.hasBody {
		var err error
		if c.body, err = python.Decode(raw); err != nil {
			return reply{}, badRequest("Malformed request body")
		}
	}
	handle := route.handler
	if route.actions != nil {
		var err error
		if handle, err = c.action(route.actions); err != nil {
			return reply{}, err
		}
	}
	if handle == nil {
		return reply{}, noSuchResource()
	}
	if c.project != "" && c.project != c.token.ProjectID() {
		return reply{}, badRequest("Malformed request url")
	}
	if c.token.ProjectID() == "" {
		return reply{}, &fault{status: http.StatusForbidden, message: "Not authorized."}
	}
	var err error
	if c.query, err = parseQuery(c.request.URL.RawQuery); err != nil {
		return reply{}, err
	}
	return handle(c)
}

// action picks the handler by the only key of the body.
func (c *call) action(actions map[string]handler) (handler, error) {
	name := "None"
	if c.hasBody {
		o, ok := c.body.(object)
		if !ok {
			return nil, noSuchResource()
		}
		if len(o) != 1 {
			return nil, badRequest("Malformed request body")
		}
		name = o[0].Key()
	}
	handle, ok := actions[name]
	if !ok {
		return nil, noSuchAction(name)
	}
	return handle, nil
}

func noSuchAction(name string) error {
	return badRequest("There is no such action: %s. Verify the request body and Content-Type header and try again.", name)
}
