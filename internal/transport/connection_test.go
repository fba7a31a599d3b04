package transport

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a server that counts the connections made to it.
type counted struct {
	*httptest.Server
	connections atomic.Int64
}

func newCounted(t *testing.T, withTLS bool, handler http.HandlerFunc) *counted {
	t.Helper()
	c := &counted{Server: httptest.NewUnstartedServer(handler)}
	c.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	if c.EnableHTTP2 = withTLS; withTLS {
		c.StartTLS()
	} else {
		c.Start()
	}
	t.Cleanup(c.Close)
	return c
}

// client trusts the server by its certificate, as cacert_file gives it.
func (c *counted) client(t *testing.T, config Config) http.Client {
	t.Helper()
	if c.Certificate() != nil {
		config.CACert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}))
	}
	config.MaxRetries = new(int)
	made, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// read returns the body that a server answers with.
func read(t *testing.T, cloud http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := cloud.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

func TestHTTP2WhereTheServerHasIt(t *testing.T) {
	t.Parallel()
	server := newCounted(t, true, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.ProtoMajor) })
	cloud := server.client(t, Config{})
	if body := read(t, cloud, server.URL); body != "2" {
		t.Errorf("HTTP/%s", body)
	}
}

// A connection of HTTP/2 that has died without a word holds up one request for some
// seconds, and not each for its whole time.
func TestDeadConnectionsAreFoundOut(t *testing.T) {
	t.Parallel()
	certificates := httptest.NewTLSServer(http.NotFoundHandler())
	certificates.Close()
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{accept: make(chan net.Conn)}
		server := &http.Server{
			Handler:   http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.ProtoMajor) }),
			TLSConfig: &tls.Config{Certificates: certificates.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12},
		}
		go func() { _ = server.ServeTLS(listener, "", "") }()
		retries := 1
		made, err := New(Config{Insecure: true, MaxRetries: &retries})
		if err != nil {
			t.Fatal(err)
		}
		network := networkOf(made)
		network.Proxy = nil
		network.DialContext = listener.dial
		if body := read(t, made, "https://cloud"); body != "2" {
			t.Fatalf("HTTP/%s", body)
		}
		listener.cut()
		began := time.Now()
		if body := read(t, made, "https://cloud"); body != "2" {
			t.Errorf("HTTP/%s", body)
		}
		if took := time.Since(began); took > 45*time.Second {
			t.Errorf("it took %s", took)
		}
		network.CloseIdleConnections()
		_ = server.Close()
		listener.end()
	})
}

// pipes is a network within the process.
type pipes struct {
	accept chan net.Conn
	mu     sync.Mutex
	dialed []*pipe
	ended  bool
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	conn := &pipe{Conn: here, dead: make(chan struct{}), closed: make(chan struct{})}
	p.mu.Lock()
	p.dialed = append(p.dialed, conn)
	p.mu.Unlock()
	p.accept <- there
	return conn, nil
}

// cut lets all connections that there are die without a word.
func (p *pipes) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.dialed {
		close(conn.dead)
	}
}

func (p *pipes) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.dialed {
		_ = conn.Conn.Close()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p *pipes) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = true
		close(p.accept)
	}
	return nil
}

func (*pipes) Addr() net.Addr { return &net.UnixAddr{} }

// pipe is a connection that swallows what is written once it is dead.
type pipe struct {
	net.Conn
	dead   chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (p *pipe) Write(data []byte) (int, error) {
	select {
	case <-p.dead:
		return len(data), nil
	default:
		return p.Conn.Write(data)
	}
}

func (p *pipe) Read(data []byte) (int, error) {
	n, err := p.Conn.Read(data)
	select {
	case <-p.dead:
		<-p.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return p.Conn.Close()
}

func TestGzipIsAskedForAndUnderstood(t *testing.T) {
	t.Parallel()
	const text = `{"snapshots": []}`
	server := newCounted(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("accepts %q", r.Header.Get("Accept-Encoding"))
		}
		compress(t, w, strings.Repeat(text, 1000))
	})
	cloud := server.client(t, Config{})
	if body := read(t, cloud, server.URL); body != strings.Repeat(text, 1000) {
		t.Errorf("read %d bytes", len(body))
	}

	// What counts is the size that an answer unpacks to.
	bounded := newWholeAnswers(http.DefaultTransport, time.Minute)
	bounded.usual, bounded.limit = 100, int64(500*len(text))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := bounded.RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}

func compress(t *testing.T, w http.ResponseWriter, text string) {
	t.Helper()
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	if _, err := io.WriteString(packed, text); err != nil {
		t.Error(err)
	}
	if err := packed.Close(); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const concurrent, requests, rounds = 8, 50, 4
	for name, withTLS := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var inside, most atomic.Int64
			server := newCounted(t, withTLS, func(w http.ResponseWriter, _ *http.Request) {
				now := inside.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				time.Sleep(time.Millisecond)
				inside.Add(-1)
				fmt.Fprint(w, "{}")
			})
			cloud := server.client(t, Config{MaxConcurrentRequests: concurrent})
			for range rounds {
				var wait sync.WaitGroup
				for range requests {
					wait.Go(func() { read(t, cloud, server.URL) })
				}
				wait.Wait()
			}
			if n := server.connections.Load(); n > concurrent {
				t.Errorf("%d connections for %d requests, %d at a time", n, rounds*requests, concurrent)
			}
			if n := most.Load(); n > concurrent {
				t.Errorf("%d requests at a time", n)
			}
		})
	}
}

// An answer is read to its end whatever it is, also where nobody wants it: the
// next request uses its connection.
func TestAnswersAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	statuses := []int{200, 202, 204, 300, 400, 404, 409, 413, 500, 503}
	var next atomic.Int64
	server := newCounted(t, false, func(w http.ResponseWriter, _ *http.Request) {
		code := statuses[next.Add(1)-1]
		w.WriteHeader(code)
		if code != http.StatusNoContent {
			fmt.Fprint(w, large)
		}
	})
	cloud := server.client(t, Config{})
	for range statuses {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := cloud.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // without a look at it
	}
	if n := server.connections.Load(); n != 1 {
		t.Errorf("%d connections for one request after the other", n)
	}
}

// Requests go through the proxies that the environment names.
func TestProxiesOfTheEnvironment(t *testing.T) {
	t.Parallel()
	made, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if proxy := networkOf(made).Proxy; reflect.ValueOf(proxy).Pointer() != reflect.ValueOf(http.ProxyFromEnvironment).Pointer() {
		t.Error("the proxies are not those of the environment")
	}
}

// networkOf is what is behind all layers.
func networkOf(made http.Client) *http.Transport {
	retrying := made.Transport.(*retryingTransport)
	answers := retrying.next.next.(*wholeAnswers)
	return answers.next.(*loggingTransport).next.(*http.Transport)
}
