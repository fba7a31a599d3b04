package retention

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Duration{
		"7d":          {Days: 7},
		"1y6m":        {Years: 1, Months: 6},
		"2h1d":        {Days: 1, Hours: 2},
		"1y2m3d4h":    {1, 2, 3, 4},
		"0d":          {},
		"007d":        {Days: 7},
		"999999h":     {Hours: 999_999},
		"0999999y0m":  {Years: 999_999},
		"12m31d1000h": {Months: 12, Days: 31, Hours: 1000},
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%s: %+v %v, want %+v", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"":                         "it is empty",
		"7":                        "7 has no unit; the units are y, m (months), d and h",
		"1y7":                      "7 has no unit; the units are y, m (months), d and h",
		"d":                        `there is no number where "d" begins`,
		"-7d":                      `there is no number where "-7d" begins`,
		"+7d":                      `there is no number where "+7d" begins`,
		"7d ":                      `there is no number where " " begins`,
		"1w":                       `"w" does not begin with a unit; the units are y, m (months), d and h`,
		"7D":                       `"D" does not begin with a unit; the units are y, m (months), d and h`,
		"30min":                    `there is no number where "in" begins`,
		"1.5h":                     `".5h" does not begin with a unit; the units are y, m (months), d and h`,
		"7日":                       `"日" does not begin with a unit; the units are y, m (months), d and h`,
		"1d2d":                     "the unit d is there twice",
		"1000000h":                 "1000000 is more than 999999",
		"99999999999999999999999y": "99999999999999999999999 is more than 999999",
	} {
		want = fmt.Sprintf("%q is no duration such as 7d or 1y6m: %s", s, want)
		if _, err := ParseDuration(s); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}

// The longest durations are still before.
func TestDurationsDoNotOverflow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for _, d := range []Duration{{Years: maxNumber}, {Months: maxNumber}, {Days: maxNumber}, {Hours: maxNumber}, {maxNumber, maxNumber, maxNumber, maxNumber}} {
		shorter := d
		for _, number := range []*int{&shorter.Years, &shorter.Months, &shorter.Days, &shorter.Hours} {
			*number /= 2
		}
		if !d.before(now).Before(shorter.before(now)) || !shorter.before(now).Before(now) {
			t.Errorf("%s before is %s, %s before is %s", d, d.before(now), shorter, shorter.before(now))
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"", "7d", "1y6m", "0h", "999999y", "1w", "-1d", "1d1d", "日"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			if d != (Duration{}) || !strings.Contains(err.Error(), "is no duration") {
				t.Errorf("%q: %+v %v", s, d, err)
			}
			return
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q is %s, which is %s (%v)", s, d, again, err)
		}
		newest := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
		if d != (Duration{}) && !d.before(newest).Before(newest) {
			t.Errorf("%s before %s is %s", d, newest, d.before(newest))
		}
	})
}
