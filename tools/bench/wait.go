package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// waiting is one apply that makes snapshots which take their time to become available.
type waiting struct {
	Variant string `json:"variant"`
	measured
	// Looks are the requests beyond those that create, for each snapshot.
	Looks float64 `json:"looks"`
	// LateSeconds is, for each snapshot, the time from its becoming available to the end of its creation in Terraform.
	LateSeconds []float64 `json:"late_seconds"`
}

// What is made: so many at once that their looks fall together, and slowly enough that there are several of them.
const (
	waitCount       = 200
	waitParallelism = 100
	waitCreateTime  = 2 * time.Second
	waitLatency     = 20 * time.Millisecond
)

// measureWaits compares what differs in its looks.
func (b *bench) measureWaits(ctx context.Context, count int) error {
	for run := range b.selection.runs {
		for _, v := range b.variants {
			if !v.calls() || v.name == "logs" {
				continue
			}
			w, err := b.waitOnce(ctx, v, count)
			if err != nil {
				return err
			}
			b.results.Waits = append(b.results.Waits, w)
			b.progress("wait %d/%d %-14s %7.2f s  %.2f looks each, late by %.2f s, at most %.2f s", run+1, b.selection.runs,
				v.name, w.WallSeconds, w.Looks, spreadOf(w.LateSeconds).median, spreadOf(w.LateSeconds).most)
		}
	}
	return nil
}

func (b *bench) waitOnce(ctx context.Context, v variant, count int) (waiting, error) {
	c, err := simulate(ctx, simulator.Options{Latency: waitLatency, CreateTime: waitCreateTime}, 0)
	if err != nil {
		return waiting{}, err
	}
	defer c.close()
	dir, err := os.MkdirTemp(b.toolchain.dir, opWait)
	if err != nil {
		return waiting{}, err
	}
	defer os.RemoveAll(dir)
	if err := prepare(dir, v, c, count, false); err != nil {
		return waiting{}, err
	}
	m, printed, err := b.toolchain.run(ctx, v, c, dir, "Apply complete!",
		"apply", "-json", "-auto-approve", "-input=false", fmt.Sprintf("-parallelism=%d", waitParallelism))
	if err != nil {
		return waiting{}, err
	}
	w := waiting{Variant: v.name, measured: m}
	if w.LateSeconds, err = lateness(printed, m.Traffic.created); err != nil {
		return waiting{}, err
	}
	if len(w.LateSeconds) != count {
		return waiting{}, fmt.Errorf("%d snapshots were made, not %d", len(w.LateSeconds), count)
	}
	w.Looks = float64(m.Traffic.Requests-m.Traffic.Kinds[createKind]) / float64(count)
	return w, nil
}

// lateness reads the output of an apply: when each creation ended there, after the time when it had ended in the cloud.
func lateness(printed []byte, created map[string]time.Time) ([]float64, error) {
	var late []float64
	lines := bufio.NewScanner(bytes.NewReader(printed))
	lines.Buffer(nil, len(printed)+1)
	for lines.Scan() {
		var line struct {
			Type string    `json:"type"`
			At   time.Time `json:"@timestamp"`
			Hook struct {
				ID string `json:"id_value"`
			} `json:"hook"`
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.Type != "apply_complete" {
			continue
		}
		accepted, ok := created[line.Hook.ID]
		if !ok {
			return nil, fmt.Errorf("nobody asked for the snapshot %q", line.Hook.ID)
		}
		late = append(late, line.At.Sub(accepted.Add(waitCreateTime)).Seconds())
	}
	return late, lines.Err()
}
