package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// readTimeoutsAttribute is the attribute timeouts of a data source; see
// [timeoutsAttribute].
func readTimeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx).(schema.SingleNestedAttribute)
	if !ok {
		// As in timeoutsAttribute, only another version of that module can do it.
		panic("timeouts.Attributes is no longer a SingleNestedAttribute")
	}
	attribute.MarkdownDescription = "How long the operation may take, as a duration such as `30s`, `10m` or `1h30m`."
	if read, ok := attribute.Attributes["read"].(schema.StringAttribute); ok {
		read.MarkdownDescription, read.Description = "How long all requests of the read together may take. Default: `5m`.", ""
		read.Validators = append(read.Validators, positiveDuration)
		attribute.Attributes["read"] = read
	}
	return attribute
}
