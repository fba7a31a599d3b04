package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateImported marks a snapshot that was imported and not changed since, in the
// private state, which Terraform stores with the resource and shows to nobody.
const privateImported = "imported"

// privateReader and privateWriter are the two sides of the framework's private
// state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func isImported(ctx context.Context, private privateReader, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, privateImported)
	diags.Append(more...)
	return len(value) > 0
}

func markImported(ctx context.Context, private privateWriter, imported bool, diags *diag.Diagnostics) {
	var value []byte
	if imported {
		value = []byte("true")
	}
	diags.Append(private.SetKey(ctx, privateImported, value)...)
}
