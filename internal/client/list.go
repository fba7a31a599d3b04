package client

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// page is one page of a listing. Its link to the next page is not followed, because
// behind a proxy it may name another host.
type page[T any] struct {
	Snapshots []T `json:"snapshots"`
	Links     []struct {
		Rel string `json:"rel"`
	} `json:"snapshots_links"`
	// Count is the number of snapshots in the whole listing, if that was asked for.
	Count *int `json:"count"`
}

func (p page[T]) last() bool {
	for _, link := range p.Links {
		if link.Rel == "next" && len(p.Snapshots) > 0 {
			return false
		}
	}
	return true
}

// ErrLimit says that more snapshots match than a listing was to return.
var ErrLimit = errors.New("more snapshots match than the limit of the listing")

// List returns the snapshots that match, the newest first (section "List snapshots and
// details"). It reads and holds one page at a time, of as many snapshots as the cloud
// allows, 1,000 by default, and no page that cannot have a match. An error is the last
// that it returns.
func (b *BlockStorage) List(ctx context.Context, filter Filter) iter.Seq2[Snapshot, error] {
	return b.ListFirst(ctx, filter, 0)
}

// errMarkerIgnored says that only the first page of a listing can be read.
var errMarkerIgnored = errors.New("the page behind a snapshot has what is before it: the API ignores the marker")

// ListFirst is [BlockStorage.List] for the newest snapshots alone, at most limit of them, or
// all if that is 0. [ErrLimit] comes last if there are more. Where the API has all
// filters, no page is larger than what is left of the limit. Where it counts, no
// page is read behind the last snapshot.
func (b *BlockStorage) ListFirst(ctx context.Context, filter Filter, limit int) iter.Seq2[Snapshot, error] {
	return func(yield func(Snapshot, error) bool) {
		at, shared, err := b.open(ctx)
		if err != nil {
			yield(Snapshot{}, err)
			return
		}
		defer shared.reads.observeListing()
		query := filter.query(at.Microversion())
		var previous []Snapshot
		var read place
		// How many snapshots have been read, how many of these match, and how many there
		// were to read when the listing began.
		passed, taken, count := 0, 0, -1
		exact := limit > 0 && filter.atServer(at.Microversion())
		for {
			if query.Del("limit"); exact {
				query.Set("limit", strconv.Itoa(max(limit-taken, 1)))
			}
			var page page[Snapshot]
			var anew bool
			if limit > 0 && previous == nil {
				page, err = countedPage[Snapshot](ctx, b, maps.Clone(query))
			} else {
				page, anew, err = b.pageAfter(ctx, query, previous)
			}
			if previous == nil && withoutRefused(query, err) {
				exact = false
				continue
			}
			if err != nil {
				yield(Snapshot{}, err)
				return
			}
			if page.Count != nil {
				count = *page.Count
			}
			read.anew = read.anew || anew
			for _, snapshot := range page.Snapshots {
				if !read.pass(snapshot) {
					continue
				}
				passed++
				if !filter.Match(snapshot) {
					exact = false
					continue
				}
				if limit > 0 && taken == limit {
					yield(Snapshot{}, ErrLimit)
					return
				}
				if taken++; !yield(snapshot, nil) {
					return
				}
			}
			if page.last() || passed == count || filter.tooOld(page.Snapshots[len(page.Snapshots)-1]) {
				return
			}
			// Unless some that are counted may not match.
			if exact && taken == limit && passed < count && filter.Name == "" && len(filter.Metadata) == 0 && !filter.Independent {
				yield(Snapshot{}, ErrLimit)
				return
			}
			previous = page.Snapshots
		}
	}
}

// pageAfter reads the page behind the previous one, without the snapshots of that. If
// the last snapshot of the previous page has been deleted meanwhile, the API does not
// find it as a marker (404), and one before it is the marker. If all of them have been
// deleted, the listing begins anew.
func (b *BlockStorage) pageAfter(ctx context.Context, query url.Values, previous []Snapshot) (result page[Snapshot], anew bool, err error) {
	query = maps.Clone(query)
	for step := 1; step <= len(previous); step *= 2 {
		if query.Set("marker", previous[len(previous)-step].ID); step > 1 {
			// A small page would have nothing but what is before the place.
			query.Del("limit")
		}
		result, err = readPage[Snapshot](ctx, b, query)
		if openstack.IsNotFound(err) {
			continue
		}
		all, last := len(result.Snapshots), result.last()
		read := make(map[string]struct{}, len(previous))
		for _, s := range previous {
			read[s.ID] = struct{}{}
		}
		result.Snapshots = slices.DeleteFunc(result.Snapshots, func(s Snapshot) bool {
			_, again := read[s.ID]
			return again
		})
		if err == nil && len(result.Snapshots) < all && (step == 1 || len(result.Snapshots) == 0 && !last) {
			err = &openstack.TransportError{Method: http.MethodGet, Path: listPath, Err: errMarkerIgnored}
		}
		return result, false, err
	}
	query.Del("marker")
	result, err = readPage[Snapshot](ctx, b, query)
	return result, len(previous) > 0, err
}

// place is how far a listing has been read.
type place struct {
	// created is that of the last snapshot, and ids are those of all that were
	// created with it.
	created time.Time
	ids     map[string]struct{}
	// anew says that the listing was begun anew.
	anew bool
}

// pass reports whether a snapshot has not been read yet, and takes note of it.
func (p *place) pass(s Snapshot) bool {
	_, read := p.ids[s.ID]
	if p.anew && (read || s.CreatedAt.After(p.created)) {
		return false
	}
	if p.ids == nil || !s.CreatedAt.Equal(p.created) {
		p.created, p.ids = s.CreatedAt, map[string]struct{}{}
	}
	p.ids[s.ID] = struct{}{}
	return true
}

const listPath = "snapshots/detail"

func readPage[T any](ctx context.Context, b *BlockStorage, query url.Values) (page[T], error) {
	var result page[T]
	err := b.do(ctx, http.MethodGet, listPath, query, nil, &result)
	if err == nil && result.Snapshots == nil {
		err = &openstack.TransportError{Method: http.MethodGet, Path: listPath, Err: errors.New("the answer has no snapshots in it")}
	}
	return result, err
}

// countedPage reads a page, with the count of the whole listing if the API has it.
func countedPage[T any](ctx context.Context, b *BlockStorage, query url.Values) (page[T], error) {
	at, err := b.Endpoint(ctx)
	if err != nil {
		return page[T]{}, err
	}
	if at.Microversion() < openstack.CountSince {
		return readPage[T](ctx, b, query)
	}
	query.Set("with_count", "true")
	result, err := readPage[T](ctx, b, query)
	if openstack.HasStatus(err, http.StatusBadRequest) && at.Microversion() < openstack.CountSince {
		// This request has shown which microversions the API has.
		query.Del("with_count")
		return readPage[T](ctx, b, query)
	}
	return result, err
}

// tooOld reports that nothing behind this snapshot matches, since a listing goes
// from the newest to the oldest.
func (f Filter) tooOld(s Snapshot) bool {
	// Times are in whole seconds, and there may be more snapshots of the same one.
	return !f.CreatedAfter.IsZero() && !s.CreatedAt.IsZero() && s.CreatedAt.Before(f.CreatedAfter.Add(-time.Second))
}
