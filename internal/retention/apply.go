// Package retention decides which snapshots to keep. The rules are those of `restic forget`.
// It knows no cloud, no Terraform and no clock: the same input has the same decision.
package retention

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Decision has every snapshot once. The lists are ordered newest first, and by id where
// the times are the same.
type Decision struct {
	Kept    []Verdict // with the rules that keep them
	Expired []Verdict // without reasons: no rule keeps them
	Ignored []Verdict // with why the rules take no notice of them
}

// A Verdict is about one snapshot.
type Verdict struct {
	Snapshot Snapshot
	Reasons  []string
}

// A DuplicateError says that a snapshot is in the input twice.
type DuplicateError struct{ ID string }

func (e *DuplicateError) Error() string { return fmt.Sprintf("snapshot %s is there twice", e.ID) }

// A KeepsNothingError says that a policy would keep no snapshot of a volume.
type KeepsNothingError struct {
	VolumeID string // "" if the snapshots have none
	Expired  int    // how many would expire
}

func (e *KeepsNothingError) Error() string {
	volume := "the volume"
	if e.VolumeID != "" {
		volume = "volume " + e.VolumeID
	}
	return fmt.Sprintf("the policy would keep none of the snapshots of %s, and %d would expire: add a rule such as keep_last = 1", volume, e.Expired)
}

// Apply decides by the policy about each snapshot, for each volume by itself. Only
// available snapshots that are part of no group count. Those made after now are from the
// future: as in restic's manual they do not count, and are not removed. If now is zero,
// none is. The error is a [*PolicyError], a [*DuplicateError] or a [*KeepsNothingError].
func Apply(snapshots []Snapshot, policy Policy, now time.Time) (Decision, error) {
	if err := policy.Check(); err != nil {
		return Decision{}, err
	}
	var (
		decision Decision
		counted  []*Verdict
		volumes  = map[string][]*Verdict{}
		seen     = map[string]bool{}
	)
	for _, s := range slices.SortedFunc(slices.Values(snapshots), newestFirst) {
		if seen[s.ID] {
			return Decision{}, &DuplicateError{s.ID}
		}
		seen[s.ID] = true
		if reasons := s.notCounted(now); reasons != nil {
			decision.Ignored = append(decision.Ignored, Verdict{s, reasons})
			continue
		}
		v := &Verdict{Snapshot: s}
		counted = append(counted, v)
		volumes[s.VolumeID] = append(volumes[s.VolumeID], v)
	}
	for _, id := range slices.Sorted(maps.Keys(volumes)) {
		volume := volumes[id]
		policy.keep(volume)
		if !slices.ContainsFunc(volume, (*Verdict).kept) {
			return Decision{}, &KeepsNothingError{id, len(volume)}
		}
	}
	for _, v := range counted {
		if v.kept() {
			decision.Kept = append(decision.Kept, *v)
		} else {
			decision.Expired = append(decision.Expired, *v)
		}
	}
	return decision, nil
}

func (v *Verdict) kept() bool { return len(v.Reasons) > 0 }

// keep gives the snapshots of a volume, newest first, the rules that keep them. Each rule
// goes by itself.
func (p Policy) keep(volume []*Verdict) {
	newest := volume[0].Snapshot.CreatedAt.UTC()
	for _, rule := range rules {
		switch rule.Kind {
		case Number:
			if number, given := p.Numbers[rule.Name]; given {
				rule.keepNewest(volume, len(volume), number, rule.Name)
			}
		case Within:
			if within, given := p.Within[rule.Name]; given {
				// What was made at this very time is not within.
				end := within.before(newest)
				older := func(v *Verdict) bool { return !v.Snapshot.CreatedAt.After(end) }
				reach := slices.IndexFunc(volume, older)
				if reach < 0 {
					reach = len(volume)
				}
				rule.keepNewest(volume, reach, All, rule.Name+" "+within.String())
			}
		case Metadata:
			for _, metadata := range p.Metadata {
				reason := rule.Name + " " + pairs(metadata)
				for _, v := range volume {
					if v.Snapshot.has(metadata) {
						v.Reasons = append(v.Reasons, reason)
					}
				}
			}
		}
	}
}

// keepNewest keeps the newest snapshot of each period among the first ones of the volume,
// as many as the number allows. If it allows one more, that is the oldest of the volume,
// so that what is kept reaches back as far as it can.
func (r Rule) keepNewest(volume []*Verdict, first, number int, reason string) {
	var before period
	for i, v := range volume[:first] {
		if number == 0 {
			return
		}
		current := r.period(v.Snapshot.CreatedAt.UTC(), i)
		switch {
		case i == 0 || current != before:
			v.Reasons = append(v.Reasons, reason)
		case i == len(volume)-1:
			v.Reasons = append(v.Reasons, reason+" (oldest)")
		default:
			continue
		}
		before = current
		number-- // All never comes to 0
	}
}

// pairs shows metadata in a stable order.
func pairs(metadata map[string]string) string {
	texts := make([]string, 0, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		texts = append(texts, key+"="+metadata[key])
	}
	return "{" + strings.Join(texts, ", ") + "}"
}
