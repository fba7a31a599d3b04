package client

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
			cloud, err := newHTTPClient(row.config)
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
			resp, err := (&wholeAnswers{next: body(row.answer), timeout: time.Minute, limit: 8}).RoundTrip(req)
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
