package keystone

import (
	"fmt"
	"net/http"
)

// noRoute is what Keystone says of a path that it does not know, below the release's own beginning.
const noRoute = `<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`

// fault is an error of Keystone: {"error": {"code": N, "message": "...", "title": "..."}}.
type fault struct {
	status  int
	message string
	// unscopable adds the empty "identity" member that Keystone sends when an application credential asks
	// for a scope.
	unscopable bool
}

func (f *fault) Error() string { return f.message }

func (f *fault) body() object {
	detail := object{{"code", f.status}}
	if f.unscopable {
		detail = append(detail, member{"identity", object{}})
	}
	detail = append(detail, member{"message", f.message}, member{"title", http.StatusText(f.status)})
	return object{{"error", detail}}
}

// UnauthorizedMessage is that of every 401.
const UnauthorizedMessage = "The request you have made requires authentication."

func unauthorized() error {
	return &fault{status: http.StatusUnauthorized, message: UnauthorizedMessage}
}

func forbidden(rule string) error {
	message := "You are not authorized to perform the requested action"
	if rule != "" {
		message += ": identity:" + rule
	}
	return &fault{status: http.StatusForbidden, message: message + "."}
}

func notFound(format string, args ...any) error {
	return &fault{status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

func expecting(what, where string) error {
	return &fault{
		status: http.StatusBadRequest,
		message: "Expecting to find " + what + " in " + where + ". The server could not comply with the request since it is " +
			"either malformed or otherwise incorrect. The client is assumed to be in error.",
	}
}
