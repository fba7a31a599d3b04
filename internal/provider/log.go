package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logBridge hands the records of the client, which knows slog only, to
// Terraform's log. The logger that Terraform wants is in the context of each
// record; the bridge itself has none.
type logBridge struct {
	attrs []slog.Attr
}

// newLogger makes a logger for the client.
func newLogger() *slog.Logger { return slog.New(logBridge{}) }

func (logBridge) Enabled(context.Context, slog.Level) bool { return true }

func (b logBridge) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, len(b.attrs)+record.NumAttrs())
	for _, attr := range b.attrs {
		fields[attr.Key] = attr.Value.Any()
	}
	record.Attrs(func(attr slog.Attr) bool {
		fields[attr.Key] = attr.Value.Any()
		return true
	})
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

func (b logBridge) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logBridge{attrs: append(b.attrs[:len(b.attrs):len(b.attrs)], attrs...)}
}

// WithGroup leaves the names as they are: the client makes no groups.
func (b logBridge) WithGroup(string) slog.Handler { return b }
