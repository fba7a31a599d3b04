// Command mutate measures the tests: it breaks one line of the provider at a time and runs the tests, which should
// notice. A broken line is called a mutant, and one that a test notices is killed.
//
// It takes a random sample of all the mutants there are, each package by its share, and the same for the same seed. The
// changed file lies beside the source and reaches the compiler as an overlay, so that nothing in the tree is touched.
//
// A mutant negates a condition or a returned bool; has one comparison or && for another; returns nil for an error; adds
// one to an integer; empties a string; or removes a statement that is only a call. What does not compile is none. Left
// out is what no test should pin down:
//
//   - tests, comments and struct tags;
//   - what is logged, and the texts of messages, whose wording is free: strings with a space in them, those of a method
//     Error, and what fmt.Errorf and errors.New are given;
//   - durations: how long a pause or a timeout takes is a choice, and a little more breaks nothing;
//   - a negated == or !=: that is the other comparison, and a mutant already.
//
// A mutant meets the unit tests of its package, then those of packages above that are cheap, and at last, where there
// are any, the acceptance tests on the simulator. Tests that take several times as long as without a mutant kill it too.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/istack/terraform-provider-istack/tools/internal/checkout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// target is a package whose lines are broken, and what its mutants meet, the cheapest first.
type target struct {
	path   string
	suites []*suite
}

// suite is a run of some tests of a package.
type suite struct {
	path string
	// run and skip are patterns, as go test takes them; "" for none.
	run, skip string
	// acceptance tests run the real command line on the simulator.
	acceptance bool

	// alone keeps acceptance tests of one package apart: they build the provider into the same folder.
	alone sync.Mutex
	// usual is how long it takes without a mutant.
	usual func() (time.Duration, error)
}

func unit(path string) *suite {
	// OpenStack's own programs have none of what is broken.
	return &suite{path: path, skip: "^(TestAcc|TestFidelity|TestOpenstackClient|TestCloudsInOpenstacksdk)"}
}

func acceptance(path string) *suite {
	return &suite{path: path, run: "^TestAcc", acceptance: true}
}

// targets are those of the provider.
func targets() []*target {
	var (
		client         = unit("internal/client")
		simulation     = &suite{path: "internal/client", run: "^TestSimulation$"}
		openstack      = unit("internal/openstack")
		volumesnapshot = unit("internal/volumesnapshot")
		provider       = unit("internal/provider")
	)
	client.skip += "|^TestSimulation$" // what takes longest, at last
	return []*target{
		{"internal/retention", []*suite{unit("internal/retention"), unit("internal/functions")}},
		{"internal/transport", []*suite{unit("internal/transport"), openstack, client, simulation}},
		{"internal/openstack", []*suite{openstack, client, provider, simulation}},
		{"internal/client", []*suite{client, volumesnapshot, simulation}},
		{"internal/provider", []*suite{provider, acceptance("internal/provider")}},
		{"internal/volumesnapshot", []*suite{volumesnapshot, provider, acceptance("internal/volumesnapshot")}},
	}
}

// job is what the flags ask for.
type job struct {
	seed    uint64
	mutants int
	jobs    int
	list    bool
	quick   bool
	only    string
	accept  string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var j job
	flags.Uint64Var(&j.seed, "seed", 1, "of the sample")
	flags.IntVar(&j.mutants, "mutants", 200, "size of the sample, over all packages")
	flags.IntVar(&j.jobs, "jobs", runtime.NumCPU(), "how many mutants to test at a time")
	flags.BoolVar(&j.list, "list", false, "show the sample and run no test")
	flags.BoolVar(&j.quick, "quick", false, "run no acceptance tests")
	flags.StringVar(&j.only, "only", "", "test only those of the sample whose file:line:column begins with this: internal/client/, or internal/client/wait.go:40:; several are separated by commas")
	flags.StringVar(&j.accept, "acceptance", "", "of the acceptance tests, run only those whose names this pattern fits, as -run of go test")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	root, err := checkout.Root(ctx)
	if err != nil {
		return err
	}
	return j.all(ctx, root, targets(), stdout)
}

// all draws the sample and tests it.
func (j job) all(ctx context.Context, root string, targets []*target, out io.Writer) error {
	sample, table, err := draw(ctx, root, targets, j.seed, j.mutants)
	if err != nil {
		return err
	}
	sample = slices.DeleteFunc(sample, func(m *mutant) bool { return !j.wants(m) })
	if j.list {
		for _, m := range sample {
			fmt.Fprintln(out, m)
		}
		return nil
	}
	j.narrow(targets)
	runner, err := newRunner(ctx, root, targets)
	if err != nil {
		return err
	}
	defer os.RemoveAll(runner.dir)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu      sync.Mutex
		workers sync.WaitGroup
		next    = make(chan *mutant)
	)
	for range max(j.jobs, 1) {
		workers.Go(func() {
			for m := range next {
				began := time.Now()
				killer, err := runner.killer(ctx, m)
				if err != nil {
					cancel(fmt.Errorf("%s: %w", m, err))
					continue
				}
				mu.Lock()
				verdict := "SURVIVED"
				if killer != "" {
					verdict = "killed by " + killer
				}
				fmt.Fprintf(out, "%s  %s (%.0f s)\n", m, verdict, time.Since(began).Seconds())
				table.count(m.target, killer != "")
				mu.Unlock()
			}
		})
	}
	for _, m := range sample {
		if ctx.Err() != nil {
			break
		}
		next <- m
	}
	close(next)
	workers.Wait()
	// Also what there is when it is interrupted.
	if _, err := fmt.Fprintf(out, "\n%s", table); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// narrow leaves out the acceptance tests that are not asked for.
func (j job) narrow(targets []*target) {
	for _, t := range targets {
		t.suites = slices.DeleteFunc(t.suites, func(s *suite) bool { return s.acceptance && j.quick })
		for _, s := range t.suites {
			if s.acceptance {
				s.run = cmp.Or(j.accept, s.run)
			}
		}
	}
}

func (j job) wants(m *mutant) bool {
	place := m.place() + ":"
	return slices.ContainsFunc(strings.Split(j.only, ","), func(prefix string) bool { return strings.HasPrefix(place, prefix) })
}

// figures are those of one target.
type figures struct {
	path                                string
	candidates, drawn, killed, survived int
}

type table []*figures

func (t table) count(of *target, killed bool) {
	for _, f := range t {
		switch {
		case f.path != of.path:
		case killed:
			f.killed++
		default:
			f.survived++
		}
	}
}

// String is the table in Markdown.
func (t table) String() string {
	var b strings.Builder
	b.WriteString("| package | candidates | drawn | killed | survived |\n|---|---:|---:|---:|---:|\n")
	row := func(f figures) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", f.path, f.candidates, f.drawn, f.killed, f.survived)
	}
	sum := figures{path: "all"}
	for _, f := range t {
		row(*f)
		sum.candidates += f.candidates
		sum.drawn += f.drawn
		sum.killed += f.killed
		sum.survived += f.survived
	}
	row(sum)
	if judged := sum.killed + sum.survived; judged > 0 {
		fmt.Fprintf(&b, "\n%d of %d killed, %.1f %%\n", sum.killed, judged, 100*float64(sum.killed)/float64(judged))
	}
	return b.String()
}
