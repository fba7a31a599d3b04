package openstack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// parallel runs as many at once and gives their errors.
func parallel(n int, do func() error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	return errs
}

func TestSignsInOnceForAll(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	b := s.open()
	for _, err := range parallel(50, func() error { _, err := b.Get(t.Context(), snapshot); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(s.SignIns()); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

func TestNothingIsSentBeforeTheFirstUse(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	s.open()
	if n := len(s.SignIns()) + len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A token that expires in mid-run is renewed once for all who find out.
func TestRenewsTheTokenOnce(t *testing.T) {
	t.Parallel()
	var expired atomic.Bool
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if expired.Load() && r.Header.Get("X-Auth-Token") == "token-1" {
			fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
			return
		}
		always(200, available)(w, r)
	})
	b := s.open()
	if _, err := b.Get(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	expired.Store(true)
	for _, err := range parallel(50, func() error { _, err := b.Get(t.Context(), snapshot); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(s.SignIns()); n != 2 {
		t.Errorf("%d sign-ins, want the first and one renewal", n)
	}
}

// A token that is refused even when new is an error, not a loop.
func TestRefusedTokenIsNotALoop(t *testing.T) {
	t.Parallel()
	s := newScript(t, func(w http.ResponseWriter, _ *http.Request) {
		fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
	})
	_, err := s.open().Get(t.Context(), snapshot)
	var api *openstack.APIError
	if !errors.As(err, &api) || api.Status != http.StatusUnauthorized {
		t.Errorf("%v", err)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// A sign-in that was refused is not tried again by each of a thousand
// resources: that would lock the account.
func TestRefusedSignInIsFinal(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
		fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
	}
	b := s.open()
	for range 3 {
		_, err := b.Get(t.Context(), snapshot)
		var signIn *openstack.SignInError
		var api *openstack.APIError
		if !errors.As(err, &signIn) || !errors.As(err, &api) || api.Status != 401 || api.RequestID != "req-1" ||
			signIn.Method != openstack.MethodPassword || strings.Contains(err.Error(), `"p"`) {
			t.Errorf("%v", err)
		}
	}
	if n := len(s.SignIns()); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

// A Keystone that asks for another factor is Keystone, and is not asked again. What it gives for the
// second step is half a credential, and in no error.
func TestASignInByOneFactorOfTwo(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Openstack-Auth-Receipt", "half-a-credential")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"receipt": {"methods": ["password"]}, "required_auth_methods": [["password", "totp"]]}`)
	}
	b := s.open()
	for range 3 {
		_, err := b.Get(t.Context(), snapshot)
		var api *openstack.APIError
		if !errors.As(err, &api) || api.Kind != openstack.KindReceipt || errors.As(err, new(*openstack.NotIdentityError)) || strings.Contains(err.Error(), "half") {
			t.Errorf("%v", err)
		}
	}
	if n := len(s.SignIns()); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}

// A sign-in that got a 503 at once may work the next time. Time is virtual: one that takes long rests.
func TestFailedSignInMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	synctest.Test(t, func(t *testing.T) {
		b := s.open(func(c *openstack.Config) { c.Network = inMemory{s} })
		s.SignIn = always(http.StatusServiceUnavailable, "")
		if _, err := b.Get(t.Context(), snapshot); err == nil {
			t.Error("no error")
		}
		s.SignIn = nil
		if _, err := b.Get(t.Context(), snapshot); err != nil {
			t.Error(err)
		}
	})
}

// While Keystone is down, each of a thousand resources does not try for as long as the first. Where it
// limits the rate of sign-ins, and asks for a pause that is too long to wait for, it is not asked
// again before its end. Time is virtual.
func TestAFailedSignInRests(t *testing.T) {
	t.Parallel()
	for status, answer := range map[int]func(http.Header){
		http.StatusServiceUnavailable: func(http.Header) { time.Sleep(1500 * time.Millisecond) },
		http.StatusTooManyRequests:    func(h http.Header) { h.Set("Retry-After", "180") },
	} {
		s := newScript(t, always(200, available))
		s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
			answer(w.Header())
			w.WriteHeader(status)
		}
		synctest.Test(t, func(t *testing.T) {
			b := s.open(func(c *openstack.Config) { c.Network = inMemory{s} })
			for range 20 {
				_, err := b.Get(t.Context(), snapshot)
				if !openstack.HasStatus(err, status) || !openstack.Transient(err) {
					t.Errorf("%v", err)
				}
			}
			if n := len(s.SignIns()); n != 1 {
				t.Errorf("%d: %d sign-ins", status, n)
			}
		})
	}
}

// The rest is as long as the sign-in took, and half a minute at most; then the next request
// signs in. A renewal does not rest.
func TestTheRestOfAFailedSignInEnds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		took, rest time.Duration
		renewal    bool
	}{
		"as long as it took":   {took: 5 * time.Second, rest: 5 * time.Second},
		"half a minute":        {took: 45 * time.Second, rest: 30 * time.Second},
		"none after a second":  {took: time.Second},
		"none after a renewal": {took: 5 * time.Second, renewal: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, always(200, available))
			down := func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(row.took)
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			synctest.Test(t, func(t *testing.T) {
				b := s.open(func(c *openstack.Config) { c.Network = inMemory{s} })
				get := func() error { _, err := b.Get(t.Context(), snapshot); return err }
				if row.renewal {
					if err := get(); err != nil {
						t.Fatal(err)
					}
					s.Answer = func(w http.ResponseWriter, _ *http.Request) {
						fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
					}
				}
				before := len(s.SignIns())
				s.SignIn = down
				attempt := func(want int) {
					t.Helper()
					if err := get(); err == nil {
						t.Error("no error")
					}
					if n := len(s.SignIns()) - before; n != want {
						t.Errorf("%d sign-ins, want %d", n, want)
					}
				}
				attempt(1)
				if row.rest > 0 {
					time.Sleep(row.rest - time.Millisecond)
					attempt(1)
					time.Sleep(time.Millisecond)
				}
				attempt(2)
			})
		})
	}
}

// inMemory hands requests to a server without a network, for tests in virtual time.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, req)
	resp := answer.Result()
	resp.Request = req
	return resp, nil
}

// Whoever is interrupted while waiting for the sign-in leaves at once, and does
// not take the sign-in from the others.
func TestInterruptDuringSignIn(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	s := newScript(t, always(200, available))
	s.SignIn = func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		s.Token(w, "t")
	}
	b := s.open()
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := b.Get(ctx, snapshot); first <- err }()
	select {
	case <-begun:
	case err := <-first:
		t.Fatalf("it ended without a sign-in: %v", err)
	}
	go func() { _, err := b.Get(t.Context(), snapshot); second <- err }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the interrupted one: %v", err)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("the other one: %v", err)
	}
}

func TestSignInBodies(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		config openstack.Config
		want   string
	}{
		"password, names, default domains": {
			openstack.Config{UserName: "u", Password: "p", ProjectName: "j"},
			`{"identity": {"methods": ["password"], "password": {"user": {"name": "u", "password": "p", "domain": {"id": "default"}}}},
			  "scope": {"project": {"name": "j", "domain": {"id": "default"}}}}`,
		},
		"password, other default domain": {
			openstack.Config{UserName: "u", Password: "p", ProjectName: "j", DefaultDomain: "d", DefaultDomainName: "not this"},
			`{"identity": {"methods": ["password"], "password": {"user": {"name": "u", "password": "p", "domain": {"id": "d"}}}},
			  "scope": {"project": {"name": "j", "domain": {"id": "d"}}}}`,
		},
		"password, ids before names": {
			openstack.Config{UserID: "ui", UserName: "u", UserDomainName: "x", Password: "p", ProjectID: "ji", ProjectName: "j", ProjectDomainName: "x"},
			`{"identity": {"methods": ["password"], "password": {"user": {"id": "ui", "password": "p"}}}, "scope": {"project": {"id": "ji"}}}`,
		},
		"password, named domains": {
			openstack.Config{UserName: "u", UserDomainName: "ud", Password: "p", ProjectName: "j", ProjectDomainName: "pd"},
			`{"identity": {"methods": ["password"], "password": {"user": {"name": "u", "password": "p", "domain": {"name": "ud"}}}},
			  "scope": {"project": {"name": "j", "domain": {"name": "pd"}}}}`,
		},
		"password, one domain for both": {
			openstack.Config{UserName: "u", Password: "p", ProjectName: "j", DomainName: "d"},
			`{"identity": {"methods": ["password"], "password": {"user": {"name": "u", "password": "p", "domain": {"name": "d"}}}},
			  "scope": {"project": {"name": "j", "domain": {"name": "d"}}}}`,
		},
		"password, domain scope": {
			openstack.Config{UserID: "ui", Password: "p", DomainID: "d"},
			`{"identity": {"methods": ["password"], "password": {"user": {"id": "ui", "password": "p"}}}, "scope": {"domain": {"id": "d"}}}`,
		},
		"token with a scope": {
			openstack.Config{Token: "t", ProjectID: "ji", UserName: "ignored", UserDomainID: "ignored"},
			`{"identity": {"methods": ["token"], "token": {"id": "t"}}, "scope": {"project": {"id": "ji"}}}`,
		},
		"application credential by id": {
			openstack.Config{ApplicationCredentialID: "a", ApplicationCredentialSecret: "s", ProjectName: "ignored", UserName: "ignored"},
			`{"identity": {"methods": ["application_credential"], "application_credential": {"id": "a", "secret": "s"}}}`,
		},
		"application credential by name and user name": {
			openstack.Config{ApplicationCredentialName: "a", ApplicationCredentialSecret: "s", UserName: "u", UserDomainName: "d"},
			`{"identity": {"methods": ["application_credential"], "application_credential":
			  {"name": "a", "secret": "s", "user": {"name": "u", "domain": {"name": "d"}}}}}`,
		},
		"application credential by name and user id": {
			openstack.Config{ApplicationCredentialName: "a", ApplicationCredentialSecret: "s", UserID: "ui"},
			`{"identity": {"methods": ["application_credential"], "application_credential": {"name": "a", "secret": "s", "user": {"id": "ui"}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, always(200, available))
			b := s.open(func(c *openstack.Config) {
				row.config.AuthURL = c.AuthURL
				*c = row.config
			})
			if _, err := b.Get(t.Context(), snapshot); err != nil {
				t.Fatal(err)
			}
			var got struct{ Auth any }
			var want any
			if err := json.Unmarshal([]byte(s.SignIns()[0]), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(row.want), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Auth, want) {
				t.Errorf("got %s", s.SignIns()[0])
			}
		})
	}
}

// A token without a scope of its own is used as it is.
func TestTokenPassesThrough(t *testing.T) {
	t.Parallel()
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Auth-Token") != "mine" {
			t.Errorf("the token was %q", r.Header.Get("X-Auth-Token"))
		}
		always(200, available)(w, r)
	})
	s.SignIn = func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("X-Subject-Token") != "mine" {
			t.Errorf("%s with X-Subject-Token %q", r.Method, r.Header.Get("X-Subject-Token"))
		}
		w.Header().Set("X-Subject-Token", "mine")
		_, _ = w.Write([]byte(`{"token": {"project": {"id": "` + project + `"}, "catalog": ` + strings.ReplaceAll(s.Catalog, "%s", s.URL) + `}}`))
	}
	b := s.open(func(c *openstack.Config) { *c = openstack.Config{AuthURL: c.AuthURL, Token: "mine"} })
	if _, err := b.Get(t.Context(), snapshot); err != nil {
		t.Error(err)
	}
}

func TestSlowKeystoneEndsWithTheContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newScript(t, always(200, available))
	s.SignIn = func(http.ResponseWriter, *http.Request) { <-release }
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.open().Get(ctx, snapshot); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// What refuses a new token refuses the next one as well: a Cinder that accepts
// none does not cost a sign-in for each request.
func TestTokensThatAreNeverAccepted(t *testing.T) {
	t.Parallel()
	var accepts atomic.Bool
	s := newScript(t, func(w http.ResponseWriter, _ *http.Request) {
		if accepts.Load() {
			always(200, available)(w, nil)
			return
		}
		fault(w, http.StatusUnauthorized, "error", "The request you have made requires authentication.")
	})
	b := s.open()
	for range 3 {
		for _, err := range parallel(50, func() error { _, err := b.Get(t.Context(), snapshot); return err }) {
			var api *openstack.APIError
			if !errors.As(err, &api) || api.Status != http.StatusUnauthorized {
				t.Errorf("%v", err)
			}
		}
	}
	if n := len(s.SignIns()); n != 2 {
		t.Errorf("%d sign-ins", n)
	}
	accepts.Store(true)
	if _, err := b.Get(t.Context(), snapshot); err != nil {
		t.Error(err)
	}
	// Once a token has been accepted, the end of it is one like any other.
	accepts.Store(false)
	if _, err := b.Get(t.Context(), snapshot); err == nil {
		t.Error("no error")
	}
	if n := len(s.SignIns()); n != 3 {
		t.Errorf("%d sign-ins", n)
	}
}

// A page of a proxy in front of Keystone says nothing about the credentials: the
// next request signs in anew. Time is virtual.
func TestAProxysAnswerDoesNotEndTheSignIns(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		s := newScript(t, always(200, available))
		synctest.Test(t, func(t *testing.T) {
			b := s.open(func(c *openstack.Config) { c.Network = inMemory{s} })
			s.SignIn = always(status, "<html>")
			if _, err := b.Get(t.Context(), snapshot); err == nil {
				t.Errorf("%d: no error", status)
			}
			s.SignIn = nil
			if _, err := b.Get(t.Context(), snapshot); err != nil {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

// Keystone's own refusal is final, whichever it is.
func TestEachRefusalOfKeystoneIsFinal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		s := newScript(t, always(200, available))
		s.SignIn = func(w http.ResponseWriter, _ *http.Request) { fault(w, status, "error", "no") }
		b := s.open()
		for range 2 {
			if _, err := b.Get(t.Context(), snapshot); err == nil {
				t.Errorf("%d: no error", status)
			}
		}
		if n := len(s.SignIns()); n != 1 {
			t.Errorf("%d: %d sign-ins", status, n)
		}
	}
}
