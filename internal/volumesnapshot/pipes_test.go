package volumesnapshot_test

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// pipes is a network that exists in memory only, so that the time of what
// crosses it can be virtual (testing/synctest).
type pipes struct {
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	before http.RoundTripper
}

// host is the only one there.
const host = "cloud.example.com"

// serveInMemory serves a handler to every HTTP client that is made from
// [http.DefaultTransport] until close. A test that uses it must not be parallel.
func serveInMemory(handler http.Handler) *pipes {
	p := &pipes{
		server: &http.Server{Handler: handler}, //nolint:gosec // no client is slow on purpose
		conns:  make(chan net.Conn), closed: make(chan struct{}), before: http.DefaultTransport,
	}
	http.DefaultTransport = &http.Transport{DialContext: p.dial}
	go p.server.Serve(p) //nolint:errcheck // it ends with close
	return p
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) close() {
	http.DefaultTransport = p.before
	_ = p.server.Close()
}

// Accept is that of a listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close is that of a listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is that of a listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: host} }
