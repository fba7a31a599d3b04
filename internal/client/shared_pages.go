package client

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// listed is a snapshot on a page.
type listed struct {
	data  []byte
	asked time.Time
}

// fetch asks for the next page, or several at a time where it is known how many
// there are.
func (l *listing) fetch(ctx context.Context) {
	for !l.ended && l.inFlight < pagesAbreast {
		counted := l.total >= 0 && l.size > 0
		if l.inFlight > 0 && !counted {
			return
		}
		if l.seen == nil {
			l.seen, l.oldest = map[string]listed{}, time.Now()
			time.AfterFunc(SharedReadLife, l.forget)
		}
		if l.inFlight == 0 {
			// The pages belong to all who wait, and outlive the one that asked.
			if l.cancel != nil {
				l.cancel()
			}
			ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
		}
		query := Filter{VolumeID: l.volumeID}.query(none)
		if l.total < 0 && !l.asked() {
			query.Set("limit", strconv.Itoa(firstPage))
		}
		if counted {
			query.Set("offset", strconv.Itoa(l.offset))
			l.offset += l.size
			l.ended = l.offset >= l.total
		} else if l.marker != "" {
			query.Set("marker", l.marker)
		}
		l.inFlight++
		go l.page(ctx, query, counted)
	}
}

// identified is a snapshot that is read no further than its id.
type identified struct {
	id   string
	data []byte
}

func (i *identified) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	if wire.ID == "" {
		return errNoID
	}
	// The caller owns data and uses it again.
	*i = identified{id: wire.ID, data: slices.Clone(data)}
	return nil
}

// page reads a page and hands out what is on it.
func (l *listing) page(ctx context.Context, query url.Values, counted bool) {
	asked := time.Now()
	result, err := l.storage.countedPage(withPatience(ctx, pagePatience), query)

	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	l.inFlight--
	if err != nil {
		// Whatever it was, single reads may do better, or have a better error.
		l.givenUp = true
		l.cancel()
		l.decide(ctx)
		return
	}
	l.pages++
	for _, s := range result.Snapshots {
		l.seen[s.id] = listed{s.data, asked}
		l.room -= len(s.data)
	}
	if n := len(result.Snapshots); !counted {
		l.offset += n
		l.ended = result.last()
		if n > 0 {
			l.marker = result.Snapshots[n-1].id
		}
		if !l.ended && (query.Get("limit") == "" || n < firstPage) {
			l.size = n
		}
	}
	if result.Count != nil {
		l.total = *result.Count
	}
	if l.room < 0 {
		l.givenUp = true
	}
	l.serve()
	l.decide(ctx)
}

// countedPage reads a page with the count of the whole listing, where the API
// has that.
func (b *BlockStorage) countedPage(ctx context.Context, query url.Values) (page[identified], error) {
	_, at, err := b.locate(ctx, nil)
	if err != nil {
		return page[identified]{}, err
	}
	version := b.versions.current(at)
	if version < countSince {
		return readPage[identified](ctx, b, query)
	}
	query.Set("with_count", "true")
	result, err := readPage[identified](ctx, b, query)
	if hasStatus(err, http.StatusBadRequest) && b.versions.current(at) < countSince {
		// The range of the API became known only with this request.
		query.Del("with_count")
		return readPage[identified](ctx, b, query)
	}
	return result, err
}

// fresh gives a snapshot as listed, nil where it has not been, or too long ago,
// or before its last change.
func (l *listing) fresh(id string) []byte {
	s, ok := l.seen[id]
	if !ok || time.Since(s.asked) >= SharedReadLife || !s.asked.After(l.shared.written[id]) {
		return nil
	}
	return s.data
}

// expire begins the listing anew when its oldest page is too old. What is known
// of its length stays, as a guess.
func (l *listing) expire() {
	if l.seen == nil || l.inFlight > 0 || time.Since(l.oldest) < SharedReadLife {
		return
	}
	l.release()
	maps.DeleteFunc(l.shared.written, func(_ string, at time.Time) bool { return time.Since(at) >= SharedReadLife })
	anew := newListing(l.shared, l.storage, l.volumeID)
	anew.total, anew.size = l.total, l.size
	*l = *anew
}

// forget frees the memory of pages that nobody asks for any more.
func (l *listing) forget() {
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	l.expire()
	if l.inFlight > 0 {
		time.AfterFunc(pagePatience, l.forget)
	}
}
