package python

import (
	"net/http"
	"strconv"
	"strings"
)

// Scheme is http or https; a proxy may say that it was https before it.
func Scheme(r *http.Request) string {
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		return "https"
	}
	return "http"
}

// BaseURL is the address under which the client reached the server, so that links lead through the same
// proxies.
func BaseURL(r *http.Request) string {
	host := r.Host
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" {
		parts := strings.Split(forwarded, ",")
		host = strings.TrimSpace(parts[len(parts)-1])
	}
	return Scheme(r) + "://" + host
}

// WriteJSON answers with JSON as Python writes it.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	data := Encode(body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// WriteText answers with a text.
func WriteText(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
