package client

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// signInTimeout bounds one sign-in, which belongs to no single caller.
const signInTimeout = 2 * time.Minute

// session holds the sign-in that all requests of a Client share. The first
// request signs in; whoever finds the token refused asks for a new one. At any
// time there is at most one sign-in under way, and all wait for that one, each
// no longer than its own context allows.
type session struct {
	config Config
	http   http.Client

	mu      sync.Mutex
	current *signedIn
	flight  *flight
	refused error // the Identity service said no: asking again would only lock the account
}

type flight struct {
	done   chan struct{}
	result *signedIn
	err    error
}

// get gives the present sign-in, made now if there is none. A caller whose
// token was refused passes its sign-in as stale and gets a newer one.
func (s *session) get(ctx context.Context, stale *signedIn) (*signedIn, error) {
	s.mu.Lock()
	if s.refused != nil {
		defer s.mu.Unlock()
		return nil, s.refused
	}
	if s.current != nil && s.current != stale {
		defer s.mu.Unlock()
		return s.current, nil
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flight = f
		// The sign-in outlives the caller that started it: others wait for it
		// too, and must not fail because that one was interrupted.
		go s.signIn(context.WithoutCancel(ctx), f)
	}
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		return nil, s.config.signInError(ctx.Err())
	}
}

func (s *session) signIn(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(withPatience(withdrawable(repeatable(ctx), nil), 0), signInTimeout)
	defer cancel()
	result, err := s.config.authenticate(ctx, s.http)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.current, f.result = result, result
	} else {
		failed := s.config.signInError(err)
		failed.Renewal = s.current != nil
		f.err = failed
		if hasStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound) {
			s.refused = failed
		}
	}
	s.flight = nil
	close(f.done)
}
