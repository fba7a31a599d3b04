package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// newHTTPClient makes the one connection pool of a Client.
func newHTTPClient(config Config) (http.Client, error) {
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
	// As many connections as requests at a time, and all of them kept. The default
	// of two idle ones would open a new one for almost every request of a wide walk,
	// and without a bound one is opened whenever a request comes a moment before
	// another one ends.
	transport.MaxConnsPerHost = config.maxConcurrentRequests()
	transport.MaxIdleConnsPerHost, transport.MaxIdleConns = transport.MaxConnsPerHost, 0
	// Also a connection that dies without a word, as behind a firewall that forgets
	// it, is found out before the next request waits on it in vain.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second}
	return http.Client{Transport: config.transport(transport), CheckRedirect: sameHostOnly}, nil
}

// transport puts what every request goes through in front of the network. Each
// attempt of a request takes its turn anew, and its time begins with its turn.
func (c Config) transport(network http.RoundTripper) http.RoundTripper {
	answers := newWholeAnswers(&loggingTransport{next: network, logger: c.Logger}, c.requestTimeout())
	limits := newLimiter(answers, c)
	return &retryingTransport{next: limits, maxRetries: c.maxRetries(), logger: c.Logger, pace: &limits.pace}
}

// sameHostOnly ends a redirect that would carry credentials to another host, or
// would make another request of this one, as a POST becomes a GET. The redirect
// itself is then the answer, and as such an error.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) >= 10 {
		return http.ErrUseLastResponse
	}
	return nil
}

// redirectTarget is where the answer to a request for target points to: scheme,
// host and path. User and query are left out, as they may be secret.
func redirectTarget(target string, answer http.Header) string {
	location := answer.Get("Location")
	base, err := url.Parse(target)
	if err != nil || location == "" {
		return ""
	}
	u, err := base.Parse(location)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

func (c Config) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.InsecureSkipVerify = c.Insecure //nolint:gosec // the user's explicit choice, with a warning
	if c.CACert != "" {
		pem, err := pemText(c.CACert)
		if err != nil {
			return nil, &ConfigError{"cacert_file", err}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &ConfigError{"cacert_file", errors.New("no PEM certificate in it")}
		}
	}
	if c.ClientCert == "" && c.ClientKey == "" {
		return config, nil
	}
	cert, err := pemText(c.ClientCert)
	if err != nil {
		return nil, &ConfigError{"cert", err}
	}
	key, err := pemText(cmp.Or(c.ClientKey, c.ClientCert))
	if err != nil {
		return nil, &ConfigError{"key", err}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &ConfigError{"cert", err}
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// pemText takes a path, also under ~/, or the text itself.
func pemText(pathOrText string) ([]byte, error) {
	if strings.HasPrefix(strings.TrimSpace(pathOrText), "-----BEGIN ") {
		return []byte(pathOrText), nil
	}
	data, err := os.ReadFile(expandHome(pathOrText))
	if err != nil {
		// The path is left out: it may be a key that lost its first line.
		return nil, fmt.Errorf("neither PEM text nor the path of a file that can be read: %w", withoutPath(err))
	}
	return data, nil
}

// maxAnswer bounds what is read of one answer. A full page of 1,000 snapshots
// is half a megabyte, or some 70 with the largest possible metadata on each.
const maxAnswer = 256 << 20

// usualAnswer is what each request may read, in bytes. Of the larger answers one
// is read at a time, so that all together take no more memory than that one and
// a usual one for each request.
const usualAnswer = 4 << 20

// wholeAnswers gives an answer back when all of it has arrived, and an error for
// one that breaks off, is too large, or takes longer than timeout to the last
// byte. Reading to the end is also what lets the connection be used again.
type wholeAnswers struct {
	next    http.RoundTripper
	timeout time.Duration
	usual   int64 // bytes
	limit   int64 // bytes
	large   *semaphore.Weighted
}

func newWholeAnswers(next http.RoundTripper, timeout time.Duration) *wholeAnswers {
	return &wholeAnswers{next: next, timeout: timeout, usual: usualAnswer, limit: maxAnswer, large: semaphore.NewWeighted(1)}
}

func (t *wholeAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	how := treatmentOf(req.Context())
	timeout := how.budget.bound(t.timeout)
	ctx, cancel := context.WithTimeoutCause(req.Context(), timeout, errSlow{timeout})
	defer cancel()
	begun := time.Now()
	defer func() { how.budget.spend(time.Since(begun)) }()
	// Without a connection not a byte of the request can have left.
	var connected atomic.Bool
	if how.withdrawn != nil {
		defer context.AfterFunc(how.withdrawn, func() { //nolint:contextcheck // the request has two
			if !connected.Load() {
				cancel()
			}
		})()
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		err = t.slow(ctx, withTLSFault(req, err))
		if !connected.Load() {
			err = &unsentError{err}
		}
		return nil, err
	}
	arrived := time.Now()
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, t.usual))
	if err == nil && int64(len(data)) == t.usual {
		if err = t.large.Acquire(ctx, 1); err == nil {
			defer t.large.Release(1)
			var rest []byte
			rest, err = io.ReadAll(io.LimitReader(resp.Body, t.limit-t.usual+1))
			data = append(data, rest...)
		}
	}
	if err != nil {
		return nil, t.slow(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	if int64(len(data)) > t.limit {
		return nil, errTooLarge{t.limit}
	}
	if err := plainRequest(req, resp.StatusCode, data); err != nil {
		return nil, err
	}
	if _, err := req.URL.Parse(resp.Header.Get("Location")); err != nil {
		// The error of net/http for such a redirect would quote it whole.
		resp.Header.Del("Location")
	}
	resp.Body = &wholeBody{Reader: bytes.NewReader(data), arrived: arrived}
	return resp, nil
}

// wholeBody is the body of an answer that has arrived.
type wholeBody struct {
	*bytes.Reader
	arrived time.Time // when its header did
}

// Close does nothing.
func (*wholeBody) Close() error { return nil }

// unsentError is an error of a request of which no byte has been sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// errTooLarge is no passing failure: the same would come again.
type errTooLarge struct{ limit int64 }

func (e errTooLarge) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", e.limit)
}

// slow says so if it was our own timeout that ended the request, not the
// caller's context.
func (t *wholeAnswers) slow(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.As(cause, new(errSlow)) {
		return cause
	}
	return err
}

// errSlow is no context.DeadlineExceeded: the operation as a whole has time left.
type errSlow struct{ timeout time.Duration }

func (e errSlow) Error() string {
	return fmt.Sprintf("no whole answer within %s (request_timeout)", e.timeout)
}

// loggingTransport writes one debug record for each request on the wire. It
// records neither headers nor bodies nor the query, which are where secrets
// and data are.
type loggingTransport struct {
	next   http.RoundTripper
	logger *slog.Logger
}

func (t *loggingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.logger == nil {
		return t.next.RoundTrip(req)
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.Int64("milliseconds", time.Since(start).Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode),
			slog.String("request_id", resp.Header.Get("X-Openstack-Request-Id")))
	}
	t.logger.LogAttrs(req.Context(), slog.LevelDebug, "API request", attrs...)
	return resp, err
}
