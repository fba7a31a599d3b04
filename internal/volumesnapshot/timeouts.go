package volumesnapshot

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/istack/terraform-provider-istack/internal/validators"
)

// The default timeouts.
const (
	createTimeout = 60 * time.Minute
	readTimeout   = 5 * time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 60 * time.Minute
)

// timeoutsAttribute returns the framework's attribute, which also refuses timeouts that
// are not positive.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long to wait until the snapshot is available, such as `90m`. Default: `60m`.",
		ReadDescription:   "How long a refresh may take. Default: `5m`.",
		UpdateDescription: "How long a change may take. Default: `10m`.",
		DeleteDescription: "How long to wait until the snapshot is gone. Default: `60m`. The value that counts is the last one applied.",
	}).(schema.SingleNestedAttribute)
	if !ok {
		// This can only happen with another version of that module, and every test that
		// reads the schema would show it.
		panic("timeouts.Attributes is no longer a SingleNestedAttribute")
	}
	attribute.MarkdownDescription = "How long the operations may take, as durations such as `30s`, `10m` or `1h30m`."
	for name, nested := range attribute.Attributes {
		if text, ok := nested.(schema.StringAttribute); ok {
			text.MarkdownDescription, text.Description = text.Description, ""
			text.Validators = append(text.Validators, validators.PositiveDuration())
			attribute.Attributes[name] = text
		}
	}
	return attribute
}
