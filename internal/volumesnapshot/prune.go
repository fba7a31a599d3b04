package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/retention"
)

// decide applies the policy. The newest of a volume is kept whatever the policy.
func decide(found []client.Snapshot, policy retention.Policy) (retention.Decision, error) {
	candidates := make([]retention.Snapshot, 0, len(found))
	for _, s := range found {
		if s.Status == "" {
			s.Status = "unknown" // which retention would take for available
		}
		candidates = append(candidates, retention.Snapshot{
			ID: s.ID, VolumeID: s.VolumeID, Status: string(s.Status), GroupSnapshotID: s.GroupSnapshotID, Temporary: s.Temporary(),
			CreatedAt: s.CreatedAt, Metadata: s.Metadata,
		})
	}
	decision, err := retention.Apply(candidates, policy, time.Now())
	if err != nil {
		return decision, err
	}
	newest := map[string]time.Time{}
	for _, v := range slices.Concat(decision.Kept, decision.Expired) {
		if at := v.Snapshot.CreatedAt; at.After(newest[v.Snapshot.VolumeID]) {
			newest[v.Snapshot.VolumeID] = at
		}
	}
	// Of those of the same time nobody knows which is the newest.
	spared := func(v retention.Verdict) bool { return v.Snapshot.CreatedAt.Equal(newest[v.Snapshot.VolumeID]) }
	for _, v := range decision.Expired {
		if spared(v) {
			v.Reasons = []string{"the newest of the volume"}
			decision.Kept = append(decision.Kept, v)
		}
	}
	decision.Expired = slices.DeleteFunc(decision.Expired, spared)
	return decision, nil
}

// namedVerdicts is how many of the snapshots that stay a message names.
const namedVerdicts = 100

// prune is a run that deletes.
type prune struct {
	at       *client.BlockStorage
	found    map[string]client.Snapshot
	progress *progress
	total    int
	began    time.Time

	mu      sync.Mutex
	begun   int
	deleted []client.Snapshot
	left    []leftSnapshot
	failed  []failedDeletion
	skipped int // after an interrupt
}

type failedDeletion struct {
	snapshot client.Snapshot
	err      error
}

// leftSnapshot has expired, and is not deleted because of what has happened since the run began.
type leftSnapshot struct {
	snapshot client.Snapshot
	why      string
}

// newestLife is how old the last look at the newest snapshot of a volume may be when another is
// deleted.
const newestLife = 30 * time.Second

// volumeToPrune has the snapshots that are deleted, the newest first, and the newest of those that
// stay, with when it was last seen.
type volumeToPrune struct {
	expired []client.Snapshot
	newest  client.Snapshot
	seen    time.Time
}

// run deletes the snapshots of a volume one after the other, the oldest first, and those of
// several volumes at the same time.
func (p *prune) run(ctx context.Context, decision retention.Decision) {
	volumes := map[string]*volumeToPrune{}
	for _, v := range decision.Expired {
		volume := volumes[v.Snapshot.VolumeID]
		if volume == nil {
			volume = &volumeToPrune{seen: p.began}
			volumes[v.Snapshot.VolumeID] = volume
		}
		volume.expired = append(volume.expired, p.found[v.Snapshot.ID])
	}
	for _, v := range decision.Kept {
		if volume := volumes[v.Snapshot.VolumeID]; volume != nil && v.Snapshot.CreatedAt.After(volume.newest.CreatedAt) {
			volume.newest = p.found[v.Snapshot.ID]
		}
	}
	var running sync.WaitGroup
	for _, volume := range volumes {
		running.Go(func() {
			for _, s := range slices.Backward(volume.expired) {
				p.delete(ctx, s, volume)
			}
		})
	}
	p.progress.during(p.underWay, running.Wait)
}

func (p *prune) underWay() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("deleting (%d of %d done)", len(p.deleted)+len(p.left)+len(p.failed), p.total)
}

func (p *prune) delete(ctx context.Context, s client.Snapshot, of *volumeToPrune) {
	p.mu.Lock()
	if ctx.Err() != nil {
		p.skipped++
		p.mu.Unlock()
		return
	}
	p.begun++
	number := p.begun
	p.mu.Unlock()
	p.progress.say("Deleting %d of %d: %s", number, p.total, describeSnapshot(s))
	why, err := p.deleteUnlessChanged(ctx, s, of)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case why != "":
		p.left = append(p.left, leftSnapshot{s, why})
	case err != nil:
		p.failed = append(p.failed, failedDeletion{s, err})
	default:
		p.deleted = append(p.deleted, s)
	}
}

// deleteUnlessChanged deletes a snapshot, or says why it is left. The deletions before it may have
// taken an hour, and somebody may have marked it meanwhile, or deleted what was to stay.
func (p *prune) deleteUnlessChanged(ctx context.Context, s client.Snapshot, of *volumeToPrune) (left string, err error) {
	if time.Since(of.seen) > newestLife {
		newest, err := p.at.Get(ctx, of.newest.ID)
		switch {
		case openstack.IsNotFound(err):
			return fmt.Sprintf("the newest snapshot of its volume, %s, is gone", of.newest.ID), nil
		case err != nil:
			return "", err
		case newest.Status.Unusable():
			return fmt.Sprintf("the newest snapshot of its volume, %s, is in status %q", newest.ID, newest.Status), nil
		}
		of.seen = time.Now()
	}
	now, err := p.at.Get(ctx, s.ID)
	gone := openstack.IsNotFound(err)
	switch {
	case err != nil && !gone:
		return "", err
	case !gone && (now.Name != s.Name || now.Status != s.Status || !maps.Equal(now.Metadata, s.Metadata)):
		return "its name, metadata or status has changed since the run began", nil
	}
	// A wait for the end of another use would make all of this old again.
	err = p.at.RemoveIdle(ctx, client.Reference{ID: s.ID, VolumeID: s.VolumeID, ProjectID: s.ProjectID})
	var busy *client.UnexpectedStatusError
	switch {
	case gone && err == nil:
		return "somebody else has deleted it", nil
	case errors.As(err, &busy) && busy.Refusal != nil && busy.Snapshot.Status != s.Status:
		return fmt.Sprintf("its status has become %q", busy.Snapshot.Status), nil
	}
	return "", err
}

// failures has an error for each snapshot that could not be deleted.
func (p *prune) failures() (diags diag.Diagnostics) {
	for _, f := range p.failed {
		state := resourceModel{snapshotModel: flatten("", f.snapshot)}
		diags.Append(deletionAttempt(state, "narrow the selection of the action.", "set a longer timeouts.invoke", f.err).Failed(f.err))
	}
	if p.skipped > 0 {
		diags.AddError("Volume snapshots not deleted", fmt.Sprintf("The action was interrupted, or its time was over: for %d of %d snapshots no deletion was sent. Invoke it again to go on.", p.skipped, p.total))
	}
	return diags
}

func (p *prune) summary(decision retention.Decision) string {
	var freed int64
	for _, s := range p.deleted {
		freed += s.Size
	}
	lines := []string{fmt.Sprintf("Done after %s: deleted %d of %d expired snapshots (%d GiB), kept %d, ignored %d.",
		took(p.began), len(p.deleted), p.total, freed, len(decision.Kept), len(decision.Ignored))}
	for _, s := range p.deleted {
		lines = append(lines, "  deleted "+describeSnapshot(s))
	}
	for _, l := range p.left {
		lines = append(lines, "  left    "+describeSnapshot(l.snapshot)+": "+l.why)
	}
	for _, f := range p.failed {
		lines = append(lines, "  failed  "+describeSnapshot(f.snapshot))
	}
	return strings.Join(lines, "\n")
}

// plannedPrune says what a run would delete, and why the rest stays.
func plannedPrune(decision retention.Decision, found map[string]client.Snapshot) string {
	lines := []string{fmt.Sprintf("Nothing is deleted. The policy would delete %d snapshots (%d GiB), keep %d and ignore %d.",
		len(decision.Expired), gibibytes(decision.Expired, found), len(decision.Kept), len(decision.Ignored))}
	name := func(what string, verdicts []retention.Verdict, most int) {
		for i, v := range verdicts {
			if i == most {
				lines = append(lines, fmt.Sprintf("  %s and %d more", what, len(verdicts)-i))
				return
			}
			why := "no rule keeps it"
			if len(v.Reasons) > 0 {
				why = strings.Join(v.Reasons, ", ")
			}
			lines = append(lines, fmt.Sprintf("  %s %s: %s", what, describeSnapshot(found[v.Snapshot.ID]), why))
		}
	}
	name("delete", decision.Expired, len(decision.Expired))
	name("keep", decision.Kept, namedVerdicts)
	name("ignore", decision.Ignored, namedVerdicts)
	return strings.Join(lines, "\n")
}

func gibibytes(verdicts []retention.Verdict, found map[string]client.Snapshot) (sum int64) {
	for _, v := range verdicts {
		sum += found[v.Snapshot.ID].Size
	}
	return sum
}
