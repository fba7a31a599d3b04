// Command bench measures the provider in the hands of the real command line: whole runs of Terraform, with everything
// that it starts, on a simulated cloud or on a real one.
//
// What a run takes is mostly Terraform's own. So the same is run with a provider that does nothing, and with a resource
// that needs no provider; and what is compared runs by turns on the same machine, in one go. The simulated cloud runs
// inside of the bench: its share of the CPU shows in the wall time, but in none of the CPU times.
//
// It reads /proc, and so runs on Linux only.
package main

import (
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
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of this command.
type bench struct {
	selection selection
	variants  []variant
	toolchain *toolchain
	// real is the cloud of the environment, nil where one is simulated for each cell.
	real    *cloud
	out     string
	log     io.Writer
	begun   time.Time
	results results
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if runtime.GOOS != "linux" {
		return errors.New("it reads /proc, which only Linux has")
	}
	b := &bench{log: stderr, begun: time.Now()}
	onCloud, volumeID, err := b.parse(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "istack-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if b.toolchain, err = newToolchain(ctx, dir, likeRelease...); err != nil {
		return err
	}
	b.results = results{Terraform: b.toolchain.version, Go: runtime.Version(), CPUs: runtime.NumCPU(), Cloud: simulatedCloud}
	if onCloud {
		if b.real, err = reach(ctx, volumeID); err != nil {
			return err
		}
		defer b.real.close()
		b.results.Cloud = realCloud
	}
	if err := b.all(ctx); err != nil {
		return err
	}
	_, err = io.WriteString(stdout, b.results.markdown())
	return err
}

// parse reads the flags.
func (b *bench) parse(args []string) (onCloud bool, volumeID string, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(b.log)
	var (
		ns          = flags.String("n", "10,100,1000,5000", "numbers of snapshots")
		parallelism = flags.String("parallelism", "10,100", "values of Terraform's -parallelism")
		latency     = flags.String("latency", "20ms,0,100ms", "latencies of the API; those but the first with about 1000 snapshots only")
		names       = flags.String("variants", variantNames(), "what to compare")
		ops         = flags.String("ops", strings.Join(allOps, ","), "what to measure")
		among       = flags.String("among", "5/50000,1000/20000", "for among: how many snapshots are managed, of how many")
	)
	flags.BoolVar(&b.selection.full, "full", false, "every number with every parallelism and latency, each repeated in full, for hours")
	flags.IntVar(&b.selection.runs, "runs", 5, "repetitions; what takes long has 3 or 2 at most, without -full")
	flags.IntVar(&b.selection.maxApply, "max-apply", 1000, "most snapshots to create and destroy; what Terraform takes for it grows faster than their number")
	flags.StringVar(&b.out, "out", "build/bench", "folder for results.md, results.json and plan.svg")
	flags.BoolVar(&onCloud, "cloud", false, "use the cloud that OS_* names, with a user's name and password; plans only")
	flags.StringVar(&volumeID, "volume", "", "with -cloud: id of the volume whose snapshots to use, by any names")
	if err := flags.Parse(args); err != nil {
		return false, "", err
	}
	if flags.NArg() > 0 {
		return false, "", fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if onCloud != (volumeID != "") {
		return false, "", errors.New("-cloud and -volume go together")
	}
	b.selection.ops = strings.Split(*ops, ",")
	for _, op := range b.selection.ops {
		if !slices.Contains(allOps, op) {
			return false, "", fmt.Errorf("no operation %q", op)
		}
	}
	var problems [5]error
	b.selection.ns, problems[0] = numbers(*ns)
	b.selection.parallelism, problems[1] = numbers(*parallelism)
	b.selection.latencies, problems[2] = durations(*latency)
	b.selection.among, problems[3] = pairs(*among)
	b.variants, problems[4] = pickVariants(*names)
	if onCloud {
		// What a real cloud takes is its own, and what is on it stays.
		b.selection.ops = []string{opPlan}
		b.selection.latencies = []duration{{}}
	}
	return onCloud, volumeID, errors.Join(problems[:]...)
}

var allOps = []string{opPlan, opCreate, opDestroy, opStart, opWait, opAmong}

// all measures what was asked for, and saves after each part what there is.
func (b *bench) all(ctx context.Context) error {
	saved := func(err error) error { return errors.Join(err, b.results.save(b.out)) }
	if slices.Contains(b.selection.ops, opStart) {
		if err := saved(b.measureStarts(ctx)); err != nil {
			return err
		}
	}
	for _, c := range b.selection.cells() {
		if err := saved(b.measure(ctx, c)); err != nil {
			return err
		}
	}
	if slices.Contains(b.selection.ops, opWait) {
		return saved(b.measureWaits(ctx, waitCount))
	}
	return nil
}

// progress says what has been measured.
func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(b.log, "[%5.0f s] %s\n", time.Since(b.begun).Seconds(), fmt.Sprintf(format, args...))
}
