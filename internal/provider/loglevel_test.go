package provider

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// Each record keeps its level and its fields.
func TestLogLevels(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &out)
	log := newLogger().With("snapshot", "s")
	log.DebugContext(ctx, "d", "n", 1)
	log.InfoContext(ctx, "i")
	log.WarnContext(ctx, "w")
	log.ErrorContext(ctx, "e", "err", errors.New("no"))
	log.Log(ctx, slog.LevelError+4, "worse")
	lines, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"debug", "d"}, {"info", "i"}, {"warn", "w"}, {"error", "e"}, {"error", "worse"}}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %v", len(lines), lines)
	}
	for i, line := range lines {
		if line["@level"] != want[i][0] || line["@message"] != want[i][1] || line["snapshot"] != "s" {
			t.Errorf("%v, want %v", line, want[i])
		}
	}
	if lines[0]["n"] != 1.0 || lines[3]["err"] != "no" {
		t.Errorf("%v and %v", lines[0], lines[3])
	}
}
