package volumesnapshot

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/validators"
	"github.com/istack/terraform-provider-istack/internal/volumesnapshot/statemove"
)

var _ resource.ResourceWithMoveState = (*snapshotResource)(nil)

// MoveState takes over the states of other providers, and of this one at another address.
func (r *snapshotResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

// moveState sends no request: Terraform moves states before it configures the provider. What the
// state does not say is for the next read.
func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	source := statemove.Source{Provider: req.SourceProviderAddress, Type: req.SourceTypeName, JSON: req.SourceRawState.JSON}
	own := source.Type == "istack_volume_snapshot"
	switch {
	case !own && !source.Known():
		resp.Diagnostics.Append(notMovable(source))
		return
	case own && req.SourceSchemaVersion > resourceSchema(ctx).Version:
		resp.Diagnostics.AddError("State of a newer provider", fmt.Sprintf("The state of the %s of provider %s has the schema version %d, and this one knows %d. Use a newer "+
			"version of this provider.", source.Type, source.Provider, req.SourceSchemaVersion, resourceSchema(ctx).Version))
		return
	case len(source.JSON) == 0:
		resp.Diagnostics.Append(tooOldToMove(source))
		return
	}
	var model resourceModel
	var problem string
	if own {
		model, problem = moveOwn(ctx, req.SourceRawState, &resp.Diagnostics)
		markImported(ctx, resp.TargetPrivate, isImported(ctx, req.SourcePrivate, &resp.Diagnostics), &resp.Diagnostics)
	} else {
		model, problem = moveOther(ctx, source, &resp.Diagnostics)
		markImported(ctx, resp.TargetPrivate, true, &resp.Diagnostics)
	}
	if problem == "" && !validators.IsUUID(model.ID.ValueString()) {
		problem = fmt.Sprintf("its id is no UUID in lower case: %q", model.ID.ValueString())
	}
	if problem != "" {
		resp.Diagnostics.AddError("Unusable state of volume snapshot",
			fmt.Sprintf("The state of the %s of provider %s cannot be taken over: %s.", source.Type, source.Provider, strings.TrimSuffix(problem, ".")))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	raw, diags := resourceCodec().Write(ctx, model.bindings())
	resp.Diagnostics.Append(diags...)
	resp.TargetState.Raw = raw
	if !model.Region.IsNull() && resp.TargetIdentity != nil {
		// The identity is whole or left to the next read.
		resp.Diagnostics.Append(identify(ctx, resp.TargetIdentity, model)...)
	}
}

// moveOwn reads a state of this resource. What a fork has added to it is dropped.
func moveOwn(ctx context.Context, state *tfprotov6.RawState, diags *diag.Diagnostics) (model resourceModel, problem string) {
	raw, err := state.UnmarshalWithOpts(resourceSchema(ctx).Type().TerraformType(ctx), tfprotov6.UnmarshalOpts{
		ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
	})
	if err != nil {
		return model, err.Error()
	}
	model, more := readResource(ctx, raw)
	diags.Append(more...)
	return model, ""
}

// moveOther reads a state of another provider. The maps of metadata that are not the
// configuration's stay null until the next read.
func moveOther(ctx context.Context, source statemove.Source, diags *diag.Diagnostics) (model resourceModel, problem string) {
	s, err := source.Read()
	if err != nil {
		return model, err.Error()
	}
	diags.Append(resourceCodec().Clear(ctx, model.bindings())...)
	model.ID, model.VolumeID = types.StringValue(s.ID), types.StringValue(s.VolumeID)
	model.Region, model.Name, model.Description = flattenString(s.Region), flattenString(s.Name), flattenString(s.Description)
	model.Status, model.Size, model.CreatedAt = flattenString(s.Status), types.Int64PointerValue(s.Size), flattenTime(s.CreatedAt)
	model.Force = types.BoolValue(s.Force)
	if s.Metadata != nil {
		model.Metadata = flattenMetadata(s.Metadata)
	}
	return model, ""
}

// moved reports whether a state comes from another provider and has not been read since.
func (m resourceModel) moved() bool { return !m.VolumeID.IsNull() && m.OtherMetadata.IsNull() }

// adopted returns such a state with what only a configured provider knows.
func (c configured) adopted(state resourceModel) resourceModel {
	if state.DeletionPolicy.IsNull() && !c.defaultDeletionPolicy().IsUnknown() {
		state.DeletionPolicy = c.defaultDeletionPolicy()
	}
	if !c.DefaultMetadata.IsUnknown() {
		state.DefaultMetadata = c.DefaultMetadata
	}
	// What is ignored no configuration here can have.
	own := state.Metadata.Elements()
	maps.DeleteFunc(own, func(key string, _ attr.Value) bool { return c.IgnoreMetadata.Matches(key) })
	if len(own) < len(state.Metadata.Elements()) {
		state.Metadata = types.MapNull(types.StringType)
		if len(own) > 0 {
			state.Metadata = types.MapValueMust(types.StringType, own)
		}
	}
	return state
}

func notMovable(source statemove.Source) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Resource that cannot be moved",
		fmt.Sprintf("An istack_volume_snapshot cannot take over the state of a %s of provider %s. The types that can be moved: %s, each of its own provider, and "+
			"istack_volume_snapshot of a provider at any address.\n\nIf it is a snapshot all the same, forget it with a removed block (lifecycle { destroy = false }), and import it by its id.",
			source.Type, source.Provider, strings.Join(statemove.Types(), ", ")))
}

func tooOldToMove(source statemove.Source) diag.Diagnostic {
	return diag.NewErrorDiagnostic("State that is too old to be moved",
		fmt.Sprintf("The state of the %s of provider %s is in the form of Terraform 0.11. Put the old resource and provider blocks back in the place of the moved block, "+
			"run terraform apply -refresh-only, which writes the state anew, and then move it.", source.Type, source.Provider))
}
