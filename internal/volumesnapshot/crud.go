package volumesnapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
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

	plan.DefaultMetadata, plan.OtherMetadata = r.owners(false).plan(resourceModel{}, plan)
	snapshots := r.in(plan.Region)
	request := expandCreate(plan)
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
		model := unlessUnfinished(complete(plan, flatten(region, s)))
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
	}
	publishRead(created)
	r.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	last, err := r.finish(ctx, snapshots, created)
	if last.ID != "" {
		publishRead(last)
	}
	if err != nil {
		resp.Diagnostics.Append(waitFailed(created, timeout, err))
		return
	}
	if lost := client.NotStored(request.Metadata, last.Metadata); len(lost) > 0 {
		resp.Diagnostics.Append(metadataNotKept(last, lost))
	}
}

// finish gives a snapshot as it is when it is available. The answer to the
// create leaves out what only a read tells, so one that was available at once is
// read too; if that fails, the next refresh does it.
func (r *snapshotResource) finish(ctx context.Context, snapshots *client.BlockStorage, created client.Snapshot) (client.Snapshot, error) {
	if created.Status != client.StatusAvailable {
		return snapshots.WaitAvailable(ctx, created.ID)
	}
	if last, err := snapshots.Get(ctx, created.ID); err == nil {
		return last, nil
	}
	return created, nil
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
	snapshot, err := snapshots.Read(ctx, state.reference())
	if openstack.IsNotFound(err) {
		resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
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

	r.WarnOfRegion(ctx, snapshots, &resp.Diagnostics)
	told := flatten(region, snapshot)
	var model resourceModel
	if imported := state.VolumeID.IsNull(); imported {
		// The identity of an import may lack the region.
		resp.Identity.Raw = tftypes.NewValue(resp.Identity.Raw.Type(), nil)
		model = r.imported(told, state)
	} else {
		model = carry(told, state)
	}
	resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, model)...)
	if snapshot.Status == client.StatusError || snapshot.Status == client.StatusErrorDeleting {
		reason, requestID := snapshots.LastMessage(ctx, snapshot.ID)
		resp.Diagnostics.Append(restoresNothing(model, reason, requestID))
	}
}

func (r *snapshotResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	plan, diags := readResource(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	owners := r.owners(isImported(ctx, req.Private, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	plan.DefaultMetadata, plan.OtherMetadata = owners.plan(state, plan)
	snapshots, snapshot := r.in(plan.Region), state.reference()
	if regionFound(state.Region, plan.Region) {
		if _, err := snapshots.Read(ctx, snapshot); err != nil {
			resp.Diagnostics.Append(updateFailed(state, "Looking in region "+plan.Region.ValueString()+" for the record", err))
			return
		}
	}
	if request, needed := expandUpdate(state, plan); needed {
		if _, err := snapshots.Update(ctx, snapshot, request); err != nil {
			err = explainRefusal(err, texts{name: plan.Name.ValueString(), description: plan.Description.ValueString()})
			resp.Diagnostics.Append(updateFailed(state, "Changing the name or description", err))
			return
		}
		// What has been written is in the state even if the next request fails.
		written := state
		written.Name, written.Description = plan.Name, plan.Description
		resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, written)...)
	}
	if change := owners.change(state, plan); !change.IsEmpty() {
		if err := snapshots.ChangeMetadata(ctx, snapshot, change); err != nil {
			err = explainRefusal(err, texts{metadata: change.Set})
			resp.Diagnostics.Append(metadataFailed(state, err))
			return
		}
	}
	resp.Diagnostics.Append(publish(ctx, resp.Identity, &resp.State, complete(plan, state.snapshotModel))...)
	markImported(ctx, resp.Private, false, &resp.Diagnostics)
}

func (r *snapshotResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, diags := readResource(ctx, req.State.Raw)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch r.policy(state) {
	case PolicyPrevent:
		resp.Diagnostics.Append(deletionPrevented(state))
		return
	case PolicyRetain:
		resp.Diagnostics.Append(deletionRetained(state, r.DeletionPolicyOverride))
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	if err := r.in(state.Region).Remove(ctx, state.reference()); err != nil {
		resp.Diagnostics.Append(deleteFailed(state, timeout, err))
	}
}
