package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The marks in the private state, which Terraform stores with the resource and
// shows to nobody.
const (
	// privateImported marks a snapshot that was imported and not changed since.
	privateImported = "imported"
	// privateUnfinished marks a snapshot that has not been available yet.
	privateUnfinished = "unfinished"
)

// privateReader and privateWriter are the two sides of the framework's private
// state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func isMarked(ctx context.Context, private privateReader, mark string, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, mark)
	diags.Append(more...)
	return len(value) > 0
}

func setMark(ctx context.Context, private privateWriter, mark string, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, mark, []byte("true"))...)
}

func clearMark(ctx context.Context, private privateWriter, mark string, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, mark, nil)...)
}
