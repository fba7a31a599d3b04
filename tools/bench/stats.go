package main

import (
	"fmt"
	"slices"
)

// spread is the middle and the ends of some figures.
type spread struct{ median, least, most float64 }

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + median) / 2
	}
	return spread{median, sorted[0], sorted[len(sorted)-1]}
}

// with writes the figures in this format, the ends behind the median.
func (s spread) with(format string) string {
	median, least, most := fmt.Sprintf(format, s.median), fmt.Sprintf(format, s.least), fmt.Sprintf(format, s.most)
	if least == most {
		return median
	}
	return median + " (" + least + "–" + most + ")"
}
