package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/tools/internal/checkout"
)

// toolchain has what all runs need: the command line, the providers and a folder for everything.
type toolchain struct {
	dir string
	cli string
	// version is the first line of what the command line says of itself.
	version string
}

// likeRelease are the build flags of a release.
var likeRelease = []string{"-trimpath", "-ldflags", "-s -w"}

// newToolchain builds the providers.
func newToolchain(ctx context.Context, dir string, flags ...string) (*toolchain, error) {
	root, err := checkout.Root(ctx)
	if err != nil {
		return nil, err
	}
	t := &toolchain{dir: dir}
	if t.cli, err = checkout.CLI(ctx, root); err != nil {
		return nil, err
	}
	for program, path := range map[string]string{realProgram: ".", nullProgram: "./tools/bench/null"} {
		build := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", t.binary(program)}, flags, []string{path})...)
		build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", build, err, out)
		}
		rc := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", address, filepath.Dir(t.binary(program)))
		if err := os.WriteFile(t.rc(program), []byte(rc), 0o600); err != nil {
			return nil, err
		}
	}
	version := exec.CommandContext(ctx, t.cli, "version")
	version.Env = t.environment(variants[0], nil)
	out, err := version.Output()
	if err != nil {
		return nil, err
	}
	t.version, _, _ = strings.Cut(string(out), "\n")
	return t, nil
}

func (t *toolchain) binary(program string) string {
	return filepath.Join(t.dir, program, "terraform-provider-istack")
}

func (t *toolchain) rc(program string) string { return filepath.Join(t.dir, program+".tfrc") }

// environment is what a command runs with: no setting of the user's own, who may have another cloud in mind.
func (t *toolchain) environment(v variant, cloud map[string]string) []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "OS_") && !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "ISTACK_") {
			env = append(env, entry)
		}
	}
	program := v.program
	if program == "" {
		program = nullProgram
	}
	env = append(env, "TF_CLI_CONFIG_FILE="+t.rc(program), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	for name, value := range cloud {
		env = append(env, name+"="+value)
	}
	return append(env, v.env...)
}

// measured is what one run of the command line took.
type measured struct {
	WallSeconds float64 `json:"wall_seconds"`
	// UserSeconds and SystemSeconds are those of Terraform and its providers together.
	UserSeconds   float64 `json:"user_seconds"`
	SystemSeconds float64 `json:"system_seconds"`
	// Provider is what the processes of the provider took of that.
	Provider usage   `json:"provider"`
	Traffic  traffic `json:"traffic"`
}

// stopPatience is how long an interrupted command may take to end.
const stopPatience = 10 * time.Second

// run runs the command line in a folder. It must succeed, and print what is wanted.
func (t *toolchain) run(ctx context.Context, v variant, c *cloud, dir, want string, args ...string) (measured, []byte, error) {
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, t.cli, args...)
	cmd.Dir, cmd.Env = dir, t.environment(v, c.env)
	cmd.Stdout, cmd.Stderr = &printed, &printed
	// A killed Terraform would leave its providers behind.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopPatience

	c.counter.take()
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return measured{}, nil, err
	}
	watching, stop := context.WithCancel(ctx)
	watched := make(chan usage)
	go func() { watched <- watchChildren(watching, cmd.Process.Pid, t.binary(v.program)) }()
	err := cmd.Wait()
	m := measured{WallSeconds: time.Since(begun).Seconds()}
	stop()
	m.Provider, m.Traffic = <-watched, c.counter.take()
	if err == nil && !bytes.Contains(printed.Bytes(), []byte(want)) {
		err = errors.New("it did not print: " + want)
	}
	if err != nil {
		return measured{}, nil, fmt.Errorf("%s %s (%s): %w\n%s", t.cli, strings.Join(args, " "), v.name, err, tail(printed.Bytes()))
	}
	// Those of its children are in it, since it waits for them.
	m.UserSeconds = cmd.ProcessState.UserTime().Seconds()
	m.SystemSeconds = cmd.ProcessState.SystemTime().Seconds()
	return m, printed.Bytes(), nil
}

// tail is the end of what may be long.
func tail(printed []byte) []byte {
	const most = 4000
	return printed[max(len(printed)-most, 0):]
}
