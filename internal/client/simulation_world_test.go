package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// world is a cloud under a plot, and what is known of it beside its own API.
type world struct {
	plot
	cloud *simulator.Server
	begun time.Time
	pages int // snapshots on one
	// outageFrom and outageTo bound the time in which nothing works, or no token is
	// good.
	outageFrom, outageTo time.Time
	// rate is how many requests a second are answered where they are throttled, and
	// lag how far a copy of the database is behind.
	rate int
	lag  time.Duration
	// listing says that an operation of the fleet lists.
	listing bool

	mu   sync.Mutex
	calm bool // from now on nothing disturbs
	// barrier, unless nil, is what requests wait at then, and underWay how many do.
	barrier  chan struct{}
	underWay int
	slots    int            // as configured
	count    map[string]int // requests by who sent them, so that the fate of each is its own
	moments  map[string]*moment
	window   map[int64]int  // requests by the second
	unknown  map[string]int // creates that may have made a snapshot for all that their sender knows, by sender
	posts    int            // requests to create
	gets     int            // requests to read
	signIns  int
	served   int // requests that came through while others were throttled
	refused  int // those that did not
	history  []string
	broken   []string
	// made has who asked for each snapshot, volumeOf of what, versions each name that
	// it has had and since when, and gone when it was deleted.
	made     map[string]string
	volumeOf map[string]string
	versions map[string][]version
	gone     map[string]time.Time
	reported map[string]version // the newest that was reported of a snapshot
	owners   map[string]string  // the create that has returned a snapshot
	excused  map[string]int     // creates of a name that said they do not know what they made
	// undecided has how many creates of a name said that any of several may be theirs, and
	// doubts what one of them said.
	undecided map[string]int
	doubts    map[string]string
}

type version struct {
	name  string
	since time.Time
}

// moment interrupts an operation when something happens to its requests for the
// nth time.
type moment struct {
	left      int
	interrupt func()
}

func (p plot) start() *world {
	random := rand.New(rand.NewPCG(p.Seed, 2))
	options := simulator.Options{
		CreateTime: time.Duration(50+random.IntN(20000)) * time.Millisecond,
		DeleteTime: time.Duration(50+random.IntN(10000)) * time.Millisecond,
		PageLimit:  []int{1000, 1000, 10, 3}[random.IntN(4)],
	}
	w := &world{
		plot: p, begun: time.Now(), count: map[string]int{}, moments: map[string]*moment{}, window: map[int64]int{},
		unknown: map[string]int{}, made: map[string]string{}, volumeOf: map[string]string{}, versions: map[string][]version{}, gone: map[string]time.Time{},
		reported: map[string]version{}, owners: map[string]string{}, excused: map[string]int{}, undecided: map[string]int{}, doubts: map[string]string{},
		rate: 1 + random.IntN(10), lag: time.Duration(random.IntN(900)) * time.Millisecond, pages: options.PageLimit,
	}
	if w.has(old) {
		switch random.IntN(3) {
		case 0:
			options.CatalogTypes = []string{"volumev2"}
		default:
			options.MaxMicroversion = []string{"3.0", "3.44", "3.62"}[random.IntN(3)]
		}
	}
	w.cloud = simulator.New(options)
	w.outageFrom = w.begun.Add(time.Minute + time.Duration(random.IntN(20))*time.Second)
	w.outageTo = w.outageFrom.Add(time.Duration(1+random.IntN(300)) * time.Second)
	return w
}

type actorKey struct{}

// by marks the requests of an operation, whose fate is then its own, as are its
// pauses.
func (w *world) by(ctx context.Context, actor string) context.Context {
	kind := actor + " pauses"
	return transport.WithRandom(context.WithValue(ctx, actorKey{}, actor), func() float64 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.count[kind]++
		return w.random(kind, w.count[kind]).Float64()
	})
}

func (w *world) line(format string, args ...any) string {
	return fmt.Sprintf("%12s  %s", time.Since(w.begun).Round(time.Microsecond), fmt.Sprintf(format, args...))
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, w.line(format, args...))
}

func (w *world) breaks(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, w.line(format, args...))
}

// has reports whether any of these disturb.
func (w *world) has(kinds disturbances) bool { return w.Kinds&kinds != 0 }

// only reports that none disturbs but these.
func (w *world) only(kinds disturbances) bool { return w.Kinds&^kinds == 0 }

// random is that of one request or operation, whatever goes on beside it.
func (w *world) random(parts ...any) *rand.Rand {
	hash := fnv.New64()
	fmt.Fprint(hash, parts...)
	return rand.New(rand.NewPCG(w.Seed, hash.Sum64()))
}

// happens is a moment of a request, at which its operation may be interrupted.
func (w *world) happens(actor string) {
	w.mu.Lock()
	m := w.moments[actor]
	now := false
	if m != nil {
		m.left--
		now = m.left == 0
	}
	w.mu.Unlock()
	if now {
		m.interrupt()
	}
}

func (w *world) inOutage() bool {
	now := time.Now()
	return now.After(w.outageFrom) && now.Before(w.outageTo)
}

var beforeVersion = regexp.MustCompile(`^.*/v[23](/[0-9a-f]{32})?`)

// passage is one request on its way to the cloud and back.
type passage struct {
	*world
	req     *http.Request
	actor   string
	what    string
	signIn  bool
	chances *rand.Rand
}

// RoundTrip is the way to the cloud and back.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	actor, _ := req.Context().Value(actorKey{}).(string)
	p := &passage{
		world: w, req: req, actor: actor, signIn: strings.HasSuffix(req.URL.Path, "/auth/tokens"),
		what: fmt.Sprint(actor, " ", req.Method, " ", strings.TrimSuffix(beforeVersion.ReplaceAllString(req.URL.Path, "")+"?"+req.URL.RawQuery, "?")),
	}
	w.mu.Lock()
	w.count[p.what]++
	p.chances = w.random(p.what, w.count[p.what])
	calm := w.calm
	w.mu.Unlock()
	if calm {
		if barrier := w.barrier; barrier != nil {
			w.mu.Lock()
			w.underWay++
			w.mu.Unlock()
			<-barrier
		}
		return direct{w}.RoundTrip(req)
	}
	resp, err := p.travel(req.Context())
	w.happens(actor)
	return resp, err
}

func (p *passage) strikes(kind disturbances, odds int) bool {
	return p.has(kind) && p.chances.IntN(odds) == 0
}

func (p *passage) latency() time.Duration {
	d := time.Duration(1+p.chances.IntN(40))*time.Millisecond + time.Duration(p.chances.IntN(1000000))
	if p.strikes(slow, 6) {
		d *= time.Duration(1 + p.chances.IntN(300))
	}
	return d
}

// answer is one that the API has not given.
func (p *passage) answer(status int, body string, header ...string) (*http.Response, error) {
	p.note("%s: %d %s by somebody else", p.what, status, strings.Join(header, " "))
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: p.req}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp, nil
}

func (p *passage) travel(ctx context.Context) (*http.Response, error) {
	there, back := p.latency(), p.latency()
	if p.strikes(unconnected, 8) || p.has(longOutage) && p.inOutage() && p.chances.IntN(3) == 0 {
		p.note("%s: no connection", p.what)
		p.happens(p.actor)
		if err := transport.Sleep(ctx, there); err != nil {
			return nil, err
		}
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	gotConn(p.req)
	p.mayHaveMade(1)
	p.happens(p.actor)
	if err := transport.Sleep(ctx, there); err != nil {
		p.note("%s: given up before it arrived", p.what)
		return nil, err
	}
	p.happens(p.actor)
	if resp, err := p.refuse(); resp != nil {
		return resp, err
	}
	if p.strikes(cut, 12) {
		p.note("%s: cut before it arrived", p.what)
		return nil, io.ErrUnexpectedEOF
	}
	resp, err := p.arrive(ctx)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		return resp, err
	}
	if p.strikes(cut, 8) {
		p.note("%s: the answer is lost", p.what)
		return nil, io.ErrUnexpectedEOF
	}
	if err := transport.Sleep(ctx, back); err != nil {
		p.note("%s: given up", p.what)
		return nil, err
	}
	if p.strikes(slow, 12) {
		resp.Body = &lateBody{resp.Body, ctx, time.Duration(p.chances.IntN(10000)) * time.Millisecond}
	}
	if !p.signIn && p.strikes(rewritten, 3) {
		resp.StatusCode = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo}[p.chances.IntN(4)]
	}
	resp.Request = p.req
	return resp, nil
}

// mayHaveMade counts the requests of an operation of which it cannot know that
// they have made nothing.
func (p *passage) mayHaveMade(n int) {
	if !isCreate(p.req) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unknown[p.actor] += n
}

// refuse returns the answer to a request that does not reach the API, nil where it
// does.
func (p *passage) refuse() (*http.Response, error) {
	switch {
	case p.has(longOutage) && p.inOutage(), p.strikes(unavailable, 6):
		status := []int{502, 503, 504, 520, 522, 524}[p.chances.IntN(6)]
		if p.chances.IntN(3) == 0 {
			return p.answer(status, "<html>", "Retry-After", fmt.Sprint(p.chances.IntN(900)))
		}
		return p.answer(status, "<html>")
	case !p.signIn && (p.strikes(limited, 6) || p.tooMany()):
		p.mayHaveMade(-1)
		if p.chances.IntN(3) == 0 {
			return p.answer(http.StatusTooManyRequests, "")
		}
		wait := 1
		if !p.has(throttled) {
			wait = p.chances.IntN(20)
		}
		return p.answer(http.StatusTooManyRequests, "", "Retry-After", fmt.Sprint(wait))
	case p.has(busy) && isListing(p.req):
		return p.answer([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[p.chances.IntN(2)], "", "Retry-After", []string{"200", "600"}[p.Seed%2])
	case !p.signIn && (p.strikes(refusedTokens, 8) || p.has(revoked) && p.inOutage()):
		p.mayHaveMade(-1)
		return p.answer(http.StatusUnauthorized, "")
	case p.strikes(portal, 15):
		if p.chances.IntN(2) == 0 && !isCreate(p.req) {
			return p.answer(http.StatusNotFound, "<html>There is no such page here</html>")
		}
		return p.answer(http.StatusOK, "<html>Welcome</html>")
	}
	return nil, nil
}

// tooMany reports that a request is one too many in its second.
func (p *passage) tooMany() bool {
	if !p.has(throttled) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().Unix()
	p.window[now]++
	if p.window[now] > p.rate {
		p.refused++
		return true
	}
	p.served++
	return false
}

// arrive hands a whole request to the API, which acts on it whatever becomes of
// the sender, and perhaps of the gateway before it.
func (p *passage) arrive(ctx context.Context) (*http.Response, error) {
	timeout, work := time.Hour, time.Duration(p.chances.IntN(int(20*time.Millisecond)))
	if p.strikes(gateway, 6) {
		timeout = time.Duration(1+p.chances.IntN(40)) * time.Second
		work = timeout + time.Duration(p.chances.IntN(15000))*time.Millisecond
	}
	twice := p.req.Method != http.MethodPost && p.strikes(repeated, 4)
	answered := make(chan *http.Response, 1)
	received := p.req.Clone(context.WithoutCancel(ctx))
	go func() {
		time.Sleep(work)
		if twice {
			_ = p.serve(p.what+" (again)", repeat(received)).Body.Close()
		}
		answered <- p.serve(p.what, received) //nolint:bodyclose // it is in memory, and nobody may wait for it any more
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case resp := <-answered:
		p.happens(p.actor)
		return resp, nil
	case <-timer.C:
		return p.answer([]int{http.StatusGatewayTimeout, http.StatusBadGateway, 520, 522, 524}[p.chances.IntN(5)], "<html>")
	case <-ctx.Done():
		p.note("%s: given up", p.what)
		return nil, ctx.Err()
	}
}

// lateBody takes its time before the first byte.
type lateBody struct {
	io.ReadCloser
	ctx   context.Context //nolint:containedctx // that of the request it answers
	delay time.Duration
}

func (b *lateBody) Read(p []byte) (int, error) {
	if err := transport.Sleep(b.ctx, b.delay); err != nil {
		return 0, err
	}
	b.delay = 0
	return b.ReadCloser.Read(p)
}

// repeat is a request whose body can be read once more.
func repeat(req *http.Request) *http.Request {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		again.Body, _ = req.GetBody()
	}
	return again
}

// serve is the API itself. What a request has done is noted at once.
func (p *passage) serve(what string, req *http.Request) *http.Response {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	// One at a time, so that what is noted is in the order in which it happened.
	p.mu.Lock()
	p.alter(req)
	p.cloud.ServeHTTP(recorder, req)
	p.learn(p.actor, req, recorder)
	body := p.altered(req, recorder.Code, recorder.Body.String())
	p.mu.Unlock()
	p.note("%s: %d", what, recorder.Code)
	resp := recorder.Result()
	if !p.has(undated) {
		ahead := time.Duration(0)
		if p.has(clocks) {
			ahead = time.Hour + time.Duration(p.chances.IntN(2))*8*time.Second
		}
		if p.has(fronted) {
			ahead += 7 * time.Second
		}
		resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return resp
}

// alter makes the request what a lenient or confused API takes it for.
func (p *passage) alter(req *http.Request) {
	_, id, single := strings.Cut(req.URL.Path, "/snapshots/")
	switch {
	case p.has(lenient) && isListing(req):
		query := req.URL.Query()
		for _, key := range []string{"status", "name", "volume_id"} {
			query.Del(key)
		}
		if p.Seed%3 == 0 {
			query.Del("marker")
		}
		req.URL.RawQuery = query.Encode()
	case req.Method == http.MethodGet && single && id != "detail" && p.strikes(confused, 4):
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(p.versions)), func(other string) bool {
			_, gone := p.gone[other]
			return gone
		})
		if len(others) == 0 {
			return
		}
		other := others[p.chances.IntN(len(others))]
		req.URL.Path = strings.TrimSuffix(req.URL.Path, id) + other
	}
}

// altered is an answer as a node with another clock, or a copy of the database
// that is behind, gives it.
func (p *passage) altered(req *http.Request, status int, body string) string {
	if status != http.StatusOK && status != http.StatusAccepted || p.signIn {
		return body
	}
	if p.has(clocks) {
		// The nodes write their own times.
		by := time.Hour
		if p.has(undated) {
			by = -by
		}
		body = shiftTimes(body, by)
	}
	if req.Method != http.MethodGet || !p.has(behind|miscounting) {
		return body
	}
	var answer map[string]any
	if json.Unmarshal([]byte(body), &answer) != nil {
		return body
	}
	if count, ok := answer["count"].(float64); ok && p.has(miscounting) {
		answer["count"] = p.chances.IntN(3*int(count) + 2)
	}
	if p.has(behind) {
		if one, ok := answer["snapshot"].(map[string]any); ok {
			p.earlier(one)
		}
		if all, ok := answer["snapshots"].([]any); ok && isListing(req) {
			all = slices.DeleteFunc(all, func(one any) bool {
				s, _ := one.(map[string]any)
				return !p.earlier(s)
			})
			if len(all) > 0 { // An empty page would be the last.
				answer["snapshots"] = all
			}
		}
	}
	data, _ := json.Marshal(answer)
	return string(data)
}

// earlier makes a snapshot what it was a moment ago, and tells whether it was.
func (p *passage) earlier(snapshot map[string]any) bool {
	id, _ := snapshot["id"].(string)
	then := time.Now().Add(-p.lag)
	versions := p.versions[id]
	if deleted, ok := p.gone[id]; ok && deleted.After(then) {
		snapshot["status"] = string(StatusAvailable)
	}
	for _, v := range slices.Backward(versions) {
		if !v.since.After(then) {
			snapshot["name"] = v.name
			return true
		}
	}
	return len(versions) == 0
}

// shiftTimes changes the times of creation in an answer.
func shiftTimes(body string, by time.Duration) string {
	parts := strings.Split(body, `"created_at": "`)
	for i := 1; i < len(parts); i++ {
		if at, err := time.Parse("2006-01-02T15:04:05.000000", parts[i][:26]); err == nil {
			parts[i] = at.Add(by).Format("2006-01-02T15:04:05.000000") + parts[i][26:]
		}
	}
	return strings.Join(parts, `"created_at": "`)
}

// learn takes note of what a request has done. The lock is held.
func (w *world) learn(actor string, req *http.Request, answer *httptest.ResponseRecorder) {
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/auth/tokens") && answer.Code < 300 {
		w.signIns++
	}
	_, path, found := strings.Cut(req.URL.Path, "/snapshots")
	if found && req.Method == http.MethodGet {
		w.gets++
	}
	if !found || answer.Code >= 300 {
		return
	}
	id := strings.TrimPrefix(path, "/")
	var shown struct{ Snapshot Snapshot }
	switch {
	case req.Method == http.MethodPost && path == "":
		_ = json.Unmarshal(answer.Body.Bytes(), &shown)
		w.posts++
		w.made[shown.Snapshot.ID], w.volumeOf[shown.Snapshot.ID] = actor, shown.Snapshot.VolumeID
		w.versions[shown.Snapshot.ID] = []version{{shown.Snapshot.Name, time.Now()}}
	case req.Method == http.MethodPut && !strings.Contains(id, "/"):
		_ = json.Unmarshal(answer.Body.Bytes(), &shown)
		w.versions[id] = append(w.versions[id], version{shown.Snapshot.Name, time.Now()})
	case req.Method == http.MethodDelete && !strings.Contains(id, "/"):
		w.gone[id] = time.Now()
	}
}

// open makes a client of the cloud by a way to it.
func (w *world) open(way http.RoundTripper, random *rand.Rand) *BlockStorage {
	env := w.cloud.Environment("http://cloud.example.com", "demo")
	config := openstack.Config{
		Config:  transport.Config{Network: way},
		AuthURL: env["OS_AUTH_URL"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
		ProjectName: env["OS_PROJECT_NAME"], Region: env["OS_REGION_NAME"],
	}
	if random != nil {
		w.slots = []int{32, 32, 1, 4}[random.IntN(4)]
		config.MaxConcurrentRequests = w.slots
		config.RequestsPerSecond = []float64{0, 0, 0, 5}[random.IntN(4)]
		config.Region = []string{"", config.Region}[random.IntN(2)]
	}
	cloud, err := New(config)
	if err != nil {
		panic(err)
	}
	return cloud.BlockStorage("")
}

// direct is the way of others, which nothing disturbs.
type direct struct{ *world }

// otherClient marks what others have made.
const otherClient = "another client"

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	gotConn(req)
	if req.Body == nil {
		req.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	d.mu.Lock()
	defer d.mu.Unlock()
	posts, gets, signIns := d.posts, d.gets, d.signIns
	d.cloud.ServeHTTP(recorder, req)
	d.learn(otherClient, req, recorder)
	d.posts, d.gets, d.signIns = posts, gets, signIns
	return recorder.Result(), nil
}
