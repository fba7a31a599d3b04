package client

import (
	"context"
	"sync"
)

// Client is a cloud, signed in to at its first use. It is safe for concurrent
// use, and all users of one Client share its token and its connections.
type Client struct {
	config  Config
	session *session

	mu       sync.Mutex
	regions  map[string]*BlockStorage
	services map[string]*service // by the base URL of the endpoint
}

// New makes a Client. It sends no request; an error is a [*ConfigError].
func New(config Config) (*Client, error) {
	httpClient, err := newHTTPClient(config)
	if err != nil {
		return nil, err
	}
	return &Client{
		config:  config,
		session: &session{config: config, http: httpClient},
		regions: map[string]*BlockStorage{}, services: map[string]*service{},
	}, nil
}

// BlockStorage gives the block storage API of a region, "" for the configured
// one. It sends no request.
func (c *Client) BlockStorage(region string) *BlockStorage {
	if region == "" {
		region = c.config.Region
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.regions[region]
	if b == nil {
		b = &BlockStorage{client: c, region: region}
		c.regions[region] = b
	}
	return b
}

// BlockStorage is the block storage API of one region. It is safe for
// concurrent use.
type BlockStorage struct {
	client *Client
	region string

	mu       sync.Mutex
	endpoint *endpoint
}

// service is what this process knows of a block storage API. A region has one
// whether it was named or is the configured one.
type service struct {
	versions microversions
	clock    clock
	creates  creates
	reads    sharedReads
	watches  watches
}

// service gives that of an endpoint.
func (c *Client) service(base string) *service {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.services[base]
	if s == nil {
		s = &service{}
		c.services[base] = s
	}
	return s
}

// Region gives the name of the region as the catalogue has it, "" where neither
// the configuration nor the catalogue names one. It signs in if need be.
func (b *BlockStorage) Region(ctx context.Context) (string, error) {
	_, e, err := b.locate(ctx, nil)
	return e.region, err
}

// locate gives the present sign-in and the endpoint, which is chosen once.
func (b *BlockStorage) locate(ctx context.Context, stale *signedIn) (*signedIn, endpoint, error) {
	if unknown := b.client.config.Unknown; len(unknown) > 0 {
		return nil, endpoint{}, &UnconfiguredError{Settings: unknown}
	}
	signed, err := b.client.session.get(untilSent(ctx), stale)
	if err != nil {
		return nil, endpoint{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.endpoint == nil {
		e, err := chooseEndpoint(b.client.config, signed, b.region)
		if err != nil {
			return nil, endpoint{}, err
		}
		e.service = b.client.service(e.base)
		b.endpoint = &e
	}
	return signed, *b.endpoint, nil
}
