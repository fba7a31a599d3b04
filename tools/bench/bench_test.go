package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		figures []float64
		want    spread
		text    string
	}{
		{nil, spread{}, "0.0"},
		{[]float64{2}, spread{2, 2, 2}, "2.0"},
		{[]float64{3, 1}, spread{2, 1, 3}, "2.0 (1.0–3.0)"},
		{[]float64{9, 1, 2}, spread{2, 1, 9}, "2.0 (1.0–9.0)"},
		// What looks the same is not said twice.
		{[]float64{1.01, 1.02}, spread{1.015, 1.01, 1.02}, "1.0"},
	} {
		got := spreadOf(test.figures)
		if math.Abs(got.median-test.want.median) > 1e-9 || got.least != test.want.least || got.most != test.want.most {
			t.Errorf("%v: %v, not %v", test.figures, got, test.want)
		}
		if text := got.with("%.1f"); text != test.text {
			t.Errorf("%v: %q, not %q", test.figures, text, test.text)
		}
	}
}

func TestCells(t *testing.T) {
	s := selection{
		ops: allOps, ns: []int{10, 1000, 5000}, parallelism: []int{10, 100}, latencies: []duration{{20 * time.Millisecond}, {}},
		among: [][2]int{{5, 2000}}, maxApply: 1000, runs: 5,
	}
	want := `plan n=10 p=10 20ms ×5
plan n=10 p=100 20ms ×5
plan n=1000 p=10 20ms ×3
plan n=1000 p=100 20ms ×3
plan n=5000 p=10 20ms ×2
plan n=5000 p=100 20ms ×2
plan n=1000 p=10 0s ×3
plan n=1000 p=100 0s ×3
create n=10 p=100 20ms ×5
create n=1000 p=100 20ms ×2
destroy n=10 p=100 20ms ×5
destroy n=1000 p=100 20ms ×2
among n=5 of 2000 p=10 20ms ×5
`
	if got := listed(s.cells()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	s.full = true
	crossed := s.cells()
	if len(crossed) != 3*2*2+2*2*2*2+1 {
		t.Errorf("%d cells with everything crossed", len(crossed))
	}
	for _, c := range crossed {
		if c.Runs != s.runs {
			t.Errorf("%s: %d runs", c, c.Runs)
		}
	}
}

func listed(cells []cell) string {
	var b strings.Builder
	for _, c := range cells {
		fmt.Fprintf(&b, "%s ×%d\n", c, c.Runs)
	}
	return b.String()
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-n 10,x":             `"x" is not a positive number`,
		"-latency 20":         "missing unit",
		"-among 5":            `"5" is not MANAGED/TOTAL`,
		"-among 7/5":          `"7/5" is not MANAGED/TOTAL`,
		"-variants nul":       `no variant "nul"`,
		"-ops plan,fly":       `no operation "fly"`,
		"-cloud":              "-cloud and -volume go together",
		"-n 1 more":           `unexpected argument "more"`,
		"-n 1 -variants logs": "",
	} {
		_, _, err := (&bench{log: io.Discard}).parse(strings.Fields(args))
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %s, not %s", args, got, want)
		}
	}
}

// samples are of two variants in two cells.
func samples() results {
	r := results{Terraform: "Terraform v1.2.3", Go: "go1.2", CPUs: 2, Cloud: "simulated cloud"}
	for n, seconds := range map[int]float64{10: 0.25, 1000: 4} {
		at := cell{Op: opPlan, N: n, Total: n, Parallelism: 10, Latency: duration{20 * time.Millisecond}}
		for _, wall := range []float64{seconds, 2 * seconds} {
			r.Samples = append(r.Samples,
				sample{at, "terraform_data", measured{WallSeconds: wall / 4, UserSeconds: 1}},
				sample{at, "shared", measured{WallSeconds: wall, UserSeconds: 2, Provider: usage{1, 64}, Traffic: traffic{Requests: 3, SignIns: 1, Bytes: 2048}}})
		}
	}
	return r
}

func TestMarkdown(t *testing.T) {
	r := samples()
	r.Starts = []start{{Program: realProgram, Seconds: 0.012, UserSeconds: 0.02, PeakMiB: 20, BinaryMiB: 19}}
	r.Waits = []waiting{{Variant: "shared", measured: measured{WallSeconds: 6}, Looks: 1.5, LateSeconds: []float64{0.5, 0.1, 0.3}}}
	got := r.markdown()
	for _, want := range []string{
		"| 10 | 10 | 20ms | terraform_data | 0.09 (0.06–0.12) | 1.00 | – | – | 0 | 0 | 0 | 2 |\n",
		"| 1000 | 10 | 20ms | shared | 6.00 (4.00–8.00) | 2.00 | 1.00 | 64 | 3 | 1 | 2 | 2 |\n",
		"| this | 12 | 20 | 20.0 | 19.0 | 1 |\n",
		"| shared | 6.00 | 1.50 | 0.30 | 0.50 | 1 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

func TestPlot(t *testing.T) {
	if plot := (results{}).plot(); plot != "" {
		t.Errorf("a plot of nothing: %s", plot)
	}
	plot := samples().plot()
	decoder := xml.NewDecoder(strings.NewReader(plot))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, plot)
		}
	}
	for _, want := range []string{">6.00 · 3<", ">1000<", "API latency 20ms, -parallelism=10", colors["shared"]} {
		if !strings.Contains(plot, want) {
			t.Errorf("%q is not in:\n%s", want, plot)
		}
	}
	if strings.Contains(plot, "NaN") || strings.Contains(plot, "Inf") {
		t.Errorf("it has places that are no numbers:\n%s", plot)
	}
	for _, v := range variants {
		if colors[v.name] == "" {
			t.Errorf("%s has no colour", v.name)
		}
	}
}

func TestState(t *testing.T) {
	s := func(text string) *string { return &text }
	data, err := snapshotState([]snapshot{
		{ID: "a", Name: s("bench-00001"), Description: s(""), VolumeID: "v", Status: "available", Size: 2, Metadata: map[string]string{"k": "1"}, CreatedAt: s("2026-01-02T03:04:05.000000")},
		{ID: "b", VolumeID: "v"},
	}, "RegionOne")
	if err != nil {
		t.Fatal(err)
	}
	var read state
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	resource := read.Resources[0]
	if resource.Provider != `provider["registry.terraform.io/istack/istack"]` || len(resource.Instances) != 2 {
		t.Errorf("%s", data)
	}
	first := resource.Instances[0].Attributes
	for name, want := range map[string]any{
		"id": "a", "name": "bench-00001", "description": nil, "size": 2.0, "created_at": "2026-01-02T03:04:05Z", "force": false,
	} {
		if got, there := first[name]; !there || got != want {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
	if resource.Instances[1].IndexKey != 1 {
		t.Errorf("%s", data)
	}
}

func TestSpreadOfSnapshots(t *testing.T) {
	c := &cloud{snapshots: make([]snapshot, 10), seeded: true}
	for i := range c.snapshots {
		c.snapshots[i].ID = fmt.Sprint(i)
	}
	picked, err := c.spread(3)
	if err != nil {
		t.Fatal(err)
	}
	// The configuration names the same ones.
	for i, s := range picked {
		if want := fmt.Sprint(i * 10 / 3); s.ID != want {
			t.Errorf("%d: %s, not %s", i, s.ID, want)
		}
	}
	if config := snapshotConfig(c, 3); !strings.Contains(config, `format("bench-%05d", floor(count.index * 10 / 3) + 1)`) {
		t.Error(config)
	}
	if _, err := c.spread(11); err == nil {
		t.Error("more snapshots than there are")
	}
}

func TestCounter(t *testing.T) {
	body := `{"snapshot": {"id": "5c5ad9d1-2a5c-4a57-a0f9-bd4d3c5a9b0e"}}`
	c := &counter{next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })}
	project := "/volume/v3/0123456789abcdef0123456789abcdef/"
	for _, request := range []struct{ method, path string }{
		{"POST", "/identity/v3/auth/tokens"},
		{"POST", project + "snapshots"},
		{"GET", project + "snapshots/5c5ad9d1-2a5c-4a57-a0f9-bd4d3c5a9b0e"},
		{"GET", project + "snapshots/11111111-2a5c-4a57-a0f9-bd4d3c5a9b0e"},
		{"GET", project + "snapshots/detail"},
	} {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), request.method, request.path, nil))
	}
	seen := c.take()
	want := map[string]int{createKind: 1, "GET snapshots/ID": 2, "GET snapshots/detail": 1}
	if seen.SignIns != 1 || seen.Requests != 4 || seen.Bytes != int64(4*len(body)) || !maps.Equal(seen.Kinds, want) || len(seen.created) != 1 {
		t.Errorf("%+v", seen)
	}
	if again := c.take(); again.Requests != 0 {
		t.Errorf("%+v is left", again)
	}
}

func TestLateness(t *testing.T) {
	accepted := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	printed := `{"@level":"info","type":"apply_start","@timestamp":"2026-01-02T03:04:05Z","hook":{}}
{"@level":"info","type":"apply_complete","@timestamp":"2026-01-02T03:04:07.250000Z","hook":{"id_key":"id","id_value":"a"}}
`
	late, err := lateness([]byte(printed), map[string]time.Time{"a": accepted})
	if err != nil || len(late) != 1 || math.Abs(late[0]-0.25) > 1e-9 {
		t.Errorf("%v, %v", late, err)
	}
	if _, err := lateness([]byte(printed), nil); err == nil {
		t.Error("a snapshot that nobody asked for")
	}
}

// TestBench runs it all, with few snapshots.
func TestBench(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	ctx, out := t.Context(), t.TempDir()
	b := &bench{log: t.Output(), begun: time.Now()}
	_, _, err := b.parse(strings.Fields("-n 3 -among 2/30 -runs 1 -parallelism 10 -latency 1ms -ops plan,create,destroy,start,among -variants terraform_data,null,shared,single,lean -out " + out))
	if err != nil {
		t.Fatal(err)
	}
	if b.toolchain, err = newToolchain(ctx, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := b.all(ctx); err != nil {
		t.Fatal(err)
	}
	requests := map[string]map[string]int{}
	for _, s := range b.results.Samples {
		if requests[s.Op] == nil {
			requests[s.Op] = map[string]int{}
		}
		requests[s.Op][s.Variant] = s.Traffic.Requests
		if calls := s.Variant == "shared" || s.Variant == "single"; calls != (s.Traffic.Requests > 0) || calls != (s.Traffic.SignIns > 0) {
			t.Errorf("%s: %+v", s.Variant, s.Traffic)
		}
		if s.Variant != "terraform_data" && s.Provider.PeakMiB == 0 || s.UserSeconds == 0 {
			t.Errorf("%s: %+v", s.Variant, s.measured)
		}
	}
	if len(b.results.Samples) != 5*4 || requests[opPlan]["single"] != 3 || requests[opAmong]["single"] != 2 {
		t.Errorf("%v", requests)
	}
	if len(b.results.Starts) < 2*leastStarts {
		t.Errorf("%d starts", len(b.results.Starts))
	}
	for _, name := range []string{"results.md", "results.json", "plan.svg"} {
		if content, err := os.ReadFile(filepath.Join(out, name)); err != nil || len(content) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}

	b.variants = b.variants[2:3]
	if err := b.measureWaits(ctx, 3); err != nil {
		t.Fatal(err)
	}
	if w := b.results.Waits[0]; len(w.LateSeconds) != 3 || w.Looks == 0 {
		t.Errorf("%+v", w)
	}

	// Another plan would tell nothing of a state that is not what the provider makes of the cloud.
	c, err := simulate(ctx, simulator.Options{}, 30)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	dir := t.TempDir()
	if err := prepare(dir, b.variants[0], c, 2, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.toolchain.run(ctx, b.variants[0], c, dir, "found no differences", "plan", "-refresh-only", "-input=false", "-no-color"); err != nil {
		t.Error(err)
	}
}
