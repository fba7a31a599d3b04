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
			"A create ends when the snapshot is `available`. If it fails, takes too long or is interrupted before that, the snapshot is in the state as tainted, and the next apply replaces it. " +
			"If the provider is killed meanwhile, the snapshot may exist and be in no state: look for it before you apply again.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the snapshot, a UUID.",
				Computed:            true,
				PlanModifiers:       stable,
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "Region that the snapshot is in. Default: the provider's region when the snapshot is made, " +
					"which the snapshot then keeps. A change replaces the snapshot. If the provider's region has changed since, " +
					"a replacement is refused until this attribute says where to make the new snapshot. A tainted snapshot is replaced without this check, because Terraform does not tell the provider that it is tainted.",
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
					"Changed in place; leaving it out removes it.",
				Optional:   true,
				Validators: validators.Name(),
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "Description, at most 255 characters, without white space at its ends. Newer clouds accept only one line, without control characters. " +
					"Changed in place; leaving it out removes it.",
				Optional:   true,
				Validators: validators.Description(),
			},
			"force": schema.BoolAttribute{
				MarkdownDescription: "Make the snapshot even if the volume is in use. Data that the guest has not yet written to the volume is then " +
					"not in the snapshot. Used only when the snapshot is made; a later change affects only the state. Default: `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Metadata that this configuration owns, changed in place. Drift of these keys is shown and corrected, and a key " +
					"that you remove from the configuration is removed from the snapshot. Keys that others have put on the snapshot are never touched; they are in " +
					"`other_metadata`. Metadata is no place for a secret: everybody in the project can read it. An import takes over all keys except those of the provider's " +
					"`default_metadata` and `ignore_metadata`, and the first change after an import removes no key, even if the configuration does not have it. A key has 1 to 255 characters; newer clouds " +
					"accept only ASCII letters, digits, spaces and `- _ : . /` in it. A value has at most 255 characters.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  validators.Metadata(),
			},
			"deletion_policy": schema.StringAttribute{
				MarkdownDescription: "What a destroy or a replacement does: `delete` deletes the snapshot, `retain` leaves it in the cloud and only forgets it, " +
					"and `prevent` fails with an error. The last applied policy is used. With `prevent`, the plan fails if it " +
					"shows the destroy or replacement to the provider; otherwise (`-replace`, a taint, `replace_triggered_by`) the apply fails, before " +
					"anything is deleted. A snapshot that the resource has made and that never became available is always deleted. `ISTACK_DELETION_POLICY` (`delete` or `retain`) in " +
					"the environment overrides every policy for one run. Default: the provider's `deletion_policy`, or else `delete`.",
				Optional:   true,
				Computed:   true,
				Validators: framework.DeletionPolicyValidators(),
			},
			"triggers": schema.MapAttribute{
				MarkdownDescription: "Arbitrary values; a change replaces the snapshot. Null and an empty map are the same. " +
					"Triggers in the first change after an import are taken over without a replacement.",
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
