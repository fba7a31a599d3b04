package volumesnapshot_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

var walks = flag.Int("walks", 3, "how many walks TestAccVolumeSnapshot_walk goes")

// A walk is one life of a configuration: edits, applies that meet faults and
// interrupts, refreshes, taints, imports and destroys, and what others do to the
// snapshots meanwhile. After each run the state has every snapshot that its
// requests made, and after each apply that succeeded the cloud has what the
// configuration says and the plan is empty. A walk that fails is shortened.
func TestAccVolumeSnapshot_walk(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	// The same walks each time, unless -rapid.seed names others: 0 for any.
	for name, value := range map[string]string{"rapid.checks": fmt.Sprint(*walks), "rapid.steps": "40", "rapid.seed": "1", "rapid.nofailfile": "true"} {
		if !given(name) {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWalk(t, rt)
		rt.Repeat(map[string]func(*rapid.T){
			"edit":        w.edit,
			"apply":       w.apply,
			"faulty":      w.applyWithFault,
			"interrupted": w.applyInterrupted,
			"refresh":     w.refresh,
			"taint":       w.taint,
			"import":      w.reimport,
			"outside":     w.changeOutside,
			"destroy":     w.destroy,
		})
		w.apply(rt)
		w.destroy(rt)
	})
}

// given reports whether a flag was set on the command line.
func given(name string) (set bool) {
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

type walk struct {
	cloud   *acctest.Cloud
	cli     *acctest.CLI
	volumes []string
	wanted  map[string]wanted // by the name of the resource
	foreign map[string]bool   // snapshots that no state knows any more, as an error has said
}

// wanted is what the configuration says of a snapshot.
type wanted struct {
	volume            string
	name, description string
	metadata          map[string]string
}

func newWalk(t *testing.T, rt *rapid.T) *walk {
	c := acctest.New(t, simulator.Options{CreateTime: 20 * time.Millisecond, DeleteTime: 20 * time.Millisecond})
	w := &walk{cloud: c, volumes: []string{c.Volume(), c.Volume()}, wanted: map[string]wanted{}, foreign: map[string]bool{}}
	w.cli = acctest.NewCLI(t, "")
	w.cli.Attach()
	w.configure()
	rt.Log("in " + w.cli.Dir())
	return w
}

func (w *walk) configure() {
	text := w.cloud.ProviderConfig("max_retries = 2")
	for _, name := range slices.Sorted(maps.Keys(w.wanted)) {
		s := w.wanted[name]
		text += fmt.Sprintf("resource \"istack_volume_snapshot\" %q {\n  volume_id = %q\n", name, s.volume)
		if s.name != "" {
			text += fmt.Sprintf("  name = %q\n", s.name)
		}
		if s.description != "" {
			text += fmt.Sprintf("  description = %q\n", s.description)
		}
		if s.metadata != nil {
			text += "  metadata = {\n"
			for _, key := range slices.Sorted(maps.Keys(s.metadata)) {
				text += fmt.Sprintf("    %q = %q\n", key, s.metadata[key])
			}
			text += "  }\n"
		}
		text += "}\n"
	}
	w.cli.Configure(text)
}

var (
	addresses = rapid.SampledFrom([]string{"a", "b", "c"})
	someTexts = rapid.SampledFrom([]string{"", "one", "zwei", "ü 日本 ${x}"})
	keys      = rapid.SampledFrom([]string{"k", "K2", "a/b", "..", "x.json"})
)

func (w *walk) edit(rt *rapid.T) {
	for range rapid.IntRange(1, 3).Draw(rt, "edits") {
		name := addresses.Draw(rt, "resource")
		if rapid.IntRange(0, 4).Draw(rt, "gone") == 0 {
			delete(w.wanted, name)
			continue
		}
		s := w.wanted[name]
		if s.volume == "" || rapid.IntRange(0, 5).Draw(rt, "moves") == 0 {
			s.volume = rapid.SampledFrom(w.volumes).Draw(rt, "volume")
		}
		s.name = strings.ReplaceAll(someTexts.Draw(rt, "name"), "$", "$$")
		s.description = strings.ReplaceAll(someTexts.Draw(rt, "description"), "$", "$$")
		s.metadata = rapid.MapOfN(keys, rapid.SampledFrom([]string{"", "1", "2"}), 0, 3).Draw(rt, "metadata")
		w.wanted[name] = s
	}
	w.configure()
}

func (w *walk) apply(rt *rapid.T) {
	out, err := w.cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
	if err != nil {
		rt.Fatalf("an apply that nothing disturbs: %v\n%s", err, out)
	}
	w.converged(rt)
}

// converged checks that the cloud has what the configuration says, and nothing
// else of it, and that the plan is empty.
func (w *walk) converged(rt *rapid.T) {
	state := w.state(rt)
	for name, s := range w.wanted {
		has, exists := w.cloud.Snapshot(state[name])
		unescape := strings.NewReplacer("$$", "$")
		if !exists || has.VolumeID != s.volume || has.Name != unescape.Replace(s.name) || has.Description != unescape.Replace(s.description) {
			rt.Errorf("%s is wanted as %+v and is %+v", name, s, has)
		}
		for key, value := range s.metadata {
			if is, ok := has.Metadata[key]; !ok || is != value {
				rt.Errorf("%s is wanted with the metadata %q, and has %q", name, s.metadata, has.Metadata)
			}
		}
	}
	if len(state) != len(w.wanted) {
		rt.Errorf("%v is wanted, and the state has %v", w.wanted, state)
	}
	w.accounted(rt, "")
	if out, err := w.cli.Try("plan", "-detailed-exitcode", "-no-color", "-input=false"); err != nil {
		rt.Errorf("after an apply the plan is not empty:\n%s", out)
	}
}

// accounted checks that the state knows all snapshots, but those of which an error
// has said that it does not.
func (w *walk) accounted(rt *rapid.T, out string) {
	known := map[string]bool{}
	for _, id := range w.state(rt) {
		known[id] = true
	}
	for _, volume := range w.volumes {
		for _, s := range w.cloud.Snapshots(volume) {
			switch {
			case known[s.ID] || w.foreign[s.ID]:
			case strings.Contains(out, s.ID), strings.Contains(strings.Join(strings.Fields(out), " "), "could not be found out whether"):
				w.foreign[s.ID] = true
			default:
				rt.Errorf("the state does not know %+v\n%s", s, out)
			}
		}
	}
}

// state returns the ids by the name of the resource. It reads the file, since a command
// for it takes as much as what it is to check.
func (w *walk) state(rt *rapid.T) map[string]string {
	data, err := os.ReadFile(filepath.Join(w.cli.Dir(), "terraform.tfstate"))
	if len(data) == 0 && (err == nil || errors.Is(err, fs.ErrNotExist)) {
		return nil
	}
	if err != nil {
		rt.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct {
				Deposed    string
				Attributes struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		rt.Fatalf("%v: %s", err, data)
	}
	ids := map[string]string{}
	for _, r := range state.Resources {
		for _, instance := range r.Instances {
			ids[r.Name+instance.Deposed] = instance.Attributes.ID
		}
	}
	return ids
}

func (w *walk) applyWithFault(rt *rapid.T) {
	faults := slices.DeleteFunc(acctest.Faults(0), func(f acctest.Fault) bool { return f.Name == "answer too slow" })
	fault := rapid.SampledFrom(faults).Draw(rt, "fault")
	method := rapid.SampledFrom([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}).Draw(rt, "method")
	var left atomic.Int64
	left.Store(rapid.Int64Range(1, 4).Draw(rt, "request"))
	times := rapid.SampledFrom([]int{1, 1, 2, 12}).Draw(rt, "times")
	w.cloud.Inject(fault, times, func(r acctest.Request) bool {
		if r.Identity || r.Method != method {
			return false
		}
		// To find out that nothing was made takes twenty seconds.
		if method == http.MethodPost && r.Path == "snapshots" && !fault.Acted && times > 1 {
			return false
		}
		return left.Add(-1) <= 0
	})
	out, err := w.cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
	w.cloud.Instead(nil)
	w.ended(rt, out, err)
}

func (w *walk) applyInterrupted(rt *rapid.T) {
	var left atomic.Int64
	left.Store(rapid.Int64Range(1, 8).Draw(rt, "request"))
	seen := make(chan struct{})
	w.cloud.Instead(func(http.ResponseWriter, acctest.Request, func(http.ResponseWriter)) bool {
		if left.Add(-1) == 0 {
			close(seen)
		}
		return false
	})
	var out strings.Builder
	cmd := w.cli.Command("apply", "-auto-approve", "-no-color", "-input=false")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		rt.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case <-seen:
		_ = cmd.Process.Signal(os.Interrupt)
		err = <-ended
	case err = <-ended:
	}
	w.cloud.Instead(nil)
	w.ended(rt, out.String(), err)
}

// ended checks an apply that was disturbed.
func (w *walk) ended(rt *rapid.T, out string, err error) {
	switch {
	case strings.Contains(out, "panic") || strings.Contains(out, "Provider produced"):
		rt.Fatal(out)
	case err == nil:
		w.converged(rt)
	case !strings.Contains(out, "Error:") && !strings.Contains(out, "Interrupt"):
		rt.Errorf("an apply failed without a word:\n%s", out)
	}
	w.accounted(rt, out)
}

func (w *walk) refresh(rt *rapid.T) {
	if out, err := w.cli.Try("apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false"); err != nil {
		rt.Fatalf("a refresh: %v\n%s", err, out)
	}
	w.accounted(rt, "")
}

// managed draws a resource that the state has, with its id.
func (w *walk) managed(rt *rapid.T) (name, id string) {
	state := w.state(rt)
	// What an interrupted replacement has left has no address of its own.
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(state)), func(name string) bool { return len(name) > 1 })
	if len(names) == 0 {
		rt.Skip("the state is empty")
	}
	name = rapid.SampledFrom(names).Draw(rt, "managed")
	return name, state[name]
}

func (w *walk) taint(rt *rapid.T) {
	name, _ := w.managed(rt)
	if out, err := w.cli.Try("taint", "istack_volume_snapshot."+name); err != nil {
		rt.Fatal(out)
	}
}

// reimport takes a snapshot out of the state and imports it.
func (w *walk) reimport(rt *rapid.T) {
	name, id := w.managed(rt)
	if _, configured := w.wanted[name]; !configured {
		rt.Skip("it is not in the configuration")
	}
	if _, exists := w.cloud.Snapshot(id); !exists {
		rt.Skip("it is gone")
	}
	address := "istack_volume_snapshot." + name
	if out, err := w.cli.Try("state", "rm", address); err != nil {
		rt.Fatal(out)
	}
	if out, err := w.cli.Try("import", "-no-color", "-input=false", address, id); err != nil {
		rt.Fatal(out)
	}
	w.accounted(rt, "")
}

// changeOutside changes or deletes a snapshot behind Terraform's back.
func (w *walk) changeOutside(rt *rapid.T) {
	_, id := w.managed(rt)
	if _, exists := w.cloud.Snapshot(id); !exists {
		rt.Skip("it is gone")
	}
	switch rapid.IntRange(0, 2).Draw(rt, "what") {
	case 0:
		w.cloud.DeleteSnapshot(id)
	case 1:
		w.cloud.UpdateMetadata(id, map[string]string{keys.Draw(rt, "key"): "theirs", "their own": "x"})
	case 2:
		if s, _ := w.cloud.Snapshot(id); s.Metadata["k"] != "" {
			w.cloud.RemoveMetadata(id, "k")
		}
	}
}

func (w *walk) destroy(rt *rapid.T) {
	out, err := w.cli.Try("destroy", "-auto-approve", "-no-color", "-input=false")
	if err != nil || len(w.state(rt)) > 0 {
		rt.Fatalf("a destroy that nothing disturbs: %v\n%s", err, out)
	}
	w.accounted(rt, "")
}
