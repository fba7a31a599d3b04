package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

func resourceSchema(ctx context.Context) schema.Schema {
	stable := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A snapshot of a block storage volume (Cinder).\n\n" +
			"The snapshot is in the state as soon as the cloud has accepted it, and the create ends when it is `available`. " +
			"A snapshot that fails on the way is kept as tainted, so that the next apply replaces it and nothing is left behind.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the snapshot, a UUID.",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "Region that the snapshot is in. Default: the provider's region when the snapshot is made, " +
					"which it then keeps. A change replaces the snapshot. Where the provider has moved to another region since, " +
					"a replacement is refused until this says where the new snapshot is to be. A tainted snapshot is replaced without this check, since Terraform does not tell the provider that it is tainted.",
				Optional: true,
				Computed: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
				},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIf(regionReplaces, "A change replaces the snapshot.", "A change replaces the snapshot."),
				},
			},
			"volume_id": schema.StringAttribute{
				MarkdownDescription: "ID of the volume to make the snapshot of, a UUID in lower case. A change replaces the snapshot.",
				Required:            true,
				Validators:          []validator.String{validators.UUID()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name, at most 255 characters, without white space at its ends. It need not be unique. " +
					"Changed in place; leaving it out takes it away.",
				Optional:   true,
				Validators: validators.Name(),
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description, at most 255 characters, without white space at its ends. Newer clouds take one line only, without control characters. " +
					"Changed in place; leaving it out takes it away.",
				Optional:   true,
				Validators: validators.Description(),
			},
			"force": schema.BoolAttribute{
				MarkdownDescription: "Make the snapshot even if the volume is in use. What the guest has not yet written to the volume is then " +
					"not in it. Used only when the snapshot is made; a later change touches nothing but the state. Default: `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Metadata that this configuration owns, changed in place. Drift of these keys is shown and corrected, and a key " +
					"that leaves the configuration leaves the snapshot. Keys that others have put on the snapshot are never touched; they are in " +
					"`other_metadata`. Metadata is no place for a secret: everybody in the project can read it. An import takes over all keys but the provider's " +
					"`default_metadata` and `ignore_metadata`, and the first change after it removes none that the configuration does not have. A key has 1 to 255 characters, of which newer clouds take only " +
					"ASCII letters, digits, spaces and `- _ : . /`; a value has at most 255.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  validators.Metadata(),
			},
			"deletion_policy": schema.StringAttribute{
				MarkdownDescription: "What a destroy or a replacement does to the snapshot: `delete` it, `retain` it in the cloud and only forget it, " +
					"or `prevent` it with an error. The policy that counts is the last one applied. `prevent` is refused while planning where the plan " +
					"shows the destroy or replacement to the provider, and otherwise (`-replace`, a taint, `replace_triggered_by`) in the apply, before " +
					"anything is deleted. A snapshot of the resource's own that never became available is always deleted. `ISTACK_DELETION_POLICY` (`delete` or `retain`) in " +
					"the environment decides over every policy of that one run. Default: the provider's `deletion_policy`, or else `delete`.",
				Optional:   true,
				Computed:   true,
				Validators: framework.DeletionPolicyValidators(),
			},
			"triggers": schema.MapAttribute{
				MarkdownDescription: "Any values whose change means that a new snapshot is wanted: a change replaces the snapshot. None and an empty map are the same. " +
					"Those of the first change after an import are taken over without a replacement.",
				ElementType:   types.StringType,
				Optional:      true,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(triggersReplace, "A change replaces the snapshot.", "A change replaces the snapshot.")},
			},
			"timeouts": timeoutsAttribute(ctx),

			"size": schema.Int64Attribute{
				MarkdownDescription: "Size of the volume when the snapshot was made, in GiB.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Status, such as `available`, `creating`, `deleting`, `error`, `error_deleting`.",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Time of creation, RFC 3339 in UTC; null until a snapshot that this resource makes becomes available.",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
				PlanModifiers:       stable,
			},
			"project_id": schema.StringAttribute{
				MarkdownDescription: "ID of the project that owns the snapshot; null where the cloud does not say.",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "ID of the user who made the snapshot; null where the cloud does not say (API before 3.41).",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"group_snapshot_id": schema.StringAttribute{
				MarkdownDescription: "ID of the group snapshot that this one is part of; null if it is part of none, or the cloud does not say (API before 3.14).",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"default_metadata": schema.MapAttribute{
				MarkdownDescription: "The provider's `default_metadata` that this snapshot has, without the keys that `metadata` overrides. " +
					"Drift of these keys is shown and corrected, and a key that leaves the defaults leaves the snapshot.",
				ElementType: types.StringType,
				Computed:    true,
			},
			"other_metadata": schema.MapAttribute{
				MarkdownDescription: "Metadata of the snapshot that belongs to somebody else, such as a backup tool: keys that are neither in `metadata` nor in " +
					"`default_metadata`, those of the provider's `ignore_metadata` included. It is never touched.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}
