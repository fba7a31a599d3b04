package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The plot has a ground of its own, so that it looks the same in light and in dark surroundings. Sizes are in pixels.
const (
	plotWidth  = 980
	plotLeft   = 70  // of the axes
	plotRight  = 950 // of the axes
	plotTop    = 80  // of the axes
	plotBottom = 430 // of the axes
	legendTop  = 505
	legendRow  = 24
	legendText = 400 // width of what stands before the figures
)

// colors can be told apart by the colour-blind too.
var colors = map[string]string{
	"terraform_data": "#6b7280", "null": "#e69f00", "lean": "#009e73", "shared": "#0072b2", "single": "#d55e00", "logs": "#b0589c",
}

// plot draws the wall time of plans over the number of snapshots, on logarithmic axes, in the circumstances that were
// measured first. It is empty where no plans were measured.
func (r results) plot() string {
	rows := slices.DeleteFunc(r.rows(), func(x row) bool { return x.cell.Op != opPlan })
	if len(rows) == 0 {
		return ""
	}
	at := rows[0].cell
	rows = slices.DeleteFunc(rows, func(x row) bool {
		return x.cell.Parallelism != at.Parallelism || x.cell.Latency != at.Latency
	})
	d := newDrawing(rows)
	d.text(plotLeft, 34, "start", 17, "#111827", "Wall time of a plan with nothing to change")
	d.text(plotLeft, 56, "start", 12.5, "#4b5563", fmt.Sprintf("%s, %d CPUs, API latency %s, -parallelism=%d; medians, and all runs from the least to the most; both axes logarithmic",
		r.Terraform, r.CPUs, at.Latency, at.Parallelism))
	d.axes()
	for _, v := range variants {
		d.curve(v.name)
	}
	d.legend()
	return d.finish()
}

type drawing struct {
	rows        []row
	counts      []int
	variants    []variant // those that were measured
	least, most float64   // of the vertical axis, in seconds
	height      int
	body        strings.Builder
}

func newDrawing(rows []row) *drawing {
	d := &drawing{rows: rows, least: math.Inf(1)}
	for _, x := range rows {
		d.counts = append(d.counts, x.cell.N)
		d.least, d.most = min(d.least, x.wall.least), max(d.most, x.wall.most)
	}
	slices.Sort(d.counts)
	d.counts = slices.Compact(d.counts)
	for _, v := range variants {
		if slices.ContainsFunc(rows, func(x row) bool { return x.variant == v.name }) {
			d.variants = append(d.variants, v)
		}
	}
	d.least, d.most = d.least/1.3, d.most*1.3
	d.height = legendTop + legendRow*(len(d.variants)+1) + 10
	return d
}

func (d *drawing) x(count int) float64 {
	first, last := float64(d.counts[0]), float64(d.counts[len(d.counts)-1])
	if first == last {
		return (plotLeft + plotRight) / 2
	}
	const margin = 40
	return plotLeft + margin + (plotRight-plotLeft-2*margin)*math.Log(float64(count)/first)/math.Log(last/first)
}

func (d *drawing) y(seconds float64) float64 {
	return plotBottom - (plotBottom-plotTop)*math.Log(seconds/d.least)/math.Log(d.most/d.least)
}

func (d *drawing) axes() {
	for decade := 0.01; decade < d.most; decade *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if seconds := decade * digit; seconds > d.least && seconds < d.most {
				d.line(plotLeft, d.y(seconds), plotRight, d.y(seconds), "#e5e7eb", 1)
				d.text(plotLeft-8, d.y(seconds)+4, "end", 12, "#374151", fmt.Sprintf("%g", seconds))
			}
		}
	}
	for _, count := range d.counts {
		d.line(d.x(count), plotTop, d.x(count), plotBottom, "#f3f4f6", 1)
		d.text(d.x(count), plotBottom+19, "middle", 12, "#374151", fmt.Sprint(count))
	}
	d.line(plotLeft, plotBottom, plotRight, plotBottom, "#6b7280", 1.2)
	d.line(plotLeft, plotTop, plotLeft, plotBottom, "#6b7280", 1.2)
	d.text((plotLeft+plotRight)/2, plotBottom+42, "middle", 13, "#111827", "snapshots")
	fmt.Fprintf(&d.body, `<text transform="translate(22 %d) rotate(-90)" text-anchor="middle" font-size="13" fill="#111827">seconds</text>`+"\n", (plotTop+plotBottom)/2)
}

// curve draws the medians of a variant, and how far its runs lie apart.
func (d *drawing) curve(variant string) {
	var points []string
	width := 2.0
	if variant == "shared" {
		width = 3.5
	}
	var marks strings.Builder
	for _, x := range d.of(variant) {
		px, py := d.x(x.cell.N), d.y(x.wall.median)
		points = append(points, fmt.Sprintf("%.1f,%.1f", px, py))
		d.line(px, d.y(x.wall.least), px, d.y(x.wall.most), colors[variant], 1)
		fmt.Fprintf(&marks, `<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s"/>`+"\n", px, py, width+1.5, colors[variant])
	}
	fmt.Fprintf(&d.body, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%.1f" stroke-linejoin="round"/>`+"\n",
		strings.Join(points, " "), colors[variant], width)
	d.body.WriteString(marks.String())
}

func (d *drawing) of(variant string) []row {
	return slices.DeleteFunc(slices.Clone(d.rows), func(x row) bool { return x.variant != variant })
}

// legend says what the curves are, with the figures.
func (d *drawing) legend() {
	column := float64(plotRight-plotLeft-legendText) / float64(len(d.counts))
	right := func(i int) float64 { return plotLeft + legendText + column*float64(i+1) }
	d.text(right(len(d.counts)-1), legendTop-24, "end", 12, "#4b5563", "seconds · API requests, by the number of snapshots")
	for i, count := range d.counts {
		d.text(right(i), legendTop, "end", 12, "#4b5563", fmt.Sprint(count))
	}
	d.line(plotLeft, legendTop+8, plotRight, legendTop+8, "#d1d5db", 1)
	for i, v := range d.variants {
		y := float64(legendTop + legendRow*(i+1) + 4)
		d.line(plotLeft, y-4, plotLeft+24, y-4, colors[v.name], 4)
		d.text(plotLeft+34, y, "start", 13, "#111827", v.name)
		d.text(plotLeft+140, y, "start", 11.5, "#4b5563", v.about)
		for _, x := range d.of(v.name) {
			figures := fmt.Sprintf("%.2f · %.0f", x.wall.median, x.requests.median)
			d.text(right(slices.Index(d.counts, x.cell.N)), y, "end", 12.5, "#111827", figures)
		}
	}
}

func (d *drawing) line(x1, y1, x2, y2 float64, color string, width float64) {
	fmt.Fprintf(&d.body, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%.1f"/>`+"\n", x1, y1, x2, y2, color, width)
}

func (d *drawing) text(x, y float64, anchor string, size float64, color, content string) {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(content)) // a Builder takes everything
	fmt.Fprintf(&d.body, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%.1f" fill="%s">%s</text>`+"\n", x, y, anchor, size, color, escaped.String())
}

func (d *drawing) finish() string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif">
<rect x="0.5" y="0.5" width="%[3]d" height="%[4]d" rx="8" fill="#ffffff" stroke="#d1d5db"/>
%[5]s</svg>
`, plotWidth, d.height, plotWidth-1, d.height-1, d.body.String())
}
