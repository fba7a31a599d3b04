package openstack

import (
	"slices"
	"sync"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Client is a cloud, signed in to at its first use. It is safe for concurrent
// use, and all users of one Client share its token and its connections.
type Client struct {
	config  Config
	session *session

	mu        sync.Mutex
	regions   map[string]*BlockStorage
	endpoints map[string]*Endpoint // by their base URL
}

// New makes a Client. It sends no request; an error is a
// [*transport.ConfigError].
func New(config Config) (*Client, error) {
	if slices.Contains(config.Unknown, "cert") || slices.Contains(config.Unknown, "key") {
		// One of the two alone is no fault, and nothing will be sent.
		config.ClientCert, config.ClientKey = "", ""
	}
	for _, path := range []*string{&config.CACert, &config.ClientCert, &config.ClientKey} {
		*path = expandHome(*path)
	}
	httpClient, err := transport.New(config.Config)
	if err != nil {
		return nil, err
	}
	return &Client{
		config:  config,
		session: &session{config: config, http: httpClient},
		regions: map[string]*BlockStorage{}, endpoints: map[string]*Endpoint{},
	}, nil
}

// BlockStorage returns the block storage service of a region, "" for the
// configured one. It sends no request.
func (c *Client) BlockStorage(region string) *BlockStorage {
	if region == "" {
		region = c.config.Region
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.regions[region]
	if b == nil {
		b = &BlockStorage{client: c, wanted: region}
		c.regions[region] = b
	}
	return b
}

// endpoint returns the one at a URL.
func (c *Client) endpoint(url endpointURL) *Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.endpoints[url.base]
	if e == nil {
		e = &Endpoint{endpointURL: url}
		c.endpoints[url.base] = e
	}
	return e
}
