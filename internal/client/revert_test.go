package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

func isRevert(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/action")
}

func isVolumeRead(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/volumes/")
}

// revert reverts a volume to its only snapshot, and tells how often it asked for that.
func (m *memory) revert(ctx context.Context) (asked int, err error) {
	m.t.Helper()
	b := m.open()
	made, err := b.Create(ctx, CreateRequest{VolumeID: m.SeedVolume("v", 1)})
	if err == nil {
		made, err = b.WaitAvailable(ctx, made.ID)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	instead := m.instead
	m.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if isRevert(r) {
			asked++
		}
		return instead != nil && instead(w, r)
	}
	time.Sleep(2 * time.Second) // the API's times have seconds
	snapshot, volume, err := b.Revertible(ctx, made.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	if err = b.Revert(ctx, snapshot, volume); err == nil {
		err = b.WaitReverted(ctx, snapshot, volume)
	}
	return asked, err
}

// A revert whose answer is lost is not asked for again, and is waited for if the volume shows it.
func TestRevertWithoutAnAnswer(t *testing.T) {
	for name, row := range map[string]struct {
		acts    bool
		arrives time.Duration // when the API acts, after the answer was lost
		status  int           // of a proxy's answer
	}{
		"acted":             {true, 0, http.StatusBadGateway},
		"acts later":        {true, 15 * time.Second, http.StatusGatewayTimeout},
		"never acted, lost": {false, 0, http.StatusBadGateway},
		"a page":            {false, 0, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: 3 * time.Second})
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case !isRevert(r):
						return false
					case row.acts && row.arrives == 0:
						m.lose(w, r)
					case row.acts:
						m.after(row.arrives, r)
						w.WriteHeader(row.status)
					default:
						w.WriteHeader(row.status)
						fmt.Fprint(w, "<html>Welcome</html>")
					}
					return true
				}
				asked, err := m.revert(t.Context())
				if asked != 1 || (err == nil) != row.acts || err != nil && !errors.As(err, new(*LostRevertError)) {
					t.Errorf("asked %d times: %v", asked, err)
				}
			})
		})
	}
}

// Only a volume that is being reverted shows it: a revert that was done before the first look, and
// what somebody else has done to the volume meanwhile, look alike.
func TestRevertThatShowsNothing(t *testing.T) {
	for name, status := range map[string]string{"done at once": "", "attached": "in-use"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: 50 * time.Millisecond})
				lost := false
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case isRevert(r) && status == "":
						m.lose(w, r)
					case isRevert(r):
						w.WriteHeader(http.StatusBadGateway)
					case lost && isVolumeRead(r) && status != "":
						answer := m.answer(r)
						changed := bytes.Replace(answer, []byte(`"status": "available"`), []byte(`"status": "`+status+`"`), 1)
						if bytes.Equal(answer, changed) {
							t.Errorf("no status in %s", answer)
						}
						_, _ = w.Write(changed)
					default:
						return false
					}
					lost = true
					return true
				}
				if asked, err := m.revert(t.Context()); asked != 1 || !errors.As(err, new(*LostRevertError)) {
					t.Errorf("asked %d times: %v", asked, err)
				}
			})
		})
	}
}

// The wait outlasts an outage, and an answer from a copy of the database that is behind.
func TestRevertIsWaitedFor(t *testing.T) {
	for name, during := range map[string]func(w http.ResponseWriter, polls int, before []byte) bool{
		"an outage": func(w http.ResponseWriter, polls int, _ []byte) bool {
			if polls < 40 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return polls < 40
		},
		"a copy that is behind": func(w http.ResponseWriter, polls int, before []byte) bool {
			if polls == 1 {
				_, _ = w.Write(before)
			}
			return polls == 1
		},
		"an attachment just after it": func(w http.ResponseWriter, polls int, before []byte) bool {
			time.Sleep(11 * time.Second)
			_, _ = w.Write(bytes.ReplaceAll(before, []byte(`"available"`), []byte(`"in-use"`)))
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := inMemory(t, simulator.Options{CreateTime: 10 * time.Second})
				reverting, polls := false, 0
				var before []byte
				m.instead = func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case isRevert(r):
						reverting = true
					case isVolumeRead(r) && !reverting:
						before = m.answer(r)
					case isVolumeRead(r):
						polls++
						return during(w, polls, before)
					}
					return false
				}
				began := time.Now()
				if asked, err := m.revert(t.Context()); asked != 1 || err != nil || time.Since(began) < 20*time.Second {
					t.Errorf("asked %d times, after %s: %v", asked, time.Since(began), err)
				}
			})
		})
	}
}

// An interrupt ends the wait at once, and says what the volume was last.
func TestRevertIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := inMemory(t, simulator.Options{CreateTime: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		m.instead = func(_ http.ResponseWriter, r *http.Request) bool {
			if isRevert(r) {
				time.AfterFunc(30*time.Second, cancel)
			}
			return false
		}
		_, err := m.revert(ctx)
		var wait *WaitError
		if !errors.As(err, &wait) || wait.Last != volumeReverting || !errors.Is(err, context.Canceled) || transport.Rounded(wait.Waited) != 30*time.Second {
			t.Errorf("%+v", err)
		}
	})
}
