package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRunServesUntilInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file := filepath.Join(t.TempDir(), "env")
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-env-file", file, "-seed-volume", "2", "-seed-snapshots", "3", "-password", "it's"}, writer, io.Discard)
		_ = writer.Close()
	}()

	variables := map[string]string{}
	lines := bufio.NewScanner(reader)
	for len(variables) < 10 && lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			t.Fatalf("not an export: %q", lines.Text())
		}
		variables[name] = strings.Trim(value, "'")
	}
	if len(variables["TF_VAR_volume_id"]) != 36 {
		t.Errorf("the volume is %q", variables["TF_VAR_volume_id"])
	}
	if got := variables["OS_PASSWORD"]; got != `it'\''s` {
		t.Errorf("password %q", got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, variables["OS_AUTH_URL"], http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("Keystone's version document: %d", resp.StatusCode)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(written), "export OS_AUTH_URL='"+variables["OS_AUTH_URL"]+"'\n") {
		t.Errorf("the file has another environment:\n%s", written)
	}

	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("still running")
	}
}

func TestRunRefusesNonsense(t *testing.T) {
	for _, args := range [][]string{{"-user", "nobody"}, {"extra"}, {"-listen", "nowhere"}, {"-no-such-flag"}, {"-release", "10"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
