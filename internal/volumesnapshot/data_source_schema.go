package volumesnapshot

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/validators"
)

// metadataFilter is the filter by metadata.
func metadataFilter(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description,
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          []validator.Map{mapvalidator.ValueStringsAre(validators.NotNull())},
	}
}

// The descriptions of the filters.
const (
	aboutName      = "Only snapshots of this name, case included."
	aboutVolumeID  = "Only snapshots of this volume: its ID, a UUID in lower case."
	aboutStatus    = "Only snapshots in this status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`."
	aboutProjectID = "Only snapshots that this project owns: its ID. It needs `all_projects = true` and an administrator."
	aboutMetadata  = "Only snapshots that have at least these keys and values."
	aboutRegion    = "Region to look in. Default: the provider's."
)

// snapshotAttributes returns the attributes of snapshotModel. If filters is set, those
// that also filter are optional.
func snapshotAttributes(filters bool) map[string]schema.Attribute {
	// An attribute that filters is described as a filter.
	filter := func(what, about string, rules ...validator.String) schema.StringAttribute {
		if !filters {
			return schema.StringAttribute{MarkdownDescription: about, Computed: true}
		}
		return schema.StringAttribute{MarkdownDescription: what, Optional: true, Computed: true, Validators: rules}
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
		metadata = metadataFilter(aboutMetadata + " After the read, all metadata of the snapshot.")
	}
	metadata.Computed = true
	return map[string]schema.Attribute{
		"id": filter("ID of the snapshot, a UUID in lower case. It conflicts with every filter, and with `most_recent = true` and "+
			"`all_projects = true`.",
			"ID of the snapshot.", validators.UUID()),
		"region":            filter(aboutRegion, "Region that the snapshot is in; null where neither the provider nor the service catalogue names one.", someText),
		"volume_id":         filter(aboutVolumeID, "ID of the volume that the snapshot was made of.", validators.UUID()),
		"name":              filter(aboutName, "Name; null if it has none.", someText),
		"description":       computed("Description; null if it has none."),
		"size":              schema.Int64Attribute{MarkdownDescription: "Size of the volume when the snapshot was made, in GiB.", Computed: true},
		"status":            filter(aboutStatus, "Status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`.", someText),
		"progress":          computed("Progress of the creation, such as `100%`; null where the cloud does not say."),
		"created_at":        timestamp("Time of creation, RFC 3339 in UTC."),
		"updated_at":        timestamp("Time of the last change, RFC 3339 in UTC; null before the first one."),
		"project_id":        filter(aboutProjectID, "ID of the project that owns the snapshot; null where the cloud does not say.", someText),
		"user_id":           computed("ID of the user who made the snapshot; null where the cloud does not say (API before 3.41)."),
		"group_snapshot_id": computed("ID of the group snapshot that this one is part of; null if it is part of none, or the cloud does not say (API before 3.14)."),
		"consumes_quota": schema.BoolAttribute{
			MarkdownDescription: "Whether the snapshot counts against the quotas of its project; null where the cloud does not say (API before 3.65).",
			Computed:            true,
		},
		"metadata": metadata,
	}
}

// searchAttributes returns the attributes of a data source that searches: those of a
// snapshot, and the filters.
func searchAttributes() map[string]schema.Attribute {
	attributes := snapshotAttributes(true)
	maps.Copy(attributes, filterAttributes())
	return attributes
}

// filterAttributes returns the attributes of filterModel.
func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name_regex": schema.StringAttribute{
			MarkdownDescription: "Only snapshots whose name matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) somewhere. " +
				"A snapshot without a name has the name \"\".",
			Optional:   true,
			Validators: []validator.String{validators.Regexp()},
		},
		"without_metadata": schema.ListAttribute{
			MarkdownDescription: "Only snapshots that have none of these metadata keys, whatever the values. With a key that your configurations put on every " +
				"snapshot, such as one of the provider's `default_metadata`, it leaves out the snapshots that these have made, also those of the create action and those that a configuration has forgotten (`deletion_policy = \"retain\"`).",
			ElementType: types.StringType,
			Optional:    true,
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1),
				listvalidator.NoNullValues(),
				listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
			},
		},
		"created_after": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made after this time, RFC 3339 such as `2026-01-31T00:00:00Z`. A snapshot made exactly at this time, " +
				"which most clouds give in whole seconds, is not included.",
			Optional:   true,
			CustomType: timetypes.RFC3339Type{},
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Only snapshots made before this time, RFC 3339. A snapshot made exactly at this time is not included.",
			Optional:            true,
			CustomType:          timetypes.RFC3339Type{},
		},
		"all_projects": schema.BoolAttribute{
			MarkdownDescription: "Look in all projects instead of only the project of the sign-in. It needs an administrator; for other users the cloud ignores it. " +
				"Default: `false`.",
			Optional: true,
		},
	}
}

// readTimeoutsAttribute is the attribute timeouts of a data source; see
// [timeoutsAttribute].
func readTimeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := nested[schema.SingleNestedAttribute](timeouts.Attributes(ctx))
	attribute.MarkdownDescription = "How long the operation may take, as a duration such as `30s`, `10m` or `1h30m`."
	if read, ok := attribute.Attributes["read"].(schema.StringAttribute); ok {
		read.MarkdownDescription, read.Description = "How long all requests of the read together may take. "+byDefault(readTimeout), ""
		read.Validators = append(read.Validators, validators.PositiveDuration())
		attribute.Attributes["read"] = read
	}
	return attribute
}
