package transport

import (
	"net/http"
	"net/url"
)

// sameHostOnly does not follow a redirect that would carry credentials to another
// host, or would change the method, as net/http makes a GET of a POST. The redirect
// is then the answer, which is an error.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) >= 10 {
		return http.ErrUseLastResponse
	}
	return nil
}

// RedirectTarget returns scheme, host and path of where the answer to a request for
// target points to, "" for nowhere. User and query may be secret and are left out.
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
