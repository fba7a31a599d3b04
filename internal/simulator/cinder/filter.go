package cinder

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

func boolParameter(name, value string) (bool, error) {
	switch strings.ToLower(value) {
	case "1", "t", "true", "on", "y", "yes":
		return true, nil
	case "0", "f", "false", "off", "n", "no":
		return false, nil
	}
	return false, badRequest("Value '%s' for '%s' is not a boolean.", value, name)
}

// isTrue is the lenient reading: whatever is not plainly true is false.
func isTrue(value string) bool {
	yes, err := boolParameter("", python.Strip(value))
	return err == nil && yes
}

// admitFilters drops or refuses what the caller may not filter by. An administrator may by anything.
func (c *call) admitFilters(q *query, t listing) error {
	if c.version < resourceFilter {
		if c.version < snapshotMetadataFilter && t.plural == "snapshots" {
			q.drop("metadata")
		}
		allowed := t.legacy
		if c.api == "v2" {
			*q = slices.DeleteFunc(*q, func(p parameter) bool { return strings.HasSuffix(p.name, "~") })
			if t.plural == "volumes" {
				allowed = t.configured
			}
		}
		if !c.token.IsAdmin() && allowed != nil {
			*q = slices.DeleteFunc(*q, func(p parameter) bool { return !slices.Contains(allowed, p.name) })
		}
		return nil
	}
	for _, p := range *q {
		if strings.ContainsFunc(p.name, func(r rune) bool { return r > 0x7f }) {
			return badRequest("Filter keys can only contain ASCII characters.")
		}
	}
	if c.token.IsAdmin() {
		return nil
	}
	var strange []string
	for _, p := range *q {
		known := slices.Contains(t.configured, p.name) ||
			c.version >= likeFilter && slices.Contains(t.configured, p.name+"~")
		if !known && p.name != "all_tenants" {
			strange = append(strange, p.name)
		}
	}
	if len(strange) > 0 {
		return badRequest("Invalid filters %s are found in query options.", strings.Join(strange, ","))
	}
	q.drop("all_tenants")
	return nil
}

// matcher makes one test of all filters. Its second result is false where nothing can match, because a filter
// names no column or is no dictionary.
func (c *call) matcher(t listing, q query) (func(row) bool, bool, error) {
	var tests []func(row) bool
	for _, p := range q {
		name, like := strings.CutSuffix(p.name, "~")
		column := cmp.Or(t.aliases[name], name)
		switch {
		case name == "metadata":
			value, junk := python.ParseLiteral(p.value)
			wanted, ok := value.(object)
			if junk != nil || !ok {
				return nil, false, nil //nolint:nilerr // junk matches nothing, and is no error
			}
			tests = append(tests, func(r row) bool { return r.pairs().include(wanted) })
		case name == "availability_zone" && t.plural == "snapshots":
			// Cinder lets the filter in and then looks for the column in the wrong table.
			return nil, false, serverError()
		case t.plural == "volumes" && (name == "created_at" || name == "updated_at"):
			if c.api == "v2" {
				// There it is compared as it stands, and is no time.
				return nil, false, malformed()
			}
			test, err := timeFilter(name, p.value)
			if err != nil {
				return nil, false, err
			}
			tests = append(tests, test)
		case t.plural == "volumes" && name == "bootable":
			// Nothing here boots. Before 3.2 whatever was not plainly false was true.
			boots, err := boolParameter("", python.Strip(p.value))
			if err != nil && c.version >= volumeListBootable {
				return nil, false, invalidInput("'bootable = %s'", p.value)
			}
			no := err == nil && !boots
			tests = append(tests, func(row) bool { return no })
		case column == "use_quota":
			uses, err := boolParameter("use_quota", p.value)
			if err != nil {
				return nil, false, err
			}
			// Everything here consumes quota.
			tests = append(tests, func(row) bool { return uses })
		default:
			if _, ok := t.sample.cell(column); !ok {
				return nil, false, nil
			}
			tests = append(tests, func(r row) bool {
				value, _ := r.cell(column)
				return value.matches(p.value, like)
			})
		}
	}
	return func(r row) bool {
		for _, test := range tests {
			if !test(r) {
				return false
			}
		}
		return true
	}, true, nil
}

// timeFilter reads the tests of a time, OPERATOR:TIME,OPERATOR:TIME, that volumes can be listed by.
func timeFilter(column, value string) (func(row) bool, error) {
	var tests []func(order int) bool
	var times []time.Time
	for part := range strings.SplitSeq(value, ",") {
		operator, text, _ := strings.Cut(part, ":")
		test, ok := timeOperators[operator]
		if !ok {
			return nil, badRequest("Invalid %s operator", operator)
		}
		at, err := parseTime(text)
		if err != nil {
			return nil, badRequest("Invalid %s value", text)
		}
		tests, times = append(tests, test), append(times, at)
	}
	return func(r row) bool {
		have, _ := r.cell(column)
		for i, test := range tests {
			if have.null || !test(cmp.Compare(have.number, times[i].Unix())) {
				return false
			}
		}
		return true
	}, nil
}

var timeOperators = map[string]func(order int) bool{
	"gt":  func(order int) bool { return order > 0 },
	"gte": func(order int) bool { return order >= 0 },
	"eq":  func(order int) bool { return order == 0 },
	"neq": func(order int) bool { return order != 0 },
	"lt":  func(order int) bool { return order < 0 },
	"lte": func(order int) bool { return order <= 0 },
}

// parseTime reads the commoner forms of ISO 8601; without a zone it is UTC.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time: %q", text)
}

// matches compares a column with a filter's value; a "like" filter looks for a part.
func (c cell) matches(value string, like bool) bool {
	switch {
	case c.null:
		return false
	case c.isText && like:
		return strings.Contains(mariadb.Fold(c.text), mariadb.Fold(value))
	case c.isText:
		return mariadb.Equal(c.text, value)
	}
	n, err := strconv.ParseInt(python.Strip(value), 10, 64)
	return err == nil && n == c.number
}
