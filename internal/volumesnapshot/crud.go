package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/istack/terraform-provider-istack/internal/client"
)

func (r *snapshotResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	snapshots := r.in(plan.Region)
	request := expandCreate(plan, r.DefaultMetadata)
	created, err := snapshots.Create(ctx, request)
	if err != nil {
		err = explainRefusal(err, texts{request.Name, request.Description, request.Metadata})
		resp.Diagnostics.Append(createFailed(plan, err))
		return
	}
	region, err := snapshots.Region(ctx)
	if err != nil {
		resp.Diagnostics.Append(createFailed(plan, err))
	}
	// From here on the snapshot exists: it goes into the state before the wait,
	// so that whatever happens then, Terraform knows it.
	publishRead := func(s client.Snapshot) {
		model := carry(flatten(region, s), plan)
		model.Metadata = plan.Metadata
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
		resp.Diagnostics.Append(writeDefaultKeys(ctx, resp.Private, presentKeys(r.DefaultMetadata, model.AllMetadata))...)
	}
	publishRead(created)
	if resp.Diagnostics.HasError() || created.Status == client.StatusAvailable {
		return
	}
	last, twins, err := snapshots.WaitCreated(ctx, created, request)
	if last.ID != "" {
		publishRead(last)
	}
	if len(twins) > 0 {
		resp.Diagnostics.Append(twinsFound(region, created, twins))
	}
	if err != nil {
		resp.Diagnostics.Append(waitFailed(created, timeout, err))
	}
}

func (r *snapshotResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := state.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	snapshots := r.in(state.Region)
	snapshot, err := snapshots.Read(ctx, state.ID.ValueString(), state.VolumeID.ValueString())
	if client.IsNotFound(err) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		resp.State.RemoveResource(ctx)
		return
	}
	region := state.Region.ValueString()
	if err == nil && region == "" {
		region, err = snapshots.Region(ctx)
	}
	if err != nil {
		resp.Diagnostics.Append(readFailed(state, err))
		return
	}

	told := flatten(region, snapshot)
	imported := state.VolumeID.IsNull()
	if imported {
		state = r.imported(state, told)
	}
	model := carry(told, state)
	resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)

	owned, diags := readDefaultKeys(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if present := presentKeys(r.DefaultMetadata, model.AllMetadata); len(present) > 0 {
		resp.Diagnostics.Append(writeDefaultKeys(ctx, resp.Private, append(owned, present...))...)
	}
}

// imported completes the state of an import, which has the identity only, with
// what a configuration would have that says nothing special.
func (r *snapshotResource) imported(state resourceModel, told snapshotModel) resourceModel {
	state.intent = r.importedIntent(state.intent)
	state.Metadata = importedMetadata(told.Metadata, r.DefaultMetadata, r.IgnoreMetadata)
	return state
}

func (r *snapshotResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	owned, diags := readDefaultKeys(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	snapshots := r.in(state.Region)
	id := state.ID.ValueString()
	told := state.told()
	// Each answer goes into the state at once: what has been written is known
	// even if the next request fails.
	publishWritten := func(metadata resourceModel) {
		model := carry(told, plan)
		model.Metadata = metadata.Metadata
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
	}
	if request, needed := expandUpdate(state, plan); needed {
		snapshot, err := snapshots.Update(ctx, id, request)
		if err != nil {
			err = explainRefusal(err, texts{name: plan.Name.ValueString(), description: plan.Description.ValueString()})
			resp.Diagnostics.Append(updateFailed(state, "Changing the name or description", err))
			return
		}
		told = flatten(state.Region.ValueString(), snapshot)
		publishWritten(state)
	}
	change := r.pendingMetadata(state, plan, owned)
	if !change.IsEmpty() {
		metadata, err := snapshots.ChangeMetadata(ctx, id, change)
		if err != nil {
			err = explainRefusal(err, texts{metadata: change.Set})
			resp.Diagnostics.Append(metadataFailed(state, err))
			return
		}
		told.Metadata = flattenMetadata(metadata)
	}
	publishWritten(plan)
	resp.Diagnostics.Append(writeDefaultKeys(ctx, resp.Private, presentKeys(r.DefaultMetadata, told.Metadata))...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, privateImported, nil)...)
}

func (r *snapshotResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch state.DeletionPolicy.ValueString() {
	case PolicyPrevent:
		resp.Diagnostics.Append(deletionPrevented(state))
		return
	case PolicyRetain:
		resp.Diagnostics.Append(deletionRetained(state))
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if err := r.in(state.Region).Remove(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(deleteFailed(state, timeout, err))
	}
}
