package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/istack/terraform-provider-istack/tools/internal/checkout"
)

// runner runs tests against mutants.
type runner struct {
	root, dir string
	cli       func() (string, error)
}

func newRunner(ctx context.Context, root string, targets []*target) (*runner, error) {
	dir, err := os.MkdirTemp("", "istack-mutate")
	if err != nil {
		return nil, err
	}
	r := &runner{root: root, dir: dir}
	r.cli = sync.OnceValues(func() (string, error) { return checkout.CLI(ctx, root) })
	for _, t := range targets {
		for _, s := range t.suites {
			s.usual = sync.OnceValues(func() (time.Duration, error) { return r.without(ctx, s) })
		}
	}
	return r, nil
}

// without runs the tests without a mutant, which they must pass, and says how long they take.
func (r *runner) without(ctx context.Context, s *suite) (time.Duration, error) {
	dir, err := os.MkdirTemp(r.dir, "")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	out, passed, err := r.run(ctx, s, dir, "", time.Hour)
	if err == nil && !passed {
		err = fmt.Errorf("the tests of %s fail without a mutant:\n%s", s.path, out)
	}
	return time.Since(began), err
}

// killer returns the test that kills the mutant, "" for none.
func (r *runner) killer(ctx context.Context, m *mutant) (test string, err error) {
	dir, err := os.MkdirTemp(r.dir, "")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	original := filepath.Join(r.root, m.file)
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, m.apply(text), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return "", err
	}
	for _, s := range m.target.suites {
		usual, err := s.usual()
		if err != nil {
			return "", err
		}
		// The machine may be busier now.
		out, passed, err := r.run(ctx, s, dir, overlay, 4*usual+time.Minute)
		if err != nil {
			return "", err
		}
		if !passed {
			return failure(out), nil
		}
	}
	return "", nil
}

// run builds and runs the tests. It returns what they print, and whether they pass.
func (r *runner) run(ctx context.Context, s *suite, dir, overlay string, timeout time.Duration) (printed string, passed bool, err error) {
	env := environment()
	if overlay != "" {
		// Where the acceptance tests find it too, which build the provider.
		env = append(env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	if s.acceptance {
		s.alone.Lock()
		defer s.alone.Unlock()
		cli, err := r.cli()
		if err != nil {
			return "", false, err
		}
		env = append(env, "TF_ACC=1", "TF_ACC_TERRAFORM_PATH="+cli, "ISTACK_ACC_TARGET=simulator", "CHECKPOINT_DISABLE=1")
	}
	program := filepath.Join(dir, "tests")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-w", "-o", program, "./"+s.path)
	build.Dir, build.Env = r.root, env
	if out, err := build.CombinedOutput(); err != nil {
		return "", false, fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	args := []string{"-test.failfast", "-test.timeout=" + timeout.String()}
	if s.run != "" {
		args = append(args, "-test.run="+s.run)
	}
	if s.skip != "" {
		args = append(args, "-test.skip="+s.skip)
	}
	if s.acceptance {
		args = append(args, "-test.parallel=8") // most of them wait most of the time
	}
	var out bytes.Buffer
	tests := exec.CommandContext(ctx, program, args...)
	tests.Dir, tests.Env, tests.Stdout, tests.Stderr = filepath.Join(r.root, s.path), env, &out, &out
	// With what the tests have started, and left where they did not end well.
	tests.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-tests.Process.Pid, syscall.SIGKILL) }
	tests.Cancel, tests.WaitDelay = end, 10*time.Second
	err = tests.Run()
	if tests.Process == nil {
		return "", false, err
	}
	_ = end()
	if ctx.Err() != nil {
		return "", false, context.Cause(ctx)
	}
	return out.String(), err == nil || errors.Is(err, exec.ErrWaitDelay), nil
}

var (
	failed   = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	crashed  = regexp.MustCompile(`\.(Test\w+)(?:\.func|\()`)
	timedOut = regexp.MustCompile(`(?m)^panic: test timed out after .*\n\s*running tests:\n\s*(\S+)`)
)

// failure finds the test that failed in what was printed.
func failure(out string) string {
	if name := timedOut.FindStringSubmatch(out); name != nil {
		return name[1] + ", which takes too long"
	}
	if name := failed.FindStringSubmatch(out); name != nil {
		return name[1]
	}
	if name := crashed.FindStringSubmatch(out); name != nil {
		return name[1] + ", which crashes"
	}
	line, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return "a crash: " + line
}

// environment is that of the tests: without the settings of a cloud and of the command line, and without cgo, as all is
// built that does not look for races.
func environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "OS_") && !strings.HasPrefix(entry, "ISTACK_ACC_") && !strings.HasPrefix(entry, "TF_") {
			env = append(env, entry)
		}
	}
	return append(env, "CGO_ENABLED=0")
}
