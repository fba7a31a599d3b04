package client

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
)

var (
	seeds = flag.Int("seeds", 300, "how many fleets TestSimulation lets live, and a fifth of them with -short")
	seed  = flag.Uint64("seed", 1, "the first of them")
)

// TestSimulation lets fleets of operations live in virtual time, against a cloud
// that a seed disturbs: answers are late, lost, cut or given by somebody else,
// requests meet rate limits and outages, others act meanwhile, and interrupts come
// at any moment. Whatever happens, the promises of the client hold. A seed that
// fails is shrunk to the fewest operations and disturbances that still fail, and
// its history is printed.
func TestSimulation(t *testing.T) {
	oneProcessor(t)
	fleets := *seeds
	if testing.Short() {
		fleets /= 5
	}
	for s := *seed; s < *seed+uint64(fleets) && !t.Failed(); s++ {
		newPlot(s).judge(t)
	}
}

// oneProcessor makes what happens at the same time happen in the same order, as far
// as that can be had.
func oneProcessor(t *testing.T) {
	processors := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(processors) })
}

// judge fails the test if the plot breaks a promise.
func (p plot) judge(t *testing.T) {
	w := p.live(t)
	if len(w.broken) == 0 {
		return
	}
	t.Errorf("seed %d breaks a promise:\n%s", p.Seed, strings.Join(w.broken, "\n"))
	if shrunk := p.shrunk(t).live(t); len(shrunk.broken) > 0 {
		t.Errorf("as does %v:\n%s", shrunk.plot, strings.Join(shrunk.broken, "\n"))
		w = shrunk
	}
	t.Error("its history:\n" + strings.Join(w.history, "\n"))
}

// disturbances are what may happen to a request, or to what it is about.
type disturbances int

const (
	slow          disturbances = 1 << iota // an answer, or its body, takes long, with a heavy tail
	unconnected                            // no connection is made
	cut                                    // the answer breaks off, and the API has acted or not
	gateway                                // a gateway gives up while the API goes on
	unavailable                            // 502, 503, 504, 520 and the like, and the API has not acted
	limited                                // 429 now and then, with or without Retry-After
	throttled                              // 429 for all that is more than some requests a second
	portal                                 // somebody else answers with a page
	refusedTokens                          // a token is refused
	revoked                                // every token is refused for seconds to minutes
	longOutage                             // nothing works for seconds to minutes
	interrupts                             // the operation is interrupted
	otherClients                           // others create, rename and delete
	clocks                                 // the nodes of the API have other times
	repeated                               // a gateway sends a request that may be repeated twice
	rewritten                              // a gateway changes the status of a success
	confused                               // a cache answers for another snapshot
	old                                    // an API without microversions' comforts
	lenient                                // an API that ignores filters, and perhaps markers
	miscounting                            // an API that counts its listings wrongly
	behind                                 // reads are answered by a copy of the database
	busy                                   // no listing is answered for minutes
	undated                                // answers have no header Date
	fronted                                // a proxy whose clock is ahead writes it
)

var disturbanceNames = strings.Fields(`slow unconnected cut gateway unavailable limited throttled portal refusedTokens revoked
	longOutage interrupts otherClients clocks repeated rewritten confused old lenient miscounting behind busy undated fronted`)

func (d disturbances) String() string {
	var names []string
	for i, name := range disturbanceNames {
		if d&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// plot is all that decides a fleet's life.
type plot struct {
	Seed       uint64
	Operations []int // those of the fleet that take part
	Kinds      disturbances
}

func (p plot) String() string {
	return fmt.Sprintf("seed %d with the operations %v and %v", p.Seed, p.Operations, p.Kinds)
}

func newPlot(seed uint64) plot {
	random := rand.New(rand.NewPCG(seed, 1))
	p := plot{Seed: seed}
	size := 1 + random.IntN(12)
	switch random.IntN(200) {
	case 0:
		size = 100 + random.IntN(401)
	case 1, 2, 3, 4, 5, 6:
		size = 20 + random.IntN(80)
	}
	for i := range size {
		p.Operations = append(p.Operations, i)
	}
	kinds := 1 + random.IntN(5)
	if random.IntN(3) == 0 {
		kinds = random.IntN(2)
	}
	for range kinds {
		p.Kinds |= 1 << random.IntN(len(disturbanceNames)-1)
	}
	if random.IntN(4) == 0 {
		p.Kinds |= interrupts
	}
	// Behind all others, so that their seeds are as they were without it.
	if random.IntN(8) == 0 {
		p.Kinds |= fronted
	}
	return p
}

// shrunk returns the smallest plot near this one that breaks a promise too.
func (p plot) shrunk(t *testing.T) plot {
	breaks := func(p plot) bool { return len(p.live(t).broken) > 0 }
	for again := true; again; {
		again = false
		for kind := disturbances(1); kind < 1<<len(disturbanceNames); kind <<= 1 {
			smaller := p
			if smaller.Kinds &^= kind; smaller.Kinds != p.Kinds && breaks(smaller) {
				p, again = smaller, true
			}
		}
		for half := len(p.Operations) / 2; half > 0; half /= 2 {
			for from := 0; from+half <= len(p.Operations); from += half {
				smaller := p
				smaller.Operations = slices.Delete(slices.Clone(p.Operations), from, from+half)
				if breaks(smaller) {
					p, again = smaller, true
					break
				}
			}
		}
	}
	return p
}

// live runs the fleet, and gives the world as it is afterwards. All that is random
// in it comes from the seed.
func (p plot) live(t *testing.T) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, p.Seed)
		w = p.start()
		w.fleet(t)
	})
	return w
}

// A seed shows the same again, unless the scheduler of Go has interrupted by the
// clock something that took long: then the next time.
func TestASeedRepeats(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector shuffles what goes first")
	}
	oneProcessor(t)
	for s := *seed; s < *seed+50; s++ {
		p := newPlot(s)
		if len(p.Operations) > 6 {
			continue
		}
		seen := map[string]bool{}
		for range 12 {
			history := strings.Join(p.live(t).history, "\n")
			if seen[history] {
				seen = nil
				break
			}
			seen[history] = true
		}
		if seen != nil {
			t.Errorf("seed %d goes another way each time", s)
		}
	}
}
