package client

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// page is one page of a listing. Its link to the next one is only looked at,
// not followed: behind a proxy it may name a host that is not ours to trust.
type page[T any] struct {
	Snapshots []T `json:"snapshots"`
	Links     []struct {
		Rel string `json:"rel"`
	} `json:"snapshots_links"`
	// Count is how many the whole listing has, where that was asked for.
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

// List gives the snapshots that match, the newest first, page by page (section
// "List snapshots and details"; a page has as many as the cloud allows, 1,000
// by default). It holds one page at a time, and reads none that can have no
// match. After an error there are no more.
func (b *BlockStorage) List(ctx context.Context, filter Filter) iter.Seq2[Snapshot, error] {
	return func(yield func(Snapshot, error) bool) {
		_, at, err := b.locate(ctx, nil)
		if err != nil {
			yield(Snapshot{}, err)
			return
		}
		query := filter.query(b.versions.current(at))
		var previous []Snapshot
		for {
			page, err := b.pageAfter(ctx, query, previous)
			if err != nil {
				yield(Snapshot{}, err)
				return
			}
			for _, snapshot := range page.Snapshots {
				if filter.Match(snapshot) && !yield(snapshot, nil) {
					return
				}
			}
			if page.last() || filter.tooOld(page.Snapshots[len(page.Snapshots)-1]) {
				return
			}
			previous = page.Snapshots
		}
	}
}

// pageAfter reads the page behind the previous one. Where the last snapshot of
// that one has been deleted meanwhile, the API knows no place behind it any
// more (404); then the one before it marks the place.
func (b *BlockStorage) pageAfter(ctx context.Context, query url.Values, previous []Snapshot) (page[Snapshot], error) {
	query = maps.Clone(query)
	for i := len(previous) - 1; ; i-- {
		if i >= 0 {
			query.Set("marker", previous[i].ID)
		}
		result, err := readPage[Snapshot](ctx, b, query)
		if err == nil || !IsNotFound(err) || i <= 0 {
			return result, err
		}
	}
}

func readPage[T any](ctx context.Context, b *BlockStorage, query url.Values) (page[T], error) {
	const path = "snapshots/detail"
	var result page[T]
	err := b.do(ctx, http.MethodGet, path, query, nil, &result)
	if err == nil && result.Snapshots == nil {
		err = &TransportError{Method: http.MethodGet, Path: path, Err: errors.New("the answer has no snapshots in it")}
	}
	return result, err
}

// tooOld tells that nothing behind this snapshot matches, since a listing goes
// from the newest to the oldest.
func (f Filter) tooOld(s Snapshot) bool {
	// The API tells whole seconds; of the same one there may be more.
	return !f.CreatedAfter.IsZero() && s.CreatedAt.Before(f.CreatedAfter.Add(-time.Second))
}
