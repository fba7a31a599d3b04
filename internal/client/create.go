package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// CreateRequest is a request for a snapshot.
type CreateRequest struct {
	VolumeID string
	// Name and Description have at most 255 characters each; "" leaves them out.
	Name, Description string
	// Force allows a snapshot of a volume that is in use.
	Force    bool
	Metadata map[string]string
}

// Create makes exactly one snapshot (section "Create a snapshot"). It returns as soon
// as the API has answered, in general with the snapshot in status "creating"; see
// [BlockStorage.WaitAvailable].
//
// A request whose answer is lost may have made a snapshot. Create then lists the
// snapshots of the volume until it finds the one that the request made. If it finds
// none for long enough, it sends the request again. The errors are
// [*openstack.APIError] if the API refused, [*LostCreateError] if it could not be found
// out whether there is a snapshot, and [*AmbiguousCreateError] if the request may have
// made any of several, or one that does not surely fit.
//
// The snapshot has no Progress, and its ProjectID is that of the sign-in.
func (b *BlockStorage) Create(ctx context.Context, request CreateRequest) (Snapshot, error) {
	at, shared, err := b.open(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	for retries := 0; ; retries++ {
		snapshot, err := b.createOnce(ctx, at, shared, request)
		var none *neverMadeError
		if !errors.As(err, &none) {
			return snapshot, err
		}
		if retries >= b.client.retries || ctx.Err() != nil {
			return Snapshot{}, none.cause
		}
	}
}

// neverMadeError says that a request whose answer was lost has made nothing.
type neverMadeError struct{ cause error }

func (e *neverMadeError) Error() string { return e.cause.Error() }

// interruptGrace is how long a create may go on after an interrupt, to learn what its
// request has made.
const interruptGrace = 10 * time.Second

func (b *BlockStorage) createOnce(ctx context.Context, at *openstack.Endpoint, shared *shared, request CreateRequest) (Snapshot, error) {
	// An interrupt must not cut off the answer that says which snapshot was made.
	extended, done := graceful(ctx, interruptGrace)
	defer done()
	attempt := shared.creates.begin(request)
	defer attempt.end()
	snapshot, err := b.post(transport.WithOptions(extended, transport.Options{Withdrawn: ctx, Sending: attempt.sending}), at, request)
	if err == nil {
		at.Created(snapshot.CreatedAt, attempt.sent)
		attempt.answered(snapshot.ID)
		return snapshot, nil
	}
	if !answerLost(err) {
		return Snapshot{}, err
	}
	attempt.lost()
	found, err := b.findCreated(ctx, extended, at, attempt, request, err)
	if err != nil {
		return Snapshot{}, err
	}
	if found.ProjectID == "" { // which some clouds show to administrators alone
		found.ProjectID, _ = b.ProjectID(extended)
	}
	return found, nil
}

// graceful returns a context with the values of ctx that ends some time after ctx.
func graceful(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// answerLost reports whether there may be a snapshot after this error of a create. If
// a request before the POST failed (sign-in, version, volume), there is none.
func answerLost(err error) bool {
	var (
		signIn  *openstack.SignInError
		network *openstack.TransportError
		api     *openstack.APIError
	)
	switch {
	case errors.As(err, &signIn):
		return false
	case errors.As(err, &network):
		return network.Method == http.MethodPost && !transport.Unsent(err)
	case errors.As(err, &api):
		return api.Method == http.MethodPost && transport.TransientStatus(api.Status)
	}
	return false
}

func (b *BlockStorage) post(ctx context.Context, at *openstack.Endpoint, request CreateRequest) (Snapshot, error) {
	type wire struct {
		VolumeID    string            `json:"volume_id"`
		Name        string            `json:"name,omitempty"`
		Description string            `json:"description,omitempty"`
		Force       *bool             `json:"force,omitempty"`
		Metadata    map[string]string `json:"metadata,omitempty"`
	}
	body := struct {
		Snapshot wire `json:"snapshot"`
	}{wire{
		VolumeID:    request.VolumeID,
		Name:        request.Name,
		Description: request.Description,
		Force:       &request.Force,
		Metadata:    request.Metadata,
	}}
	projectID, err := b.ProjectID(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	version := at.Microversion()
	if version >= openstack.ForceAlwaysSince && !request.Force {
		// A cloud without older microversions leaves the check to its clients.
		if err := b.refuseInUse(ctx, request.VolumeID); err != nil {
			return Snapshot{}, err
		}
		body.Snapshot.Force = nil
	}
	created, err := b.call(ctx, http.MethodPost, "snapshots", body)
	if openstack.HasStatus(err, http.StatusBadRequest) && version < openstack.ForceAlwaysSince && at.Microversion() >= openstack.ForceAlwaysSince {
		// This request has shown which microversions the API has.
		return b.post(ctx, at, request)
	}
	if openstack.HasStatus(err, http.StatusRequestEntityTooLarge) {
		return Snapshot{}, b.explainQuota(ctx, err)
	}
	created.ProjectID = projectID
	return created, err
}

// searchTime is how long the snapshot of a lost answer is searched for, from the
// loss: behind a proxy that gave up, the API may still be at work on it.
const searchTime = 20 * time.Second

// findCreated searches for the snapshot that a request whose answer was lost may
// have made. Equal creates of this process that lost their answers share what is
// found: any of the snapshots is as good for any of them.
func (b *BlockStorage) findCreated(ctx, extended context.Context, at *openstack.Endpoint, attempt *createAttempt, request CreateRequest, cause error) (Snapshot, error) {
	// An error of the API's own is an answer: no snapshot arrives later, and the same
	// request would fail again. But there may be a failed snapshot. A gateway's is not.
	var api *openstack.APIError
	refused := errors.As(cause, &api) && api.Status == http.StatusInternalServerError && api.Kind != ""
	timeout := searchTime
	if refused {
		timeout = time.Second
	}
	pauses := newPoll()
	var unknown []Snapshot // that may be it
	undecided := func() error {
		if len(unknown) > 0 {
			return &AmbiguousCreateError{Request: request, Candidates: unknown, Doubtful: true, Err: cause}
		}
		sent, _ := at.ServerTime(attempt.sent)
		return &LostCreateError{Request: request, Sent: sent, Err: cause}
	}
	for {
		// A snapshot that arrives while a listing is read may be missing from it.
		looked := time.Now()
		equal, doubtful, err := b.candidates(extended, at, request, attempt.sent)
		if err == nil {
			claimed, tooMany, err := attempt.claim(extended, equal)
			switch {
			case err != nil:
				return Snapshot{}, undecided()
			case claimed != nil:
				return *claimed, nil
			case len(tooMany) > 0:
				return Snapshot{}, &AmbiguousCreateError{Request: request, Candidates: tooMany, Err: cause}
			case looked.Sub(attempt.loss()) <= timeout:
			case refused:
				return Snapshot{}, cause
			default:
				var settled bool
				if unknown, settled = attempt.unclaimed(doubtful); len(unknown) == 0 {
					return Snapshot{}, &neverMadeError{cause}
				}
				if settled {
					return Snapshot{}, undecided()
				}
			}
		}
		if err != nil && !openstack.Transient(err) || ctx.Err() != nil || transport.Sleep(extended, pauses.Next(ctx)) != nil {
			return Snapshot{}, undecided()
		}
	}
}

const (
	// clockError bounds how wrong the clock of this machine is taken to be at most: a wrong
	// time zone makes 14 hours.
	clockError = 15 * time.Hour
	// dateError bounds how far the header Date, which a proxy may write, is taken to be
	// ahead of the API.
	dateError = 10 * time.Second
)

// candidates returns the snapshots that a request sent then may have made, by the clock of
// the server: those that are equal to the request, and doubtful ones. These have more
// metadata, which a backend or a tool may have added; or their time is unknown, or does not fit
// the clock by which the server's is reckoned.
func (b *BlockStorage) candidates(ctx context.Context, at *openstack.Endpoint, request CreateRequest, sent time.Time) (equal, doubtful []Snapshot, err error) {
	past := false // the time from which on a snapshot may be sure
	for snapshot, err := range b.List(ctx, Filter{VolumeID: request.VolumeID, Name: request.Name}) {
		if past && errors.Is(err, errMarkerIgnored) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		since, known := at.ServerTime(sent)
		since = since.Add(-openstack.ClockRounding)
		early := !snapshot.CreatedAt.IsZero() && snapshot.CreatedAt.Before(since)
		wrong := clockError
		if known {
			wrong = dateError
		}
		if early && snapshot.CreatedAt.Before(since.Add(-wrong)) {
			// The listing goes from the newest to the oldest.
			break
		}
		past = past || early
		switch {
		case !request.within(snapshot):
		case len(snapshot.Metadata) == len(request.Metadata) && !early && !snapshot.CreatedAt.IsZero():
			equal = append(equal, snapshot)
		default:
			doubtful = append(doubtful, snapshot)
		}
	}
	return equal, doubtful, nil
}

// within reports whether a snapshot has all that the request says.
func (r CreateRequest) within(s Snapshot) bool {
	return s.VolumeID == r.VolumeID && s.Name == r.Name && s.Description == r.Description && len(NotStored(r.Metadata, s.Metadata)) == 0
}

// creates are the creates of this process. They keep equal ones from taking each
// other's snapshots.
type creates struct {
	mu    sync.Mutex
	equal map[string]*equalCreates
	swept time.Time
}

// equalCreates are creates of the same volume with the same name, description and
// metadata.
type equalCreates struct {
	alike     string                      // the volume, name and description: a create of the same may have made what is doubtful here
	running   int                         // all that have begun and not ended
	pending   map[*createAttempt]struct{} // sent, and waiting for the answer
	searching map[*createAttempt]struct{} // without an answer, and searching for the snapshot
	known     map[string]struct{}         // ids of snapshots that belong to one of them
	left      time.Time                   // when the last attempt ended
}

// createAttempt is one request for a snapshot, sent once. The lock of its creates
// guards it.
type createAttempt struct {
	creates *creates
	equal   *equalCreates
	sent    time.Time     // when the request was sent last
	settled chan struct{} // closed when it no longer waits for its answer
	// lostAt is when the answer was lost, or later when that of an equal create was
	// lost which has taken a snapshot that may be this one's: then the other's
	// snapshot may still arrive.
	lostAt time.Time
}

// knownFor is how long the ids of snapshots are kept after the last of the equal
// creates: a later one may find them for as long as the clocks of the API's nodes
// differ.
const knownFor = 10 * time.Minute

func (c *creates) begin(request CreateRequest) *createAttempt {
	// fmt prints maps in the order of their keys.
	alike := fmt.Sprintf("%q %q %q", request.VolumeID, request.Name, request.Description)
	key := alike + fmt.Sprintf(" %q", request.Metadata)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.swept) > knownFor {
		c.swept = now
		maps.DeleteFunc(c.equal, func(_ string, a *equalCreates) bool { return a.running == 0 && now.Sub(a.left) > knownFor })
	}
	if c.equal == nil {
		c.equal = map[string]*equalCreates{}
	}
	equal := c.equal[key]
	if equal == nil {
		equal = &equalCreates{alike: alike, pending: map[*createAttempt]struct{}{}, searching: map[*createAttempt]struct{}{}, known: map[string]struct{}{}}
		c.equal[key] = equal
	}
	equal.running++
	return &createAttempt{creates: c, equal: equal, settled: make(chan struct{})}
}

// sending takes note that the request is about to be sent.
func (a *createAttempt) sending() {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	a.sent = time.Now()
	a.equal.pending[a] = struct{}{}
}

func (a *createAttempt) answered(id string) {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	a.equal.known[id] = struct{}{}
	a.settle()
}

func (a *createAttempt) lost() {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	a.settle()
	a.lostAt = time.Now()
	a.equal.searching[a] = struct{}{}
}

// loss is the time from which the search counts.
func (a *createAttempt) loss() time.Time {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	return a.lostAt
}

func (a *createAttempt) end() {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	a.settle()
	delete(a.equal.searching, a)
	a.equal.running--
	a.equal.left = time.Now()
}

func (a *createAttempt) settle() {
	delete(a.equal.pending, a)
	select {
	case <-a.settled:
	default:
		close(a.settled)
	}
}

// claim takes one of the candidates that no create has, unless there are too many, more
// than creates that search. Whatever made a candidate had been sent before it
// was listed. So equal creates that wait for their answer now may own one, and are
// waited for; a create that is sent later owns none.
func (a *createAttempt) claim(ctx context.Context, candidates []Snapshot) (claimed *Snapshot, tooMany []Snapshot, err error) {
	if len(candidates) == 0 {
		return nil, nil, nil
	}
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	for _, other := range slices.Collect(maps.Keys(a.equal.pending)) {
		a.creates.mu.Unlock()
		select {
		case <-other.settled:
		case <-ctx.Done():
			err = ctx.Err()
		}
		a.creates.mu.Lock()
		if err != nil {
			return nil, nil, err
		}
	}
	free := a.equal.unknown(candidates)
	if len(free) == 0 || len(free) > len(a.equal.searching) {
		return nil, free, nil
	}
	// The oldest, since a create that was sent later cannot have made it.
	taken := free[len(free)-1]
	a.equal.known[taken.ID] = struct{}{}
	delete(a.equal.searching, a)
	for other := range a.equal.searching {
		if a.lostAt.After(other.lostAt) {
			other.lostAt = a.lostAt
		}
	}
	return &taken, nil, nil
}

// unknown returns the snapshots that none of the creates is known to have.
func (e *equalCreates) unknown(snapshots []Snapshot) (free []Snapshot) {
	for _, s := range snapshots {
		if _, known := e.known[s.ID]; !known {
			free = append(free, s)
		}
	}
	return free
}

// unclaimed returns the snapshots that no create of this process is known to have, equal or
// not, and whether that is settled: no other create that differs in metadata at most waits
// for an answer, or has begun to search, and may have made one of them.
func (a *createAttempt) unclaimed(snapshots []Snapshot) (unknown []Snapshot, settled bool) {
	a.creates.mu.Lock()
	defer a.creates.mu.Unlock()
	settled = true
	for _, equal := range a.creates.equal {
		snapshots = equal.unknown(snapshots)
		if equal.alike != a.equal.alike {
			continue
		}
		settled = settled && len(equal.pending) == 0
		for other := range equal.searching {
			settled = settled && time.Since(other.lostAt) > searchTime
		}
	}
	return snapshots, settled
}

// LostCreateError says that it is not known whether a snapshot was made.
type LostCreateError struct {
	Request CreateRequest
	// Sent is when the request was sent, by the clock of the server as far as it is known.
	Sent time.Time
	// Err is what became of the answer.
	Err error
}

func (e *LostCreateError) Error() string {
	return fmt.Sprintf("the answer to the request was lost, and it could not be found out whether it made a snapshot: %v", e.Err)
}

// Unwrap returns the cause.
func (e *LostCreateError) Unwrap() error { return e.Err }

// AmbiguousCreateError says that a request whose answer was lost may have made
// any of several snapshots.
type AmbiguousCreateError struct {
	Request    CreateRequest
	Candidates []Snapshot
	// Doubtful says that none of them is surely equal to the request: they have more
	// metadata, or a time before that of the request, which may be due to a wrong clock, or
	// none that can be read.
	Doubtful bool
	// Err is what became of the answer.
	Err error
}

func (e *AmbiguousCreateError) Error() string {
	ids := make([]string, 0, len(e.Candidates))
	for _, candidate := range e.Candidates {
		ids = append(ids, candidate.ID)
	}
	return fmt.Sprintf("the answer to the request was lost, and it may have made any of the snapshots %s: %v", strings.Join(ids, ", "), e.Err)
}

// Unwrap returns the cause.
func (e *AmbiguousCreateError) Unwrap() error { return e.Err }
