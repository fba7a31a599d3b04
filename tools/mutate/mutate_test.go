package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// subject is a package with a line of each kind, and its test, which sees most of it.
var subject = map[string]string{
	"go.mod": "module example.com/subject\n\ngo 1.22\n",
	"room/room.go": `package room

import (
	"errors"
	"log/slog"
	"time"
)

const pause = 3 * time.Second

type entry struct {
	Name string ` + "`json:\"name\"`" + `
}

type fault struct{ of string }

func (f *fault) Error() string { return "no" + f.of }

func check(n int, names []string) (bool, error) {
	slog.Info("checked", "n", n)
	if n < 2 && len(names) > 0 {
		return false, &fault{"room"}
	}
	switch {
	case n == 7:
		return true, errors.New("full")
	}
	clear(names)
	return n > 4, nil
}

func name() entry { return entry{"a"} }

func other(of string) bool { return of != "x" && of != "y" }
`,
	"room/room_test.go": `package room

import "testing"

func TestCheck(t *testing.T) {
	for n, want := range map[int]bool{1: true, 2: true, 5: true, 7: true} {
		names := []string{"x"}
		yes, err := check(n, names)
		if n > 1 && names[0] != "" && n != 7 {
			t.Error(n, names)
		}
		if yes != (n > 4) || want != (err == nil) != (n == 1 || n == 7) {
			t.Error(n, yes, err)
		}
	}
}
`,
}

// subjectRoot writes the subject.
func subjectRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range subject {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestMutants(t *testing.T) {
	want := `room/room.go:21:5  negate: n < 2 && len(names) > 0
room/room.go:21:7  < to <=: n < 2
room/room.go:21:9  add 1: 2
room/room.go:21:11  && to ||: n < 2 && len(names) > 0
room/room.go:21:25  > to >=: len(names) > 0
room/room.go:21:27  add 1: 0
room/room.go:22:10  negate: false
room/room.go:22:17  return nil: &fault{"room"}
room/room.go:22:24  empty: "room"
room/room.go:25:9  == to !=: n == 7
room/room.go:25:12  add 1: 7
room/room.go:26:10  negate: true
room/room.go:28:2  remove: clear(names)
room/room.go:29:9  negate: n > 4
room/room.go:29:11  > to >=: n > 4
room/room.go:29:13  add 1: 4
room/room.go:32:34  empty: "a"
room/room.go:34:37  negate: of != "x" && of != "y"
room/room.go:34:40  != to ==: of != "x"
room/room.go:34:43  empty: "x"
room/room.go:34:47  && to ||: of != "x" && of != "y"
room/room.go:34:53  != to ==: of != "y"
room/room.go:34:56  empty: "y"
`
	var out bytes.Buffer
	if err := (job{seed: 1, mutants: 100, list: true}).all(t.Context(), subjectRoot(t), []*target{{"room", nil}}, &out); err != nil {
		t.Fatal(err)
	}
	lines := slices.SortedFunc(strings.Lines(out.String()), byPlace)
	if got := strings.Join(lines, ""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestVerdicts(t *testing.T) {
	root := subjectRoot(t)
	var out bytes.Buffer
	asked := job{seed: 1, mutants: 100, jobs: 2, only: "room/room.go:21:25:,room/room.go:21:27:,room/room.go:28:,room/room.go:34:47:"}
	if err := asked.all(t.Context(), root, []*target{{"room", []*suite{unit("room")}}}, &out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`room/room\.go:21:25  > to >=: len\(names\) > 0  SURVIVED \(\d+ s\)`,
		`room/room\.go:21:27  add 1: 0  killed by TestCheck \(\d+ s\)`,
		`room/room\.go:34:47  && to \|\|: .*  SURVIVED \(\d+ s\)`, // which vet would refuse
		`room/room\.go:28:2  remove: clear\(names\)  killed by TestCheck \(\d+ s\)`,
		`\| room \| 24 \| 23 \| 2 \| 2 \|`,
		`\| all \| 24 \| 23 \| 2 \| 2 \|`,
		`2 of 4 killed, 50\.0 %`,
	} {
		if !regexp.MustCompile("(?m)^" + line + "$").MatchString(out.String()) {
			t.Errorf("no %s in:\n%s", line, &out)
		}
	}
	for name, text := range subject {
		if now, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(now) != text {
			t.Errorf("%s has changed: %v", name, err)
		}
	}
}

// byPlace orders by line and column.
func byPlace(a, b string) int {
	place := func(s string) (p [2]int) {
		_, _ = fmt.Sscanf(s, "room/room.go:%d:%d", &p[0], &p[1])
		return p
	}
	x, y := place(a), place(b)
	return slices.Compare(x[:], y[:])
}

func TestTheSampleIsThatOfTheSeed(t *testing.T) {
	root := subjectRoot(t)
	list := func(seed uint64, only string) string {
		var out bytes.Buffer
		if err := (job{seed: seed, mutants: 5, list: true, only: only}).all(t.Context(), root, []*target{{"room", nil}}, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := list(1, "")
	if strings.Count(first, "\n") != 5 || list(1, "") != first || list(2, "") == first {
		t.Errorf("seed 1: %s, and again: %s, and seed 2: %s", first, list(1, ""), list(2, ""))
	}
	line, _, _ := strings.Cut(first, "\n")
	place, _, _ := strings.Cut(line, "  ")
	if got := list(1, "elsewhere/,"+place+":"); got != line+"\n" {
		t.Errorf("only %s: %s", place, got)
	}
}

func TestTestsMustPassWithoutAMutant(t *testing.T) {
	root := subjectRoot(t)
	broken := "package room\n\nimport \"testing\"\n\nfunc TestBroken(t *testing.T) { t.Fail() }\n"
	if err := os.WriteFile(filepath.Join(root, "room", "broken_test.go"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	err := (job{seed: 1, mutants: 1, jobs: 1}).all(t.Context(), root, []*target{{"room", []*suite{unit("room")}}}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "the tests of room fail without a mutant:\n--- FAIL: TestBroken") {
		t.Error(err)
	}
}

func TestFailure(t *testing.T) {
	for out, want := range map[string]string{
		"--- FAIL: TestA (0.00s)\n    a_test.go:1: no\nFAIL\n":                                           "TestA",
		"panic: test timed out after 1m0s\n\trunning tests:\n\t\tTestB (1m0s)\n\ngoroutine 1 [running]:": "TestB, which takes too long",
		"panic: no [recovered]\n\ngoroutine 7:\na.go:1\nexample.com/room.TestC.func1()\n":                "TestC, which crashes",
		"fatal error: stack overflow\n\ngoroutine 1":                                                     "a crash: fatal error: stack overflow",
	} {
		if got := failure(out); got != want {
			t.Errorf("%q: %q, not %q", out, got, want)
		}
	}
}

func TestAcceptanceTestsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	for want, j := range map[string]job{"^TestAcc": {}, "TestAccX": {accept: "TestAccX"}, "": {quick: true}} {
		all := targets()
		j.narrow(all)
		// The last suite of volumesnapshot, the last target, is of acceptance tests, or without them of unit tests.
		suites := all[len(all)-1].suites
		if run := suites[len(suites)-1].run; run != want {
			t.Errorf("%+v: %q runs, want %q", j, run, want)
		}
	}
}
