package main

import (
	"fmt"
	"strings"
)

// titles say what each operation is.
var titles = map[string]string{
	opPlan:    "A plan with nothing to change",
	opAmong:   "A plan of a few snapshots among many",
	opCreate:  "An apply that creates all",
	opDestroy: "A destroy of all",
}

// markdown returns the results as tables.
func (r results) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %d CPUs, %s. Medians, with the least and the most behind where they differ.\n", r.Terraform, r.Go, r.CPUs, r.Cloud)
	r.operations(&b)
	r.starts(&b)
	r.waits(&b)
	b.WriteString("\nThe variants:\n\n")
	for _, v := range variants {
		fmt.Fprintf(&b, "- `%s`: %s\n", v.name, v.about)
	}
	return b.String()
}

// table writes the head of a table.
func table(b *strings.Builder, title string, columns ...string) {
	fmt.Fprintf(b, "\n### %s\n\n", title)
	line(b, columns...)
	b.WriteString("|" + strings.Repeat("---|", len(columns)) + "\n")
}

func line(b *strings.Builder, fields ...string) {
	b.WriteString("| " + strings.Join(fields, " | ") + " |\n")
}

func (r results) operations(b *strings.Builder) {
	last := ""
	for _, x := range r.rows() {
		if x.cell.Op != last {
			last = x.cell.Op
			table(b, titles[last], "snapshots", "-parallelism", "added latency", "variant", "wall s", "user CPU s",
				"of it provider", "provider's peak MiB", "requests", "sign-ins", "KiB answered", "runs")
		}
		count := fmt.Sprint(x.cell.N)
		if x.cell.Total != x.cell.N {
			count += fmt.Sprintf(" of %d", x.cell.Total)
		}
		provider, peak, signIns := "–", "–", x.signIns.with("%.0f")
		if r.Cloud == realCloud {
			signIns = "–"
		}
		if x.peak.most > 0 {
			provider, peak = x.provider.with("%.2f"), x.peak.with("%.0f")
		}
		line(b, count, fmt.Sprint(x.cell.Parallelism), x.cell.Latency.String(), x.variant, x.wall.with("%.2f"), x.user.with("%.2f"),
			provider, peak, x.requests.with("%.0f"), signIns, x.kib.with("%.0f"), fmt.Sprint(x.runs))
	}
}

func (r results) starts(b *strings.Builder) {
	if len(r.Starts) == 0 {
		return
	}
	table(b, "The start of the provider's process, until it has told its schemas", "provider", "ms", "user CPU ms", "peak MiB", "program MiB", "runs")
	for _, program := range []string{nullProgram, realProgram} {
		var seconds, user, peak, size []float64
		for _, s := range r.Starts {
			if s.Program == program {
				seconds, user = append(seconds, 1000*s.Seconds), append(user, 1000*s.UserSeconds)
				peak, size = append(peak, s.PeakMiB), append(size, s.BinaryMiB)
			}
		}
		line(b, program, spreadOf(seconds).with("%.0f"), spreadOf(user).with("%.0f"), spreadOf(peak).with("%.1f"), spreadOf(size).with("%.1f"),
			fmt.Sprint(len(seconds)))
	}
}

func (r results) waits(b *strings.Builder) {
	if len(r.Waits) == 0 {
		return
	}
	table(b, fmt.Sprintf("%d creates that take the cloud %s, -parallelism %d, latency %s", len(r.Waits[0].LateSeconds), waitCreateTime, waitParallelism, waitLatency),
		"variant", "wall s", "requests for each beyond the create", "median lateness s", "greatest lateness s", "runs")
	for _, v := range variants {
		var wall, looks, medians, most []float64
		for _, w := range r.Waits {
			if w.Variant == v.name {
				late := spreadOf(w.LateSeconds)
				wall, looks = append(wall, w.WallSeconds), append(looks, w.Looks)
				medians, most = append(medians, late.median), append(most, late.most)
			}
		}
		if len(wall) > 0 {
			line(b, v.name, spreadOf(wall).with("%.2f"), spreadOf(looks).with("%.2f"), spreadOf(medians).with("%.2f"), spreadOf(most).with("%.2f"), fmt.Sprint(len(wall)))
		}
	}
	b.WriteString("\nLateness is the time from a snapshot's becoming available to the end of its creation in Terraform.\n")
}
