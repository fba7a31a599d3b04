package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// results are all raw numbers of a bench, and what they hold for.
type results struct {
	Terraform string `json:"terraform"`
	Go        string `json:"go"`
	CPUs      int    `json:"cpus"`
	// Cloud says which it was: simulated, or real.
	Cloud   string    `json:"cloud"`
	Samples []sample  `json:"samples,omitempty"`
	Starts  []start   `json:"starts,omitempty"`
	Waits   []waiting `json:"waits,omitempty"`
}

// save writes the numbers, the tables and the plot into a folder.
func (r results) save(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	numbers, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	files := map[string][]byte{"results.json": append(numbers, '\n'), "results.md": []byte(r.markdown())}
	if plot := r.plot(); plot != "" {
		files["plan.svg"] = []byte(plot)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // it is to be read
			return err
		}
	}
	return nil
}

// row is what all runs of a variant in a cell say together.
type row struct {
	cell                       cell
	variant                    string
	runs                       int
	wall, user, provider, peak spread
	requests, signIns, kib     spread
}

// rows are in the order in which they were first measured, the variants in the order of their table.
func (r results) rows() []row {
	type key struct {
		cell    cell
		variant string
	}
	var cells []cell
	by := map[key][]sample{}
	for _, s := range r.Samples {
		at := s.cell
		at.Runs = 0
		if _, known := by[key{at, ""}]; !known {
			cells = append(cells, at)
			by[key{at, ""}] = nil
		}
		by[key{at, s.Variant}] = append(by[key{at, s.Variant}], s)
	}
	var rows []row
	for _, at := range cells {
		for _, v := range variants {
			if samples := by[key{at, v.name}]; len(samples) > 0 {
				rows = append(rows, newRow(at, v.name, samples))
			}
		}
	}
	return rows
}

func newRow(at cell, variant string, samples []sample) row {
	of := func(figure func(sample) float64) spread {
		figures := make([]float64, len(samples))
		for i, s := range samples {
			figures[i] = figure(s)
		}
		return spreadOf(figures)
	}
	return row{
		cell: at, variant: variant, runs: len(samples),
		wall:     of(func(s sample) float64 { return s.WallSeconds }),
		user:     of(func(s sample) float64 { return s.UserSeconds }),
		provider: of(func(s sample) float64 { return s.Provider.UserSeconds }),
		peak:     of(func(s sample) float64 { return s.Provider.PeakMiB }),
		requests: of(func(s sample) float64 { return float64(s.Traffic.Requests) }),
		signIns:  of(func(s sample) float64 { return float64(s.Traffic.SignIns) }),
		kib:      of(func(s sample) float64 { return float64(s.Traffic.Bytes) / 1024 }),
	}
}
