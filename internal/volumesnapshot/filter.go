package volumesnapshot

import (
	"maps"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
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
	Name, VolumeID, Status types.String
	Metadata               types.Map
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
			MarkdownDescription: "Regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) that the name must match somewhere.",
			Optional:            true,
			Validators:          []validator.String{isRegexp},
		},
		"created_after": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made after this time, RFC 3339 such as `2026-01-31T00:00:00Z`.",
			Optional:            true,
			CustomType:          timetypes.RFC3339Type{},
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made before this time, RFC 3339.",
			Optional:            true,
			CustomType:          timetypes.RFC3339Type{},
		},
		"all_projects": schema.BoolAttribute{
			MarkdownDescription: "Look in all projects. It takes an administrator; for others the cloud ignores it.",
			Optional:            true,
		},
	}
}

// snapshotAttributes are those of snapshotModel. Those of them that also filter
// are optional where filters is set.
func snapshotAttributes(filters bool) map[string]schema.Attribute {
	filter := func(description string, validators ...validator.String) schema.StringAttribute {
		if !filters {
			validators = nil
		}
		return schema.StringAttribute{MarkdownDescription: description, Optional: filters, Computed: true, Validators: validators}
	}
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	someText := stringvalidator.LengthAtLeast(1)
	timestamp := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
	}
	return map[string]schema.Attribute{
		"id":                filter("ID of the snapshot.", isUUID()),
		"region":            filter("Region that the snapshot is in.", someText),
		"volume_id":         filter("ID of the volume that the snapshot was made of.", isUUID()),
		"name":              filter("Name, case included.", someText),
		"description":       computed("Description."),
		"size":              schema.Int64Attribute{MarkdownDescription: "Size of the volume when the snapshot was made, in GiB.", Computed: true},
		"status":            filter("Status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`.", someText),
		"progress":          computed("Progress of the creation, such as `100%`; null where the cloud does not tell."),
		"created_at":        timestamp("Time of creation, RFC 3339 in UTC."),
		"updated_at":        timestamp("Time of the last change, RFC 3339 in UTC."),
		"project_id":        computed("ID of the project that owns the snapshot; null where the cloud does not tell."),
		"user_id":           computed("ID of the user who made the snapshot; null where the cloud does not tell."),
		"group_snapshot_id": computed("ID of the group snapshot that this one is part of; null if it is part of none, or the cloud does not tell."),
		"metadata": schema.MapAttribute{
			MarkdownDescription: "Metadata of the snapshot.",
			ElementType:         types.StringType,
			Optional:            filters,
			Computed:            true,
		},
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
	"a regular expression",
	func(s string) string {
		if _, err := regexp.Compile(s); err != nil {
			return "it is not a regular expression: " + err.Error()
		}
		return ""
	},
}
