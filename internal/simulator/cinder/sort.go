package cinder

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// cell is a value in a column of a listed table: NULL, text, or a number (times are seconds of the epoch).
type cell struct {
	null   bool
	isText bool
	text   string
	number int64
}

func textCell(s string) cell { return cell{isText: true, text: s} }

func nullableCell(s *string) cell {
	if s == nil {
		return cell{null: true, isText: true}
	}
	return textCell(*s)
}

func numberCell(n int) cell { return cell{number: int64(n)} }

func timeCell(t time.Time) cell {
	if t.IsZero() {
		return cell{null: true}
	}
	return cell{number: t.Unix()}
}

// compareCells orders as the database does: NULL first.
func compareCells(a, b cell) int {
	switch {
	case a.null || b.null:
		return cmp.Compare(boolean(b.null), boolean(a.null))
	case a.isText:
		return strings.Compare(mariadb.Fold(a.text), mariadb.Fold(b.text))
	}
	return cmp.Compare(a.number, b.number)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// afterMarker compares as Cinder's paging does, for which NULL is the least value of its type.
func afterMarker(a, b cell) int {
	for _, c := range []*cell{&a, &b} {
		if c.null && !c.isText {
			c.number = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		}
		c.null = false
	}
	return compareCells(a, b)
}

// sortKey is one key of an order. Its direction is right only if it is asc or desc.
type sortKey struct{ column, direction string }

func (k sortKey) descending() bool { return k.direction == "desc" }

// sortParameters reads sort=key:dir,key:dir, or the older sort_key and sort_dir.
func sortParameters(q *query) ([]sortKey, error) {
	sort, hasSort := q.take("sort")
	column, hasColumn := q.take("sort_key")
	direction, hasDirection := q.take("sort_dir")
	if hasSort {
		if hasColumn || hasDirection {
			return nil, badRequest(
				"The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.")
		}
		var keys []sortKey
		for part := range strings.SplitSeq(python.Strip(sort), ",") {
			column, direction, _ := strings.Cut(part, ":")
			keys = append(keys, sortKey{python.Strip(column), python.Strip(cmp.Or(direction, "desc"))})
		}
		return keys, nil
	}
	if !hasColumn {
		column = "created_at"
	}
	if !hasDirection {
		direction = "desc"
	}
	return []sortKey{{python.Strip(column), python.Strip(direction)}}, nil
}

// cut returns the page after the marker. The order is made total by the time of birth and the id, in the direction
// of the first key.
func (c *call) cut(t listing, source []row, matches func(row) bool, keys []sortKey, p paging) ([]row, error) {
	byDefault := len(keys) == 1 && keys[0].column == "created_at"
	for _, key := range keys {
		if key.direction != "asc" && key.direction != "desc" {
			return nil, invalidInput("Unknown sort direction, must be 'desc' or 'asc'.")
		}
	}
	for _, column := range []string{"created_at", "id"} {
		if !slices.ContainsFunc(keys, func(key sortKey) bool { return key.column == column }) {
			keys = append(keys, sortKey{column, keys[0].direction})
		}
	}
	var after row
	if p.marker != nil {
		found, ok := t.find(*p.marker, c.token)
		if !ok {
			return nil, notFound("%s %s could not be found.", t.resource, *p.marker)
		}
		after = found
	}
	for _, key := range keys {
		if _, ok := t.sample.cell(key.column); !ok {
			return nil, invalidInput("Invalid sort key")
		}
	}
	if byDefault {
		return cutByBirth(source, matches, after, keys[0].descending(), p), nil
	}
	return cutSorted(source, matches, after, keys, p), nil
}

// cutByBirth walks the index from the marker and stops with the page full.
func cutByBirth(source []row, matches func(row) bool, after row, descending bool, p paging) []row {
	from, step := 0, 1
	if descending {
		from, step = len(source)-1, -1
	}
	if after != nil {
		at, found := slices.BinarySearchFunc(source, after, byBirth)
		switch {
		case descending:
			from = at - 1
		case found:
			from = at + 1
		default:
			from = at
		}
	}
	var rows []row
	for i := from; i >= 0 && i < len(source) && len(rows) < p.limit; i += step {
		if !matches(source[i]) {
			continue
		}
		if p.offset > 0 {
			p.offset--
			continue
		}
		rows = append(rows, source[i])
	}
	return rows
}

func cutSorted(source []row, matches func(row) bool, after row, keys []sortKey, p paging) []row {
	rows := make([]row, 0, len(source))
	for _, r := range source {
		if matches(r) && (after == nil || compareRows(r, after, keys, afterMarker) > 0) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return compareRows(a, b, keys, compareCells) })
	rows = rows[min(p.offset, len(rows)):]
	return rows[:min(p.limit, len(rows))]
}

func compareRows(a, b row, keys []sortKey, compare func(a, b cell) int) int {
	for _, key := range keys {
		left, _ := a.cell(key.column)
		right, _ := b.cell(key.column)
		if order := compare(left, right); order != 0 {
			if key.descending() {
				return -order
			}
			return order
		}
	}
	return 0
}
