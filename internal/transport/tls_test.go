package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// certificate makes one that signs itself, for 127.0.0.1.
func certificate(t *testing.T, notAfter time.Time) (_ tls.Certificate, text string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: notAfter.Add(-time.Hour), NotAfter: notAfter, IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// bytesServer answers whoever connects with the same bytes.
func bytesServer(t *testing.T, count func(), answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			count()
			_, _ = connection.Read(make([]byte, 1))
			_, _ = io.WriteString(connection, answer)
			_ = connection.Close()
		}
	}()
	return listener.Addr().String()
}

// What TLS says of a connection it says again the next time: one attempt, and an
// error that names the fault. It makes no difference whether the request may be
// sent twice.
func TestTLSFaultsFailAtOnce(t *testing.T) {
	t.Parallel()
	valid, ca := certificate(t, time.Now().Add(time.Hour))
	expired, expiredCA := certificate(t, time.Now().Add(-time.Minute))
	serve := func(config *tls.Config) func(*testing.T, *counted) {
		return func(_ *testing.T, c *counted) {
			c.TLS = config
			c.StartTLS()
		}
	}
	plain := func(_ *testing.T, c *counted) { c.Start() }
	raw := func(answer string) func(*testing.T, *counted) {
		return func(t *testing.T, c *counted) {
			t.Helper()
			c.URL = "http://" + bytesServer(t, func() { c.connections.Add(1) }, answer)
		}
	}
	page := func(body string) func(*testing.T, *counted) {
		return raw(fmt.Sprintf("HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body))
	}
	for name, row := range map[string]struct {
		start  func(*testing.T, *counted)
		scheme string
		host   string // in the place of 127.0.0.1
		ca     string
		fault  TLSFault
		text   string
	}{
		"unknown authority": {serve(&tls.Config{Certificates: []tls.Certificate{valid}}), "https", "", "", CertificateRefused, "certificate signed by unknown authority"},         //nolint:gosec // of a server
		"another name":      {serve(&tls.Config{Certificates: []tls.Certificate{valid}}), "https", "localhost", ca, CertificateRefused, "certificate is not valid for any names"}, //nolint:gosec // of a server
		"expired":           {serve(&tls.Config{Certificates: []tls.Certificate{expired}}), "https", "", expiredCA, CertificateRefused, "certificate has expired"},                //nolint:gosec // of a server
		"a client certificate is wanted": {
			serve(&tls.Config{Certificates: []tls.Certificate{valid}, ClientAuth: tls.RequireAnyClientCert}), "https", "", ca, HandshakeRefused, "certificate required", //nolint:gosec // of a server
		},
		"an older TLS": {
			serve(&tls.Config{Certificates: []tls.Certificate{valid}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}), "https", "", ca, HandshakeRefused, "protocol version not supported", //nolint:gosec // of a server
		},
		"https to plain HTTP":          {plain, "https", "", "", PlainServer, "does not speak HTTPS"},
		"https to another protocol":    {raw("SSH-2.0-OpenSSH_9.2p1\r\n"), "https", "", "", PlainServer, "does not speak HTTPS"},
		"http to TLS, Go":              {serve(&tls.Config{Certificates: []tls.Certificate{valid}}), "http", "", "", PlainRequest, "speaks HTTPS only"}, //nolint:gosec // of a server
		"http to TLS, nginx":           {page("<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"), "http", "", "", PlainRequest, "speaks HTTPS only"},
		"http to TLS, Apache":          {page("Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"), "http", "", "", PlainRequest, "speaks HTTPS only"},
		"http to TLS, a handshake box": {raw("\x15\x03\x01\x00\x02\x02\x46"), "http", "", "", PlainRequest, "speaks HTTPS only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				server := &counted{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}
				server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateNew {
						server.connections.Add(1)
					}
				}
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				row.start(t, server)
				t.Cleanup(server.Close)
				_, at, _ := strings.Cut(server.URL, "://")
				if row.host != "" {
					at = strings.Replace(at, "127.0.0.1", row.host, 1)
				}
				err := request(t, Config{CACert: row.ca}, method, row.scheme+"://"+at)
				var fault *TLSError
				if !errors.As(err, &fault) {
					t.Fatalf("%s: %v", method, err)
				}
				if fault.Fault != row.fault || fault.Host != at || !strings.Contains(err.Error(), row.text) {
					t.Errorf("%s: fault %d of %s, %v", method, fault.Fault, fault.Host, err)
				}
				if !Unsent(err) {
					t.Errorf("%s: it may be that the API has acted on it: %v", method, err)
				}
				if n := server.connections.Load(); n != 1 {
					t.Errorf("%s: %d attempts", method, n)
				}
			}
		})
	}
}

// request sends one with the default of retries.
func request(t *testing.T, config Config, method, url string) error {
	t.Helper()
	network, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := network.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// A 400 of the API itself is none of these, also where its text is quoted.
func TestBadRequestIsNoTLSFault(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"badRequest": {"code": 400, "message": "Malformed request url"}}`)
	}))
	t.Cleanup(server.Close)
	if err := request(t, Config{}, http.MethodGet, server.URL); err != nil {
		t.Error(err)
	}
}

// garbled is a connection that goes bad: from then on, what it reads is a record that
// nobody has encrypted.
type garbled struct {
	net.Conn
	bad bool
}

func (g *garbled) Read(p []byte) (int, error) {
	if !g.bad {
		return g.Conn.Read(p)
	}
	return copy(p, "\x17\x03\x03\x00\x20"+strings.Repeat("x", 32)), nil
}

// What goes wrong on a connection that is in use refuses no handshake, and says nothing of
// whether the server speaks TLS: it may have acted on the request.
func TestFaultsAfterTheHandshake(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault func(server net.Conn, raw *garbled)
		says  string
	}{
		"an alert": {func(server net.Conn, raw *garbled) {
			raw.bad = true
			_, _ = server.Read(make([]byte, 1)) // which answers with the alert
		}, "bad record MAC"},
		"no TLS": {func(_ net.Conn, raw *garbled) {
			_, _ = io.WriteString(raw, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		}, "server gave HTTP response to HTTPS client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			valid, ca := certificate(t, time.Now().Add(time.Hour))
			listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the test
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			var connections atomic.Int64
			go func() {
				for {
					accepted, err := listener.Accept()
					if err != nil {
						return
					}
					connections.Add(1)
					raw := &garbled{Conn: accepted}
					server := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{valid}}) //nolint:gosec // of a server
					_, _ = server.Read(make([]byte, 4096))
					row.fault(server, raw)
					_ = accepted.Close()
				}
			}()
			err = request(t, Config{CACert: ca}, http.MethodPost, "https://"+listener.Addr().String())
			if err == nil || Unsent(err) || Permanent(err) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("POST: %v", err)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("a POST was sent %d times", n)
			}
			_ = request(t, Config{CACert: ca, MaxRetries: new(1)}, http.MethodGet, "https://"+listener.Addr().String())
			if n := connections.Load(); n != 3 {
				t.Errorf("a GET with one retry: %d connections", n-1)
			}
		})
	}
}
