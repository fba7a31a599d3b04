package openstack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// otherHost is a server that must not be spoken to.
func otherHost(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		t.Errorf("another host got %s %s with %v and %q", r.Method, r.URL, r.Header, body)
	}))
	t.Cleanup(server.Close)
	return server
}

// What the version document says of its own address is not followed: it is that
// of a backend behind a gateway, or of whoever wants the credentials.
func TestCredentialsGoToTheHostOfAuthURL(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ authURL, want string }{
		{"", "/v3/auth/tokens"},
		{"/", "/v3/auth/tokens"},
		{"/identity", "/identity/v3/auth/tokens"},
		{"/identity/", "/identity/v3/auth/tokens"},
		{"/identity/v3", "/identity/v3/auth/tokens"},
		{"/identity/v3/", "/identity/v3/auth/tokens"},
		{"/v3/auth/tokens", "/v3/auth/tokens"},
		{"/v3/identity/v3", "/v3/identity/v3/auth/tokens"}, // of a gateway that has a version of its own
		{"/identity?token=t#f", "/identity/v3/auth/tokens"},
	} {
		for name, config := range map[string]openstack.Config{
			"password": {UserName: "u", Password: "p", ProjectName: "j"},
			"token":    {Token: "t"},
		} {
			t.Run(row.authURL+" "+name, func(t *testing.T) {
				t.Parallel()
				elsewhere := otherHost(t).URL
				s := newScript(t, always(200, available))
				var paths []string
				s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/v3/"+project) {
						s.ServeHTTP(w, r)
						return
					}
					paths = append(paths, r.URL.RequestURI())
					if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
						s.Token(w, "t")
						return
					}
					w.WriteHeader(http.StatusMultipleChoices)
					fmt.Fprintf(w, `{"versions": {"values": [{"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "%s/v3/"}]}]}}`, elsewhere)
				})
				config.AuthURL = s.URL + row.authURL
				if _, err := s.open(func(c *openstack.Config) { *c = config }).Get(t.Context(), snapshot); err != nil {
					t.Fatal(err)
				}
				wantLines(t, paths, row.want)
			})
		}
	}
}

// An auth_url that cannot be used costs no request, and is not quoted.
func TestUnusableAuthURL(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	for _, authURL := range []string{
		"", "keystone:5000/v3", "ftp://u:canary@keystone/v3", "https://u:can/ary@keystone/v3", "https://u:canary@key stone/v3",
		s.URL + "/v2.0", s.URL + "/identity/v2.0/",
	} {
		_, err := s.open(func(c *openstack.Config) { c.AuthURL = authURL }).Get(t.Context(), snapshot)
		var unusable *transport.ConfigError
		if !errors.As(err, &unusable) || unusable.Setting != "auth_url" || strings.Contains(err.Error(), "can") {
			t.Errorf("%q: %v", authURL, err)
		}
	}
	if n := len(s.SignIns()) + len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A sign-in that lacks something costs no request.
func TestIncompleteSignIn(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	for _, incomplete := range []func(*openstack.Config){
		func(c *openstack.Config) { c.Password = "" },
		func(c *openstack.Config) { c.UserName = "" },
		func(c *openstack.Config) { c.Password, c.ApplicationCredentialID = "", "a" },
	} {
		_, err := s.open(incomplete).Get(t.Context(), snapshot)
		var signIn *openstack.SignInError
		if !errors.As(err, &signIn) || signIn.Err == nil {
			t.Error(err)
		}
	}
	if n := len(s.SignIns()) + len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

const html = "<html><body>Sign in to the portal</body></html>"

// An answer that Keystone does not give says nothing of the credentials. It is
// called what it is, and is not remembered as their refusal.
func TestAnswersThatAreNotKeystones(t *testing.T) {
	t.Parallel()
	elsewhere := otherHost(t)
	whole := `{"token": {"project": {"id": "` + project + `"}, "catalog": []}}`
	redirect := func(status int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
		}
	}
	with := func(status int, token, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if token != "" {
				w.Header().Set("X-Subject-Token", token)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	portal := elsewhere.URL + "/portal"
	for name, row := range map[string]struct {
		answer         http.HandlerFunc
		status         int
		location, text string
	}{
		"HTML":                   {with(200, "", html), 200, "", "200 OK without the JSON of the API"},
		"HTML, 201":              {with(201, "t", html), 201, "", "201 Created without the JSON of the API"},
		"nothing":                {with(200, "t", ""), 200, "", "200 OK without the JSON of the API"},
		"another JSON":           {with(200, "t", `{"status": "up"}`), 200, "", "200 OK without a token in it"},
		"JSON that is no object": {with(200, "t", `["token"]`), 200, "", "200 OK without the JSON of the API"},
		"null":                   {with(200, "t", `{"token": null}`), 200, "", "200 OK without a token in it"},
		"no X-Subject-Token":     {with(201, "", whole), 201, "", "201 Created without the header X-Subject-Token"},
		"404 without a body":     {with(404, "", ""), 404, "", "404 Not Found"},
		"404 of a web server":    {with(404, "", html), 404, "", "404 Not Found"},
		"404 of a gateway":       {with(404, "", `{"message": "no Route matched with those values"}`), 404, "", "404 Not Found"},
		"401 of a gateway":       {with(401, "", html), 401, "", "401 Unauthorized"},
		"403 of a gateway":       {with(403, "", html), 403, "", "403 Forbidden"},
		"405":                    {with(405, "", ""), 405, "", "405 Method Not Allowed"},
		"302":                    {redirect(302, portal+"/login?token=canary#f"), 302, portal + "/login", "302 Found to " + portal + "/login"},
		"307":                    {redirect(307, portal), 307, portal, "307 Temporary Redirect to " + portal},
		"308 with a user":        {redirect(308, strings.Replace(portal, "://", "://u:canary@", 1)), 308, portal, "308 Permanent Redirect to " + portal},
		"302 on the same host":   {redirect(302, "/login?token=canary"), 302, "/login", "302 Found to http"},
		"301 to nowhere":         {redirect(301, ""), 301, "", "301 Moved Permanently"},
		"301 to no URL":          {redirect(301, "http://u:canary@%zz/"), 301, "", "301 Moved Permanently"},
	} {
		for method, config := range map[string]openstack.Config{
			"password": {UserName: "u", Password: "p", ProjectName: "j"},
			"token":    {Token: "t"},
		} {
			if method == "token" && name == "302 on the same host" {
				continue // A GET may be redirected.
			}
			t.Run(name+", "+method, func(t *testing.T) {
				t.Parallel()
				s := newScript(t, always(200, available))
				s.SignIn = row.answer
				b := s.open(func(c *openstack.Config) { config.AuthURL = c.AuthURL; *c = config; c.MaxRetries = new(int) })
				for range 2 {
					_, err := b.Get(t.Context(), snapshot)
					var other *openstack.NotIdentityError
					var api *openstack.APIError
					if !errors.As(err, &other) || errors.As(err, &api) {
						t.Fatalf("%v", err)
					}
					location, _ := strings.CutPrefix(other.Answer.Location, s.URL)
					if other.Answer.Status != row.status || location != row.location {
						t.Errorf("%+v", other.Answer)
					}
					for _, want := range []string{row.text, "/identity/v3/auth/tokens", "not an answer of the Identity service (Keystone)"} {
						if !strings.Contains(err.Error(), want) {
							t.Errorf("it does not say %q: %v", want, err)
						}
					}
					if strings.Contains(err.Error(), "canary") {
						t.Errorf("%v", err)
					}
				}
				// The second try was one: the credentials are not known to be wrong.
				if n := len(s.SignIns()); n != 2 {
					t.Errorf("%d sign-ins", n)
				}
				if lines := s.Requests(); len(lines) > 0 {
					t.Errorf("the redirect was followed: %q", lines)
				}
			})
		}
	}
}

// Keystone's own refusals are remembered, whatever their status; its failures
// are not.
func TestKeystonesOwnErrors(t *testing.T) {
	t.Parallel()
	for status, final := range map[int]bool{400: true, 401: true, 403: true, 404: true, 429: false, 500: false, 503: false} {
		s := newScript(t, always(200, available))
		s.SignIn = func(w http.ResponseWriter, _ *http.Request) { fault(w, status, "error", "what Keystone says") }
		b := s.open()
		for range 2 {
			_, err := b.Get(t.Context(), snapshot)
			var api *openstack.APIError
			if !errors.As(err, &api) || api.Status != status || api.Message != "what Keystone says" || api.RequestID != "req-1" {
				t.Errorf("%d: %v", status, err)
			}
		}
		if n := len(s.SignIns()); n == 1 != final {
			t.Errorf("%d: %d sign-ins", status, n)
		}
	}
}

// A gateway that has no Keystone to ask, or is asked too often, is no other
// service.
func TestGatewayWithoutKeystone(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 500, 502, 503, 504} {
		s := newScript(t, always(200, available))
		s.SignIn = always(status, html)
		_, err := s.open().Get(t.Context(), snapshot)
		var api *openstack.APIError
		if !errors.As(err, &api) || api.Status != status || api.Message != "" {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// The step from http to https is one to another server.
func TestRedirectToAnotherScheme(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	secure := strings.Replace(s.URL, "http://", "https://", 1) + "/v3/auth/tokens"
	s.SignIn = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secure, http.StatusPermanentRedirect)
	}
	_, err := s.open().Get(t.Context(), snapshot)
	var other *openstack.NotIdentityError
	if !errors.As(err, &other) || other.Answer.Location != secure {
		t.Errorf("%v", err)
	}
}

// A redirect within the host may be followed by a request that stays what it is.
func TestRedirectWithinTheHost(t *testing.T) {
	t.Parallel()
	for status, follows := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true} {
		s := newScript(t, always(200, available))
		s.SignIn = func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method != http.MethodPost:
				t.Errorf("%d: a %s followed", status, r.Method)
			case r.URL.Path == "/identity/v3/auth/tokens":
				http.Redirect(w, r, "/moved/v3/auth/tokens", status)
			default:
				s.Token(w, "t")
			}
		}
		_, err := s.open().Get(t.Context(), snapshot)
		if (err == nil) != follows {
			t.Errorf("%d: %v", status, err)
		}
		bodies := s.SignIns()
		if follows && (len(bodies) != 2 || bodies[0] != bodies[1]) {
			t.Errorf("%d: %q", status, bodies)
		}
	}
}

// A token that was good once and is refused later has ended; a sign-in that
// never worked is another matter.
func TestTokenThatEnds(t *testing.T) {
	t.Parallel()
	for name, worked := range map[string]bool{"at once": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, func(w http.ResponseWriter, _ *http.Request) {
				fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
			})
			s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
				if worked && len(s.SignIns()) == 1 {
					s.Token(w, "mine")
					return
				}
				fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
			}
			_, err := s.open(func(c *openstack.Config) {
				*c = openstack.Config{AuthURL: c.AuthURL, Token: "mine", Config: transport.Config{MaxRetries: new(int)}}
			}).Get(t.Context(), snapshot)
			var signIn *openstack.SignInError
			if !errors.As(err, &signIn) || signIn.Renewal != worked || signIn.Scoped || signIn.Method != openstack.MethodToken {
				t.Errorf("%+v", err)
			}
		})
	}
}

// Who signed in, and what was asked for beside the credentials, is known where it is refused.
func TestWhoseSignInWasRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		config openstack.Config
		scoped bool
		who    string
	}{
		"token":           {openstack.Config{Token: "t"}, false, ""},
		"token, project":  {openstack.Config{Token: "t", ProjectName: "j"}, true, `project "j" of domain id "default"`},
		"token, domain":   {openstack.Config{Token: "t", DomainID: "d"}, true, `domain id "d"`},
		"password":        {openstack.Config{Password: "p", UserName: "u", ProjectID: "j"}, true, `user "u" of domain id "default", project id "j"`},
		"password, names": {openstack.Config{Password: "p", UserName: "u", UserDomainName: "w", ProjectName: "j", ProjectDomainName: "d"}, true, `user "u" of domain "w", project "j" of domain "d"`},
		"password, ids":   {openstack.Config{Password: "p", UserID: "u", UserName: "n", DomainName: "d"}, true, `user id "u", domain "d"`},
		"application credential": {
			openstack.Config{ApplicationCredentialID: "a", ApplicationCredentialSecret: "s", ProjectID: "j"}, false, `id "a"`,
		},
		"application credential, names": {
			openstack.Config{ApplicationCredentialName: "a", ApplicationCredentialSecret: "s", UserName: "u"}, false, `"a", user "u" of domain id "default"`,
		},
	} {
		s := newScript(t, always(200, available))
		s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
			fault(w, http.StatusForbidden, "error", "rescope a scoped token")
		}
		_, err := s.open(func(c *openstack.Config) { row.config.AuthURL = c.AuthURL; *c = row.config }).Get(t.Context(), snapshot)
		var signIn *openstack.SignInError
		if !errors.As(err, &signIn) || signIn.Scoped != row.scoped || signIn.Who != row.who {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

// No secret leaves, whatever a server makes of it and however much is logged.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	const canary = "can'ary\\q7f3e\"<ü\n"
	echoed := map[string]http.HandlerFunc{
		// A message of Keystone's validation quotes the instance, as Python does.
		"quoted": func(w http.ResponseWriter, _ *http.Request) {
			fault(w, 400, "error", `{'password': "`+strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(canary)+`", 'raw': `+canary+`} is not valid under any of the given schemas`)
		},
		"quoted as it was sent": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fault(w, 400, "error", "malformed: "+string(body)+r.Header.Get("X-Auth-Token"))
		},
		"quoted in ASCII": func(w http.ResponseWriter, _ *http.Request) {
			fault(w, 400, "error", `malformed: "can'ary\\q7f3e\"<\u00fc\n"`)
		},
		"in other places": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Openstack-Request-Id", strings.TrimSpace(canary))
			fault(w, 401, canary, "refused")
		},
		"quoted whole": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fault(w, 400, "error", "'id' is a required property\n\nFailed validating 'required' in schema:\n    {}\n\nOn instance:\n    "+string(body)+canary)
		},
		"a long message": func(w http.ResponseWriter, _ *http.Request) {
			fault(w, 401, "error", strings.Repeat("x", 597)+canary)
		},
		"a page":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, html+canary) },
		"a fault": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); fmt.Fprint(w, canary) },
		"a cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "999")
			fmt.Fprint(w, canary)
		},
		"redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://"+url.QueryEscape(canary)+"@x/?t="+url.QueryEscape(canary))
			w.WriteHeader(307)
		},
		"a broken redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://x/%zz?t="+canary)
			w.WriteHeader(302)
		},
		"a token with another body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Subject-Token", canary)
			fmt.Fprint(w, "[]")
		},
		"success": nil,
	}
	for name, answer := range echoed {
		for method, config := range map[string]openstack.Config{
			"password":               {UserName: "u", Password: canary, ProjectName: "j"},
			"token":                  {Token: strings.TrimSpace(canary)},
			"token, project":         {Token: strings.TrimSpace(canary), ProjectName: "j"},
			"application credential": {ApplicationCredentialID: "a", ApplicationCredentialSecret: canary},
		} {
			t.Run(name+", "+method, func(t *testing.T) {
				t.Parallel()
				var log synced
				s := newScript(t, always(418, canary))
				s.SignIn = answer
				if answer == nil {
					s.SignIn = func(w http.ResponseWriter, _ *http.Request) { s.Token(w, canary) }
				}
				config.AuthURL = strings.Replace(s.URL, "://", "://user:"+url.QueryEscape(canary)+"@", 1) + "/identity?t=" + url.QueryEscape(canary)
				config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.Level(-100)}))
				one := 1
				config.MaxRetries = &one
				_, err := s.open(func(c *openstack.Config) { *c = config }).Get(t.Context(), snapshot)
				if err == nil {
					t.Fatal("no error")
				}
				if !strings.Contains(log.String(), "auth/tokens") {
					t.Fatalf("not logged: %s", log.String())
				}
				for where, text := range map[string]string{"the error": fmt.Sprintf("%v %+v", err, err), "the log": log.String()} {
					if strings.Contains(text, "can'") || strings.Contains(text, "q7f3e") || strings.Contains(text, "user:") || strings.Contains(text, "On instance") {
						t.Errorf("a secret is in %s: %s", where, text)
					}
				}
			})
		}
	}
}

// synced is a buffer that may be written to by several.
type synced struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *synced) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *synced) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
