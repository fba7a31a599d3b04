package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Request is one request that came through the proxy.
type Request struct {
	Method string
	// Path is that behind the project id or the API version, without a slash at
	// its ends: "snapshots/6dd4...", "auth/tokens".
	Path   string
	Query  url.Values
	Header http.Header
	// Status is that of the answer.
	Status int
	// At is when the request came, Took how long the answer was.
	At   time.Time
	Took time.Duration
	// Identity tells requests to Keystone from those to Cinder.
	Identity bool
}

// String is the request line and the status, for messages of tests.
func (r Request) String() string {
	text := r.Method + " " + r.Path
	if len(r.Query) > 0 {
		text += "?" + r.Query.Encode()
	}
	return text + " " + http.StatusText(r.Status)
}

// Proxy stands between the provider and the cloud and records what passes.
type Proxy struct {
	server   *httptest.Server
	identity *url.URL
	volume   *url.URL
	highest  *int // microversion that the cloud has, nil where that does not matter

	mu       sync.Mutex
	requests []Request
	underWay int
	atOnce   int // most of underWay since the last Forget
	answer   func(Request, *http.Response) error
	instead  Answer
}

func newProxy(t testing.TB, identity, volume string) *Proxy {
	t.Helper()
	p := &Proxy{identity: parse(t, identity), volume: parse(t, volume)}
	mux := http.NewServeMux()
	mux.Handle("/identity/", p.forward("/identity", p.identity, true))
	mux.Handle("/volume/", p.forward("/volume", p.volume, false))
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func parse(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(strings.TrimSuffix(raw, "/"))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// IdentityURL is the proxy's address for Keystone, with the version.
func (p *Proxy) IdentityURL() string { return p.server.URL + "/identity/v3" }

// VolumeURL is the proxy's address for Cinder, with version and project.
func (p *Proxy) VolumeURL() string {
	return p.server.URL + "/volume" + p.volume.Path[strings.LastIndex(p.volume.Path, "/v"):]
}

var behind = regexp.MustCompile(`^.*?/v[23](/[0-9a-f]{32})?/?`)

func newRequest(r *http.Request, identity bool) Request {
	return Request{
		Method: r.Method, Path: behind.ReplaceAllString(r.URL.Path, ""), Query: r.URL.Query(), Header: r.Header.Clone(), Identity: identity,
	}
}

func (p *Proxy) forward(prefix string, to *url.URL, identity bool) http.Handler {
	// What the cloud has in front of the version stands for our prefix.
	root := to.Path[:strings.LastIndex(to.Path, "/v")]
	proxy := &httputil.ReverseProxy{
		Transport: network,
		ModifyResponse: func(resp *http.Response) error {
			p.mu.Lock()
			answer := p.answer
			p.mu.Unlock()
			if answer == nil {
				return nil
			}
			request := newRequest(resp.Request, identity)
			request.Status = resp.StatusCode
			return answer(request, resp)
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, to.Host
			r.Out.URL.Path = root + strings.TrimPrefix(r.In.URL.Path, prefix)
			if r.In.URL.RawPath != "" {
				r.Out.URL.RawPath = root + strings.TrimPrefix(r.In.URL.RawPath, prefix)
			}
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !identity && p.negotiates(r) {
			proxy.ServeHTTP(w, r)
			return
		}
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK, begin: p.enter()}
		request := newRequest(r, identity)
		// Also when the answer ends with a panic that cuts the connection.
		defer func() {
			recorder.begin()
			request.Status, request.At, request.Took = recorder.status, start, time.Since(start)
			p.mu.Lock()
			defer p.mu.Unlock()
			p.requests = append(p.requests, request)
		}()
		p.mu.Lock()
		instead := p.instead
		p.mu.Unlock()
		// The cloud gets a request whole, and acts on it, also where the answer
		// comes first or the provider has gone.
		forward := func(w http.ResponseWriter) { proxy.ServeHTTP(w, r) }
		if instead != nil {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r = r.Clone(context.WithoutCancel(r.Context()))
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		if instead == nil || !instead(recorder, request, forward) {
			forward(recorder)
		}
	})
}

// negotiates tells a request that only serves to agree on a microversion: one in
// a higher one than the cloud has, and the look at those that it has. That comes
// before what a test is about, so it is neither recorded nor answered otherwise.
func (p *Proxy) negotiates(r *http.Request) bool {
	if p.highest == nil {
		return false
	}
	version, asked := strings.CutPrefix(r.Header.Get("OpenStack-API-Version"), "volume 3.")
	minor, err := strconv.Atoi(version)
	return asked && err == nil && minor > *p.highest || behind.ReplaceAllString(r.URL.Path, "") == ""
}

// enter counts a request as under way until its answer begins: a moment later
// the provider may have all of it, and send the next one.
func (p *Proxy) enter() (answered func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay++
	p.atOnce = max(p.atOnce, p.underWay)
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.underWay--
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
	begin  func()
}

func (r *statusRecorder) Write(data []byte) (int, error) {
	r.begin()
	return r.ResponseWriter.Write(data)
}

func (r *statusRecorder) WriteHeader(status int) {
	r.begin()
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the reverse proxy flush.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Rewrite has every answer changed by this function before the provider sees it;
// an error makes it a 502. Nil ends that.
func (p *Proxy) Rewrite(answer func(Request, *http.Response) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// Answer answers a request in place of the proxy, where it returns true. It may
// let the cloud answer all the same, to any writer, with forward.
type Answer func(w http.ResponseWriter, r Request, forward func(http.ResponseWriter)) bool

// Instead lets this function answer. Nil ends that.
func (p *Proxy) Instead(answer Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = answer
}

// SwallowDeletes accepts the deletion of snapshots without passing it on.
func (p *Proxy) SwallowDeletes() {
	p.Instead(func(w http.ResponseWriter, r Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodDelete || !strings.HasPrefix(r.Path, "snapshots/") {
			return false
		}
		w.WriteHeader(http.StatusAccepted)
		return true
	})
}

// ShowStatus lets every snapshot that is read alone appear in this status, once the cloud has done
// with it: before that, the cloud refuses what the status allows.
func (p *Proxy) ShowStatus(status string) {
	p.Rewrite(func(r Request, resp *http.Response) error {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "snapshots/") || resp.StatusCode != http.StatusOK {
			return nil
		}
		return RewriteBody(resp, func(body []byte) []byte {
			return statusField.ReplaceAll(body, []byte(`"status": "`+status+`"`))
		})
	})
}

// RewriteSnapshots has every snapshot changed by this function before the provider sees it.
func (p *Proxy) RewriteSnapshots(change func(snapshot map[string]any)) {
	p.Rewrite(func(_ Request, resp *http.Response) error {
		if resp.StatusCode != http.StatusOK {
			return nil
		}
		return RewriteBody(resp, func(body []byte) []byte {
			var answer map[string]any
			if json.Unmarshal(body, &answer) != nil {
				return body
			}
			shown, _ := answer["snapshots"].([]any)
			for _, s := range append(shown, answer["snapshot"]) {
				if snapshot, ok := s.(map[string]any); ok {
					change(snapshot)
				}
			}
			changed, err := json.Marshal(answer)
			if err != nil {
				return body
			}
			return changed
		})
	})
}

var statusField = regexp.MustCompile(`"status": ?"(available|error)"`)

// RewriteBody changes the body of an answer, for [Proxy.Rewrite].
func RewriteBody(resp *http.Response, change func([]byte) []byte) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	body = change(body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// Forget empties the record.
func (p *Proxy) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.atOnce = nil, p.underWay
}

// AtOnce is how many requests, sign-ins included, were under way at the same time
// since the last Forget, at most.
func (p *Proxy) AtOnce() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.atOnce
}

// Requests are those to Cinder since the last Forget, in the order of their
// answers.
func (p *Proxy) Requests() []Request {
	return p.record(func(r Request) bool { return !r.Identity })
}

// SignIns are the requests for a token since the last Forget.
func (p *Proxy) SignIns() []Request {
	return p.record(func(r Request) bool { return r.Identity && r.Path == "auth/tokens" })
}

func (p *Proxy) record(keep func(Request) bool) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.requests), func(r Request) bool { return !keep(r) })
}
