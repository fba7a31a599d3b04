package cinder

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// fault is an error of Cinder. Its body is {KEY: {"code": N, "message": "..."}}, the key made from the status.
type fault struct {
	status  int
	message string
	// overQuota adds the Retry-After header and "retryAfter": "0" in the body. Sizes of metadata are refused
	// with the same status, but without them.
	overQuota bool
}

func (f *fault) Error() string { return f.message }

// faultNames are Cinder's; any other status is a computeFault.
var faultNames = map[int]string{
	http.StatusBadRequest:            "badRequest",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "itemNotFound",
	http.StatusMethodNotAllowed:      "badMethod",
	http.StatusConflict:              "conflictingRequest",
	http.StatusRequestEntityTooLarge: "overLimit",
	http.StatusUnsupportedMediaType:  "badMediaType",
}

func (f *fault) body() object {
	name, ok := faultNames[f.status]
	if !ok {
		name = "computeFault"
	}
	detail := object{{"code", f.status}, {"message", f.message}}
	if f.overQuota {
		detail = append(detail, member{"retryAfter", "0"})
	}
	return object{{name, detail}}
}

func badRequest(format string, args ...any) error {
	return &fault{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &fault{status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

func forbidden(rule string) error {
	return &fault{
		status:  http.StatusForbidden,
		message: "Policy doesn't allow " + rule + " to be performed.",
	}
}

// invalidVolume and invalidSnapshot are the exceptions whose text begins with their kind.
func invalidVolume(format string, args ...any) error {
	return badRequest("Invalid volume: "+format, args...)
}

func invalidSnapshot(format string, args ...any) error {
	return badRequest("Invalid snapshot: "+format, args...)
}

func invalidInput(format string, args ...any) error {
	return badRequest("Invalid input received: "+format, args...)
}

// noSuchResource is the answer to a path that has a route but no method behind it, or not at this microversion.
func noSuchResource() error {
	return notFound("The resource could not be found.")
}

// serverError is the answer to everything that makes Cinder stumble.
func serverError() error {
	return &fault{
		status:  http.StatusInternalServerError,
		message: "The server has either erred or is incapable of performing the requested operation.",
	}
}

// malformed is webob's own text for a bad request without an explanation.
func malformed() error {
	return badRequest("The server could not comply with the request since it is either malformed or otherwise incorrect.")
}

// NoRoute is what Cinder's router says of a path or a method that it does not know.
func NoRoute(w http.ResponseWriter, r *http.Request) {
	writeBare(w, r, http.StatusNotFound, "Not Found", "The resource could not be found.")
}

// writeBare writes an error that comes from below Cinder's API. It has not the form of its faults: it is HTML, JSON
// of its own kind or plain text, by the Accept header.
func writeBare(w http.ResponseWriter, r *http.Request, status int, title, explanation string) {
	line := strconv.Itoa(status) + " " + title
	form := preferred(r.Header.Get("Accept"), "text/html", "application/json")
	if r.Method == http.MethodHead {
		form = "text/html"
	}
	switch form {
	case "text/html":
		python.WriteText(w, status, "text/html; charset=UTF-8", "<html>\n <head>\n  <title>"+line+"</title>\n </head>\n <body>\n"+
			"  <h1>"+line+"</h1>\n  "+explanation+"<br /><br />\n\n\n\n </body>\n</html>")
	case "application/json":
		python.WriteJSON(w, status, object{{"message", explanation + "<br /><br />\n\n\n"}, {"code", line}, {"title", title}})
	default:
		python.WriteText(w, status, "text/plain; charset=UTF-8", line+"\n\n"+explanation+"\n\n   ")
	}
}

// preferred returns the offer that an Accept header likes best, the first of equals, or "" if it likes none.
func preferred(accept string, offers ...string) string {
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		kind, _, _ := strings.Cut(offer, "/")
		quality, exactness := 0.0, -1
		for part := range strings.SplitSeq(accept, ",") {
			media, parameters, err := mime.ParseMediaType(part)
			if err != nil {
				continue
			}
			exact := slices.Index([]string{"*/*", kind + "/*", offer}, media)
			if exact < exactness || exact < 0 {
				continue
			}
			exactness, quality = exact, 1
			if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
				quality = q
			}
		}
		if quality > bestQuality {
			best, bestQuality = offer, quality
		}
	}
	return best
}
