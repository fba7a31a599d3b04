package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// start is one start of a provider's process.
type start struct {
	Program string `json:"program"`
	// Seconds go from the start of the process to its answer to the first question that Terraform asks each: for its
	// schemas.
	Seconds float64 `json:"seconds"`
	// UserSeconds and PeakMiB are what it took until then.
	UserSeconds float64 `json:"user_seconds"`
	PeakMiB     float64 `json:"peak_mib"`
	// BinaryMiB is the size of the program, built as for a release.
	BinaryMiB float64 `json:"binary_mib"`
}

// leastStarts is how often each is started at least: it is short, and differs much.
const leastStarts = 15

func (b *bench) measureStarts(ctx context.Context) error {
	for range max(b.selection.runs, leastStarts) {
		for _, program := range []string{nullProgram, realProgram} {
			s, err := b.toolchain.start(ctx, program)
			if err != nil {
				return err
			}
			b.results.Starts = append(b.results.Starts, s)
		}
	}
	b.progress("start: %d of each", len(b.results.Starts)/2)
	return nil
}

// What Terraform and a provider agree on before they speak gRPC; https://github.com/hashicorp/go-plugin calls it the
// handshake.
var handshake = []string{
	"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
	"PLUGIN_PROTOCOL_VERSIONS=6",
}

func (t *toolchain) start(ctx context.Context, program string) (start, error) {
	binary := t.binary(program)
	info, err := os.Stat(binary)
	if err != nil {
		return start{}, err
	}
	s := start{Program: program, BinaryMiB: float64(info.Size()) / (1 << 20)}
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(t.environment(variant{program: program}, nil), handshake...)
	printed, err := cmd.StdoutPipe()
	if err != nil {
		return start{}, err
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return start{}, err
	}
	err = greet(ctx, printed)
	s.Seconds = time.Since(begun).Seconds()
	s.PeakMiB = look(strconv.Itoa(cmd.Process.Pid)).PeakMiB
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed, and says so
	s.UserSeconds = cmd.ProcessState.UserTime().Seconds()
	if err != nil {
		return start{}, fmt.Errorf("%s: %w", binary, err)
	}
	return s, nil
}

// greet does what Terraform does first with a provider.
func greet(ctx context.Context, printed io.Reader) error {
	line, err := bufio.NewReader(printed).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no handshake: %w", err)
	}
	// CORE-VERSION|APP-VERSION|NETWORK|ADDRESS|PROTOCOL|...
	fields := strings.Split(strings.TrimSpace(line), "|")
	if len(fields) < 5 || fields[2] != "unix" || fields[4] != "grpc" {
		return fmt.Errorf("handshake %q", line)
	}
	defer os.Remove(fields[3]) // a killed process leaves it
	return getProviderSchema(ctx, fields[3])
}

func getProviderSchema(ctx context.Context, socket string) error {
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	var answer []byte
	err = conn.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", []byte{}, &answer,
		grpc.ForceCodec(raw{}), grpc.WaitForReady(true), grpc.MaxCallRecvMsgSize(64<<20))
	if err == nil && len(answer) == 0 {
		err = errors.New("the answer has no schema")
	}
	return err
}

// raw passes messages on as they are: a request without fields is empty, and nobody reads the answer.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) {
	if message, ok := v.([]byte); ok {
		return message, nil
	}
	return nil, fmt.Errorf("cannot send a %T", v)
}

func (raw) Unmarshal(data []byte, v any) error {
	message, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot read into a %T", v)
	}
	*message = append([]byte(nil), data...)
	return nil
}
