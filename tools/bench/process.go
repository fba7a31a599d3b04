package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what processes took.
type usage struct {
	// UserSeconds is their time on the CPU outside of the kernel.
	UserSeconds float64 `json:"user_seconds"`
	// PeakMiB is the most resident memory that one of them had.
	PeakMiB float64 `json:"peak_mib"`
}

// watchPeriod is how often /proc is read. What a process takes after the last look is not seen.
const watchPeriod = 10 * time.Millisecond

// watchChildren adds up the children of a process that run this program, until the context ends.
func watchChildren(ctx context.Context, parent int, program string) usage {
	seen := map[string]usage{}
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for ctx.Err() == nil {
		for _, child := range children(parent) {
			// Between fork and exec a child still shows the memory of its parent.
			if running, err := os.Readlink("/proc/" + child + "/exe"); err != nil || running != program {
				continue
			}
			now := look(child)
			last := seen[child]
			seen[child] = usage{max(now.UserSeconds, last.UserSeconds), max(now.PeakMiB, last.PeakMiB)}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	var sum usage
	for _, u := range seen {
		sum.UserSeconds += u.UserSeconds
		sum.PeakMiB = max(sum.PeakMiB, u.PeakMiB)
	}
	return sum
}

func children(parent int) []string {
	var all []string
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(parent) + "/task/*/children")
	for _, list := range lists {
		pids, _ := os.ReadFile(list) // the thread may have ended
		all = append(all, strings.Fields(string(pids))...)
	}
	return all
}

// ticksPerSecond is the unit of times in /proc, the same on every Linux.
const ticksPerSecond = 100

// look reads what a process has taken so far; of one that has ended, nothing.
func look(pid string) usage {
	var u usage
	stat, _ := os.ReadFile("/proc/" + pid + "/stat")
	// The name in parentheses may have anything in it. Behind it comes the third field; utime is the 14th.
	if fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]); len(fields) > 11 {
		ticks, _ := strconv.ParseFloat(string(fields[11]), 64)
		u.UserSeconds = ticks / ticksPerSecond
	}
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	if _, rest, found := bytes.Cut(status, []byte("\nVmHWM:")); found {
		if fields := bytes.Fields(rest); len(fields) > 0 {
			kib, _ := strconv.ParseFloat(string(fields[0]), 64)
			u.PeakMiB = kib / 1024
		}
	}
	return u
}
