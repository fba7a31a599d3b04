package retention

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Policy says which snapshots to keep. A snapshot is kept if one rule keeps it. Rules
// that are not there keep nothing.
type Policy struct {
	// Numbers has the rules of the kind [Number], by name.
	Numbers map[string]int
	// Within has those of the kind [Within], by name.
	Within map[string]Duration
	// Metadata is keep_metadata; nil if it is not there.
	Metadata []map[string]string
}

// A PolicyError says what is wrong with a policy.
type PolicyError struct {
	Rule    string // its name in HCL; "" if it is about all of the policy
	Problem string
}

func (e *PolicyError) Error() string {
	if e.Rule == "" {
		return e.Problem
	}
	return e.Rule + " " + e.Problem
}

// Check returns a [*PolicyError] if the policy is not usable, whatever the snapshots.
func (p Policy) Check() error {
	for _, name := range slices.Sorted(maps.Keys(p.Numbers)) {
		switch n := p.Numbers[name]; {
		case !slices.Contains(names(Number), name):
			return &PolicyError{name, "is no rule with a number"}
		case n == 0:
			return &PolicyError{name, "is 0, which keeps nothing: leave it out"}
		case n < All:
			return &PolicyError{name, fmt.Sprintf("is %d: it must be 1 or more, or -1 for all", n)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Within)) {
		switch d := p.Within[name]; {
		case !slices.Contains(names(Within), name):
			return &PolicyError{name, "is no rule with a duration"}
		case d == Duration{}:
			return &PolicyError{name, "is no time at all, which keeps nothing: leave it out"}
		case min(d.Years, d.Months, d.Days, d.Hours) < 0 || max(d.Years, d.Months, d.Days, d.Hours) > maxNumber:
			return &PolicyError{name, fmt.Sprintf("is %s: each number must be from 0 to %d", d, maxNumber)}
		}
	}
	if p.Metadata != nil && len(p.Metadata) == 0 {
		return &PolicyError{keepMetadata, "is an empty list, which keeps nothing: leave it out"}
	}
	for i, m := range p.Metadata {
		if len(m) == 0 {
			return &PolicyError{keepMetadata, fmt.Sprintf("has an empty map (number %d), which every snapshot would match: leave it out", i+1)}
		}
	}
	if len(p.Numbers)+len(p.Within)+len(p.Metadata) == 0 {
		all := make([]string, 0, len(rules))
		for _, r := range rules {
			all = append(all, r.Name)
		}
		return &PolicyError{Problem: "the policy has no rule, and would keep nothing: give at least one of " + strings.Join(all, ", ")}
	}
	return nil
}
