package retention

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Duration is a time as a calendar has it.
type Duration struct{ Years, Months, Days, Hours int }

// maxNumber is the greatest number of a unit. A million hours are a time.Duration, and a
// million years before now are a time.Time.
const maxNumber = 999_999

// ParseDuration reads numbers with the units y, m (months), d and h, such as 7d or 1y6m,
// each unit at most once.
func ParseDuration(s string) (Duration, error) {
	var d Duration
	units := map[byte]*int{'y': &d.Years, 'm': &d.Months, 'd': &d.Days, 'h': &d.Hours}
	wrong := func(format string, a ...any) (Duration, error) {
		return Duration{}, fmt.Errorf("%q is no duration such as 7d or 1y6m: "+format, append([]any{s}, a...)...)
	}
	if s == "" {
		return wrong("it is empty")
	}
	for rest := s; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return wrong("there is no number where %q begins", rest)
		}
		if digits == len(rest) {
			return wrong("%s has no unit; the units are y, m (months), d and h", rest)
		}
		number, err := strconv.Atoi(rest[:digits])
		if err != nil || number > maxNumber {
			return wrong("%s is more than %d", rest[:digits], maxNumber)
		}
		unit, known := units[rest[digits]]
		if !known {
			return wrong("%q does not begin with a unit; the units are y, m (months), d and h", rest[digits:])
		}
		if unit == nil {
			return wrong("the unit %c is there twice", rest[digits])
		}
		*unit = number
		units[rest[digits]] = nil
		rest = rest[digits+1:]
	}
	return d, nil
}

// String returns the duration as [ParseDuration] reads it.
func (d Duration) String() string {
	var s string
	for _, part := range []struct {
		number int
		unit   string
	}{{d.Years, "y"}, {d.Months, "m"}, {d.Days, "d"}, {d.Hours, "h"}} {
		if part.number != 0 {
			s += strconv.Itoa(part.number) + part.unit
		}
	}
	if s == "" {
		return "0h"
	}
	return s
}

// before returns the time that lies so long before t. A day that a month does not have
// is one of the next month: a month before 31 March is 3 March, or 2 March in a leap year.
func (d Duration) before(t time.Time) time.Time {
	return t.AddDate(-d.Years, -d.Months, -d.Days).Add(-time.Duration(d.Hours) * time.Hour)
}
