package volumesnapshot

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The keys of the private state, which Terraform stores with the resource and
// shows to nobody.
const (
	// privateDefaults holds the keys that the provider's default_metadata has
	// put on the snapshot: without them a key that leaves the defaults would
	// look like somebody else's.
	privateDefaults = "default_metadata_keys"
	// privateImported marks a snapshot that was imported and not updated since.
	privateImported = "imported"
)

// privateReader and privateWriter are the two sides of the framework's private
// state, whose type is internal to it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func readDefaultKeys(ctx context.Context, private privateReader) ([]string, diag.Diagnostics) {
	data, diags := private.GetKey(ctx, privateDefaults)
	if len(data) == 0 {
		return nil, diags
	}
	var keys []string
	if err := json.Unmarshal(data, &keys); err != nil {
		diags.AddError("Unreadable private state",
			"The record of the default metadata keys cannot be read: "+err.Error()+". This is a bug in the provider; please report it.")
	}
	return keys, diags
}

func writeDefaultKeys(ctx context.Context, private privateWriter, keys []string) diag.Diagnostics {
	slices.Sort(keys)
	// A list of strings can always be encoded.
	data, _ := json.Marshal(slices.Compact(keys))
	return private.SetKey(ctx, privateDefaults, data)
}

// presentKeys are those of the defaults that are on the snapshot.
func presentKeys(defaults, all types.Map) []string {
	keys := []string{}
	for key := range defaults.Elements() {
		if _, ok := all.Elements()[key]; ok {
			keys = append(keys, key)
		}
	}
	return keys
}
