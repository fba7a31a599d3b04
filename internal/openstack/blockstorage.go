package openstack

import (
	"context"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// BlockStorage is the block storage service (Cinder) of one region. It is safe for
// concurrent use.
type BlockStorage struct {
	client *Client
	// wanted is the region that was asked for, "" for whichever the catalogue has.
	wanted string

	mu       sync.Mutex
	endpoint *Endpoint
	region   string
}

// Endpoint is where a block storage service is, and what is known of its API.
// There is one for each URL, however its region was named.
type Endpoint struct {
	endpointURL

	versions microversions
	clock    clock
}

// ServerTime converts a time of the local clock to that of the API's node whose clock
// is most behind. known is false if no answer has told the time yet, and the local clock
// is all there is.
func (e *Endpoint) ServerTime(at time.Time) (server time.Time, known bool) { return e.clock.server(at) }

// Created takes note of the time that the API gave to something which a request has
// created, just when its answer arrived, and of when the request was sent. That tells the
// time where answers have no header Date, or that of a proxy.
func (e *Endpoint) Created(at, sent time.Time) { e.clock.setCreated(at, sent, time.Now()) }

// Region returns the catalogue's name of the region, "" if neither the configuration
// nor the catalogue has one. It signs in if necessary.
func (b *BlockStorage) Region(ctx context.Context) (string, error) {
	_, _, err := b.open(ctx, nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.region, err
}

// Endpoint returns the endpoint, which is chosen once. It signs in if necessary.
func (b *BlockStorage) Endpoint(ctx context.Context) (*Endpoint, error) {
	_, at, err := b.open(ctx, nil)
	return at, err
}

// ProjectID returns the id of the project of the sign-in, "" where it has none.
func (b *BlockStorage) ProjectID(ctx context.Context) (string, error) {
	signed, _, err := b.open(ctx, nil)
	if err != nil {
		return "", err
	}
	return signed.projectID, nil
}

// open returns the sign-in and the endpoint. It signs in if necessary. A caller whose
// token was refused passes its sign-in as stale.
func (b *BlockStorage) open(ctx context.Context, stale *signedIn) (*signedIn, *Endpoint, error) {
	if unknown := b.client.config.Unknown; len(unknown) > 0 {
		return nil, nil, &UnconfiguredError{Settings: unknown}
	}
	signed, err := b.client.session.get(transport.UntilSent(ctx), stale)
	if err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.endpoint == nil {
		url, region, err := chooseEndpoint(b.client.config, signed, b.wanted)
		if err != nil {
			return nil, nil, err
		}
		b.endpoint, b.region = b.client.endpoint(url), region
	}
	return signed, b.endpoint, nil
}
