package volumesnapshot

import (
	"maps"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// filterModel is what the two data sources that search have in common beside
// the attributes that a snapshot has itself.
type filterModel struct {
	NameRegex     types.String      `tfsdk:"name_regex"`
	CreatedAfter  timetypes.RFC3339 `tfsdk:"created_after"`
	CreatedBefore timetypes.RFC3339 `tfsdk:"created_before"`
	AllProjects   types.Bool        `tfsdk:"all_projects"`
}

// wanted are the filters among the attributes of a snapshot.
type wanted struct {
	Name, VolumeID, Status, ProjectID types.String
	Metadata                          types.Map
}

// expandFilter turns the filters into the client's. Null filters nothing.
func expandFilter(w wanted, f filterModel) client.Filter {
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
	if !f.NameRegex.IsNull() {
		// The schema has validated it.
		filter.NameRegexp = regexp.MustCompile(f.NameRegex.ValueString())
	}
	return filter
}

func expandTime(t timetypes.RFC3339) time.Time {
	if t.IsNull() {
		return time.Time{}
	}
	value, _ := t.ValueRFC3339Time()
	return value
}

// filterAttributes are those of filterModel.
func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name_regex": schema.StringAttribute{
			MarkdownDescription: "Only snapshots whose name matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) somewhere. " +
				"A snapshot without a name has the name \"\".",
			Optional:   true,
			Validators: []validator.String{isRegexp},
		},
		"created_after": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made after this time, RFC 3339 such as `2026-01-31T00:00:00Z`. One made at this very time, " +
				"which clouds tell in whole seconds, is not among them.",
			Optional:   true,
			CustomType: timetypes.RFC3339Type{},
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made before this time, RFC 3339. One made at this very time is not among them.",
			Optional:            true,
			CustomType:          timetypes.RFC3339Type{},
		},
		"all_projects": schema.BoolAttribute{
			MarkdownDescription: "Look in all projects instead of that of the sign-in. It takes an administrator; for others the cloud ignores it. " +
				"Default: `false`.",
			Optional: true,
		},
	}
}

// checkProject refuses to look for another project's snapshots among one's own:
// there would be none, and that would look like an answer.
func checkProject(projectID types.String, allProjects types.Bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if !projectID.IsNull() && !allProjects.IsUnknown() && !allProjects.ValueBool() {
		diags.AddAttributeError(path.Root("project_id"), "Invalid Attribute Combination",
			"project_id says whose snapshots to take from those of all projects, so it needs all_projects = true. "+
				"Without both, the snapshots are those of the project of the sign-in.")
	}
	return diags
}

// metadataFilter is the filter by metadata.
func metadataFilter(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description,
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          []validator.Map{mapvalidator.ValueStringsAre(notNull{})},
	}
}

// The descriptions of filters that the two data sources that search share.
const (
	aboutName      = "Only snapshots of this name, case included."
	aboutVolumeID  = "Only snapshots of this volume: its ID, a UUID in lower case."
	aboutStatus    = "Only snapshots in this status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`."
	aboutProjectID = "Only snapshots that this project owns, by its ID. It needs `all_projects = true`, and an administrator."
	aboutMetadata  = "Only snapshots that have these keys and values, and perhaps more."
	aboutRegion    = "Region to look in. Default: the provider's."
)

// snapshotAttributes are those of snapshotModel. Those of them that also filter
// are optional where filters is set.
func snapshotAttributes(filters bool) map[string]schema.Attribute {
	// Where an attribute filters, it says what for; the rest of its description is
	// what it is.
	filter := func(what, about string, validators ...validator.String) schema.StringAttribute {
		if !filters {
			return schema.StringAttribute{MarkdownDescription: about, Computed: true}
		}
		return schema.StringAttribute{MarkdownDescription: what, Optional: true, Computed: true, Validators: validators}
	}
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	someText := stringvalidator.LengthAtLeast(1)
	timestamp := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
	}
	metadata := schema.MapAttribute{MarkdownDescription: "All metadata of the snapshot; empty if there is none.", ElementType: types.StringType}
	if filters {
		metadata = metadataFilter(aboutMetadata + " Read, it is all metadata of the snapshot.")
	}
	metadata.Computed = true
	return map[string]schema.Attribute{
		"id": filter("ID of the snapshot, a UUID in lower case. It conflicts with every filter, and with `most_recent = true` and "+
			"`all_projects = true`.",
			"ID of the snapshot.", isUUID()),
		"region":            filter(aboutRegion, "Region that the snapshot is in; null where neither the provider nor the service catalogue names one.", someText),
		"volume_id":         filter(aboutVolumeID, "ID of the volume that the snapshot was made of.", isUUID()),
		"name":              filter(aboutName, "Name; null if it has none.", someText),
		"description":       computed("Description; null if it has none."),
		"size":              schema.Int64Attribute{MarkdownDescription: "Size of the volume when the snapshot was made, in GiB.", Computed: true},
		"status":            filter(aboutStatus, "Status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`.", someText),
		"progress":          computed("Progress of the creation, such as `100%`; null where the cloud does not tell."),
		"created_at":        timestamp("Time of creation, RFC 3339 in UTC."),
		"updated_at":        timestamp("Time of the last change, RFC 3339 in UTC; null before the first one."),
		"project_id":        filter(aboutProjectID, "ID of the project that owns the snapshot; null where the cloud does not tell.", someText),
		"user_id":           computed("ID of the user who made the snapshot; null where the cloud does not tell (API before 3.41)."),
		"group_snapshot_id": computed("ID of the group snapshot that this one is part of; null if it is part of none, or the cloud does not tell (API before 3.14)."),
		"consumes_quota": schema.BoolAttribute{
			MarkdownDescription: "Whether the snapshot counts against the quotas of its project; null where the cloud does not tell (API before 3.65).",
			Computed:            true,
		},
		"metadata": metadata,
	}
}

// searchAttributes are those of a data source that searches: each attribute of
// a snapshot, and the filters.
func searchAttributes() map[string]schema.Attribute {
	attributes := snapshotAttributes(true)
	maps.Copy(attributes, filterAttributes())
	return attributes
}

var isRegexp = validText{
	description: "a regular expression",
	problem: func(s string) string {
		if _, err := regexp.Compile(s); err != nil {
			return "it is not a regular expression: " + err.Error()
		}
		return ""
	},
}
