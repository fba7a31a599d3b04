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
)

// CreateRequest is what a new snapshot is made of.
type CreateRequest struct {
	VolumeID string
	// Name and Description, at most 255 characters each, are left out where
	// they are "".
	Name, Description string
	// Force makes a snapshot also of a volume that is in use.
	Force    bool
	Metadata map[string]string
}

// Create makes a snapshot (section "Create a snapshot"), exactly one. It returns
// as soon as the API has answered, in general with the snapshot in status
// "creating"; see [BlockStorage.WaitAvailable].
//
// A request whose answer is lost may have made a snapshot all the same. Then the
// snapshots of the volume are listed until the one that it made shows, or long
// enough that it made none, and only then is the request sent again. The errors
// are [*APIError] where the API refused, [*LostCreateError] where it could not be
// found out whether there is a snapshot, and [*AmbiguousCreateError] where more
// than one may be it.
//
// The answer has no Progress; its ProjectID is that of the sign-in.
func (b *BlockStorage) Create(ctx context.Context, request CreateRequest) (Snapshot, error) {
	for retries := 0; ; retries++ {
		snapshot, err := b.createOnce(ctx, request)
		var none *neverMadeError
		if !errors.As(err, &none) {
			return snapshot, err
		}
		if retries >= b.client.config.maxRetries() || ctx.Err() != nil {
			return Snapshot{}, none.cause
		}
	}
}

// neverMadeError says that a request whose answer was lost has made nothing.
type neverMadeError struct{ cause error }

func (e *neverMadeError) Error() string { return e.cause.Error() }

// interruptGrace is how long after an interrupt a create may go on, to learn
// what became of its request.
const interruptGrace = 10 * time.Second

func (b *BlockStorage) createOnce(ctx context.Context, request CreateRequest) (Snapshot, error) {
	// What an interrupt cuts off could be the answer that says which snapshot
	// there now is.
	patient, done := graceful(ctx, interruptGrace)
	defer done()
	flight := b.creates.begin(request)
	defer flight.end()
	begun := time.Now()
	snapshot, err := b.post(withdrawable(patient, ctx), request)
	if err == nil {
		flight.answered(snapshot.ID)
		return snapshot, nil
	}
	if !answerLost(err) {
		return Snapshot{}, err
	}
	flight.lost()
	return b.findCreated(ctx, patient, flight, request, begun, err)
}

// graceful is a context that ends some time after ctx does, and has its values.
func graceful(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// answerLost tells the outcomes of a POST after which there may be a snapshot.
// A request that had to come before it (sign-in, version, volume) and failed
// left none.
func answerLost(err error) bool {
	var (
		signIn    *SignInError
		transport *TransportError
		api       *APIError
	)
	switch {
	case errors.As(err, &signIn):
		return false
	case errors.As(err, &transport):
		return transport.Method == http.MethodPost && !neverSent(err)
	case errors.As(err, &api):
		return api.Method == http.MethodPost && slices.Contains(passingStatuses, api.Status)
	}
	return false
}

func (b *BlockStorage) post(ctx context.Context, request CreateRequest) (Snapshot, error) {
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
	signed, at, err := b.locate(ctx, nil)
	if err != nil {
		return Snapshot{}, err
	}
	version := b.versions.current(at)
	if version >= forceAlwaysSince && !request.Force {
		// A cloud that has nothing older leaves the check to its clients.
		if err := b.refuseInUse(ctx, request.VolumeID); err != nil {
			return Snapshot{}, err
		}
		body.Snapshot.Force = nil
	}
	created, err := b.call(ctx, http.MethodPost, "snapshots", body)
	if hasStatus(err, http.StatusBadRequest) && version < forceAlwaysSince && b.versions.current(at) >= forceAlwaysSince {
		// The range of the API became known only with this request.
		return b.post(ctx, request)
	}
	if hasStatus(err, http.StatusRequestEntityTooLarge) {
		return Snapshot{}, b.explainQuota(ctx, err)
	}
	created.ProjectID = signed.projectID
	return created, err
}

// lateArrivals is how long to look for the snapshot of a lost answer: behind a
// proxy that gave up, the API may still be at work on it.
const lateArrivals = 20 * time.Second

// findCreated looks for the snapshot that a lost answer may have been about.
// Several creates of this process that are alike in every way and lost theirs
// share what is found: any of the snapshots is as good for any of them.
func (b *BlockStorage) findCreated(ctx, patient context.Context, flight *createFlight, request CreateRequest, begun time.Time, cause error) (Snapshot, error) {
	// An error of the API's own is an answer: nothing arrives later, and the same
	// request would meet the same error. It may have left a failed snapshot.
	refused := hasStatus(cause, http.StatusInternalServerError)
	patience := lateArrivals
	if refused {
		patience = time.Second
	}
	pauses := newPoll()
	pauses.Reset()
	for {
		// A create like this one whose answer is still to come may own what
		// would be found.
		if err := flight.alone(patient); err != nil {
			return Snapshot{}, &LostCreateError{Request: request, Err: cause}
		}
		candidates, err := b.candidates(patient, request, begun)
		if err == nil {
			claimed, tooMany := flight.claim(candidates)
			switch {
			case claimed != nil:
				return *claimed, nil
			case tooMany:
				return Snapshot{}, &AmbiguousCreateError{Request: request, Candidates: candidates, Err: cause}
			case time.Since(begun) > patience && refused:
				return Snapshot{}, cause
			case time.Since(begun) > patience:
				return Snapshot{}, &neverMadeError{cause}
			}
		}
		if time.Since(begun) > patience || ctx.Err() != nil || sleep(patient, pauses.NextBackOff()) != nil {
			return Snapshot{}, &LostCreateError{Request: request, Err: cause}
		}
	}
}

// candidates are the snapshots that a request may have made which began then:
// equal in all that it said, and made since by the clock of the server.
func (b *BlockStorage) candidates(ctx context.Context, request CreateRequest, begun time.Time) ([]Snapshot, error) {
	var found []Snapshot
	for snapshot, err := range b.List(ctx, Filter{VolumeID: request.VolumeID, Name: request.Name}) {
		if err != nil {
			return nil, err
		}
		// The API tells times in whole seconds, rounded down, and so does Date.
		since := b.clock.server(begun).Add(-2 * time.Second)
		if snapshot.CreatedAt.Before(since) {
			// The newest come first, all others are older still.
			break
		}
		if request.made(snapshot) {
			found = append(found, snapshot)
		}
	}
	return found, nil
}

// made tells whether a snapshot is what the request asks for.
func (r CreateRequest) made(s Snapshot) bool {
	return s.VolumeID == r.VolumeID && s.Name == r.Name && s.Description == r.Description && maps.Equal(s.Metadata, orEmpty(r.Metadata))
}

// creates are the creates of this process. It keeps those that are alike from
// taking each other's snapshots.
type creates struct {
	mu    sync.Mutex
	known map[string]bool // ids of snapshots that belong to some create
	alike map[string]*alikeCreates
}

// alikeCreates counts creates of the same volume with the same name,
// description and metadata.
type alikeCreates struct {
	waiting int           // for the answer
	lost    int           // without an answer, and looking
	changed chan struct{} // closed when waiting becomes fewer
}

type createFlight struct {
	creates *creates
	group   *alikeCreates
	state   *int // the counter of group that this create is counted in, nil for none
}

func (c *creates) begin(request CreateRequest) *createFlight {
	// fmt prints maps in the order of their keys.
	key := fmt.Sprintf("%q %q %q %q", request.VolumeID, request.Name, request.Description, request.Metadata)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.alike == nil {
		c.known, c.alike = map[string]bool{}, map[string]*alikeCreates{}
	}
	group := c.alike[key]
	if group == nil {
		group = &alikeCreates{changed: make(chan struct{})}
		c.alike[key] = group
	}
	group.waiting++
	return &createFlight{creates: c, group: group, state: &group.waiting}
}

// move counts the create in another counter, or in none.
func (f *createFlight) move(to *int) {
	if f.state != nil {
		*f.state--
	}
	if f.state == &f.group.waiting {
		close(f.group.changed)
		f.group.changed = make(chan struct{})
	}
	if f.state = to; to != nil {
		*to++
	}
}

func (f *createFlight) answered(id string) {
	f.creates.mu.Lock()
	defer f.creates.mu.Unlock()
	f.creates.known[id] = true
	f.move(nil)
}

func (f *createFlight) lost() {
	f.creates.mu.Lock()
	defer f.creates.mu.Unlock()
	f.move(&f.group.lost)
}

func (f *createFlight) end() {
	f.creates.mu.Lock()
	defer f.creates.mu.Unlock()
	f.move(nil)
}

// alone waits until no create like this one waits for its answer.
func (f *createFlight) alone(ctx context.Context) error {
	for {
		f.creates.mu.Lock()
		waiting, changed := f.group.waiting, f.group.changed
		f.creates.mu.Unlock()
		if waiting == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// claim takes one of the candidates that nobody has, unless there are more of
// them than creates that look for theirs.
func (f *createFlight) claim(candidates []Snapshot) (claimed *Snapshot, tooMany bool) {
	f.creates.mu.Lock()
	defer f.creates.mu.Unlock()
	var free []Snapshot
	for _, candidate := range candidates {
		if !f.creates.known[candidate.ID] {
			free = append(free, candidate)
		}
	}
	if len(free) == 0 || len(free) > f.group.lost {
		return nil, len(free) > 0
	}
	f.creates.known[free[0].ID] = true
	f.move(nil)
	return &free[0], false
}

// LostCreateError says that nobody knows whether a snapshot was made.
type LostCreateError struct {
	Request CreateRequest
	// Err is what became of the answer.
	Err error
}

func (e *LostCreateError) Error() string {
	return fmt.Sprintf("the answer to the request was lost, and it could not be found out whether it made a snapshot: %v", e.Err)
}

// Unwrap gives the cause.
func (e *LostCreateError) Unwrap() error { return e.Err }

// AmbiguousCreateError says that a request whose answer was lost may have made
// any of several snapshots.
type AmbiguousCreateError struct {
	Request    CreateRequest
	Candidates []Snapshot
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

// Unwrap gives the cause.
func (e *AmbiguousCreateError) Unwrap() error { return e.Err }
