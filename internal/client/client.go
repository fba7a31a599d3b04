package client

import (
	"context"
	"net/url"
	"sync"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// Client is a cloud, signed in to at its first use. It is safe for concurrent
// use.
type Client struct {
	// SingleReads makes [BlockStorage.Read] the same as [BlockStorage.Get]. It must not
	// be changed once the Client is in use.
	SingleReads bool

	cloud   *openstack.Client
	retries int // of a request

	mu     sync.Mutex
	shared map[*openstack.Endpoint]*shared
}

// New makes a Client. It sends no request; an error is a
// [*transport.ConfigError].
func New(config openstack.Config) (*Client, error) {
	cloud, err := openstack.New(config)
	if err != nil {
		return nil, err
	}
	return &Client{cloud: cloud, retries: config.Retries(), shared: map[*openstack.Endpoint]*shared{}}, nil
}

// BlockStorage returns the block storage service of a region, "" for the
// configured one. It sends no request.
func (c *Client) BlockStorage(region string) *BlockStorage {
	return &BlockStorage{client: c, BlockStorage: c.cloud.BlockStorage(region)}
}

// BlockStorage has the calls for the snapshots of one region. It is safe for concurrent
// use.
type BlockStorage struct {
	*openstack.BlockStorage

	client *Client
}

// shared is what the operations of this process on one endpoint share.
type shared struct {
	creates creates
	reads   sharedReads
	watches watches
}

// open returns the endpoint and what is shared there. It signs in if necessary.
func (b *BlockStorage) open(ctx context.Context) (*openstack.Endpoint, *shared, error) {
	at, err := b.Endpoint(ctx)
	if err != nil {
		return nil, nil, err
	}
	b.client.mu.Lock()
	defer b.client.mu.Unlock()
	s := b.client.shared[at]
	if s == nil {
		s = &shared{}
		b.client.shared[at] = s
	}
	return at, s, nil
}

// do sends one request, as [openstack.BlockStorage.Do].
func (b *BlockStorage) do(ctx context.Context, method, path string, query url.Values, body, result any) error {
	_, shared, err := b.open(ctx)
	if err != nil {
		return err
	}
	// Pages that were listed before the answer may be older than it.
	defer shared.reads.observe(path)
	return b.Do(ctx, method, path, query, body, result)
}
