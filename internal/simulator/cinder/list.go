package cinder

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// listing says how one kind of object is listed.
type listing struct {
	resource string // as in the error about an unknown marker: "Snapshot"
	plural   string // as in the path and the body: "snapshots"
	// configured are the filters that anybody may use from 3.31 on (Cinder's resource_filters.json), legacy
	// those before; where legacy is nil, any filter was taken.
	configured, legacy []string
	// nameSortFrom is the microversion in which the sort key "name" came.
	nameSortFrom microversion
	// aliases are the names of columns that differ in the API.
	aliases map[string]string
	find    func(id string, by *keystone.Token) (row, bool)
	rows    func(project string) []row
	all     []row
	sample  row // has every column, and no other
}

// paging is the part of a list that is asked for.
type paging struct {
	marker        *string // nil for the beginning
	limit, offset int
}

// page is the answer to a list: its rows, the most there could have been, and the count of all that match, or nil
// where it was not asked for.
type page struct {
	rows  []row
	limit int
	count *int
}

// list answers a list request, in the order of checks that Cinder has.
func (c *call) list(t listing) (page, error) {
	q := slices.Clone(c.query)
	keys, err := sortParameters(&q)
	if err != nil {
		return page{}, err
	}
	part, err := c.pagingParameters(&q)
	if err != nil {
		return page{}, err
	}
	counted, err := c.countParameter(&q)
	if err != nil {
		return page{}, err
	}
	if err := c.admitFilters(&q, t); err != nil {
		return page{}, err
	}
	if i := slices.IndexFunc(keys, func(k sortKey) bool { return k.column == "name" }); i >= 0 && c.version >= t.nameSortFrom {
		keys[i].column = "display_name"
	}

	allParameter, asksAll := q.take("all_tenants")
	source := t.rows(c.token.ProjectID())
	if c.token.IsAdmin() && isTrue(allParameter) {
		source = t.all
	}
	matches, anyMatch, err := c.matcher(t, q)
	if err != nil {
		return page{}, err
	}
	result := page{limit: part.limit}
	if anyMatch {
		if result.rows, err = c.cut(t, source, matches, keys, part); err != nil {
			return page{}, err
		}
	}
	if counted {
		total := 0
		// An administrator who says all_tenants=0 asks Cinder's counter for a column of that name: none.
		if anyMatch && !(c.token.IsAdmin() && asksAll && !isTrue(allParameter)) {
			for _, r := range source {
				total += boolean(matches(r))
			}
		}
		result.count = &total
	}
	return result, nil
}

func (c *call) pagingParameters(q *query) (paging, error) {
	p := paging{limit: c.region.options.PageLimit}
	if value, ok := q.take("limit"); ok {
		n, err := strconv.Atoi(strings.TrimPrefix(python.Strip(value), "+"))
		switch {
		case err != nil:
			return paging{}, badRequest("limit param must be an integer")
		case n < 0:
			return paging{}, badRequest("limit param must be positive")
		}
		p.limit = min(p.limit, n)
	}
	if value, ok := q.take("marker"); ok {
		p.marker = &value
	}
	if value, ok := q.take("offset"); ok {
		n, err := strconv.Atoi(strings.TrimPrefix(python.Strip(value), "+"))
		switch {
		case err != nil:
			return paging{}, badRequest("offset must be an integer")
		case n < 0:
			return paging{}, badRequest("offset must be >= 0")
		case n > databaseMaximum:
			return paging{}, badRequest("offset must be <= %d", databaseMaximum)
		}
		p.offset = n
	}
	return p, nil
}

func (c *call) countParameter(q *query) (bool, error) {
	if c.version < countInfo {
		return false, nil
	}
	value, ok := q.take("with_count")
	if !ok {
		return false, nil
	}
	counted, err := boolParameter("with_count", value)
	if err != nil || !counted {
		return false, err
	}
	if all, ok := q.Get("all_tenants"); ok && c.token.IsAdmin() {
		if _, err := boolParameter("all_tenants", all); err != nil {
			return false, err
		}
	}
	return true, nil
}

// listReply answers a list with the view of each row.
func (c *call) listReply(t listing, detailed bool, view func(row) object) (reply, error) {
	p, err := c.list(t)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: c.pageBody(t, p, detailed, view)}, nil
}

// pageBody is the answer to a list. It links to a next page whenever this one is full, even if nothing follows; with
// a count, whenever the count reaches the limit.
func (c *call) pageBody(t listing, p page, detailed bool, view func(row) object) object {
	items := make([]object, len(p.rows))
	for i, r := range p.rows {
		items[i] = view(r)
	}
	body := object{{t.plural, items}}
	size := len(p.rows)
	if p.count != nil && *p.count > 0 {
		size = *p.count
	}
	if len(p.rows) > 0 && p.limit <= size {
		path := t.plural
		if detailed {
			path += "/detail"
		}
		body = append(body, member{t.plural + "_links", c.nextLink(path, p.rows[len(p.rows)-1].ident())})
	}
	if p.count != nil {
		body = append(body, member{"count", *p.count})
	}
	return body
}

func (c *call) nextLink(path, marker string) []object {
	q := slices.Clone(c.query)
	q.drop("marker")
	q = append(q, parameter{"marker", marker})
	href := fmt.Sprintf("%s/%s?%s", c.linkBase(), path, q.encode())
	return []object{{{"rel", "next"}, {"href", href}}}
}
