package client

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"golang.org/x/sync/singleflight"
)

// microversion is the minor version of API v3 (section "Microversions").
type microversion int

// What the client uses, and since when the API has it (Cinder's "REST API
// Version History").
const (
	messagesFilterSince microversion = 5
	metadataFilterSince microversion = 22
	userIDSince         microversion = 41
	countSince          microversion = 45
	consumesQuotaSince  microversion = 65
	// From here on "force" is refused if false and has no effect if true: a
	// snapshot of a volume in use is always allowed.
	forceAlwaysSince microversion = 66

	// preferred is the lowest with all that the client reads. A higher one
	// would bring nothing but other rules, the one on force first.
	preferred              = max(userIDSince, countSince, consumesQuotaSince)
	none      microversion = -1
)

func (m microversion) String() string { return fmt.Sprintf("3.%d", int(m)) }

func parseMicroversion(text string) (microversion, bool) {
	minor, found := strings.CutPrefix(text, "3.")
	number, err := strconv.Atoi(minor)
	return microversion(number), found && err == nil && number >= 0
}

// microversions is what is known of the range that an endpoint takes. Clouds since
// the release Xena take the preferred one, so that is asked for without a look;
// the range is read once, when the API answers 406 for it.
type microversions struct {
	flights singleflight.Group

	mu    sync.Mutex
	known bool
	use   microversion
}

// microversion is the one to ask for, none for an API that has none.
func (e endpoint) microversion() microversion {
	if e.major < 3 {
		return none
	}
	e.versions.mu.Lock()
	defer e.versions.mu.Unlock()
	if !e.versions.known {
		return preferred
	}
	return e.versions.use
}

func (v *microversions) read() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known
}

func (v *microversions) set(use microversion) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known, v.use = true, use
}

// negotiate reads the range of the endpoint, unless that has been done. It
// tells whether the microversion in use is now another than the preferred one.
func (b *BlockStorage) negotiate(ctx context.Context, signed *signedIn, at endpoint) (changed bool, err error) {
	v := &at.versions
	// It outlives the request that it is for, since others wait for it too.
	flight := v.flights.DoChan("", func() (any, error) {
		if v.read() {
			return nil, nil
		}
		use, err := b.readMicroversion(treated(context.WithoutCancel(ctx), treatment{}), signed, at)
		if err == nil {
			v.set(use)
		}
		return nil, err
	})
	select {
	case f := <-flight:
		return at.microversion() != preferred, f.Err
	case <-ctx.Done():
		return false, &TransportError{Method: http.MethodGet, Path: urlPath(at.root), Err: ctx.Err()}
	}
}

// readMicroversion asks the API for its range (section "Show API v3 details")
// and takes the best in it.
func (b *BlockStorage) readMicroversion(ctx context.Context, signed *signedIn, at endpoint) (microversion, error) {
	var document struct {
		Versions []struct {
			ID         string `json:"id"`
			Version    string `json:"version"`
			MinVersion string `json:"min_version"`
		} `json:"versions"`
	}
	options := &gophercloud.RequestOpts{KeepResponseBody: true, OkCodes: []int{http.StatusOK, http.StatusMultipleChoices}}
	if err := b.roundTrip(ctx, signed, at, http.MethodGet, at.root, options, &document); err != nil {
		return none, err
	}
	for _, version := range document.Versions {
		if !strings.HasPrefix(version.ID, "v3") {
			continue
		}
		highest, ok := parseMicroversion(version.Version)
		if !ok {
			return none, nil
		}
		lowest, _ := parseMicroversion(version.MinVersion)
		return max(min(preferred, highest), lowest), nil
	}
	return none, nil
}
