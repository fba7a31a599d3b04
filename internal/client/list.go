package client

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
)

// page is one page of snapshots. Its link to the next one is only looked at,
// not followed: behind a proxy it may name a host that is not ours to trust.
type page struct {
	Snapshots []Snapshot `json:"snapshots"`
	Links     []struct {
		Rel string `json:"rel"`
	} `json:"snapshots_links"`
}

func (p page) last() bool {
	for _, link := range p.Links {
		if link.Rel == "next" && len(p.Snapshots) > 0 {
			return false
		}
	}
	return true
}

// List gives the snapshots that match, the newest first, page by page (section
// "List snapshots and details"; a page has as many as the cloud allows, 1,000
// by default). After an error there are no more.
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
			page, err := b.page(ctx, query, previous)
			if err != nil {
				yield(Snapshot{}, err)
				return
			}
			for _, snapshot := range page.Snapshots {
				if filter.Match(snapshot) && !yield(snapshot, nil) {
					return
				}
			}
			if page.last() {
				return
			}
			previous = page.Snapshots
		}
	}
}

// page reads the page behind the previous one. Where the last snapshot of that
// one has been deleted meanwhile, the API knows no place behind it any more
// (404); then the one before it marks the place.
func (b *BlockStorage) page(ctx context.Context, query map[string][]string, previous []Snapshot) (page, error) {
	query = maps.Clone(query)
	for i := len(previous) - 1; ; i-- {
		if i >= 0 {
			query["marker"] = []string{previous[i].ID}
		}
		var result page
		err := b.do(ctx, http.MethodGet, "snapshots/detail", query, nil, &result)
		switch {
		case err == nil && result.Snapshots == nil:
			return page{}, &TransportError{Method: http.MethodGet, Path: "snapshots/detail", Err: errors.New("the answer has no snapshots in it")}
		case err == nil || !IsNotFound(err) || i <= 0:
			return result, err
		}
	}
}
