package cinder

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed description_pattern.txt
var descriptionPatternShown string

var (
	// descriptionPattern admits the printable characters of the Basic Multilingual Plane: no line break, no tab,
	// no emoji. The text is Cinder's own, as its message shows it. Python's $ also stands before a last line
	// break.
	descriptionPattern = regexp.MustCompile(strings.TrimSuffix(descriptionPatternShown, "$") + `\n?\z`)

	metadataKeyShown   = `^[a-zA-Z0-9-_:. /]{1,255}$`
	metadataKeyPattern = regexp.MustCompile(`^[a-zA-Z0-9\-_:. /]{1,255}\n?\z`)

	digitsShown   = `^[0-9]+$`
	digitsPattern = regexp.MustCompile(`^[0-9]+\n?\z`)
)

// databaseMaximum is the largest integer of Cinder's database columns.
const databaseMaximum = 0x7fffffff

var (
	nameSchema        = schema{typed("string", "null"), longest}
	descriptionSchema = schema{typed("string", "null"), longest, matching(descriptionPattern, descriptionPatternShown)}
	uuidSchema        = schema{typed("string"), uuidFormat}
	nullSchema        = schema{typed("null")}
	optionalUUID      = schema{either(nullSchema, uuidSchema)}
	booleanSchema     = schema{
		typed("boolean", "string"),
		oneOf(true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t",
			false, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f"),
	}
	metadataRules  = membersLike(metadataKeyPattern, metadataKeyShown, schema{typed("string"), longest})
	metadataSchema = append(schema{typed("object", "null")}, metadataRules...)
)

var snapshotCreateSchema = schema{
	typed("object"),
	strayType,
	properties(property{"snapshot", schema{
		typed("object"),
		properties(
			property{"name", nameSchema},
			property{"display_name", nameSchema},
			property{"description", descriptionSchema},
			property{"volume_id", schema{either(uuidSchema, nullSchema)}},
			property{"force", booleanSchema},
			property{"metadata", metadataSchema},
		),
		required("volume_id"),
		only("name", "display_name", "description", "volume_id", "force", "metadata"),
	}}),
	required("snapshot"),
	only("snapshot"),
}

var snapshotUpdateSchema = schema{
	typed("object"),
	strayType,
	properties(property{"snapshot", schema{
		typed("object"),
		properties(
			property{"name", nameSchema},
			property{"description", descriptionSchema},
			property{"display_name", nameSchema},
			property{"display_description", descriptionSchema},
		),
		only("name", "description", "display_name", "display_description"),
		either(
			schema{required("name")},
			schema{required("description")},
			schema{required("display_name")},
			schema{required("display_description")},
		),
	}}),
	required("snapshot"),
	only("snapshot"),
}

// strayType is a slip in Cinder's schemas for snapshots and attachments, which name a member "type" whose
// schema is no schema: a body with it is an internal error.
func strayType(value any) *invalid {
	if o, ok := value.(object); ok {
		if _, there := o.Get("type"); there {
			return &invalid{breaks: true}
		}
	}
	return nil
}

var (
	volumeName = []rule{typed("string", "null"), shortAfterTrim("name")}
	volumeText = []rule{typed("string", "null"), shortAfterTrim("description")}
	volumeSize = schema{
		typed("integer", "string", "null"), matching(digitsPattern, digitsShown), atLeast(1), atMost(databaseMaximum),
	}
)

// volumeCreateSchema is Cinder's for a microversion: members that it does not know are let through until 3.53.
func volumeCreateSchema(v microversion) schema {
	known := []property{
		{"name", volumeName},
		{"description", volumeText},
		{"display_name", volumeName},
		{"display_description", volumeText},
		{"volume_type", nameSchema},
		{"metadata", metadataSchema},
		{"snapshot_id", optionalUUID},
		{"source_volid", optionalUUID},
		{"consistencygroup_id", optionalUUID},
		{"size", volumeSize},
		{"availability_zone", schema{typed("string", "null"), shortest(1), longest}},
		{"multiattach", schema{either(nullSchema, booleanSchema)}},
		{"image_id", nameSchema},
		{"imageRef", nameSchema},
	}
	inner := schema{typed("object"), properties(known...)}
	if v >= volumeSchemaChanges {
		known = append(known, property{"group_id", nameSchema}, property{"backup_id", optionalUUID})
		inner = schema{typed("object"), properties(known...)}
		names := make([]string, len(known))
		for i, p := range known {
			names[i] = p.name
		}
		inner = append(inner, only(names...))
	}
	const hints = "OS-SCH-HNT:scheduler_hints"
	return schema{
		typed("object"),
		properties(property{"volume", inner}, property{hints, schema{typed("object", "null")}}),
		required("volume"),
		only("volume", hints),
	}
}

// volumeUpdateSchema wants at least one member from 3.53 on.
func volumeUpdateSchema(v microversion) schema {
	inner := schema{
		typed("object"),
		properties(
			property{"name", volumeName},
			property{"description", volumeText},
			property{"display_name", volumeName},
			property{"display_description", volumeText},
			property{"metadata", append(schema{typed("object")}, metadataRules...)},
		),
		only("name", "description", "display_name", "display_description", "metadata"),
	}
	if v >= volumeSchemaChanges {
		inner = append(inner, either(
			schema{required("name")},
			schema{required("description")},
			schema{required("display_name")},
			schema{required("display_description")},
			schema{required("metadata")},
		))
	}
	return schema{typed("object"), properties(property{"volume", inner}), required("volume"), only("volume")}
}

// attachmentCreateSchema takes a mode from 3.54 on, at which it looks last.
func attachmentCreateSchema(v microversion, wantsServer bool) schema {
	known := []property{
		{"instance_uuid", uuidSchema},
		{"connector", schema{typed("object", "null")}},
		{"volume_uuid", uuidSchema},
	}
	names := []string{"instance_uuid", "connector", "volume_uuid"}
	var modes []property
	if v >= attachmentMode {
		modes = append(modes, property{"mode", schema{typed("string"), oneOf("rw", "ro")}})
		names = append(names, "mode")
	}
	needed := []string{"volume_uuid"}
	if wantsServer {
		needed = []string{"instance_uuid", "volume_uuid"}
	}
	return schema{
		typed("object"),
		strayType,
		properties(property{"attachment", schema{
			typed("object"), properties(known...), required(needed...), properties(modes...), only(names...),
		}}),
		required("attachment"),
		only("attachment"),
	}
}

var attachmentUpdateSchema = schema{
	typed("object"),
	strayType,
	properties(property{"attachment", schema{
		typed("object"),
		properties(property{"connector", schema{typed("object"), notEmpty}}),
		required("connector"),
		only("connector"),
	}}),
	required("attachment"),
	only("attachment"),
}

var attachSchema = schema{
	typed("object"),
	properties(property{"os-attach", schema{
		typed("object"),
		properties(
			property{"instance_uuid", optionalUUID},
			property{"mountpoint", schema{typed("string"), shortest(1), longest}},
			property{"host_name", nameSchema},
			property{"mode", schema{typed("string"), oneOf("rw", "ro")}},
		),
		required("mountpoint"),
		either(schema{required("instance_uuid")}, schema{required("host_name")}),
		only("instance_uuid", "mountpoint", "host_name", "mode"),
	}}),
	required("os-attach"),
	only("os-attach"),
}

var (
	snapshotStatuses = []string{
		"error", "available", "creating", "deleting", "deleted", "updating", "error_deleting", "unmanaging",
		"backing-up", "restoring",
	}
	volumeStatuses = []string{
		"creating", "available", "deleting", "error", "error_deleting", "error_managing", "managing", "attaching",
		"in-use", "detaching", "maintenance", "restoring-backup", "error_restoring", "reserved", "awaiting-transfer",
		"backing-up", "error_backing-up", "error_extending", "downloading", "uploading", "retyping", "extending",
	}
	attachStatuses    = []string{"attached", "detached"}
	migrationStatuses = []string{"migrating", "error", "success", "completing", "none", "starting"}
)

var snapshotResetSchema = schema{
	typed("object"),
	properties(property{"os-reset_status", schema{
		typed("object"),
		properties(property{"status", schema{typed("string"), statusFormat("Snapshot status", false, snapshotStatuses)}}),
		required("status"),
		only("status"),
	}}),
	required("os-reset_status"),
	only("os-reset_status"),
}

var volumeResetSchema = schema{
	typed("object"),
	properties(property{"os-reset_status", schema{
		typed("object"),
		someStatus,
		properties(
			property{"status", schema{typed("string", "null"), statusFormat("Volume status", true, volumeStatuses)}},
			property{"attach_status", schema{
				typed("string", "null"), statusFormat("Volume attach status", true, attachStatuses),
			}},
			property{"migration_status", schema{
				typed("string", "null"), statusFormat("Volume migration status", true, migrationStatuses),
			}},
		),
		only("status", "attach_status", "migration_status"),
	}}),
	required("os-reset_status"),
	only("os-reset_status"),
}

func someStatus(value any) *invalid {
	o, _ := value.(object)
	for _, name := range []string{"status", "attach_status", "migration_status"} {
		if v, _ := o.Get(name); v != nil && v != "" {
			return nil
		}
	}
	return &invalid{
		whole:   true,
		message: "Must specify 'status', 'attach_status' or 'migration_status' for update.",
	}
}
