package transport

import (
	"net/http"
	"net/url"
)

// sameHostOnly ends a redirect that would carry credentials to another host, or
// would make another request of this one, as a POST becomes a GET. The redirect
// itself is then the answer, and as such an error.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) >= 10 {
		return http.ErrUseLastResponse
	}
	return nil
}

// RedirectTarget is where the answer to a request for target points to: scheme,
// host and path. User and query are left out, as they may be secret.
func RedirectTarget(target string, answer http.Header) string {
	location := answer.Get("Location")
	base, err := url.Parse(target)
	if err != nil || location == "" {
		return ""
	}
	u, err := base.Parse(location)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
