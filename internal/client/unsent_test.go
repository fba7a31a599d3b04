package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// A create of which no byte has left is not lost, wherever its way ended: it is not
// looked for, and the error comes at once or after the usual retries.
func TestACreateWithoutAConnectionIsNotLost(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64 // behind the sign-in
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
			w.Header().Set("X-Subject-Token", "t")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"token": {"catalog": [{"type": "volumev3", "endpoints": [{"interface": "public", "region": "r", "url": "%s/v3/p"}]}]}}`, server.URL)
			return
		}
		requests.Add(1)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"snapshot": {"id": "x"}}`)
	}))
	t.Cleanup(server.Close)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(refusing.Close)
	const down = "127.0.0.1:1" // the port of a server that was closed may be that of another test's by now
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)

	for name, row := range map[string]struct {
		// proxy of the create, and another server in the place of the cloud's.
		proxy, instead string
		insecure       bool
	}{
		"a proxy that is down":       {proxy: "http://" + down, insecure: true},
		"a proxy that refuses":       {proxy: refusing.URL, insecure: true},
		"an untrusted certificate":   {},
		"an untrusted one, by proxy": {proxy: tunnel(t)},
		"a server that is down":      {instead: down, insecure: true},
		"no TLS there":               {instead: plain.Listener.Addr().String(), insecure: true},
	} {
		t.Run(name, func(t *testing.T) {
			requests.Store(0)
			retries := 1
			network := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: row.insecure}} //nolint:gosec // of a test
			if row.proxy != "" {
				proxy, err := url.Parse(row.proxy)
				if err != nil {
					t.Fatal(err)
				}
				network.Proxy = http.ProxyURL(proxy)
			}
			if row.instead != "" {
				network.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, "tcp", row.instead)
				}
			}
			t.Cleanup(network.CloseIdleConnections)
			cloud, err := New(openstack.Config{
				AuthURL: server.URL + "/v3", UserName: "u", Password: "p",
				Config: transport.Config{MaxRetries: &retries, Network: signingIn{server.Client().Transport, network}},
			})
			if err != nil {
				t.Fatal(err)
			}
			b := cloud.BlockStorage("")
			if _, err := b.Region(t.Context()); err != nil {
				t.Fatal(err)
			}
			// Nothing is searched for: a search would outlast this.
			ctx, cancel := context.WithTimeout(t.Context(), searchTime)
			defer cancel()
			_, err = b.Create(ctx, CreateRequest{VolumeID: "v"})
			if err == nil || errors.As(err, new(*LostCreateError)) || errors.As(err, new(*neverMadeError)) {
				t.Errorf("%T: %v", err, err)
			}
			if n := requests.Load(); n != 0 {
				t.Errorf("%d requests", n)
			}
			if ctx.Err() != nil {
				t.Error("it took the time of a search")
			}
		})
	}
}

// signingIn is a network of its own for the sign-in.
type signingIn struct{ signIn, others http.RoundTripper }

func (s signingIn) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/auth/tokens") {
		return s.signIn.RoundTrip(req)
	}
	return s.others.RoundTrip(req)
}

// tunnel is a proxy that connects to where it is asked.
func tunnel(t *testing.T) string {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connect(r.Context(), t, w, r.Host)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func connect(ctx context.Context, t *testing.T, w http.ResponseWriter, to string) {
	t.Helper()
	there, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	go func() {
		_, _ = io.Copy(there, buffered)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// An interrupt ends a create at once while there is no connection: nothing can have
// been made. (Found by TestSimulation.)
func TestAnInterruptEndsTheDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{MaxMicroversion: "3.0"})
		ctx, interrupt := context.WithCancel(t.Context())
		volume, b := m.SeedVolume("v", 1), m.open(func(c *openstack.Config) { c.Network = dialing{m, interrupt} })
		begun := time.Now()
		_, err := b.Create(ctx, CreateRequest{VolumeID: volume})
		if !errors.Is(err, context.Canceled) || errors.As(err, new(*LostCreateError)) || time.Since(begun) > time.Second {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
	})
}

// A sign-in that Keystone never answers ends by its own time, and not by that of the operation.
func TestASignInWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		m.instead = func(_ http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/auth/tokens") {
				return false
			}
			<-r.Context().Done()
			return true
		}
		_, err := m.open().Get(t.Context(), "5f0c1e0e-0000-4000-8000-000000000000")
		if !errors.As(err, new(*openstack.SignInError)) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "2m0s") {
			t.Errorf("%v", err)
		}
	})
}

// A sign-in that waited for its turn says so, with the setting that holds it back.
func TestASignInWithoutATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{})
		m.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
				return false
			}
			w.WriteHeader(http.StatusUnauthorized) // so that the token is renewed
			return true
		}
		_, err := m.open(func(c *openstack.Config) { c.RequestsPerSecond = 0.005 }).Get(t.Context(), "5f0c1e0e-0000-4000-8000-000000000000")
		var turn *transport.TurnError
		if !errors.As(err, new(*openstack.SignInError)) || !errors.As(err, &turn) || turn.Setting != "requests_per_second" {
			t.Errorf("%v", err)
		}
	})
}

// A create that has no connection until its time is over was not interrupted.
func TestACreateWithoutAConnectionTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{MaxMicroversion: "3.0"})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		volume, b := m.SeedVolume("v", 1), m.open(func(c *openstack.Config) { c.Network = dialing{m, func() {}} })
		begun := time.Now()
		_, err := b.Create(ctx, CreateRequest{VolumeID: volume})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, new(*LostCreateError)) || time.Since(begun) != 20*time.Second {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
	})
}

// dialing is a network in which connecting for a create takes for ever, and is
// interrupted after half a second.
type dialing struct {
	*memory
	interrupt func()
}

func (d dialing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !isCreate(req) {
		return d.memory.RoundTrip(req)
	}
	time.AfterFunc(time.Second/2, d.interrupt)
	<-req.Context().Done()
	return nil, &net.OpError{Op: "dial", Err: req.Context().Err()}
}
