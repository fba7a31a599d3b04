package volumesnapshot

import (
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// filterModel has the filters that are no attributes of a snapshot.
type filterModel struct {
	NameRegex     types.String      `tfsdk:"name_regex"`
	CreatedAfter  timetypes.RFC3339 `tfsdk:"created_after"`
	CreatedBefore timetypes.RFC3339 `tfsdk:"created_before"`
	AllProjects   types.Bool        `tfsdk:"all_projects"`

	WithoutMetadata types.List `tfsdk:"without_metadata"`
}

// filterArguments are the filters among the attributes of a snapshot.
type filterArguments struct {
	Name      types.String `tfsdk:"name"`
	VolumeID  types.String `tfsdk:"volume_id"`
	Status    types.String `tfsdk:"status"`
	ProjectID types.String `tfsdk:"project_id"`
	Metadata  types.Map    `tfsdk:"metadata"`
}

// expandFilter returns the client's filter. Null filters nothing. The schema validates only what
// is known before.
func expandFilter(w filterArguments, f filterModel) (client.Filter, diag.Diagnostics) {
	var diags diag.Diagnostics
	filter := client.Filter{
		Name:          w.Name.ValueString(),
		VolumeID:      w.VolumeID.ValueString(),
		Status:        client.Status(w.Status.ValueString()),
		Metadata:      expandMetadata(w.Metadata.Elements()),
		CreatedAfter:  expandTime(f.CreatedAfter),
		CreatedBefore: expandTime(f.CreatedBefore),
		AllProjects:   f.AllProjects.ValueBool(),
		ProjectID:     w.ProjectID.ValueString(),
	}
	for _, key := range f.WithoutMetadata.Elements() {
		if text, ok := key.(types.String); ok {
			filter.WithoutMetadata = append(filter.WithoutMetadata, text.ValueString())
		}
	}
	if !f.NameRegex.IsNull() {
		pattern, err := regexp.Compile(f.NameRegex.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("name_regex"), "Unusable value", "name_regex: it is not a regular expression: "+err.Error()+".")
		}
		filter.NameRegexp = pattern
	}
	return filter, diags
}

func expandTime(t timetypes.RFC3339) time.Time {
	if t.IsNull() {
		return time.Time{}
	}
	value, _ := t.ValueRFC3339Time()
	return value
}

// checkProject refuses the filter project_id without all_projects: it would select
// nothing, which would look like an answer.
func checkProject(projectID types.String, allProjects types.Bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if !projectID.IsNull() && !projectID.IsUnknown() && !allProjects.IsUnknown() && !allProjects.ValueBool() {
		diags.AddAttributeError(path.Root("project_id"), "Invalid Attribute Combination",
			"project_id says whose snapshots to take from those of all projects, so it needs all_projects = true. "+
				"Without both, the snapshots are those of the project of the sign-in.")
	}
	return diags
}
