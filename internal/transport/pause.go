package transport

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Pauses are the pauses between the attempts of a request or the polls of a status.
// They grow, and a random part keeps those that began together from going on
// together.
type Pauses struct {
	growing backoff.ExponentialBackOff
	spread  float64
}

// NewPauses returns pauses that begin with first and grow by a factor up to longest.
// A spread of 0.1 makes each 90 % to 110 % of that.
func NewPauses(first, longest time.Duration, growth, spread float64) *Pauses {
	p := &Pauses{backoff.ExponentialBackOff{InitialInterval: first, MaxInterval: longest, Multiplier: growth}, spread}
	p.growing.Reset()
	return p
}

// Next returns the next pause.
func (p *Pauses) Next(ctx context.Context) time.Duration {
	d := float64(p.growing.NextBackOff())
	return time.Duration(d + d*p.spread*(2*random(ctx)-1))
}

type randomKey struct{}

// WithRandom returns a context whose pauses are spread by that source of numbers
// from 0 to below 1, so that they can be repeated.
func WithRandom(ctx context.Context, source func() float64) context.Context {
	return context.WithValue(ctx, randomKey{}, source)
}

func random(ctx context.Context) float64 {
	if source, ok := ctx.Value(randomKey{}).(func() float64); ok {
		return source()
	}
	return rand.Float64()
}
