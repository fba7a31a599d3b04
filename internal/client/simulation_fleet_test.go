package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// operationLife is how long an operation has, as by a timeout of Terraform.
const operationLife = 30 * time.Minute

// operations are what a fleet does.
var operations = map[string]func(*task, context.Context) error{
	"create": (*task).create, "read": (*task).read, "list": (*task).list,
	"update": (*task).update, "metadata": (*task).metadata, "remove": (*task).remove,
}

func (w *world) fleet(t *testing.T) {
	random := rand.New(rand.NewPCG(w.Seed, 3))
	outside := w.open(direct{w}, nil)
	var volumes, snapshots []string
	for i := range 1 + random.IntN(2) {
		volumes = append(volumes, w.cloud.SeedVolume(fmt.Sprint("v", i), 1))
	}
	add := func(volume, name string) string {
		made, err := outside.Create(t.Context(), CreateRequest{VolumeID: volume, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	// Snapshots that are there already: some like those that the fleet will make,
	// then one for each operation and some more.
	for range 3 {
		add(volumes[random.IntN(len(volumes))], "alike")
	}
	for i := range 1 + slices.Max(append(w.Operations, 0)) + random.IntN(30) {
		snapshots = append(snapshots, add(volumes[i%len(volumes)], fmt.Sprint("old-", i)))
	}
	time.Sleep(time.Minute - time.Since(w.begun))

	storage := w.open(w, random)
	// Half of all fleets do one thing only.
	kinds := []string{"create", "create", "read", "list", "update", "metadata", "remove"}
	if random.IntN(2) == 0 {
		kinds = kinds[random.IntN(len(kinds)):][:1]
	}
	var tasks []*task
	var fleet sync.WaitGroup
	for _, i := range w.Operations {
		o := &task{
			world: w, storage: storage, outside: outside, actor: fmt.Sprint("#", i), random: w.random("operation", i),
			volumes: volumes, volume: volumes[i%len(volumes)], id: snapshots[i], some: snapshots[:min(len(snapshots), 4)],
		}
		o.kind = kinds[o.random.IntN(len(kinds))]
		tasks = append(tasks, o)
		w.listing = w.listing || o.kind == "list"
	}
	for _, o := range tasks {
		fleet.Go(func() { o.run(t) })
	}
	if w.has(otherClients) {
		fleet.Go(func() { w.visit(t.Context(), outside, random, volumes, snapshots) })
	}
	fleet.Wait()
	// What is still on its way arrives, and what is kept for a while is forgotten.
	time.Sleep(2 * time.Hour)
	w.afterwards(t, storage, tasks, len(snapshots), volumes[0])
}

// visit is what others do meanwhile.
func (w *world) visit(ctx context.Context, outside *BlockStorage, random *rand.Rand, volumes, snapshots []string) {
	for range 10 {
		time.Sleep(time.Duration(random.IntN(4000)) * time.Millisecond)
		id := snapshots[random.IntN(len(snapshots))]
		if random.IntN(2) == 0 {
			id = snapshots[random.IntN(min(len(snapshots), 4))]
		}
		switch name := fmt.Sprint("other-", random.IntN(1000)); random.IntN(4) {
		case 0:
			_, _ = outside.Create(ctx, CreateRequest{VolumeID: volumes[random.IntN(len(volumes))], Name: []string{"other", "alike"}[random.IntN(2)]})
		case 1, 2:
			w.note("another client renames %s to %s", id, name)
			_, _ = outside.Update(ctx, Reference{ID: id}, UpdateRequest{Name: &name})
		case 3:
			w.note("another client deletes %s", id)
			_ = outside.Delete(ctx, id)
		}
	}
}

// afterwards compares what was reported to the fleet with what the cloud has, and what it
// has cost with what it may.
func (w *world) afterwards(t *testing.T, storage *BlockStorage, tasks []*task, there int, volume string) {
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	if _, err := storage.Create(t.Context(), CreateRequest{VolumeID: volume, Name: "afterwards"}); err != nil {
		w.breaks("when all is well again, nothing works: %v", err)
	}
	for _, s := range storage.client.shared {
		s.creates.mu.Lock()
		if n := len(s.creates.equal); n > 1 {
			w.breaks("%d creates are remembered for ever", n)
		}
		s.creates.mu.Unlock()
	}
	w.slotsFree(t.Context(), storage)
	w.accounts()
	w.costs(tasks, there)
}

// slotsFree wants as many requests to be under way at a time as there may be.
func (w *world) slotsFree(ctx context.Context, storage *BlockStorage) {
	time.Sleep(time.Hour)
	w.barrier = make(chan struct{})
	var requests sync.WaitGroup
	for range w.slots {
		requests.Go(func() { _, _ = storage.Get(ctx, "none") })
	}
	time.Sleep(time.Minute)
	w.mu.Lock()
	if w.underWay != w.slots {
		w.broken = append(w.broken, w.line("%d of %d slots are free", w.underWay, w.slots))
	}
	w.mu.Unlock()
	close(w.barrier)
	requests.Wait()
}

// accounts compares what was reported to the fleet with what the cloud has.
func (w *world) accounts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Of creates alike any may own any: so many without an owner as there were that
	// said they did not know.
	unowned := map[string][]string{}
	for id, actor := range w.made {
		if _, owned := w.owners[id]; !owned && actor != otherClient {
			name := w.versions[id][0].name
			unowned[name] = append(unowned[name], id+" of "+actor)
		}
	}
	for name, ids := range unowned {
		if unsure := w.excused[name] + w.undecided[name]; len(ids) > unsure {
			w.broken = append(w.broken, fmt.Sprintf("%d snapshots %q are nobody's, and %d creates said that they do not know: %v", len(ids), name, unsure, ids))
		}
	}
	for name, doubt := range w.doubts {
		if w.excused[name] == 0 && !w.has(otherClients) {
			w.broken = append(w.broken, "nobody else makes any, and yet "+doubt)
		}
	}
}

// costs compares the number of requests with what was promised, where nothing
// makes more of them necessary.
func (w *world) costs(tasks []*task, there int) {
	counts := map[string]int{}
	for _, o := range tasks {
		counts[o.kind] += o.calls
	}
	harmless := old | clocks | otherClients | repeated | rewritten
	if w.only(harmless|miscounting|behind|throttled|limited|slow) && w.posts > counts["create"] {
		w.breaks("%d creates made %d snapshots", counts["create"], w.posts)
	}
	minutes := int(w.outageTo.Sub(w.outageFrom) / time.Minute)
	if w.only(harmless|revoked) && w.signIns > 3+minutes {
		w.breaks("%d sign-ins while no token was taken for %s", w.signIns, w.outageTo.Sub(w.outageFrom))
	}
	if w.only(harmless|throttled|slow) && w.refused > w.served/2+40 {
		w.breaks("%d requests were throttled, and %d came through", w.refused, w.served)
	}
	// Of each volume and of all there may be a listing.
	pages := 0
	for range 3 {
		pages += 1 + there/w.pages
	}
	if bound := 2*min(counts["read"], pages) + 30; w.only(old|clocks|rewritten) && counts["read"] == sum(counts) && w.gets > bound {
		w.breaks("%d reads of %d snapshots cost %d requests, more than %d", counts["read"], there, w.gets, bound)
	}
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// task is one operation of a fleet.
type task struct {
	*world
	storage, outside *BlockStorage
	actor, kind      string
	calls            int
	random           *rand.Rand
	volumes          []string
	volume, id       string
	some             []string // that others change too
}

func (o *task) run(t *testing.T) {
	time.Sleep(time.Duration(o.random.IntN(3000))*time.Millisecond + time.Duration(o.random.IntN(1000000)))
	ctx, cancel := context.WithTimeout(o.by(t.Context(), o.actor), operationLife)
	defer cancel()
	var mu sync.Mutex
	var interrupted time.Time
	grace := time.Duration(0)
	interrupt := func() {
		mu.Lock()
		defer mu.Unlock()
		if interrupted.IsZero() {
			o.note("%s is interrupted", o.actor)
			interrupted, grace = time.Now(), o.grace()
			cancel()
		}
	}
	if o.has(interrupts) {
		switch o.random.IntN(8) {
		case 0:
			interrupt()
		case 1:
			defer time.AfterFunc(time.Duration(o.random.IntN(20000))*time.Millisecond, interrupt).Stop()
		case 2, 3:
			o.mu.Lock()
			o.moments[o.actor] = &moment{1 + o.random.IntN(12), interrupt}
			o.mu.Unlock()
		}
	}
	begun := time.Now()
	err := operations[o.kind](o, ctx)
	mu.Lock()
	end := begun.Add(operationLife)
	if interrupted.IsZero() {
		grace = o.grace()
	} else {
		end = interrupted
	}
	mu.Unlock()
	o.note("%s %s ends: %v", o.actor, o.kind, err)
	if api := new(openstack.APIError); errors.As(err, &api) && api.Status == http.StatusTooManyRequests && api.RetryAfter <= transport.MaxPause && time.Until(end) > transport.MaxPause {
		o.breaks("%s %s failed by a rate limit while it had time: %v", o.actor, o.kind, err)
	}
	if o.grace() == 0 && errors.As(err, new(*LostCreateError)) {
		o.breaks("%s does not know what became of what was never sent, or refused: %v", o.actor, err)
	}
	if late := time.Since(end); late > grace+time.Millisecond {
		o.breaks("%s %s ended %s after its context", o.actor, o.kind, late)
	}
}

// grace is how long the operation may go on after its context, to learn what its
// requests have made.
func (o *task) grace() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unknown[o.actor] == 0 {
		return 0
	}
	return interruptGrace
}

// onlyBusy reports that nothing keeps anybody but the listing, which nobody wants for
// itself. (A rate limit that somebody meets there is taken for one of all.)
func (w *world) onlyBusy() bool {
	return w.has(busy) && !w.listing && len(w.Operations) <= 12 && w.only(busy|otherClients|clocks|repeated|rewritten|old|lenient|miscounting|behind)
}

func (o *task) create(ctx context.Context) error {
	o.calls++
	// Half of them are alike.
	request := CreateRequest{VolumeID: o.volume, Name: "alike"}
	if o.random.IntN(2) == 0 {
		request.Name = "own" + o.actor
	}
	sent := time.Now()
	made, err := o.storage.Create(ctx, request)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		var ambiguous *AmbiguousCreateError
		switch {
		case errors.As(err, &ambiguous):
			o.undecided[request.Name]++
			// Where nothing has told the time, or a proxy has, what is before it may be it.
			if !ambiguous.Doubtful || !o.has(undated|fronted) {
				o.doubts[request.Name] = o.line("%s was told: %v", o.actor, err)
			}
		case errors.As(err, new(*LostCreateError)):
			o.excused[request.Name]++
			if ctx.Err() == nil {
				o.doubts[request.Name] = o.line("%s was told: %v", o.actor, err)
			}
		}
		return err
	}
	o.own(made, request.Name, sent)
	began := time.Now()
	last, err := o.storage.WaitAvailable(ctx, made.ID)
	switch {
	case o.onlyBusy() && time.Since(began) > time.Minute:
		o.breaks("%s waited for %s", o.actor, time.Since(began))
	case errors.Is(err, context.DeadlineExceeded) && !o.has(longOutage|limited|throttled|unavailable|unconnected|cut|gateway|slow|revoked|confused|portal):
		o.breaks("%s waited in vain: %v", o.actor, err)
	case err == nil && last.Status != StatusAvailable:
		o.breaks("%s waited until %s is %s", o.actor, made.ID, last.Status)
	case err != nil && ctx.Err() == nil && openstack.Transient(err):
		o.breaks("%s: a wait ended by %v", o.actor, err)
	}
	return err
}

// own checks a snapshot that a create has returned.
func (o *task) own(made Snapshot, name string, sent time.Time) {
	o.mu.Lock()
	owner, owned := o.owners[made.ID]
	o.owners[made.ID] = o.actor
	names, maker := o.versions[made.ID], o.made[made.ID]
	// What somebody else makes meanwhile, alike in every way, may be taken for it.
	if maker == otherClient && len(names) > 0 && (o.has(clocks) || names[0].since.After(sent.Add(-3*time.Second))) {
		o.excused[name]++
		maker = o.actor
	}
	o.mu.Unlock()
	if maker == otherClient {
		o.breaks("%s was told that it made %s, which was there before", o.actor, made.ID)
	}
	if owned {
		o.breaks("%s was told that it made %s, which is owned by %s", o.actor, made.ID, owner)
	}
	if len(names) == 0 || names[0].name != name {
		o.breaks("%s was told that it made %s, which the cloud has as %v", o.actor, made.ID, names)
	}
}

// known is the newest that has been reported of a snapshot.
func (o *task) known(id string) version {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reported[id]
}

// knownNow is that of all snapshots.
func (o *task) knownNow() map[string]version {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.reported)
}

// named checks what was reported of a snapshot's name: it was right not too long ago,
// and is no older than what had been reported when the operation began.
func (o *task) named(id, name string, begun time.Time, known version) {
	now := time.Now()
	since := begun.Add(-SharedReadLife)
	if o.has(behind) {
		since = since.Add(-o.lag)
	}
	o.mu.Lock()
	versions, reported := o.versions[id], o.reported[id]
	found := version{}
	for i, v := range versions {
		ended := now
		if i+1 < len(versions) {
			ended = versions[i+1].since
		}
		if v.name == name && !ended.Before(since) {
			found = v
		}
	}
	if found.since.After(reported.since) {
		o.reported[id] = found
	}
	o.mu.Unlock()
	switch {
	case found.since.IsZero():
		o.breaks("%s was told that %s is named %q; it has been %v", o.actor, id, name, versions)
	case found.since.Before(known.since) && !o.has(behind):
		o.breaks("%s was told that %s is named %q, and before that it is %q", o.actor, id, name, known.name)
	}
}

// absent checks that a snapshot that is said not to exist has been deleted.
func (o *task) absent(id string) {
	o.mu.Lock()
	_, gone := o.gone[id]
	o.mu.Unlock()
	if !gone {
		o.breaks("%s was told that %s does not exist", o.actor, id)
	}
}

func (o *task) read(ctx context.Context) error {
	var last error
	for range 1 + o.random.IntN(8) {
		// Of which volume it is may be known or not, and of which region, by its name or
		// as the configured one.
		id := o.id
		if o.random.IntN(2) == 0 {
			id = o.some[o.random.IntN(len(o.some))]
		}
		reference := Reference{ID: id}
		if id == o.id && o.random.IntN(2) == 0 {
			reference.VolumeID = o.volume
		}
		storage := o.storage.client.BlockStorage([]string{"", "RegionOne"}[o.random.IntN(2)])
		began, known := time.Now(), o.known(id)
		o.calls++
		snapshot, err := storage.Read(ctx, reference)
		switch {
		case o.onlyBusy() && time.Since(began) > 10*time.Second:
			o.breaks("%s read for %s", o.actor, time.Since(began))
		case err == nil:
			o.named(id, snapshot.Name, began, known)
		case openstack.IsNotFound(err):
			o.absent(id)
		}
		last = err
		if transport.Sleep(ctx, time.Duration(o.random.IntN(2000))*time.Millisecond) != nil {
			break
		}
	}
	return last
}

func (o *task) list(ctx context.Context) error {
	o.calls++
	filter := Filter{}
	if o.random.IntN(2) == 0 {
		filter.VolumeID = o.volume
	}
	// What is there all the time must be on it, and what is gone must not.
	o.mu.Lock()
	expected, deleted := map[string]bool{}, map[string]bool{}
	for id, versions := range o.versions {
		if _, gone := o.gone[id]; !gone && !(o.has(behind) && time.Since(versions[0].since) < o.lag) {
			expected[id] = true
		}
	}
	for id, at := range o.gone {
		deleted[id] = time.Since(at) > time.Minute
	}
	o.mu.Unlock()
	got, began, known := map[string]bool{}, time.Now(), o.knownNow()
	for s, err := range o.storage.List(ctx, filter) {
		if err != nil {
			if openstack.IsNotFound(err) {
				o.breaks("%s was told that a listing does not exist: %v", o.actor, err)
			}
			return err
		}
		switch {
		case got[s.ID]:
			o.breaks("%s was given %s twice", o.actor, s.ID)
		case deleted[s.ID]:
			o.breaks("%s was given %s, which was deleted before", o.actor, s.ID)
		case filter.VolumeID != "" && s.VolumeID != filter.VolumeID:
			o.breaks("%s was given %s of volume %s", o.actor, s.ID, s.VolumeID)
		}
		got[s.ID] = true
		o.named(s.ID, s.Name, began, known[s.ID])
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var missing []string
	for id := range expected {
		if _, gone := o.gone[id]; !gone && !got[id] && (filter.VolumeID == "" || o.volumeOf[id] == filter.VolumeID) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		o.broken = append(o.broken, o.line("%s was given a listing of %d without %d that are there all the time, such as %s", o.actor, len(got), len(missing), slices.Min(missing)))
	}
	return nil
}

func (o *task) update(ctx context.Context) error {
	o.calls++
	begun := time.Now()
	name := "new" + o.actor
	updated, err := o.storage.Update(ctx, Reference{ID: o.id}, UpdateRequest{Name: &name})
	if err != nil {
		if openstack.IsNotFound(err) {
			o.absent(o.id)
		}
		return err
	}
	o.mu.Lock()
	written := slices.ContainsFunc(o.versions[o.id], func(v version) bool { return v.name == name && !v.since.Before(begun) })
	o.mu.Unlock()
	if !written || updated.Name != name {
		o.breaks("%s was told that %s is now %q, and nothing was written", o.actor, o.id, updated.Name)
	}
	// What was written is read, or what somebody else wrote later.
	began, known := time.Now(), o.known(o.id)
	snapshot, err := o.storage.Read(ctx, Reference{ID: o.id, VolumeID: o.volume})
	if err == nil {
		o.named(o.id, snapshot.Name, began, known)
		o.mu.Lock()
		index := slices.IndexFunc(o.versions[o.id], func(v version) bool { return v.name == name })
		later := slices.ContainsFunc(o.versions[o.id][index:], func(v version) bool { return v.name == snapshot.Name })
		o.mu.Unlock()
		if !later && !o.has(behind) {
			o.breaks("%s wrote %q, and then read %q", o.actor, name, snapshot.Name)
		}
	}
	return err
}

func (o *task) metadata(ctx context.Context) error {
	o.calls++
	change := MetadataChange{Set: map[string]string{"a": o.actor}, Remove: []string{"b"}}
	if err := o.storage.ChangeMetadata(ctx, Reference{ID: o.id}, change); err != nil {
		if openstack.IsNotFound(err) {
			o.absent(o.id)
		}
		return err
	}
	has, err := o.outside.Metadata(context.WithoutCancel(ctx), o.id)
	if err != nil || has["a"] != o.actor {
		if openstack.IsNotFound(err) {
			o.absent(o.id)
			return nil
		}
		o.breaks("%s was told that its metadata is set, and it is %v, %v", o.actor, has, err)
	}
	return nil
}

func (o *task) remove(ctx context.Context) error {
	o.calls++
	err := o.storage.Remove(ctx, Reference{ID: o.id})
	if err != nil {
		if ctx.Err() == nil && errors.As(err, new(*WaitError)) {
			o.breaks("%s: a wait ended before its time: %v", o.actor, err)
		}
		return err
	}
	if _, err := o.outside.Get(context.WithoutCancel(ctx), o.id); !openstack.IsNotFound(err) {
		o.breaks("%s was told that %s is gone: %v", o.actor, o.id, err)
	}
	return nil
}
