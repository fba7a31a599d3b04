package retention

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// at reads a time, of which the end may be missing.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02"} {
		if parsed, err := time.Parse(layout, s); err == nil {
			return parsed
		}
	}
	t.Fatalf("%s is no time", s)
	return time.Time{}
}

// made returns snapshots of these times, which are also their ids.
func made(t testing.TB, times ...string) []Snapshot {
	t.Helper()
	snapshots := make([]Snapshot, 0, len(times))
	for _, s := range times {
		snapshots = append(snapshots, Snapshot{ID: s, CreatedAt: at(t, s)})
	}
	return snapshots
}

// show writes each verdict in a line.
func show(verdicts []Verdict) (lines []string) {
	for _, v := range verdicts {
		lines = append(lines, v.Snapshot.ID+": "+strings.Join(v.Reasons, ", "))
	}
	return lines
}

func within(t testing.TB, rule, duration string) map[string]Duration {
	t.Helper()
	d, err := ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Duration{rule: d}
}

// same fails unless the lines are these.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		numbers  map[string]int
		rule     string // of a duration
		duration string
		times    []string
		kept     []string
	}{
		"each period keeps its newest": {
			numbers: map[string]int{"keep_daily": 2},
			times:   []string{"2026-05-01T08:00", "2026-05-02T08:00", "2026-05-02T20:00", "2026-05-03T08:00", "2026-05-03T20:00"},
			kept:    []string{"2026-05-03T20:00: keep_daily", "2026-05-02T20:00: keep_daily"},
		},
		"empty periods use no number": {
			numbers: map[string]int{"keep_daily": 2},
			times:   []string{"2026-01-01", "2026-05-02", "2026-05-20"},
			kept:    []string{"2026-05-20: keep_daily", "2026-05-02: keep_daily"},
		},
		"each rule by itself": {
			numbers: map[string]int{"keep_last": 1, "keep_daily": 2, "keep_monthly": 2},
			times:   []string{"2026-04-29", "2026-04-30", "2026-05-01T08:00", "2026-05-02T08:00", "2026-05-02T20:00"},
			kept: []string{
				"2026-05-02T20:00: keep_last, keep_daily, keep_monthly",
				"2026-05-01T08:00: keep_daily",
				"2026-04-30: keep_monthly",
			},
		},
		"the oldest, while there is number left": {
			numbers: map[string]int{"keep_daily": 3, "keep_yearly": 1},
			times:   []string{"2026-05-01T08:00", "2026-05-01T20:00", "2026-05-02T08:00", "2026-05-02T20:00"},
			kept:    []string{"2026-05-02T20:00: keep_daily, keep_yearly", "2026-05-01T20:00: keep_daily", "2026-05-01T08:00: keep_daily (oldest)"},
		},
		"not the oldest, without number left": {
			numbers: map[string]int{"keep_daily": 2},
			times:   []string{"2026-05-01T08:00", "2026-05-01T20:00", "2026-05-02T08:00", "2026-05-02T20:00"},
			kept:    []string{"2026-05-02T20:00: keep_daily", "2026-05-01T20:00: keep_daily"},
		},
		"-1 is all": {
			numbers: map[string]int{"keep_monthly": -1},
			times:   []string{"2024-01-01", "2024-01-02", "2025-03-03", "2026-03-03", "2026-03-04"},
			kept:    []string{"2026-03-04: keep_monthly", "2025-03-03: keep_monthly", "2024-01-02: keep_monthly", "2024-01-01: keep_monthly (oldest)"},
		},
		"-1 of the last": {
			numbers: map[string]int{"keep_last": -1},
			times:   []string{"2024-01-01", "2026-03-04"},
			kept:    []string{"2026-03-04: keep_last", "2024-01-01: keep_last"},
		},
		"one": {
			numbers: map[string]int{"keep_hourly": 5},
			times:   []string{"2024-01-01"},
			kept:    []string{"2024-01-01: keep_hourly"},
		},
		"none": {numbers: map[string]int{"keep_hourly": 5}},
		"within is from the newest, and its end is out": {
			rule: "keep_within", duration: "7d",
			times: []string{"2020-01-08T12:00", "2020-01-08T12:01", "2020-01-15T12:00"},
			kept:  []string{"2020-01-15T12:00: keep_within 7d", "2020-01-08T12:01: keep_within 7d"},
		},
		"within keeps all": {
			rule: "keep_within", duration: "1h",
			times: []string{"2020-01-15T11:30", "2020-01-15T11:45", "2020-01-15T12:00"},
			kept:  []string{"2020-01-15T12:00: keep_within 1h", "2020-01-15T11:45: keep_within 1h", "2020-01-15T11:30: keep_within 1h"},
		},
		"within, the newest of each day": {
			rule: "keep_within_daily", duration: "2d",
			times: []string{"2026-05-01T13:00", "2026-05-02T08:00", "2026-05-02T20:00", "2026-05-03T08:00", "2026-05-03T12:00"},
			kept: []string{
				"2026-05-03T12:00: keep_within_daily 2d", "2026-05-02T20:00: keep_within_daily 2d", "2026-05-01T13:00: keep_within_daily 2d",
			},
		},
		"within, the oldest": {
			rule: "keep_within_daily", duration: "2d",
			times: []string{"2026-05-02T08:00", "2026-05-02T20:00", "2026-05-03T12:00"},
			kept: []string{
				"2026-05-03T12:00: keep_within_daily 2d", "2026-05-02T20:00: keep_within_daily 2d", "2026-05-02T08:00: keep_within_daily 2d (oldest)",
			},
		},
		"the oldest, but not within": {
			rule: "keep_within_monthly", duration: "2d",
			times: []string{"2026-05-01T12:00", "2026-05-02T20:00", "2026-05-03T12:00"},
			kept:  []string{"2026-05-03T12:00: keep_within_monthly 2d"},
		},
		"units": {
			rule: "keep_within", duration: "1y1m1d1h",
			times: []string{"2024-12-12T11:00", "2024-12-12T11:01", "2026-01-13T12:00"},
			kept:  []string{"2026-01-13T12:00: keep_within 1y1m1d1h", "2024-12-12T11:01: keep_within 1y1m1d1h"},
		},
		"clocks go forward": { // no 02:30 in Berlin
			numbers: map[string]int{"keep_hourly": 2},
			times:   []string{"2026-03-29T01:10:00+01:00", "2026-03-29T01:50:00+01:00", "2026-03-29T03:10:00+02:00", "2026-03-29T03:50:00+02:00"},
			kept:    []string{"2026-03-29T03:50:00+02:00: keep_hourly", "2026-03-29T01:50:00+01:00: keep_hourly"},
		},
		"clocks go back": { // 02:30 twice in Berlin
			numbers: map[string]int{"keep_hourly": 2},
			times:   []string{"2026-10-25T02:10:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+01:00"},
			kept:    []string{"2026-10-25T02:30:00+01:00: keep_hourly", "2026-10-25T02:30:00+02:00: keep_hourly"},
		},
		"a day is one of UTC": { // in Berlin four snapshots of 29 March, in UTC two of each day
			numbers: map[string]int{"keep_daily": 2},
			times:   []string{"2026-03-29T00:10:00+01:00", "2026-03-29T00:50:00+01:00", "2026-03-29T01:10:00+01:00", "2026-03-29T23:50:00+02:00"},
			kept:    []string{"2026-03-29T23:50:00+02:00: keep_daily", "2026-03-29T00:50:00+01:00: keep_daily"},
		},
		"a day has 24 hours when clocks go forward": {
			rule: "keep_within", duration: "1d",
			times: []string{"2026-03-28T11:00:00+01:00", "2026-03-28T11:00:01+01:00", "2026-03-29T12:00:00+02:00"},
			kept:  []string{"2026-03-29T12:00:00+02:00: keep_within 1d", "2026-03-28T11:00:01+01:00: keep_within 1d"},
		},
		"a leap day is a day": {
			numbers: map[string]int{"keep_daily": 3},
			times:   []string{"2024-02-27", "2024-02-28", "2024-02-29T01:00", "2024-02-29T02:00", "2024-03-01"},
			kept:    []string{"2024-03-01: keep_daily", "2024-02-29T02:00: keep_daily", "2024-02-28: keep_daily"},
		},
		"a year before a leap day is 1 March": {
			rule: "keep_within", duration: "1y",
			times: []string{"2023-02-28T12:00", "2023-03-01T11:00", "2023-03-01T13:00", "2024-02-29T12:00"},
			kept:  []string{"2024-02-29T12:00: keep_within 1y", "2023-03-01T13:00: keep_within 1y"},
		},
		"a year that has a leap day": {
			rule: "keep_within", duration: "1y",
			times: []string{"2024-02-28T12:00", "2024-02-29T11:00", "2025-02-28T12:00"},
			kept:  []string{"2025-02-28T12:00: keep_within 1y", "2024-02-29T11:00: keep_within 1y"},
		},
		"week 53 reaches into the next year": {
			numbers: map[string]int{"keep_weekly": 3},
			times:   []string{"2020-12-20", "2020-12-27", "2020-12-28", "2020-12-31", "2021-01-01", "2021-01-03", "2021-01-04"},
			kept:    []string{"2021-01-04: keep_weekly", "2021-01-03: keep_weekly", "2020-12-27: keep_weekly"},
		},
		"week 1 begins in the year before": {
			numbers: map[string]int{"keep_weekly": 2},
			times:   []string{"2024-12-22", "2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-05"},
			kept:    []string{"2025-01-05: keep_weekly", "2024-12-29: keep_weekly"},
		},
		"week 53 has days of two years": {
			numbers: map[string]int{"keep_yearly": 2},
			times:   []string{"2020-12-30", "2020-12-31", "2021-01-01", "2021-01-03"},
			kept:    []string{"2021-01-03: keep_yearly", "2020-12-31: keep_yearly"},
		},
		"a week begins on Monday": {
			numbers: map[string]int{"keep_weekly": 2},
			times:   []string{"2026-05-02T12:00", "2026-05-03T12:00", "2026-05-04T00:00"},
			kept:    []string{"2026-05-04T00:00: keep_weekly", "2026-05-03T12:00: keep_weekly"},
		},
		"a month before 31 March is 3 March": {
			rule: "keep_within", duration: "1m",
			times: []string{"2026-02-28", "2026-03-03T12:00", "2026-03-03T12:01", "2026-03-31T12:00"},
			kept:  []string{"2026-03-31T12:00: keep_within 1m", "2026-03-03T12:01: keep_within 1m"},
		},
		"a month before 31 March is 2 March in a leap year": {
			rule: "keep_within", duration: "1m",
			times: []string{"2024-02-29", "2024-03-02T12:00", "2024-03-02T12:01", "2024-03-31T12:00"},
			kept:  []string{"2024-03-31T12:00: keep_within 1m", "2024-03-02T12:01: keep_within 1m"},
		},
		"months of different years are different": {
			numbers: map[string]int{"keep_monthly": 2, "keep_hourly": 2},
			times:   []string{"2024-05-01", "2025-05-01", "2026-05-01"},
			kept:    []string{"2026-05-01: keep_hourly, keep_monthly", "2025-05-01: keep_hourly, keep_monthly"},
		},
		"the same hour of another day is another": {
			numbers: map[string]int{"keep_hourly": 2},
			times:   []string{"2026-04-30T12:10", "2026-05-01T12:10", "2026-05-02T12:10"},
			kept:    []string{"2026-05-02T12:10: keep_hourly", "2026-05-01T12:10: keep_hourly"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := Policy{Numbers: row.numbers}
			if row.rule != "" {
				policy.Within = within(t, row.rule, row.duration)
			}
			decision, err := Apply(made(t, row.times...), policy, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "kept", show(decision.Kept), row.kept)
			if len(decision.Kept)+len(decision.Expired) != len(row.times) {
				t.Errorf("of %d snapshots %d expire", len(row.times), len(decision.Expired))
			}
		})
	}
}

// Every period of the rules with a number and of those with a duration.
func TestPeriods(t *testing.T) {
	t.Parallel()
	times := []string{
		"2025-12-31T23:59", "2026-01-01T00:01", "2026-03-31T12:00", "2026-04-01T12:00", "2026-04-26T12:00", "2026-04-27T12:00", // a Monday
		"2026-04-28T12:00", "2026-04-28T13:00", "2026-04-28T13:30",
	}
	// The oldest is not the newest of its week, and is kept beside it.
	for rule, want := range map[string]int{"last": 9, "hourly": 8, "daily": 7, "weekly": 4 + 1, "monthly": 4, "yearly": 2} {
		names := map[string]Policy{"keep_" + rule: {Numbers: map[string]int{"keep_" + rule: All}}}
		if rule == "last" {
			names["keep_within"] = Policy{Within: within(t, "keep_within", "9y")}
		} else {
			names["keep_within_"+rule] = Policy{Within: within(t, "keep_within_"+rule, "9y")}
		}
		for name, policy := range names {
			decision, err := Apply(made(t, times...), policy, time.Time{})
			if err != nil || len(decision.Kept) != want {
				t.Errorf("%s keeps %d, want %d: %v %v", name, len(decision.Kept), want, show(decision.Kept), err)
			}
		}
	}
}

func TestMetadataOfSnapshots(t *testing.T) {
	t.Parallel()
	snapshots := made(t, "2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04")
	snapshots[0].Metadata = map[string]string{"tier": "gold", "app": "db", "n": "1"}
	snapshots[1].Metadata = map[string]string{"tier": "gold"}
	snapshots[2].Metadata = map[string]string{"keep": ""}
	snapshots[3].Metadata = map[string]string{"tier": "silver", "app": "db"}
	policy := Policy{Metadata: []map[string]string{{"tier": "gold", "app": "db"}, {"n": "1"}, {"keep": ""}, {"absent": ""}}}
	decision, err := Apply(snapshots, policy, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept", show(decision.Kept), []string{"2026-05-03: keep_metadata {keep=}", "2026-05-01: keep_metadata {app=db, tier=gold}, keep_metadata {n=1}"})
	same(t, "expired", show(decision.Expired), []string{"2026-05-04: ", "2026-05-02: "})
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	snapshots := made(t, "2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06", "2026-05-07")
	snapshots[1].Status = "available"
	snapshots[2].Status = "error"
	snapshots[3].Status = "creating"
	snapshots[4].GroupSnapshotID = "g"
	snapshots[5].Status, snapshots[5].GroupSnapshotID = "deleting", "g"
	snapshots[6].Temporary = true
	snapshots = append(snapshots, Snapshot{ID: "timeless"})
	decision, err := Apply(snapshots, Policy{Numbers: map[string]int{"keep_last": 1}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept", show(decision.Kept), []string{"2026-05-02: keep_last"})
	same(t, "expired", show(decision.Expired), []string{"2026-05-01: "})
	same(t, "ignored", show(decision.Ignored), []string{
		"2026-05-07: the cloud has made it for itself",
		"2026-05-06: its status is deleting, it is part of group snapshot g",
		"2026-05-05: it is part of group snapshot g",
		"2026-05-04: its status is creating",
		"2026-05-03: its status is error",
		"timeless: its time of creation is not known",
	})
}

// A snapshot from the future neither uses a number nor moves what is within, and stays.
func TestFuture(t *testing.T) {
	t.Parallel()
	snapshots := made(t, "2026-05-01T12:00", "2026-05-02T12:00", "2026-05-03T12:00", "2036-05-03T12:00")
	policy := Policy{Numbers: map[string]int{"keep_last": 1}, Within: within(t, "keep_within_daily", "1d")}
	for now, row := range map[string]struct{ kept, ignored []string }{
		"2026-05-03T12:00": {
			[]string{"2026-05-03T12:00: keep_last, keep_within_daily 1d"},
			[]string{"2036-05-03T12:00: it is from the future: made at 2036-05-03T12:00:00Z, and now is 2026-05-03T12:00:00Z"},
		},
		"2026-05-02T13:00": {
			[]string{"2026-05-02T12:00: keep_last, keep_within_daily 1d"},
			[]string{
				"2036-05-03T12:00: it is from the future: made at 2036-05-03T12:00:00Z, and now is 2026-05-02T13:00:00Z",
				"2026-05-03T12:00: it is from the future: made at 2026-05-03T12:00:00Z, and now is 2026-05-02T13:00:00Z",
			},
		},
		"": {[]string{"2036-05-03T12:00: keep_last, keep_within_daily 1d"}, nil},
	} {
		var clock time.Time
		if now != "" {
			clock = at(t, now)
		}
		decision, err := Apply(snapshots, policy, clock)
		if err != nil {
			t.Fatal(err)
		}
		same(t, now+" kept", show(decision.Kept), row.kept)
		same(t, now+" ignored", show(decision.Ignored), row.ignored)
	}
	// If all are, none expires.
	decision, err := Apply(snapshots, policy, at(t, "2000-01-01"))
	if err != nil || len(decision.Ignored) != len(snapshots) {
		t.Errorf("%+v %v", decision, err)
	}
}

func TestSameTimeIsOrderedByID(t *testing.T) {
	t.Parallel()
	var snapshots []Snapshot
	for _, id := range []string{"c", "a", "b"} {
		snapshots = append(snapshots, Snapshot{ID: id, CreatedAt: at(t, "2026-05-01")})
	}
	decision, err := Apply(snapshots, Policy{Numbers: map[string]int{"keep_last": 2, "keep_daily": 2}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept", show(decision.Kept), []string{"a: keep_last, keep_daily", "b: keep_last", "c: keep_daily (oldest)"})
}

func TestVolumesDoNotMix(t *testing.T) {
	t.Parallel()
	snapshots := made(t, "2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06")
	for i, volume := range []string{"v", "w", "", "", "w", "v"} {
		snapshots[i].VolumeID = volume
	}
	decision, err := Apply(snapshots, Policy{Numbers: map[string]int{"keep_last": 1}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept", show(decision.Kept), []string{"2026-05-06: keep_last", "2026-05-05: keep_last", "2026-05-04: keep_last"})
	same(t, "expired", show(decision.Expired), []string{"2026-05-03: ", "2026-05-02: ", "2026-05-01: "})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	number := func(rule string, n int) Policy { return Policy{Numbers: map[string]int{rule: n}} }
	for _, row := range []struct {
		policy Policy
		want   string
	}{
		{Policy{}, "the policy has no rule, and would keep nothing: give at least one of keep_last, keep_hourly, keep_daily, keep_weekly, " +
			"keep_monthly, keep_yearly, keep_within, keep_within_hourly, keep_within_daily, keep_within_weekly, keep_within_monthly, " +
			"keep_within_yearly, keep_metadata"},
		{number("keep_daily", 0), "keep_daily is 0, which keeps nothing: leave it out"},
		{number("keep_daily", -2), "keep_daily is -2: it must be 1 or more, or -1 for all"},
		{number("keep_dayly", 1), "keep_dayly is no rule with a number"},
		{number("keep_within", 1), "keep_within is no rule with a number"},
		{Policy{Within: map[string]Duration{"keep_daily": {Days: 1}}}, "keep_daily is no rule with a duration"},
		{Policy{Within: map[string]Duration{"keep_within": {}}}, "keep_within is no time at all, which keeps nothing: leave it out"},
		{Policy{Within: map[string]Duration{"keep_within": {Days: 2, Hours: -1}}}, "keep_within is 2d-1h: each number must be from 0 to 999999"},
		{Policy{Within: map[string]Duration{"keep_within": {Hours: 1_000_000}}}, "keep_within is 1000000h: each number must be from 0 to 999999"},
		{Policy{Metadata: []map[string]string{}}, "keep_metadata is an empty list, which keeps nothing: leave it out"},
		{Policy{Metadata: []map[string]string{{"a": "b"}, {}}}, "keep_metadata has an empty map (number 2), which every snapshot would match: leave it out"},
	} {
		_, err := Apply(nil, row.policy, time.Time{})
		if _, ok := err.(*PolicyError); !ok || err.Error() != row.want { //nolint:errorlint // it is not wrapped
			t.Errorf("%+v: %v, want %s", row.policy, err, row.want)
		}
	}

	twice := append(made(t, "2026-05-01"), Snapshot{ID: "2026-05-01", Status: "error"})
	if _, err := Apply(twice, number("keep_last", 1), time.Time{}); fmt.Sprint(err) != "snapshot 2026-05-01 is there twice" {
		t.Error(err)
	}
}

func TestKeepsNothing(t *testing.T) {
	t.Parallel()
	gold := Policy{Metadata: []map[string]string{{"tier": "gold"}}}
	snapshots := made(t, "2026-05-01", "2026-05-02", "2026-05-03")
	snapshots[0].VolumeID, snapshots[1].VolumeID, snapshots[2].VolumeID = "v", "w", "w"
	snapshots[0].Metadata = map[string]string{"tier": "gold"}
	const ofW = "the policy would keep none of the snapshots of volume w, and 2 would expire: add a rule such as keep_last = 1"
	if _, err := Apply(snapshots, gold, time.Time{}); fmt.Sprint(err) != ofW {
		t.Error(err)
	}
	if _, err := Apply(made(t, "2026-05-01"), gold, time.Time{}); fmt.Sprint(err) !=
		"the policy would keep none of the snapshots of the volume, and 1 would expire: add a rule such as keep_last = 1" {
		t.Error(err)
	}
	// Nothing expires where nothing counts.
	snapshots[1].Status, snapshots[2].Status = "error", "creating"
	if decision, err := Apply(snapshots, gold, time.Time{}); err != nil || len(decision.Kept) != 1 || len(decision.Ignored) != 2 {
		t.Errorf("%+v %v", decision, err)
	}
}
