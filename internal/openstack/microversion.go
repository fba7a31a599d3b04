package openstack

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"golang.org/x/sync/singleflight"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Microversion is the minor version of the block storage API v3 (section
// "Microversions").
type Microversion int

// The microversions of what is used (Cinder's "REST API Version History").
const (
	MessagesFilterSince Microversion = 5
	MetadataFilterSince Microversion = 22
	RevertSince         Microversion = 40
	userIDSince         Microversion = 41
	CountSince          Microversion = 45
	consumesQuotaSince  Microversion = 65
	// From here on "force" is refused if false and has no effect if true: a
	// snapshot of a volume in use is always allowed.
	ForceAlwaysSince Microversion = 66

	// preferred is the lowest microversion with everything that is read. A higher one
	// has nothing more of use, and other rules, such as the one on force.
	preferred                   = max(userIDSince, CountSince, consumesQuotaSince)
	NoMicroversion Microversion = -1
)

func (m Microversion) String() string { return fmt.Sprintf("3.%d", int(m)) }

func parseMicroversion(text string) (Microversion, bool) {
	minor, found := strings.CutPrefix(text, "3.")
	number, err := strconv.Atoi(minor)
	return Microversion(number), found && err == nil && number >= 0
}

// microversions is what is known of the range of an endpoint. Clouds since the
// release Xena have the preferred microversion, so it is used at first. The range is
// read once, when the API answers 406.
type microversions struct {
	group singleflight.Group

	mu    sync.Mutex
	known bool
	use   Microversion
}

// Microversion returns the microversion in use, [NoMicroversion] for the API v2.
func (e *Endpoint) Microversion() Microversion {
	if e.major < 3 {
		return NoMicroversion
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

func (v *microversions) set(use Microversion) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known, v.use = true, use
}

// negotiate reads the range of the endpoint, unless that has been done. It reports
// whether the microversion in use is now another than the preferred one.
func (b *BlockStorage) negotiate(ctx context.Context, signed *signedIn, at *Endpoint) (changed bool, err error) {
	v := &at.versions
	// The read does not end with the request that began it: others wait for it too.
	result := v.group.DoChan("", func() (any, error) {
		if v.read() {
			return nil, nil
		}
		reading, cancel := context.WithTimeout(transport.WithOptions(context.WithoutCancel(ctx), transport.Options{}), signInTimeout)
		defer cancel()
		use, err := b.readMicroversion(reading, signed, at)
		if err == nil {
			v.set(use)
		}
		return nil, err
	})
	select {
	case f := <-result:
		return at.Microversion() != preferred, f.Err
	case <-ctx.Done():
		return false, &TransportError{Method: http.MethodGet, Path: urlPath(at.root), Err: ctx.Err()}
	}
}

// readMicroversion asks the API for its range (section "Show API v3 details")
// and takes the best in it.
func (b *BlockStorage) readMicroversion(ctx context.Context, signed *signedIn, at *Endpoint) (Microversion, error) {
	var document struct {
		Versions []struct {
			ID         string `json:"id"`
			Version    string `json:"version"`
			MinVersion string `json:"min_version"`
		} `json:"versions"`
	}
	options := &gophercloud.RequestOpts{KeepResponseBody: true, OkCodes: []int{http.StatusOK, http.StatusMultipleChoices}}
	if err := b.roundTrip(ctx, signed, at, http.MethodGet, at.root, options, &document); err != nil {
		return NoMicroversion, err
	}
	for _, version := range document.Versions {
		if !strings.HasPrefix(version.ID, "v3") {
			continue
		}
		highest, ok := parseMicroversion(version.Version)
		if !ok {
			return NoMicroversion, nil
		}
		lowest, _ := parseMicroversion(version.MinVersion)
		return max(min(preferred, highest), lowest), nil
	}
	return NoMicroversion, nil
}
