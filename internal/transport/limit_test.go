package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// network is a cloud without a wire, so that its time may be virtual: it takes a
// while for each answer, and records.
type network struct {
	took   time.Duration
	answer func(n int, req *http.Request) (*http.Response, error) // nil for 200

	mu     sync.Mutex
	begun  time.Time
	sent   []time.Duration // when, since begun
	paths  []string
	inside int
	most   int // of inside
}

func newNetwork(took time.Duration) *network { return &network{took: took, begun: time.Now()} }

// gotConn tells the request that it has a connection, as net/http does.
func gotConn(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	gotConn(req)
	n.mu.Lock()
	count := len(n.sent)
	n.sent = append(n.sent, time.Since(n.begun))
	n.paths = append(n.paths, req.URL.Path)
	n.inside++
	n.most = max(n.most, n.inside)
	n.mu.Unlock()
	leave := sync.OnceFunc(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.inside--
	})
	if err := Sleep(req.Context(), n.took); err != nil {
		leave()
		return nil, err
	}
	if n.answer != nil {
		leave()
		return n.answer(count, req)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: &slowBody{n.took, leave}}, nil
}

// slowBody takes its time too, and is under way until its end.
type slowBody struct {
	took time.Duration
	end  func()
}

func (b *slowBody) Read([]byte) (int, error) {
	time.Sleep(b.took)
	b.end()
	return 0, io.EOF
}

func (*slowBody) Close() error { return nil }

func status(code int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// refuse lets the cloud answer so many requests by a rate limit, and then all.
func (n *network) refuse(times int, retryAfter string) {
	n.answer = func(count int, _ *http.Request) (*http.Response, error) {
		if count < times {
			return status(http.StatusTooManyRequests, "Retry-After", retryAfter), nil
		}
		return status(http.StatusOK), nil
	}
}

// ask sends a request, and closes what comes.
func ask(ctx context.Context, transport http.RoundTripper, path string) error {
	return askAt(ctx, transport, "http://cloud/", path)
}

func askAt(ctx context.Context, transport http.RoundTripper, base, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// askAll sends as many at once, in their order, and gives their errors.
func askAll(ctx context.Context, transport http.RoundTripper, n int) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = ask(ctx, transport, fmt.Sprint(i)) })
		synctest.Wait()
	}
	wait.Wait()
	return errs
}

func wantNone(t *testing.T, errs []error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// idle reports that all slots are free and nobody is in the line.
func (l *limiter) idle(slots int) bool {
	for _, line := range l.lines {
		if !line.head.TryAcquire(1) {
			return false
		}
		line.head.Release(1)
	}
	if !l.slots.TryAcquire(int64(slots)) {
		return false
	}
	l.slots.Release(int64(slots))
	return true
}

func limiterOf(t *testing.T, transport http.RoundTripper) *limiter {
	t.Helper()
	return transport.(*retryingTransport).next
}

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		limit, requests, most int
		took                  time.Duration
	}{
		{limit: 1, requests: 5, most: 1, took: 10 * time.Second},
		{limit: 3, requests: 30, most: 3, took: 20 * time.Second},
		{limit: 1000, requests: 100, most: 100, took: 2 * time.Second},
		{limit: 0, requests: 100, most: DefaultMaxConcurrentRequests, took: 8 * time.Second},
	} {
		t.Run(fmt.Sprint(row.limit), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// A second to the first byte of the answer, and one to the last.
				n := newNetwork(time.Second)
				transport := Config{MaxConcurrentRequests: row.limit}.stack(n)
				wantNone(t, askAll(t.Context(), transport, row.requests))
				if n.most != row.most {
					t.Errorf("%d requests were under way at a time, want %d", n.most, row.most)
				}
				if took := time.Since(n.begun); took != row.took {
					t.Errorf("all took %s, want %s", took, row.took)
				}
			})
		})
	}
}

// The time that a request waits for its turn is not part of its own.
func TestWaitingIsNotPartOfTheRequestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := Config{MaxConcurrentRequests: 1, RequestTimeout: 5 * time.Second, MaxRetries: new(int)}.stack(newNetwork(2 * time.Second))
		wantNone(t, askAll(t.Context(), transport, 10))
	})
}

func TestSlotsAreGivenBack(t *testing.T) {
	t.Parallel()
	broken := func(int, *http.Request) (*http.Response, error) { return nil, errors.New("reset") }
	for name, row := range map[string]struct {
		answer func(int, *http.Request) (*http.Response, error)
		end    time.Duration
	}{
		"answers":  {nil, time.Hour},
		"errors":   {broken, time.Hour},
		"refusals": {func(int, *http.Request) (*http.Response, error) { return status(503), nil }, time.Hour},
		"broken bodies": {func(int, *http.Request) (*http.Response, error) {
			return &http.Response{Body: io.NopCloser(failingReader{})}, nil
		}, time.Hour},
		"ends in the line": {nil, 2500 * time.Millisecond},
		"pauses":           {func(int, *http.Request) (*http.Response, error) { return status(429, "Retry-After", "3"), nil }, 4500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(time.Second)
				n.answer = row.answer
				transport := Config{MaxConcurrentRequests: 2, RequestsPerSecond: 1}.stack(n)
				ctx, cancel := context.WithTimeout(t.Context(), row.end)
				defer cancel()
				askAll(ctx, transport, 10)
				if !limiterOf(t, transport).idle(2) {
					t.Error("a slot, or the head of the line, is not free")
				}
			})
		})
	}
}

func TestRateIsBounded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		perSecond float64
		requests  int
		window    int // at most, in any second
		last      time.Duration
	}{
		{10, 20, 11, 1900 * time.Millisecond},
		{0.5, 4, 1, 6 * time.Second},
		{3, 7, 4, 2 * time.Second},
		{0, 20, 20, 0}, // no limit
	} {
		t.Run(fmt.Sprint(row.perSecond), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// Answers at once, so that nothing else slows it down.
				n := newNetwork(0)
				wantNone(t, askAll(t.Context(), Config{RequestsPerSecond: row.perSecond}.stack(n), row.requests))
				if last := n.sent[len(n.sent)-1].Round(time.Millisecond); last != row.last {
					t.Errorf("the last was sent after %s, want %s", last, row.last)
				}
				for i, from := range n.sent {
					in := slices.IndexFunc(n.sent[i:], func(at time.Duration) bool { return at >= from+time.Second })
					if in < 0 {
						in = len(n.sent[i:])
					}
					if in > row.window {
						t.Errorf("%d requests in the second from %s", in, from)
					}
				}
			})
		})
	}
}

// Slow answers do not save up permits that are then used all at once.
func TestRateIsThatOfSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(10 * time.Second)
		wantNone(t, askAll(t.Context(), Config{MaxConcurrentRequests: 4, RequestsPerSecond: 2}.stack(n), 20))
		for i := range n.sent[1:] {
			if gap := n.sent[i+1] - n.sent[i]; gap.Round(time.Millisecond) < 500*time.Millisecond {
				t.Errorf("request %d came %s after the one before", i+1, gap)
			}
		}
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]Config{
		"slots": {MaxConcurrentRequests: 2},
		"rate":  {RequestsPerSecond: 2},
		"both":  {MaxConcurrentRequests: 3, RequestsPerSecond: 0.7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(time.Second)
				transport := config.stack(n)
				var want []string
				var wait sync.WaitGroup
				for i := range 50 {
					ctx := t.Context()
					if i%5 == 4 {
						// One that gives up does not upset the order.
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, time.Millisecond)
						defer cancel()
					} else {
						want = append(want, fmt.Sprint("/", i))
					}
					wait.Go(func() { _ = ask(ctx, transport, fmt.Sprint(i)) })
					// No two come, or get an answer, at the same moment.
					time.Sleep(time.Millisecond)
				}
				wait.Wait()
				if !slices.Equal(n.paths, want) {
					t.Errorf("sent %v", n.paths)
				}
			})
		})
	}
}

// While one waits to be sent again, others go.
func TestARetryPauseHoldsNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.answer = func(count int, _ *http.Request) (*http.Response, error) {
			if count == 0 {
				return status(503, "Retry-After", "60"), nil
			}
			return status(200), nil
		}
		wantNone(t, askAll(t.Context(), Config{MaxConcurrentRequests: 1}.stack(n), 5))
		if want := []string{"/0", "/1", "/2", "/3", "/4", "/0"}; !slices.Equal(n.paths, want) || n.sent[4] != 4*time.Second || n.sent[5] < time.Minute {
			t.Errorf("sent %v after %v", n.paths, n.sent)
		}
	})
}

// Each attempt counts for the rate.
func TestRetriesCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		n.answer = func(count int, _ *http.Request) (*http.Response, error) {
			return status([]int{503, 200}[min(count/3, 1)]), nil
		}
		wantNone(t, askAll(t.Context(), Config{RequestsPerSecond: 0.1}.stack(n), 1))
		if len(n.sent) != 4 || n.sent[3].Round(time.Millisecond) != 30*time.Second {
			t.Errorf("sent after %v", n.sent)
		}
	})
}

// A pause that the cloud asks for also keeps those back that wait in the line.
func TestAPauseHoldsTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.refuse(1, "60")
		wantNone(t, askAll(t.Context(), Config{MaxConcurrentRequests: 1}.stack(n), 5))
		if len(n.sent) != 6 || n.sent[1] < time.Minute {
			t.Errorf("sent after %v", n.sent)
		}
	})
}

// A request that waits for the end of a pause leaves its slot to an urgent one, such as a
// sign-in, which no pause holds back.
func TestAPauseHoldsNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(time.Second)
		n.refuse(1, "60")
		transport := Config{MaxConcurrentRequests: 1}.stack(n)
		var line sync.WaitGroup
		line.Go(func() { wantNone(t, askAll(t.Context(), transport, 3)) })
		time.Sleep(5 * time.Second)
		if err := ask(WithOptions(t.Context(), Options{Urgent: true}), transport, "urgent"); err != nil {
			t.Error(err)
		}
		line.Wait()
		if len(n.sent) != 5 || n.paths[1] != "/urgent" || n.sent[1] != 5*time.Second || n.sent[2] < time.Minute || n.most != 1 {
			t.Errorf("sent %q after %v, %d at a time", n.paths, n.sent, n.most)
		}
	})
}

// A pause that one region's API asks for is none for that of another region.
func TestAPauseIsOfOneHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		n.answer = func(count int, req *http.Request) (*http.Response, error) {
			if req.URL.Host == "cloud" && count < 3 {
				return status(429, "Retry-After", "60"), nil
			}
			return status(200), nil
		}
		transport := Config{}.stack(n)
		var line sync.WaitGroup
		line.Go(func() { wantNone(t, askAll(t.Context(), transport, 3)) })
		time.Sleep(time.Second)
		if err := askAt(t.Context(), transport, "http://other-region/", "other"); err != nil {
			t.Error(err)
		}
		line.Wait()
		if at := slices.Index(n.paths, "/other"); at < 0 || n.sent[at] != time.Second || n.sent[len(n.sent)-1] < time.Minute {
			t.Errorf("sent %q after %v", n.paths, n.sent)
		}
	})
}

// After a pause too, requests follow one another at the rate.
func TestAPauseSavesUpNoRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		n.refuse(1, "10")
		wantNone(t, askAll(t.Context(), Config{RequestsPerSecond: 0.5}.stack(n), 5))
		for i := 1; i < len(n.sent); i++ {
			if (n.sent[i] - n.sent[i-1]).Round(time.Millisecond) < 2*time.Second {
				t.Errorf("sent after %v", n.sent)
				break
			}
		}
	})
}

// A request that was sent, and has no turn to be sent again, is not said to have never been sent.
func TestARetryWithoutATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		n.answer = func(int, *http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := ask(ctx, Config{RequestsPerSecond: 0.1}.stack(n), "cut off")
		if len(n.sent) != 1 || Unsent(err) || errors.As(err, new(*TurnError)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("sent after %v: %v", n.sent, err)
		}
	})
}

// A cloud that is slower than the rate holds requests back by its own pace, not by both.
func TestPaceAndRateDoNotAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		refused := 12
		n.refuse(refused, "1")
		wantNone(t, askAll(t.Context(), Config{RequestsPerSecond: 2}.stack(n), 20))
		// The interval is a second then, and shrinks to half of it.
		if last := n.sent[len(n.sent)-1] - n.sent[refused]; last > 13*time.Second {
			t.Errorf("they took %s", last)
		}
	})
}

// Whoever returns up in the line leaves to the next one what was kept for it: the slot
// and the place in the rate.
func TestWhoGivesUpLeavesItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(0)
		transport := Config{MaxConcurrentRequests: 1, RequestsPerSecond: 0.1}.stack(n)
		wantNone(t, askAll(t.Context(), transport, 1))
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := ask(ctx, transport, "given up"); err == nil {
				t.Error("no error")
			}
			cancel()
		}
		wantNone(t, askAll(t.Context(), transport, 1))
		if last := n.sent[len(n.sent)-1].Round(time.Millisecond); len(n.sent) != 2 || last != 10*time.Second {
			t.Errorf("sent after %v, want the second after 10 s", n.sent)
		}
	})
}

// Whoever returns up in the line learns why there was a line.
func TestTurnErrors(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		config Config
		answer func(int, *http.Request) (*http.Response, error)
		// ahead is how many come before the one that gives up.
		ahead int
		// urgent is whether one that waits in no line comes before it.
		urgent bool
		want   string
	}{
		"head, slots": {Config{MaxConcurrentRequests: 2}, nil, 2, false, "max_concurrent_requests is 2"},
		"line, slots": {Config{MaxConcurrentRequests: 2}, nil, 9, false, "max_concurrent_requests is 2"},
		"head, rate":  {Config{RequestsPerSecond: 0.1}, nil, 1, false, "requests_per_second is 0.1"},
		"line, rate":  {Config{RequestsPerSecond: 0.1}, nil, 5, false, "requests_per_second is 0.1"},
		"pause": {
			Config{},
			func(int, *http.Request) (*http.Response, error) { return status(429, "Retry-After", "60"), nil }, 1, false,
			"the cloud had asked for a pause",
		},
		"slot after a pause": {
			Config{MaxConcurrentRequests: 1},
			func(count int, _ *http.Request) (*http.Response, error) {
				if count > 0 {
					time.Sleep(time.Minute)
				}
				return status(429, "Retry-After", "1"), nil
			}, 2, true,
			"max_concurrent_requests is 1",
		},
		"line, pause": {
			Config{},
			func(int, *http.Request) (*http.Response, error) { return status(429, "Retry-After", "60"), nil }, 3, true,
			"the cloud had asked for a pause",
		},
	} {
		for _, end := range []error{context.DeadlineExceeded, context.Canceled} {
			t.Run(name+", "+end.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork(20 * time.Second)
					if n.answer = row.answer; n.answer != nil {
						n.took = 0
					}
					transport := row.config.stack(n)
					var wait sync.WaitGroup
					others, release := context.WithCancel(t.Context())
					for range row.ahead {
						wait.Go(func() { _ = ask(others, transport, "other") })
						synctest.Wait()
					}
					if row.urgent {
						wait.Go(func() { _ = ask(WithOptions(others, Options{Urgent: true}), transport, "urgent") })
						synctest.Wait()
					}
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					if errors.Is(end, context.Canceled) {
						ctx, cancel = context.WithCancel(t.Context())
						time.AfterFunc(3*time.Second, cancel)
					}
					defer cancel()
					err := ask(ctx, transport, "mine")
					release()
					wait.Wait()
					want := "never sent: " + map[error]string{context.DeadlineExceeded: "timed out", context.Canceled: "interrupted"}[end] +
						" after 3s of waiting for its turn, since " + row.want
					if !errors.Is(err, end) || err.Error() != want {
						t.Errorf("got  %v\nwant %s", err, want)
					}
					if slices.Contains(n.paths, "/mine") {
						t.Error("it was sent all the same")
					}
				})
			})
		}
	}
	t.Run("ended before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := ask(ctx, Config{}.stack(newNetwork(0)), ""); !errors.Is(err, context.Canceled) || errors.As(err, new(*TurnError)) {
			t.Errorf("%v", err)
		}
	})
}
