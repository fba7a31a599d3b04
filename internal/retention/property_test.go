package retention

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Each property is tried on 1,000 cases, the same each time. -rapid.checks tries more, and
// -rapid.seed others: 0 for any.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "1000", "rapid.seed": "1", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	flag.Parse()
	os.Exit(m.Run())
}

// The rules, written down a second time.
var (
	periodsOf = map[string]func(time.Time) string{
		"hourly":  func(t time.Time) string { return t.Format("2006-01-02T15") },
		"daily":   func(t time.Time) string { return t.Format(time.DateOnly) },
		"weekly":  func(t time.Time) string { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly) }, // its Monday
		"monthly": func(t time.Time) string { return t.Format("2006-01") },
		"yearly":  func(t time.Time) string { return t.Format("2006") },
	}
	numberRules = []string{"keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"}
	withinRules = []string{
		"keep_within", "keep_within_hourly", "keep_within_daily", "keep_within_weekly", "keep_within_monthly", "keep_within_yearly",
	}
)

// periodOf is the period of a snapshot to a rule.
func periodOf(rule string, s Snapshot) string {
	if rule == "keep_last" || rule == "keep_within" {
		return s.ID
	}
	return periodsOf[rule[strings.LastIndex(rule, "_")+1:]](s.CreatedAt.UTC())
}

var (
	someMetadata = rapid.MapOfN(rapid.SampledFrom([]string{"tier", "app"}), rapid.SampledFrom([]string{"a", "b"}), 0, 2)
	someNumbers  = rapid.SampledFrom([]int{1, 1, 2, 3, 5, 9, All})
	// At times far apart and close together, at the same time, and in different zones.
	someSnapshots = rapid.Custom(func(t *rapid.T) []Snapshot {
		span := rapid.SampledFrom([]int{0, 10, 300, 3 * 24 * 60, 40 * 24 * 60, 500 * 24 * 60, 3000 * 24 * 60}).Draw(t, "span")
		start := time.Date(2020, 12, 20, 0, 0, 0, 0, time.UTC)
		zone := rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("", 5*3600+1800), time.FixedZone("", -11*3600)})
		snapshots := make([]Snapshot, rapid.IntRange(0, 25).Draw(t, "snapshots"))
		for i := range snapshots {
			minutes := rapid.IntRange(0, span).Draw(t, "minutes")
			snapshots[i] = Snapshot{
				ID:        fmt.Sprintf("s%02d", i),
				VolumeID:  rapid.SampledFrom([]string{"v", "v", "v", "w", ""}).Draw(t, "volume"),
				Status:    rapid.SampledFrom([]string{"available", "available", "available", "", "error", "creating"}).Draw(t, "status"),
				CreatedAt: start.Add(time.Duration(minutes) * time.Minute).In(zone.Draw(t, "zone")),
				Metadata:  someMetadata.Draw(t, "metadata"),
			}
			switch rapid.IntRange(0, 19).Draw(t, "odd") {
			case 0:
				snapshots[i].GroupSnapshotID = "g"
			case 1:
				snapshots[i].CreatedAt = time.Time{}
			}
		}
		return snapshots
	})
	someDuration = rapid.Custom(func(t *rapid.T) Duration {
		switch rapid.IntRange(0, 4).Draw(t, "unit") {
		case 0:
			return Duration{Hours: rapid.IntRange(1, 100).Draw(t, "hours")}
		case 1:
			return Duration{Days: rapid.IntRange(1, 100).Draw(t, "days")}
		case 2:
			return Duration{Months: rapid.IntRange(1, 30).Draw(t, "months")}
		case 3:
			return Duration{Years: rapid.IntRange(1, 5).Draw(t, "years")}
		}
		return Duration{
			rapid.IntRange(0, 2).Draw(t, "years"), rapid.IntRange(0, 12).Draw(t, "months"),
			rapid.IntRange(0, 31).Draw(t, "days"), rapid.IntRange(1, 24).Draw(t, "hours"),
		}
	})
	// With a rule of time, and so never refused.
	somePolicy = rapid.Custom(func(t *rapid.T) Policy {
		p := Policy{Numbers: map[string]int{}, Within: map[string]Duration{}}
		for _, rule := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Concat(numberRules, withinRules)), 1, 5, rapid.ID).Draw(t, "rules") {
			if slices.Contains(numberRules, rule) {
				p.Numbers[rule] = someNumbers.Draw(t, rule)
			} else {
				p.Within[rule] = someDuration.Draw(t, rule)
			}
		}
		if rapid.IntRange(0, 2).Draw(t, "by metadata") == 0 {
			p.Metadata = rapid.SliceOfN(someMetadata.Filter(func(m map[string]string) bool { return len(m) > 0 }), 1, 2).Draw(t, "keep_metadata")
		}
		return p
	})
	// Sometimes in the midst of the snapshots.
	someNow = rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "no clock") {
			return time.Time{}
		}
		return time.Date(2020, 12, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 500*24).Draw(t, "now")) * time.Hour)
	})
)

func decide(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) Decision {
	decision, err := Apply(snapshots, policy, now)
	if err != nil {
		t.Fatal(err)
	}
	return decision
}

// property checks one on some snapshots, policy and time. Generators are not for several tests
// at a time.
func property(t *testing.T, holds func(*rapid.T, []Snapshot, Policy, time.Time)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		holds(t, someSnapshots.Draw(t, "snapshots"), somePolicy.Draw(t, "policy"), someNow.Draw(t, "now"))
	})
}

func ids(verdicts []Verdict) (ids []string) {
	for _, v := range verdicts {
		ids = append(ids, v.Snapshot.ID)
	}
	return ids
}

// byVolume returns the snapshots that count, newest first.
func byVolume(d Decision) map[string][]Snapshot {
	volumes := map[string][]Snapshot{}
	for _, v := range slices.Concat(d.Kept, d.Expired) {
		volumes[v.Snapshot.VolumeID] = append(volumes[v.Snapshot.VolumeID], v.Snapshot)
	}
	for _, volume := range volumes {
		slices.SortFunc(volume, newestFirst)
	}
	return volumes
}

func TestTheOrderOfTheInputIsNothing(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		one := decide(t, snapshots, policy, now)
		other := decide(t, rapid.Permutation(snapshots).Draw(t, "order"), policy, now)
		if !reflect.DeepEqual(one, other) {
			t.Fatalf("%+v\n%+v", one, other)
		}
	})
}

func TestEverySnapshotIsDecidedOnce(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		d := decide(t, snapshots, policy, now)
		for _, list := range [][]Verdict{d.Kept, d.Expired, d.Ignored} {
			if !slices.IsSortedFunc(list, func(a, b Verdict) int { return newestFirst(a.Snapshot, b.Snapshot) }) {
				t.Fatalf("not newest first: %v", ids(list))
			}
		}
		all := slices.Sorted(slices.Values(slices.Concat(ids(d.Kept), ids(d.Expired), ids(d.Ignored))))
		for i, id := range all {
			if len(all) != len(snapshots) || id != snapshots[i].ID {
				t.Fatalf("%v of %d", all, len(snapshots))
			}
		}
		for _, v := range d.Ignored {
			if s := v.Snapshot; len(v.Reasons) == 0 || (s.Status == "" || s.Status == "available") && s.GroupSnapshotID == "" && !s.CreatedAt.IsZero() && !s.CreatedAt.After(now) {
				t.Fatalf("ignored: %+v", v)
			}
		}
		for _, v := range slices.Concat(d.Kept, d.Expired) {
			if s := v.Snapshot; s.Status != "" && s.Status != "available" || s.GroupSnapshotID != "" || s.CreatedAt.IsZero() || !now.IsZero() && s.CreatedAt.After(now) {
				t.Fatalf("counted: %+v", v)
			}
		}
	})
}

func TestAppliedAgainNothingExpires(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		var kept []Snapshot
		for _, v := range decide(t, snapshots, policy, now).Kept {
			kept = append(kept, v.Snapshot)
		}
		if again := decide(t, kept, policy, now); len(again.Kept) != len(kept) {
			t.Fatalf("expired: %v", ids(again.Expired))
		}
	})
}

func TestMoreNeverKeepsLess(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		more := Policy{maps.Clone(policy.Numbers), maps.Clone(policy.Within), slices.Clone(policy.Metadata)}
		if rapid.Bool().Draw(t, "one more rule") {
			rule := rapid.SampledFrom(slices.Concat(numberRules, withinRules)).Draw(t, "rule")
			if slices.Contains(numberRules, rule) {
				more.Numbers[rule] = larger(policy.Numbers[rule], someNumbers.Draw(t, "number"))
			} else {
				longer := policy.Within[rule]
				*rapid.SampledFrom([]*int{&longer.Years, &longer.Months, &longer.Days, &longer.Hours}).Draw(t, "unit") += rapid.IntRange(1, 40).Draw(t, "longer")
				more.Within[rule] = longer
			}
		} else {
			for rule, n := range more.Numbers {
				if n != All {
					more.Numbers[rule] = n + 1
				}
			}
			more.Metadata = append(more.Metadata, map[string]string{"tier": "a"})
		}
		after := ids(decide(t, snapshots, more, now).Kept)
		for _, id := range ids(decide(t, snapshots, policy, now).Kept) {
			if !slices.Contains(after, id) {
				t.Fatalf("%+v keeps %s, and %+v does not", policy, id, more)
			}
		}
	})
}

func larger(a, b int) int {
	if a == All || b == All {
		return All
	}
	return max(a, b)
}

func TestTwoPoliciesKeepTheUnion(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, one Policy, now time.Time) {
		other := somePolicy.Draw(t, "other")
		both := Policy{maps.Clone(one.Numbers), maps.Clone(other.Within), slices.Concat(one.Metadata, other.Metadata)}
		for rule, n := range other.Numbers {
			both.Numbers[rule] = larger(one.Numbers[rule], n)
		}
		for rule, d := range one.Within {
			if _, given := other.Within[rule]; given {
				// Which of two durations is longer is a question of the calendar.
				other.Within[rule] = d
			}
			both.Within[rule] = d
		}
		union := slices.Concat(ids(decide(t, snapshots, one, now).Kept), ids(decide(t, snapshots, other, now).Kept))
		slices.Sort(union)
		if got, want := slices.Sorted(slices.Values(ids(decide(t, snapshots, both, now).Kept))), slices.Compact(union); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestTheNewestIsKept(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		d := decide(t, snapshots, policy, now)
		for _, volume := range byVolume(d) {
			if newest := volume[0].ID; !slices.Contains(ids(d.Kept), newest) {
				t.Fatalf("%s expires", newest)
			}
		}
	})
}

func TestAtMostTheSumOfTheNumbers(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		sum := 0
		for rule, n := range policy.Numbers {
			if n == All {
				policy.Numbers[rule], n = 4, 4
			}
			sum += n
		}
		if sum == 0 {
			policy.Numbers["keep_daily"], sum = 2, 2
		}
		policy.Within, policy.Metadata = nil, nil
		kept := map[string]int{}
		for _, v := range decide(t, snapshots, policy, now).Kept {
			kept[v.Snapshot.VolumeID]++
		}
		for volume, n := range kept {
			// The oldest takes a number too.
			if n > sum {
				t.Fatalf("%+v keeps %d of %q", policy, n, volume)
			}
		}
	})
}

func TestEachKeptIsTheNewestOfItsPeriodOrTheOldest(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		d := decide(t, snapshots, policy, now)
		volumes := byVolume(d)
		for _, v := range d.Kept {
			volume := volumes[v.Snapshot.VolumeID]
			for _, reason := range v.Reasons {
				rule, _, _ := strings.Cut(reason, " ")
				if rule == keepMetadata {
					if !slices.ContainsFunc(policy.Metadata, v.Snapshot.has) {
						t.Fatalf("%+v", v)
					}
					continue
				}
				// The first of its period in the order is its newest.
				newest := slices.IndexFunc(volume, func(s Snapshot) bool { return periodOf(rule, s) == periodOf(rule, v.Snapshot) })
				if !strings.HasSuffix(reason, "(oldest)") && volume[newest].ID != v.Snapshot.ID {
					t.Fatalf("%s keeps %s, and %s is newer", reason, v.Snapshot.ID, volume[newest].ID)
				}
				if strings.HasSuffix(reason, "(oldest)") && (volume[len(volume)-1].ID != v.Snapshot.ID || volume[newest].ID == v.Snapshot.ID) {
					t.Fatalf("%s keeps %s", reason, v.Snapshot.ID)
				}
				if within, given := policy.Within[rule]; given && !v.Snapshot.CreatedAt.After(within.before(volume[0].CreatedAt.UTC())) {
					t.Fatalf("%s keeps %s, which is not within", reason, v.Snapshot.ID)
				}
			}
		}
	})
}

func TestVolumesAreIndependent(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		all := decide(t, snapshots, policy, now)
		for _, id := range []string{"v", "w", ""} {
			others := func(s Snapshot) bool { return s.VolumeID != id }
			alone := decide(t, slices.DeleteFunc(slices.Clone(snapshots), others), policy, now)
			together := slices.DeleteFunc(slices.Clone(all.Kept), func(v Verdict) bool { return others(v.Snapshot) })
			if !slices.EqualFunc(alone.Kept, together, func(a, b Verdict) bool { return reflect.DeepEqual(a, b) }) {
				t.Fatalf("volume %q alone: %v, with others: %v", id, alone.Kept, together)
			}
		}
	})
}

func TestTheIgnoredChangeNothing(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		all := decide(t, snapshots, policy, now)
		counted := slices.DeleteFunc(slices.Clone(snapshots), func(s Snapshot) bool { return slices.Contains(ids(all.Ignored), s.ID) })
		if got := decide(t, counted, policy, now); !reflect.DeepEqual(got.Kept, all.Kept) || !reflect.DeepEqual(got.Expired, all.Expired) {
			t.Fatalf("%+v, with ignored ones %+v", got, all)
		}
	})
}

// The rules as sets: the newest of each period, as many as the number says, and the oldest
// if there are fewer.
func TestTheRulesWrittenDownAgain(t *testing.T) {
	property(t, func(t *rapid.T, snapshots []Snapshot, policy Policy, now time.Time) {
		d := decide(t, snapshots, policy, now)
		kept := map[string]bool{}
		for _, volume := range byVolume(d) {
			newestOfEach := func(rule string, volume []Snapshot) (newest []string) {
				seen := map[string]bool{}
				for _, s := range volume {
					if p := periodOf(rule, s); !seen[p] {
						seen[p] = true
						newest = append(newest, s.ID)
					}
				}
				return newest
			}
			oldest := volume[len(volume)-1]
			for rule, n := range policy.Numbers {
				newest := newestOfEach(rule, volume)
				if n == All || len(newest) < n {
					newest = append(newest, oldest.ID)
					n = len(newest)
				}
				for _, id := range newest[:n] {
					kept[id] = true
				}
			}
			for rule, within := range policy.Within {
				end := within.before(volume[0].CreatedAt.UTC())
				inside := slices.DeleteFunc(slices.Clone(volume), func(s Snapshot) bool { return !s.CreatedAt.After(end) })
				for _, id := range newestOfEach(rule, inside) {
					kept[id] = true
				}
				if oldest.CreatedAt.After(end) {
					kept[oldest.ID] = true
				}
			}
			for _, s := range volume {
				if slices.ContainsFunc(policy.Metadata, s.has) {
					kept[s.ID] = true
				}
			}
		}
		if got, want := slices.Sorted(slices.Values(ids(d.Kept))), slices.Sorted(maps.Keys(kept)); !slices.Equal(got, want) {
			t.Fatalf("%+v keeps %v, want %v", policy, got, want)
		}
	})
}
