package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// The operations that are measured.
const (
	opPlan    = "plan"    // refresh and plan, with nothing to change
	opAmong   = "among"   // the same, of a few snapshots among many
	opCreate  = "create"  // apply, from nothing
	opDestroy = "destroy" // destroy, of all
	opWait    = "wait"    // apply of snapshots that take their time
	opStart   = "start"   // of the provider's process
)

// sample is one run of one variant in one cell.
type sample struct {
	cell
	Variant string `json:"variant"`
	measured
}

// measure runs a cell: all its variants in turn, again and again, so that what else the machine does meets all of them.
func (b *bench) measure(ctx context.Context, c cell) error {
	if b.real != nil {
		c.Total = len(b.real.snapshots)
	}
	stage := &stage{bench: b, cell: c}
	defer stage.leave()
	for run := range c.Runs {
		for i := range b.variants {
			v := b.variants[(run+i)%len(b.variants)]
			m, err := stage.run(ctx, v)
			if err != nil {
				return err
			}
			b.results.Samples = append(b.results.Samples, sample{c, v.name, m})
			b.progress("%s %d/%d %-14s %7.2f s  %d requests", c, run+1, c.Runs, v.name, m.WallSeconds, m.Traffic.Requests)
		}
	}
	return nil
}

// stage has what the runs of a cell may share.
type stage struct {
	*bench
	cell  cell
	cloud *cloud
}

func (s *stage) leave() {
	if s.cloud != nil && s.cloud != s.real {
		s.cloud.close()
	}
	s.cloud = nil
}

// set puts up the cloud: anew for what changes it.
func (s *stage) set(ctx context.Context) error {
	if s.real != nil {
		s.cloud = s.real
		return nil
	}
	if s.cloud != nil && s.cell.reads() {
		return nil
	}
	s.leave()
	there := s.cell.Total
	if s.cell.Op == opCreate {
		there = 0
	}
	var err error
	s.cloud, err = simulate(ctx, simulator.Options{Latency: s.cell.Latency.Duration}, there)
	return err
}

// run runs the operation once, from the state that it begins with.
func (s *stage) run(ctx context.Context, v variant) (measured, error) {
	if err := s.set(ctx); err != nil {
		return measured{}, err
	}
	dir, err := os.MkdirTemp(s.toolchain.dir, s.cell.Op)
	if err != nil {
		return measured{}, err
	}
	defer os.RemoveAll(dir)
	if err := prepare(dir, v, s.cloud, s.cell.N, s.cell.Op != opCreate); err != nil {
		return measured{}, err
	}
	// That it is as it must be is checked: a run that did less would look fast.
	n, args, want := s.cell.N, []string(nil), ""
	switch s.cell.Op {
	case opPlan, opAmong:
		args, want = []string{"plan", "-detailed-exitcode"}, "No changes"
	case opCreate:
		args, want = []string{"apply", "-auto-approve"}, fmt.Sprintf("Resources: %d added, 0 changed, 0 destroyed", n)
	case opDestroy:
		args, want = []string{"destroy", "-auto-approve"}, fmt.Sprintf("Resources: %d destroyed", n)
	}
	args = append(args, "-input=false", "-no-color", fmt.Sprintf("-parallelism=%d", s.cell.Parallelism))
	m, _, err := s.toolchain.run(ctx, v, s.cloud, dir, want, args...)
	return m, err
}

// prepare writes the configuration and, where it is wanted, a state with all that is configured.
func prepare(dir string, v variant, c *cloud, n int, full bool) error {
	config := dataConfig(n)
	if v.program != "" {
		config = snapshotConfig(c, n)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil || !full {
		return err
	}
	data, err := dataState(n)
	if v.program != "" {
		var managed []snapshot
		if managed, err = c.spread(n); err == nil {
			data, err = snapshotState(managed, c.region)
		}
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "terraform.tfstate"), data, 0o600)
}
