package transport

import (
	"context"
	"sync"
	"time"
)

// Options say how the transport treats a request. The zero value is for most
// requests.
type Options struct {
	// Repeatable requests may be sent again whatever their method.
	Repeatable bool
	// Withdrawn, unless nil, ends a request that has not been sent yet, even if the
	// context of the request has not ended.
	Withdrawn context.Context //nolint:containedctx // a request has two
	// Urgent requests wait in no line and keep no pause: other requests wait for
	// them.
	Urgent bool
	// Budget, unless nil, bounds the time of a request that is not worth a long wait.
	Budget *Budget
	// Sending, unless nil, is called each time before the request is sent.
	Sending func()
}

type optionsKey struct{}

// WithOptions returns a context whose requests have these options.
func WithOptions(ctx context.Context, options Options) context.Context {
	return context.WithValue(ctx, optionsKey{}, options)
}

func optionsOf(ctx context.Context) Options {
	options, _ := ctx.Value(optionsKey{}).(Options)
	return options
}

// UntilSent returns the context that ends a request which has not been sent yet.
func UntilSent(ctx context.Context) context.Context {
	if withdrawn := optionsOf(ctx).Withdrawn; withdrawn != nil {
		return withdrawn
	}
	return ctx
}

// Budget is the time that all attempts of a request and the pauses between them may
// take together. Waiting for the turn of the request does not count.
type Budget struct {
	mu   sync.Mutex
	left time.Duration
}

// NewBudget returns a budget of that time.
func NewBudget(d time.Duration) *Budget { return &Budget{left: d} }

// spend takes from what is left; it does nothing where b is nil.
func (b *Budget) spend(d time.Duration) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = max(b.left-d, 0)
}

// bound returns the lesser of d and what is left, which is all where b is nil.
func (b *Budget) bound(d time.Duration) time.Duration {
	if b == nil {
		return d
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return min(d, b.left)
}
