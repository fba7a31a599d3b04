package retention

import (
	"slices"
	"time"
)

// A Kind says what the value of a rule is.
type Kind int

const (
	// Number is the kind of a rule that keeps so many, or [All].
	Number Kind = iota
	// Within is the kind of a rule that keeps what was made within a [Duration] before the
	// newest.
	Within
	// Metadata is the kind of the rule that keeps what has certain metadata.
	Metadata
)

// All, as the number of a rule, keeps the newest of every period.
const All = -1

// A Rule is one way to keep snapshots.
type Rule struct {
	// Name is its name in HCL and in a [Policy].
	Name string
	Kind Kind
	// Description is for the documentation, in Markdown.
	Description string

	// period returns the period of a snapshot by its time of creation or, for keep_last, its
	// place in the list. The rule keeps the newest snapshot of each period.
	period func(created time.Time, place int) period
}

// rules has all of them, in the order in which the reasons of a snapshot name them.
var rules = []Rule{
	{"keep_last", Number, "Keep this many of the newest snapshots.", each},
	{"keep_hourly", Number, "Keep the newest snapshot of each hour, for this many hours.", hour},
	{"keep_daily", Number, "Keep the newest snapshot of each day, for this many days.", day},
	{"keep_weekly", Number, "Keep the newest snapshot of each ISO week, which begins on Monday, for this many weeks.", week},
	{"keep_monthly", Number, "Keep the newest snapshot of each month, for this many months.", month},
	{"keep_yearly", Number, "Keep the newest snapshot of each year, for this many years.", year},
	{"keep_within", Within, "Keep every snapshot made within this time before the newest.", each},
	{"keep_within_hourly", Within, "Within this time before the newest, keep the newest snapshot of each hour.", hour},
	{"keep_within_daily", Within, "Within this time before the newest, keep the newest snapshot of each day.", day},
	{"keep_within_weekly", Within, "Within this time before the newest, keep the newest snapshot of each ISO week.", week},
	{"keep_within_monthly", Within, "Within this time before the newest, keep the newest snapshot of each month.", month},
	{"keep_within_yearly", Within, "Within this time before the newest, keep the newest snapshot of each year.", year},
	{keepMetadata, Metadata, "Keep every snapshot that has all keys and values of at least one of these maps.", nil},
}

const keepMetadata = "keep_metadata"

// Rules returns all rules there are.
func Rules() []Rule { return slices.Clone(rules) }

// names returns the names of the rules of a kind.
func names(kind Kind) (names []string) {
	for _, r := range rules {
		if r.Kind == kind {
			names = append(names, r.Name)
		}
	}
	return names
}

// A period tells hours, days, weeks, months or years apart, in UTC.
type period struct{ year, part int }

func each(_ time.Time, place int) period { return period{part: place} }

func hour(t time.Time, _ int) period { return period{t.Year(), t.YearDay()*24 + t.Hour()} }

func day(t time.Time, _ int) period { return period{t.Year(), t.YearDay()} }

// The year of an ISO week is not always that of its days.
func week(t time.Time, _ int) period {
	year, week := t.ISOWeek()
	return period{year, week}
}

func month(t time.Time, _ int) period { return period{t.Year(), int(t.Month())} }

func year(t time.Time, _ int) period { return period{year: t.Year()} }
