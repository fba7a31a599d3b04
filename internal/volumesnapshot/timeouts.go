package volumesnapshot

import (
	"context"
	"fmt"
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

// byDefault is what the description of a timeout says of its default, in minutes.
func byDefault(timeout time.Duration) string {
	return fmt.Sprintf("Default: `%dm`.", timeout/time.Minute)
}

// timeoutsAttribute returns the framework's attribute, which also refuses timeouts that
// are not positive.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := nested[schema.SingleNestedAttribute](timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long to wait until the snapshot is available, such as `90m`. " + byDefault(createTimeout),
		ReadDescription:   "How long a refresh may take. " + byDefault(readTimeout) + " The last applied value is used.",
		UpdateDescription: "How long a change may take. " + byDefault(updateTimeout),
		DeleteDescription: "How long to wait until the snapshot is gone. " + byDefault(deleteTimeout) + " The last applied value is used.",
	}))
	attribute.MarkdownDescription = "How long the operations may take, as durations such as `30s`, `10m` or `1h30m`."
	for name, timeout := range attribute.Attributes {
		if text, ok := timeout.(schema.StringAttribute); ok {
			text.MarkdownDescription, text.Description = text.Description, ""
			text.Validators = append(text.Validators, validators.PositiveDuration())
			attribute.Attributes[name] = text
		}
	}
	return attribute
}

// nested returns the attribute timeouts as the type that it has, which differs for
// resources, data sources, list resources and actions.
func nested[SingleNestedAttribute any](attribute any) SingleNestedAttribute {
	typed, ok := attribute.(SingleNestedAttribute)
	if !ok {
		// Nothing that a user does leads here: only another version of the module would,
		// and then every test that reads a schema shows it. A schema has no errors to return.
		panic(fmt.Sprintf("timeouts.Attributes returns a %T", attribute))
	}
	return typed
}
