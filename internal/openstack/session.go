package openstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// signInTimeout bounds a sign-in, and a read of the microversions, which belong to no
// single caller.
const signInTimeout = 2 * time.Minute

// session is the sign-in that all requests of a Client share. The first request signs
// in, and a request whose token is refused asks for a new sign-in. At most one sign-in
// is under way at a time, and all requests wait for it, each until its own context
// ends.
type session struct {
	config Config
	http   http.Client

	group singleflight.Group

	mu      sync.Mutex
	current *signedIn
	refused error // the Identity service said no: asking again would only lock the account
	// failed is the latest sign-in that did not come about, and until again the answer to every
	// caller: each of a thousand resources would try for as long.
	failed error
	again  time.Time
}

// renewalRest is how long a new token is not replaced if no service has accepted it
// yet: a service that refuses it would refuse another one too.
const renewalRest = time.Minute

// A first sign-in that failed is not tried again for as long as it took with its retries, and
// no longer than failureRest. One that failed within quickFailure may be, and so may a
// renewal: what is under way needs it.
const (
	quickFailure = time.Second
	failureRest  = 30 * time.Second
)

// get returns the present sign-in, or signs in. A caller whose token was refused passes
// its sign-in as stale and gets a newer one, or the same if a newer one would not
// help.
func (s *session) get(ctx context.Context, stale *signedIn) (*signedIn, error) {
	if current, err := s.present(stale); current != nil || err != nil {
		return current, err
	}
	// The sign-in does not end with the caller that began it: others wait for it too.
	result := s.group.DoChan("", func() (any, error) {
		if current, err := s.present(stale); current != nil || err != nil {
			return current, err
		}
		return s.signIn(context.WithoutCancel(ctx))
	})
	select {
	case f := <-result:
		signed, _ := f.Val.(*signedIn)
		return signed, f.Err
	case <-ctx.Done():
		return nil, s.config.signInError(ctx.Err())
	}
}

// present returns the present sign-in, nil if a new one is needed.
func (s *session) present(stale *signedIn) (*signedIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.refused != nil:
		return nil, s.refused
	case s.current != stale || stale != nil && stale.renewal && !stale.accepted.Load() && time.Since(stale.at) <= renewalRest:
		return s.current, nil
	case time.Now().Before(s.again):
		return nil, s.failed
	}
	return nil, nil
}

func (s *session) signIn(ctx context.Context) (*signedIn, error) {
	ctx, cancel := context.WithTimeout(transport.WithOptions(ctx, transport.Options{Repeatable: true, Urgent: true}), signInTimeout)
	defer cancel()
	began := time.Now()
	signed, err := s.config.authenticate(ctx, s.http)
	if errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*transport.TurnError)) {
		// It is not the caller's time that has ended.
		err = fmt.Errorf("no token within %s", signInTimeout)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		signed.at, signed.renewal = time.Now(), s.current != nil
		s.current = signed
		return signed, nil
	}
	failed := s.config.signInError(err)
	failed.Renewal = s.current != nil
	if HasStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound) {
		s.refused = failed
	}
	var rest time.Duration
	if took := time.Since(began); took > quickFailure && s.current == nil {
		rest = min(took, failureRest)
	}
	if api := new(APIError); errors.As(err, &api) && api.RateLimited() {
		rest = max(rest, min(api.RetryAfter, transport.MaxPause))
	}
	s.failed, s.again = failed, time.Now().Add(rest)
	return nil, failed
}
