package client

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

var (
	seeds = flag.Int("seeds", 300, "how many fleets TestSimulation lets live")
	seed  = flag.Uint64("seed", 1, "the first of them")
)

// TestSimulation lets fleets of operations live in virtual time, against a cloud
// that a seed disturbs: answers are late, lost, cut or given by somebody else,
// requests meet rate limits and outages, others act meanwhile, and interrupts come
// at any moment. Whatever happens, the promises of the client hold. A seed that
// fails is shrunk to the fewest operations and disturbances that still fail, and
// its history is printed.
func TestSimulation(t *testing.T) {
	for s := *seed; s < *seed+uint64(*seeds); s++ {
		p := newPlot(s)
		w := p.live(t)
		if len(w.broken) == 0 {
			continue
		}
		t.Errorf("seed %d breaks a promise:\n%s", s, strings.Join(w.broken, "\n"))
		if shrunk := p.shrunk(t).live(t); len(shrunk.broken) > 0 {
			t.Errorf("as does %+v:\n%s", shrunk.plot, strings.Join(shrunk.broken, "\n"))
			w = shrunk
		}
		t.Fatal("its history:\n" + strings.Join(w.history, "\n"))
	}
}

// disturbances are the kinds of what may happen to a request.
const (
	slow          = 1 << iota // an answer takes long, with a heavy tail
	unconnected               // no connection is made
	cut                       // the answer breaks off, and the API has acted or not
	gateway                   // a gateway gives up while the API goes on
	unavailable               // 502, 503, 504, 520 and the like, and the API has not acted
	limited                   // 429, with or without Retry-After
	portal                    // somebody else answers with a page
	refusedTokens             // a token is refused
	longOutage                // nothing works for seconds to minutes
	interrupts                // the operation is interrupted
	strangers                 // others create, rename and delete
	clocks                    // the nodes of the API have other times
	repeated                  // a gateway sends a request that may be repeated twice
	old                       // an API without microversions' comforts
	lenient                   // an API that ignores filters
	busy                      // no listing is answered for ten minutes
	disturbances  = iota
)

// plot is all that decides a fleet's life.
type plot struct {
	Seed       uint64
	Operations []int // those of the fleet that take part
	Kinds      int   // the disturbances
}

func newPlot(seed uint64) plot {
	random := rand.New(rand.NewPCG(seed, 1))
	p := plot{Seed: seed}
	size := 1 + random.IntN(12)
	if random.IntN(20) == 0 {
		size = 20 + random.IntN(80)
	}
	for i := range size {
		p.Operations = append(p.Operations, i)
	}
	for range 1 + random.IntN(5) {
		p.Kinds |= 1 << random.IntN(disturbances)
	}
	return p
}

// shrunk gives the smallest plot near this one that breaks a promise too.
func (p plot) shrunk(t *testing.T) plot {
	breaks := func(p plot) bool { return len(p.live(t).broken) > 0 }
	for again := true; again; {
		again = false
		for kind := 1; kind < 1<<disturbances; kind <<= 1 {
			smaller := p
			if smaller.Kinds &^= kind; smaller.Kinds != p.Kinds && breaks(smaller) {
				p, again = smaller, true
			}
		}
		for half := len(p.Operations) / 2; half > 0; half /= 2 {
			for from := 0; from+half <= len(p.Operations); from += half {
				smaller := p
				smaller.Operations = slices.Delete(slices.Clone(p.Operations), from, from+half)
				if breaks(smaller) {
					p, again = smaller, true
					break
				}
			}
		}
	}
	return p
}

// world is a cloud under a plot, and what is known of it beside its own API.
type world struct {
	plot
	cloud *simulator.Server
	begun time.Time
	// outageFrom and outageTo bound the time in which nothing works.
	outageFrom, outageTo time.Time

	mu      sync.Mutex
	count   map[string]int // requests by who sent them, so that the fate of each is its own
	created map[string]int // requests to create that had a connection, by who sent them
	history []string
	broken  []string
	// made has who asked for each snapshot, versions each name that it has had and
	// since when, and gone when it was deleted.
	made     map[string]string
	versions map[string][]version
	gone     map[string]time.Time
	told     map[string]version // the newest that was told of a snapshot
	owners   map[string]string  // who was told that it made a snapshot
	excused  map[string]int     // creates of a name that said they do not know what they made
}

type version struct {
	name  string
	since time.Time
}

type actorKey struct{}

// by marks the requests of an operation, whose fate is then its own.
func by(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, fmt.Sprintf("%12s  %s", time.Since(w.begun).Round(time.Microsecond), fmt.Sprintf(format, args...)))
}

func (w *world) breaks(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf("%12s  %s", time.Since(w.begun).Round(time.Microsecond), fmt.Sprintf(format, args...)))
}

func (w *world) has(kind int) bool { return w.Kinds&kind != 0 }

// random is that of one request or operation, whatever goes on beside it.
func (w *world) random(parts ...any) *rand.Rand {
	hash := fnv.New64()
	fmt.Fprint(hash, parts...)
	return rand.New(rand.NewPCG(w.Seed, hash.Sum64()))
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}`)

// RoundTrip is the way to the cloud and back.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	actor, _ := ctx.Value(actorKey{}).(string)
	_, path, _ := strings.Cut(req.URL.Path, "/v3")
	what := fmt.Sprint(actor, " ", req.Method, " ", strings.TrimSuffix(path+"?"+req.URL.RawQuery, "?"))
	// Ids are others in each run.
	kind := anyID.ReplaceAllString(what, "ID")
	w.mu.Lock()
	w.count[kind]++
	random := w.random(kind, w.count[kind])
	w.mu.Unlock()
	signIn := strings.HasSuffix(req.URL.Path, "/auth/tokens")

	latency := func() time.Duration {
		d := time.Duration(1+random.IntN(40))*time.Millisecond + time.Duration(random.IntN(1000000))
		if w.has(slow) && random.IntN(6) == 0 {
			d *= time.Duration(1 + random.IntN(300))
		}
		return d
	}
	there, back := latency(), latency()
	strikes := func(kind, odds int) bool { return w.has(kind) && random.IntN(odds) == 0 }
	answer := func(status int, body string, header ...string) (*http.Response, error) {
		w.note("%s: %d %s by somebody else", what, status, strings.Join(header, " "))
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}
		for i := 0; i+1 < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}

	if strikes(unconnected, 8) || w.has(longOutage) && random.IntN(3) == 0 && w.inOutage() {
		w.note("%s: no connection", what)
		if err := sleep(ctx, there); err != nil {
			return nil, err
		}
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	gotConn(req)
	if isCreate(req) {
		w.mu.Lock()
		w.created[actor]++
		w.mu.Unlock()
	}
	if err := sleep(ctx, there); err != nil {
		w.note("%s: given up before it arrived", what)
		return nil, err
	}
	switch {
	case w.has(longOutage) && w.inOutage(), strikes(unavailable, 6):
		status := []int{502, 503, 504, 520, 522, 524}[random.IntN(6)]
		if random.IntN(3) == 0 {
			return answer(status, "<html>", "Retry-After", fmt.Sprint(random.IntN(900)))
		}
		return answer(status, "<html>")
	case !signIn && strikes(limited, 6):
		if random.IntN(3) == 0 {
			return answer(http.StatusTooManyRequests, "")
		}
		return answer(http.StatusTooManyRequests, "", "Retry-After", fmt.Sprint(random.IntN(20)))
	case w.has(busy) && isListing(req):
		return answer([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[random.IntN(2)], "", "Retry-After", "600")
	case !signIn && strikes(refusedTokens, 8):
		return answer(http.StatusUnauthorized, "")
	case strikes(portal, 15):
		return answer(http.StatusOK, "<html>Welcome</html>")
	}

	cutBefore := strikes(cut, 12)
	if cutBefore {
		w.note("%s: cut before it arrived", what)
		return nil, io.ErrUnexpectedEOF
	}
	// The API gets it whole, and acts on it whatever becomes of the sender.
	gatewayPatience, work := time.Hour, time.Duration(random.IntN(int(20*time.Millisecond)))
	if strikes(gateway, 6) {
		gatewayPatience = time.Duration(1+random.IntN(40)) * time.Second
		work = gatewayPatience + time.Duration(random.IntN(15000))*time.Millisecond
	}
	twice := req.Method != http.MethodPost && strikes(repeated, 4)
	answered := make(chan *http.Response, 1)
	received := req.Clone(context.WithoutCancel(ctx))
	go func() {
		time.Sleep(work)
		if twice {
			_ = w.serve(actor, what+" (again)", repeat(received)).Body.Close()
		}
		answered <- w.serve(actor, what, received) //nolint:bodyclose // it is in memory, and nobody may wait for it any more
	}()
	var resp *http.Response
	patience := time.NewTimer(gatewayPatience)
	defer patience.Stop()
	select {
	case resp = <-answered:
	case <-patience.C:
		return answer([]int{http.StatusGatewayTimeout, 524}[random.IntN(2)], "<html>")
	case <-ctx.Done():
		w.note("%s: given up", what)
		return nil, ctx.Err()
	}
	if strikes(cut, 8) {
		w.note("%s: the answer is lost", what)
		return nil, io.ErrUnexpectedEOF
	}
	if err := sleep(ctx, back); err != nil {
		w.note("%s: given up", what)
		return nil, err
	}
	ahead := time.Duration(0)
	if w.has(clocks) {
		ahead = time.Hour + time.Duration(random.IntN(2))*8*time.Second
	}
	resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	resp.Request = req
	return resp, nil
}

func (w *world) inOutage() bool {
	now := time.Now()
	return now.After(w.outageFrom) && now.Before(w.outageTo)
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
func (w *world) serve(actor, what string, req *http.Request) *http.Response {
	if req.Body == nil {
		req.Body = http.NoBody
	}
	if w.has(lenient) && isListing(req) {
		query := req.URL.Query()
		query.Del("status")
		query.Del("name")
		query.Del("volume_id")
		req.URL.RawQuery = query.Encode()
	}
	recorder := httptest.NewRecorder()
	// One at a time, so that what is noted is in the order in which it happened.
	w.mu.Lock()
	w.cloud.ServeHTTP(recorder, req)
	w.learn(actor, req, recorder)
	w.mu.Unlock()
	w.note("%s: %d", what, recorder.Code)
	resp := recorder.Result()
	if w.has(clocks) {
		// The nodes write their own times.
		body := shiftTimes(recorder.Body.String(), time.Hour)
		resp.Body = io.NopCloser(strings.NewReader(body))
		resp.ContentLength = int64(len(body))
	}
	return resp
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
	_, path, found := strings.Cut(req.URL.Path, "/snapshots")
	if !found || answer.Code >= 300 {
		return
	}
	id := strings.TrimPrefix(path, "/")
	var shown struct{ Snapshot struct{ ID, Name string } }
	switch {
	case req.Method == http.MethodPost && path == "":
		_ = json.Unmarshal(answer.Body.Bytes(), &shown)
		w.made[shown.Snapshot.ID] = actor
		w.versions[shown.Snapshot.ID] = []version{{shown.Snapshot.Name, time.Now()}}
	case req.Method == http.MethodPut && !strings.Contains(id, "/"):
		_ = json.Unmarshal(answer.Body.Bytes(), &shown)
		w.versions[id] = append(w.versions[id], version{shown.Snapshot.Name, time.Now()})
	case req.Method == http.MethodDelete && !strings.Contains(id, "/"):
		w.gone[id] = time.Now()
	}
}

// live runs the fleet, and gives the world as it is afterwards.
func (p plot) live(t *testing.T) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		w = p.start()
		w.fleet(t)
	})
	return w
}

func (p plot) start() *world {
	random := rand.New(rand.NewPCG(p.Seed, 2))
	options := simulator.Options{
		CreateTime: time.Duration(50+random.IntN(20000)) * time.Millisecond,
		DeleteTime: time.Duration(50+random.IntN(10000)) * time.Millisecond,
		PageLimit:  []int{1000, 1000, 10, 3}[random.IntN(4)],
	}
	w := &world{
		plot: p, begun: time.Now(), count: map[string]int{}, created: map[string]int{}, made: map[string]string{},
		versions: map[string][]version{}, gone: map[string]time.Time{}, told: map[string]version{},
		owners: map[string]string{}, excused: map[string]int{},
	}
	if w.has(old) {
		options.MaxMicroversion = []string{"3.0", "3.44", "3.62"}[random.IntN(3)]
	}
	w.cloud = simulator.New(options)
	w.outageFrom = w.begun.Add(time.Duration(random.IntN(20)) * time.Second)
	w.outageTo = w.outageFrom.Add(time.Duration(1+random.IntN(300)) * time.Second)
	return w
}

// open makes a client of the cloud by a way to it.
func (w *world) open(way http.RoundTripper, random *rand.Rand) *BlockStorage {
	env := w.cloud.Environment("http://cloud.example.com", "demo")
	config := Config{
		AuthURL: env["OS_AUTH_URL"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
		ProjectName: env["OS_PROJECT_NAME"], Region: env["OS_REGION_NAME"],
	}
	if random != nil {
		config.MaxConcurrentRequests = []int{0, 0, 1, 4}[random.IntN(4)]
		config.RequestsPerSecond = []float64{0, 0, 0, 5}[random.IntN(4)]
		config.Region = []string{"", config.Region}[random.IntN(2)]
	}
	cloud, err := New(config)
	if err != nil {
		panic(err)
	}
	cloud.session.http.Transport = config.transport(way)
	return cloud.BlockStorage("")
}

// direct is the way of others, which nothing disturbs.
type direct struct{ *world }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	gotConn(req)
	if req.Body == nil {
		req.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cloud.ServeHTTP(recorder, req)
	d.learn("a stranger", req, recorder)
	return recorder.Result(), nil
}

// operationLife is how long an operation has, as by a timeout of Terraform.
const operationLife = 30 * time.Minute

func (w *world) fleet(t *testing.T) {
	random := rand.New(rand.NewPCG(w.Seed, 3))
	outside := w.open(direct{w}, nil)
	var volumes, snapshots []string
	for i := range 1 + random.IntN(2) {
		volumes = append(volumes, w.cloud.SeedVolume(fmt.Sprint("v", i), 1))
	}
	// Snapshots that are there already: some like those that the fleet will make,
	// then one for each operation and some more.
	for range 3 {
		if _, err := outside.Create(t.Context(), CreateRequest{VolumeID: volumes[random.IntN(len(volumes))], Name: "alike"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1 + slices.Max(append(w.Operations, 0)) + random.IntN(30) {
		made, err := outside.Create(t.Context(), CreateRequest{VolumeID: volumes[i%len(volumes)], Name: fmt.Sprint("old-", i)})
		if err != nil {
			t.Fatal(err)
		}
		snapshots = append(snapshots, made.ID)
	}
	time.Sleep(time.Minute)

	storage := w.open(w, random)
	transport := storage.client.session.http.Transport.(*retryingTransport)
	w.begun = time.Now()
	w.outageFrom, w.outageTo = w.outageFrom.Add(time.Minute), w.outageTo.Add(time.Minute)
	var fleet sync.WaitGroup
	for _, i := range w.Operations {
		o := &task{world: w, storage: storage, outside: outside, actor: fmt.Sprint("#", i), random: w.random("operation", i), volume: volumes[i%len(volumes)], id: snapshots[i], some: snapshots[:min(len(snapshots), 4)]}
		fleet.Go(func() { o.run(t) })
	}
	if w.has(strangers) {
		fleet.Go(func() {
			for range 10 {
				time.Sleep(time.Duration(random.IntN(4000)) * time.Millisecond)
				o := w.Operations[random.IntN(len(w.Operations))]
				if random.IntN(2) == 0 {
					o = random.IntN(min(len(snapshots), 4))
				}
				switch name := fmt.Sprint("strange-", random.IntN(1000)); random.IntN(2) {
				case 0:
					_, _ = outside.Create(t.Context(), CreateRequest{VolumeID: volumes[0], Name: "strange"})
				case 1:
					w.note("a stranger renames %s to %s", snapshots[o], name)
					_, _ = outside.Update(t.Context(), Reference{ID: snapshots[o]}, UpdateRequest{Name: &name})
				}
			}
		})
	}
	fleet.Wait()
	// What is still on its way arrives, and what is kept for a while is forgotten.
	time.Sleep(2 * time.Hour)
	if limits := transport.next.(*limiter); !limits.idle(storage.client.config.maxConcurrentRequests()) {
		w.breaks("a slot, or the head of the line, is not free")
	}
	w.accounts()
	synctest.Wait()
}

// accounts compares what the fleet was told with what the cloud has.
func (w *world) accounts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Of creates alike any may own any: so many without an owner as there were that
	// said they did not know.
	unowned := map[string][]string{}
	for id, actor := range w.made {
		if _, owned := w.owners[id]; !owned && actor != "a stranger" && actor != "" {
			name := w.versions[id][0].name
			unowned[name] = append(unowned[name], id+" of "+actor)
		}
	}
	for name, ids := range unowned {
		if len(ids) > w.excused[name] {
			w.broken = append(w.broken, fmt.Sprintf("%d snapshots %q are nobody's, and %d creates said that they do not know: %v", len(ids), name, w.excused[name], ids))
		}
	}
}

// task is one operation of a fleet.
type task struct {
	*world
	storage, outside *BlockStorage
	actor            string
	random           *rand.Rand
	volume, id       string
	some             []string // that others change too
}

func (o *task) run(t *testing.T) {
	time.Sleep(time.Duration(o.random.IntN(3000))*time.Millisecond + time.Duration(o.random.IntN(1000000)))
	ctx, cancel := context.WithTimeout(by(t.Context(), o.actor), operationLife)
	defer cancel()
	var interrupted time.Time
	if o.has(interrupts) && o.random.IntN(3) == 0 {
		after := time.Duration(o.random.IntN(20000)) * time.Millisecond
		interrupted = time.Now().Add(after)
		stop := time.AfterFunc(after, func() { o.note("%s is interrupted", o.actor); cancel() })
		defer stop.Stop()
	}
	begun := time.Now()
	what, grace := "", time.Duration(0)
	var err error
	switch o.random.IntN(6) {
	case 0, 1:
		what, grace = "create", interruptGrace
		err = o.create(ctx)
	case 2:
		what = "read"
		err = o.read(ctx)
	case 3:
		what = "update"
		err = o.update(ctx, begun)
	case 4:
		what = "metadata"
		err = o.metadata(ctx)
	case 5:
		what = "remove"
		err = o.remove(ctx)
	}
	o.note("%s %s ends: %v", o.actor, what, err)
	if hasStatus(err, http.StatusTooManyRequests) && ctx.Err() == nil {
		o.breaks("%s %s failed by a rate limit while it had time: %v", o.actor, what, err)
	}
	o.mu.Lock()
	sent := o.created[o.actor]
	o.mu.Unlock()
	if sent == 0 {
		// There is nothing to be learned.
		grace = 0
		if errors.As(err, new(*LostCreateError)) {
			o.breaks("%s does not know what became of what it never sent: %v", o.actor, err)
		}
	}
	end := begun.Add(operationLife)
	if !interrupted.IsZero() {
		end = interrupted
	}
	if late := time.Since(end); late > grace+time.Millisecond {
		o.breaks("%s %s ended %s after its context", o.actor, what, late)
	}
}

// onlyBusy tells that nothing keeps anybody but the listing.
func (w *world) onlyBusy() bool {
	return w.has(busy) && w.Kinds&(slow|unconnected|cut|gateway|unavailable|limited|portal|refusedTokens|longOutage|interrupts) == 0
}

func (o *task) create(ctx context.Context) error {
	// Half of them are alike.
	request := CreateRequest{VolumeID: o.volume, Name: "alike"}
	if o.random.IntN(2) == 0 {
		request.Name = "own" + o.actor
	}
	made, err := o.storage.Create(ctx, request)
	switch {
	case err == nil:
		o.mu.Lock()
		owner, owned := o.owners[made.ID]
		o.owners[made.ID] = o.actor
		names, maker := o.versions[made.ID], o.made[made.ID]
		o.mu.Unlock()
		if maker == "a stranger" {
			o.breaks("%s was told that it made %s, which was there before", o.actor, made.ID)
		}
		if owned {
			o.breaks("%s was told that it made %s, which is owned by %s", o.actor, made.ID, owner)
		}
		if len(names) == 0 || names[0].name != request.Name {
			o.breaks("%s was told that it made %s, which the cloud has as %v", o.actor, made.ID, names)
		}
	case errors.As(err, new(*LostCreateError)), errors.As(err, new(*AmbiguousCreateError)):
		o.mu.Lock()
		o.excused[request.Name]++
		o.mu.Unlock()
		return err
	default:
		return err
	}
	began := time.Now()
	last, err := o.storage.WaitAvailable(ctx, made.ID)
	switch {
	case o.onlyBusy() && time.Since(began) > time.Minute:
		o.breaks("%s waited for %s", o.actor, time.Since(began))
	case errors.Is(err, context.DeadlineExceeded) && !o.has(longOutage|limited|unavailable|unconnected|cut|gateway|slow):
		o.breaks("%s waited in vain: %v", o.actor, err)
	case err == nil && last.Status != StatusAvailable:
		o.breaks("%s waited until %s is %s", o.actor, made.ID, last.Status)
	case err != nil && ctx.Err() == nil && passingError(err):
		o.breaks("%s: a wait ended by %v", o.actor, err)
	}
	return err
}

// known is the newest that has been told of a snapshot.
func (o *task) known(id string) version {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.told[id]
}

// named checks what was told of a snapshot's name: it was right not too long ago,
// and is no older than what had been told when the operation began.
func (o *task) named(id, name string, begun time.Time, known version) {
	now := time.Now()
	o.mu.Lock()
	versions, told := o.versions[id], o.told[id]
	found := version{}
	for i, v := range versions {
		ended := now
		if i+1 < len(versions) {
			ended = versions[i+1].since
		}
		if v.name == name && !ended.Before(begun.Add(-SharedReadLife)) {
			found = v
		}
	}
	if found.since.After(told.since) {
		o.told[id] = found
	}
	o.mu.Unlock()
	switch {
	case found.since.IsZero():
		o.breaks("%s was told that %s is named %q; it has been %v", o.actor, id, name, versions)
	case found.since.Before(known.since):
		o.breaks("%s was told that %s is named %q, and before that it is %q", o.actor, id, name, known.name)
	}
}

func (o *task) read(ctx context.Context) error {
	var last error
	for range 1 + o.random.IntN(8) {
		// Of which volume it is may be known or not, and of which region, by its name or
		// as the configured one.
		id := slices.Concat(o.some, []string{o.id})[o.random.IntN(len(o.some)+1)]
		reference := Reference{ID: id}
		if id == o.id && o.random.IntN(2) == 0 {
			reference.VolumeID = o.volume
		}
		storage := o.storage.client.BlockStorage([]string{"", "RegionOne"}[o.random.IntN(2)])
		began, known := time.Now(), o.known(id)
		snapshot, err := storage.Read(ctx, reference)
		switch {
		case o.onlyBusy() && time.Since(began) > 10*time.Second:
			o.breaks("%s read for %s", o.actor, time.Since(began))
		case err == nil:
			o.named(id, snapshot.Name, began, known)
		case IsNotFound(err):
			o.mu.Lock()
			_, gone := o.gone[id]
			o.mu.Unlock()
			if !gone {
				o.breaks("%s was told that %s does not exist", o.actor, id)
			}
		}
		last = err
		if sleep(ctx, time.Duration(o.random.IntN(2000))*time.Millisecond) != nil {
			break
		}
	}
	return last
}

func (o *task) update(ctx context.Context, begun time.Time) error {
	name := "new" + o.actor
	updated, err := o.storage.Update(ctx, Reference{ID: o.id}, UpdateRequest{Name: &name})
	if err != nil {
		return err
	}
	o.mu.Lock()
	written := slices.ContainsFunc(o.versions[o.id], func(v version) bool { return v.name == name && !v.since.Before(begun) })
	o.mu.Unlock()
	if !written || updated.Name != name {
		o.breaks("%s was told that %s is now %q, and nothing was written", o.actor, o.id, updated.Name)
	}
	// What was written is read, or what somebody else wrote later.
	began, known := time.Now(), o.known(o.id)
	snapshot, err := o.storage.Read(ctx, Reference{ID: o.id, VolumeID: o.volume})
	if err == nil {
		o.named(o.id, snapshot.Name, began, known)
		o.mu.Lock()
		index := slices.IndexFunc(o.versions[o.id], func(v version) bool { return v.name == name })
		later := slices.ContainsFunc(o.versions[o.id][index:], func(v version) bool { return v.name == snapshot.Name })
		o.mu.Unlock()
		if !later {
			o.breaks("%s wrote %q, and then read %q", o.actor, name, snapshot.Name)
		}
	}
	return err
}

func (o *task) metadata(ctx context.Context) error {
	change := MetadataChange{Set: map[string]string{"a": o.actor}, Remove: []string{"b"}}
	if err := o.storage.ChangeMetadata(ctx, Reference{ID: o.id}, change); err != nil {
		return err
	}
	has, err := o.outside.Metadata(context.WithoutCancel(ctx), o.id)
	if err != nil || has["a"] != o.actor {
		o.breaks("%s was told that its metadata is set, and it is %v, %v", o.actor, has, err)
	}
	return nil
}

func (o *task) remove(ctx context.Context) error {
	err := o.storage.Remove(ctx, Reference{ID: o.id})
	if err != nil {
		if ctx.Err() == nil && errors.As(err, new(*WaitError)) {
			o.breaks("%s: a wait ended before its time: %v", o.actor, err)
		}
		return err
	}
	if _, err := o.outside.Get(context.WithoutCancel(ctx), o.id); !IsNotFound(err) {
		o.breaks("%s was told that %s is gone: %v", o.actor, o.id, err)
	}
	return nil
}
