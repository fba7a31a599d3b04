package transport

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TLS is verified unless the user says otherwise.
func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(ca), 0o600); err != nil {
		t.Fatal(err)
	}
	none := 0
	for name, row := range map[string]struct {
		config Config
		works  bool
	}{
		"default":      {Config{}, false},
		"CA as a file": {Config{CACert: file}, true},
		"CA as text":   {Config{CACert: ca}, true},
		"insecure":     {Config{Insecure: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.config.MaxRetries = &none
			cloud, err := New(row.config)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := cloud.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if (err == nil) != row.works {
				t.Error(err)
			}
		})
	}
}

// A client certificate and its key may be in one PEM file.
func TestClientCertificateWithItsKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	both := cert + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	if config, err := (Config{ClientCert: both}).tlsConfig(); err != nil || len(config.Certificates) != 1 {
		t.Errorf("%v", err)
	}
	if _, err := (Config{ClientCert: cert}).tlsConfig(); err == nil {
		t.Error("a certificate without a key was taken")
	}

	// It is shown to a server that asks for one.
	asking := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 1 && r.TLS.PeerCertificates[0].Equal(server.Certificate()) {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	asking.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	asking.StartTLS()
	t.Cleanup(asking.Close)
	cloud, err := New(Config{Insecure: true, ClientCert: both, MaxRetries: new(int)})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, asking.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := cloud.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot {
		t.Errorf("the server saw no certificate: %d", resp.StatusCode)
	}
}

// What is too large, or breaks the rules of TLS, would be so again.
func TestHopelessAnswersAreNotAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	answers := newWholeAnswers(roundTripper(func(*http.Request) (*http.Response, error) {
		asked++
		return &http.Response{Body: io.NopCloser(endless{})}, nil
	}), time.Minute)
	answers.usual, answers.limit = 4, 8
	err := ask(t.Context(), &retryingTransport{next: newLimiter(answers, Config{}), maxRetries: 5}, "")
	if !errors.As(err, new(errTooLarge)) || asked != 1 {
		t.Errorf("%v after %d requests", err, asked)
	}
}

// Of large answers one is read at a time, and the small ones meanwhile.
func TestLargeAnswersAreReadOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		reading, most := 0, 0
		answers := newWholeAnswers(roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/small" {
				return &http.Response{Body: io.NopCloser(strings.NewReader("1234"))}, nil
			}
			tail := readerFunc(func([]byte) (int, error) {
				mu.Lock()
				reading++
				most = max(most, reading)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				reading--
				mu.Unlock()
				return 0, io.EOF
			})
			return &http.Response{Body: io.NopCloser(io.MultiReader(strings.NewReader("1234"), tail))}, nil
		}), time.Minute)
		answers.usual = 4
		began := time.Now()
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				if err := ask(t.Context(), answers, "large"); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		others := *answers
		others.usual = 5
		if err := ask(t.Context(), &others, "small"); err != nil || time.Since(began) > 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		wait.Wait()
		if most != 1 {
			t.Errorf("%d were read at a time", most)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The log has the path of a request, and nothing of its query, header or body.
func TestTheLogHasNoQuery(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	logging := &loggingTransport{logger: slog.New(slog.NewTextHandler(&written, &slog.HandlerOptions{Level: slog.LevelDebug})), next: roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"X-Openstack-Request-Id": {"req-7"}, "X-Subject-Token": {"canary"}}, Body: io.NopCloser(strings.NewReader("canary"))}, nil
	})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://user:canary@cloud/v3/snapshots?metadata=canary#canary", strings.NewReader("canary"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Auth-Token", "canary")
	resp, err := logging.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for _, part := range []string{"method=POST", "host=cloud", "path=/v3/snapshots ", "status=200", "request_id=req-7"} {
		if !strings.Contains(written.String(), part) {
			t.Errorf("%q is not in %s", part, &written)
		}
	}
	if strings.Contains(written.String(), "canary") {
		t.Errorf("a secret is in %s", &written)
	}
}

// roundTripper answers with a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// endless never comes to its end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	body := func(r io.Reader) roundTripper {
		return func(*http.Request) (*http.Response, error) { return &http.Response{Body: io.NopCloser(r)}, nil }
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		answer io.Reader
		fails  string
	}{
		"small":   {strings.NewReader("12345678"), ""},
		"large":   {strings.NewReader("123456789"), "larger than 8 bytes"},
		"endless": {endless{}, "larger than 8 bytes"},
		"broken":  {io.MultiReader(strings.NewReader("1"), failingReader{}), "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := newWholeAnswers(body(row.answer), time.Minute)
			answers.usual, answers.limit = 4, 8
			resp, err := answers.RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if (err == nil) != (row.fails == "") || err != nil && !strings.Contains(err.Error(), row.fails) {
				t.Error(err)
			}
		})
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("reset") }

// What is no PEM is not shown: it may be a key.
func TestKeysAreNotShown(t *testing.T) {
	t.Parallel()
	_, err := New(Config{ClientCert: "-----BEGIN CERTIFICATE-----", ClientKey: "MIIEsecretsecret"})
	var config *ConfigError
	if !errors.As(err, &config) || config.Setting != "key" || strings.Contains(err.Error(), "secretsecret") {
		t.Error(err)
	}
}
