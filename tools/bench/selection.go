package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cell is a set of circumstances in which the variants are compared.
type cell struct {
	Op string `json:"op"`
	// N is how many snapshots Terraform manages, Total how many there are.
	N           int      `json:"n"`
	Total       int      `json:"total"`
	Parallelism int      `json:"parallelism"`
	Latency     duration `json:"latency"`
	Runs        int      `json:"-"`
}

func (c cell) String() string {
	of := ""
	if c.Total != c.N {
		of = fmt.Sprintf(" of %d", c.Total)
	}
	return fmt.Sprintf("%s n=%d%s p=%d %s", c.Op, c.N, of, c.Parallelism, c.Latency)
}

// reads reports whether the operation leaves the cloud as it is.
func (c cell) reads() bool { return c.Op == opPlan || c.Op == opAmong }

// duration is one that JSON has as people write it.
type duration struct{ time.Duration }

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// selection is what the flags ask for.
type selection struct {
	ops         []string
	ns          []int
	parallelism []int
	latencies   []duration
	among       [][2]int // managed, total
	maxApply    int
	runs        int
	full        bool
}

// cells are those of the operations on many snapshots. With everything crossed they would take hours. So, unless all is
// asked for, latencies but the first are tried with about a thousand snapshots only, creates and destroys with the
// highest parallelism only, and what takes long is repeated less.
func (s selection) cells() []cell {
	about := s.nearest(1000)
	highest := slices.Max(s.parallelism)
	var cells []cell
	add := func(op string, n, total, parallelism int, latency duration) {
		cells = append(cells, cell{op, n, total, parallelism, latency, s.repetitions(op, n)})
	}
	for _, op := range []string{opPlan, opCreate, opDestroy} {
		if !slices.Contains(s.ops, op) {
			continue
		}
		for i, latency := range s.latencies {
			for _, n := range s.ns {
				if !s.full && i > 0 && (n != about || op != opPlan) || op != opPlan && n > s.maxApply {
					continue
				}
				for _, p := range s.parallelism {
					if s.full || op == opPlan || p == highest {
						add(op, n, n, p, latency)
					}
				}
			}
		}
	}
	if slices.Contains(s.ops, opAmong) {
		for _, pair := range s.among {
			add(opAmong, pair[0], pair[1], s.parallelism[0], s.latencies[0])
		}
	}
	return cells
}

// repetitions are how often a cell is measured.
func (s selection) repetitions(op string, n int) int {
	effort := n
	if op == opCreate || op == opDestroy {
		// About what Terraform takes for it, next to a plan.
		effort *= 5
	}
	switch {
	case s.full || effort < 1000:
		return s.runs
	case effort < 5000:
		return min(s.runs, 3)
	default:
		return min(s.runs, 2)
	}
}

// nearest is the number of snapshots that comes closest.
func (s selection) nearest(to int) int {
	return slices.MinFunc(s.ns, func(x, y int) int { return max(x-to, to-x) - max(y-to, to-y) })
}

// numbers reads a list such as 10,100.
func numbers(list string) ([]int, error) {
	var all []int
	for item := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(item)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a positive number", item)
		}
		all = append(all, n)
	}
	return all, nil
}

// durations reads a list such as 0,20ms.
func durations(list string) ([]duration, error) {
	var all []duration
	for item := range strings.SplitSeq(list, ",") {
		d, err := time.ParseDuration(item)
		if err != nil {
			return nil, err
		}
		all = append(all, duration{d})
	}
	return all, nil
}

// pairs reads a list such as 5/50000,1000/20000.
func pairs(list string) ([][2]int, error) {
	var all [][2]int
	for item := range strings.SplitSeq(list, ",") {
		managed, total, _ := strings.Cut(item, "/")
		both, err := numbers(managed + "," + total)
		if err != nil || both[0] > both[1] {
			return nil, fmt.Errorf("%q is not MANAGED/TOTAL", item)
		}
		all = append(all, [2]int(both))
	}
	return all, nil
}
