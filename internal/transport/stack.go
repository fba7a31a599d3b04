package transport

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// Config says how requests are sent.
type Config struct {
	// Insecure accepts any certificate. CACert, ClientCert and ClientKey are
	// paths of PEM files, or PEM text. Without a ClientKey, ClientCert has the key
	// too.
	Insecure   bool
	CACert     string
	ClientCert string
	ClientKey  string

	// MaxRetries is how often a request is sent again after transient failures; nil
	// stands for [DefaultMaxRetries].
	MaxRetries *int
	// RequestTimeout bounds each request, from connecting to the last byte of
	// the answer; 0 stands for [DefaultRequestTimeout].
	RequestTimeout time.Duration

	// MaxConcurrentRequests bounds how many requests are under way at a time; 0
	// stands for [DefaultMaxConcurrentRequests]. The pause before a request is sent
	// again does not count.
	MaxConcurrentRequests int
	// RequestsPerSecond bounds how many requests are sent in a second, the repeated
	// ones included; 0 stands for no bound.
	RequestsPerSecond float64

	// Logger gets one debug record a request, without header or body.
	Logger *slog.Logger

	// Network sends the requests; nil stands for connections over TCP.
	Network http.RoundTripper
}

// The defaults of [Config].
const (
	DefaultMaxRetries            = 5
	DefaultRequestTimeout        = time.Minute
	DefaultMaxConcurrentRequests = 32
)

// Retries is how often a request is sent again.
func (c Config) Retries() int {
	if c.MaxRetries == nil {
		return DefaultMaxRetries
	}
	return *c.MaxRetries
}

func (c Config) requestTimeout() time.Duration {
	return cmp.Or(c.RequestTimeout, DefaultRequestTimeout)
}

func (c Config) maxConcurrentRequests() int {
	return cmp.Or(c.MaxConcurrentRequests, DefaultMaxConcurrentRequests)
}

// New returns an HTTP client with a connection pool of its own. The error is a
// [*ConfigError].
func New(config Config) (http.Client, error) {
	tlsConfig, err := config.tlsConfig()
	if err != nil {
		return http.Client{}, err
	}
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.Client{}, errors.New("http.DefaultTransport has been replaced")
	}
	transport := base.Clone()
	transport.TLSClientConfig = tlsConfig
	// There are as many connections as requests at a time, and all are kept. With the
	// default of two idle ones almost every request of a wide walk would open one, and
	// without a bound so would each request that comes just before another one ends.
	transport.MaxConnsPerHost = config.maxConcurrentRequests()
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = transport.MaxConnsPerHost, 0
	// A ping finds a dead connection, such as one that a firewall has forgotten, before
	// the next request waits on it.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
	var network http.RoundTripper = transport
	if config.Network != nil {
		network = config.Network
	}
	return http.Client{Transport: config.stack(network), CheckRedirect: sameHostOnly}, nil
}

// stack returns the chain of round trippers above the network. Each attempt of a
// request waits for its turn, and its timeout begins then.
func (c Config) stack(network http.RoundTripper) http.RoundTripper {
	answers := newWholeAnswers(&loggingTransport{next: network, logger: c.Logger}, c.requestTimeout())
	return &retryingTransport{next: newLimiter(answers, c), maxRetries: c.Retries(), logger: c.Logger}
}
