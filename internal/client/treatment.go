package client

import (
	"context"
	"sync"
	"time"
)

// treatment is how the transport treats the requests of a context. The zero
// value is that of most.
type treatment struct {
	// repeatable requests may be sent again whatever their method.
	repeatable bool
	// withdrawn, unless nil, ends a request for as long as it has not been sent,
	// however much longer its own context is.
	withdrawn context.Context //nolint:containedctx // a request has two
	// urgent requests stand in no line and keep no pause: others wait for what
	// they bring.
	urgent bool
	// budget, unless nil, bounds what a request may cost that is not worth a long
	// wait.
	budget *budget
	// sending, unless nil, is called each time before the request is sent.
	sending func()
}

type treatmentKey struct{}

// treated gives a context whose requests are treated so.
func treated(ctx context.Context, how treatment) context.Context {
	return context.WithValue(ctx, treatmentKey{}, how)
}

func treatmentOf(ctx context.Context) treatment {
	how, _ := ctx.Value(treatmentKey{}).(treatment)
	return how
}

// untilSent is the context that a request waits with until it is sent.
func untilSent(ctx context.Context) context.Context {
	if withdrawn := treatmentOf(ctx).withdrawn; withdrawn != nil {
		return withdrawn
	}
	return ctx
}

// budget is the time that is left for a request, all its attempts and the pauses
// between them together. Time in the line does not count: that is the same for
// all.
type budget struct {
	mu   sync.Mutex
	left time.Duration
}

func newBudget(d time.Duration) *budget { return &budget{left: d} }

// spend takes from what is left; it does nothing where b is nil.
func (b *budget) spend(d time.Duration) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = max(b.left-d, 0)
}

// bound gives the lesser of d and what is left, which is all where b is nil.
func (b *budget) bound(d time.Duration) time.Duration {
	if b == nil {
		return d
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return min(d, b.left)
}
