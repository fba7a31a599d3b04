package client

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pauses are those between the attempts of a request, or the looks at a status.
// They grow, and each is spread at random, so that many who began at the same time
// do not go on at the same time.
type pauses struct {
	growing backoff.ExponentialBackOff
	spread  float64 // 0.1 is from 90 % to 110 %
}

// newPauses makes pauses of which each is so much longer than the one before.
func newPauses(first, longest time.Duration, growth, spread float64) *pauses {
	p := &pauses{backoff.ExponentialBackOff{InitialInterval: first, MaxInterval: longest, Multiplier: growth}, spread}
	p.growing.Reset()
	return p
}

func (p *pauses) next(ctx context.Context) time.Duration {
	d := float64(p.growing.NextBackOff())
	return time.Duration(d + d*p.spread*(2*random(ctx)-1))
}

// random gives a number from 0 to below 1. It is a variable because a simulation
// that is to repeat has one of its own.
var random = func(context.Context) float64 { return rand.Float64() }
