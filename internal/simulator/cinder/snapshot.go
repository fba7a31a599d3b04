package cinder

import (
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// snapshot is a row of Cinder's table of snapshots. Size is in gigabytes.
type snapshot struct {
	id, volume        string
	name, description *string // nil is NULL
	status            string
	progress          string // "0%" until it is available
	size              int
	kind              *volumeType
	project, user     string
	created, updated  time.Time
	metadata          metadata
	group             *string // the group snapshot that it is a member of
}

func (x *snapshot) ident() string   { return x.id }
func (x *snapshot) owner() string   { return x.project }
func (x *snapshot) born() time.Time { return x.created.Truncate(time.Second) }
func (x *snapshot) pairs() metadata { return x.metadata }

// usage is what a snapshot takes of its project's quotas.
func (x *snapshot) usage() map[string]int {
	use := map[string]int{"snapshots": 1, "gigabytes": x.size}
	if x.kind != nil {
		use["snapshots_"+x.kind.name] = 1
		use["gigabytes_"+x.kind.name] = x.size
	}
	return use
}

// cell returns a column of Cinder's table by its name there.
func (x *snapshot) cell(column string) (cell, bool) {
	switch column {
	case "id":
		return textCell(x.id), true
	case "volume_id":
		return textCell(x.volume), true
	case "display_name":
		return nullableCell(x.name), true
	case "display_description":
		return nullableCell(x.description), true
	case "status":
		return textCell(x.status), true
	case "progress":
		return textCell(x.progress), true
	case "volume_size":
		return numberCell(x.size), true
	case "project_id":
		return textCell(x.project), true
	case "user_id":
		return textCell(x.user), true
	case "volume_type_id":
		return nullableCell(x.kind.identOrNil()), true
	case "created_at":
		return timeCell(x.born()), true
	case "updated_at":
		return timeCell(x.updated.Truncate(time.Second)), true
	case "group_snapshot_id":
		return nullableCell(x.group), true
	case "cgsnapshot_id", "encryption_key_id", "provider_location", "provider_id", "provider_auth":
		return nullableCell(nil), true
	case "deleted_at", "scheduled_at":
		return cell{null: true}, true
	case "deleted":
		return numberCell(0), true
	}
	return cell{}, false
}

// summary is the view in plain lists.
func (x *snapshot) summary() object {
	return object{
		{"id", x.id},
		{"created_at", stamp(x.created)},
		{"updated_at", stamp(x.updated)},
		{"name", x.name},
		{"description", x.description},
		{"volume_id", x.volume},
		{"status", x.status},
		{"size", x.size},
		{"metadata", x.metadata.object()},
	}
}

// detail adds what the microversion has.
func (x *snapshot) detail(v microversion) object {
	view := x.summary()
	if v >= groupSnapshots {
		view = append(view, member{"group_snapshot_id", x.group})
	}
	if v >= snapshotUserID {
		view = append(view, member{"user_id", x.user})
	}
	if v >= consumesQuota {
		view = append(view, member{"consumes_quota", true})
	}
	return view
}

// extended is the view of GET and of detailed lists.
func (x *snapshot) extended(v microversion) object {
	return append(x.detail(v),
		member{"os-extended-snapshot-attributes:project_id", x.project},
		member{"os-extended-snapshot-attributes:progress", x.progress},
	)
}

func (r *Region) snapshotListing() listing {
	return listing{
		resource:     "Snapshot",
		plural:       "snapshots",
		configured:   r.options.Release.filters("name", "status", "volume_id", "metadata", "availability_zone"),
		legacy:       []string{"status", "volume_id", "name", "metadata"},
		nameSortFrom: snapshotSort,
		aliases:      map[string]string{"name": "display_name", "description": "display_description", "consumes_quota": "use_quota"},
		find:         func(id string, by *keystone.Token) (row, bool) { return r.snapshots.find(id, by) },
		rows:         r.snapshots.rows,
		all:          r.snapshots.all.rows,
		sample:       &snapshot{},
	}
}

func listSnapshots(c *call) (reply, error) {
	return c.listReply(c.region.snapshotListing(), false, func(r row) object { return r.(*snapshot).summary() })
}

func listSnapshotsDetail(c *call) (reply, error) {
	return c.listReply(c.region.snapshotListing(), true, func(r row) object { return r.(*snapshot).extended(c.version) })
}

// snapshot finds the snapshot that the path names.
func (c *call) snapshot(id string) (*snapshot, error) {
	x, ok := c.region.snapshots.find(id, c.token)
	if !ok {
		return nil, notFound("Snapshot %s could not be found.", id)
	}
	return x, nil
}

func showSnapshot(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"snapshot", x.extended(c.version)}}}, nil
}

func createSnapshot(c *call) (reply, error) {
	if err := c.checkBody(snapshotCreateSchema); err != nil {
		return reply{}, err
	}
	asked := c.object().Child("snapshot")
	volumeID, _ := asked.Get("volume_id")
	v, err := c.volume(python.Str(volumeID))
	if err != nil {
		return reply{}, err
	}
	force, err := c.force(asked)
	if err != nil {
		return reply{}, err
	}
	if err := snapshotAllowed(v, force || c.version >= snapshotInUse); err != nil {
		return reply{}, err
	}
	name, description := nullable(asked, nil, "display_name", "name"), nullable(asked, nil, "description")
	pairs := metadataOf(asked.Child("metadata"))
	x := &snapshot{
		id: python.NewUUID(), volume: v.id, name: name, description: description, status: "creating", progress: "0%",
		size: v.size, kind: v.kind, project: c.token.ProjectID(), user: c.token.UserID(), created: c.now,
		metadata: pairs,
	}
	if err := c.reserve("snapshots", v.size, x.usage()); err != nil {
		return reply{}, err
	}
	if err := c.storable(name, description, pairs); err != nil {
		return reply{}, err
	}
	c.region.snapshots.add(x)
	c.region.charge(x.project, x.usage(), 1)
	c.region.finishSnapshot(x, c.requestID, c.region.options.CreateTime, c.now)

	view := x.detail(c.version)
	view[1][1] = c.now.Format(python.TimeLayout) // before the database cuts it to seconds
	return reply{status: http.StatusAccepted, body: object{{"snapshot", view}}}, nil
}

// force reads the flag, which is no longer to be used from 3.66 on: there only true is let through.
func (c *call) force(asked object) (bool, error) {
	value, _ := asked.Get("force")
	switch v := value.(type) {
	case bool:
		if !v && c.version >= snapshotInUse {
			return false, noForce()
		}
		return v, nil
	case string:
		if !isTrue(v) && c.version >= snapshotInUse {
			return false, noForce()
		}
		return isTrue(v), nil
	}
	return false, nil
}

func noForce() error {
	return badRequest("Since microversion 3.66 the 'force' flag is invalid for this request.  For backward " +
		"compatability, however, when the 'force' flag is passed with a value evaluating to True, it is silently ignored.")
}

func snapshotAllowed(v *volume, inUse bool) error {
	switch {
	case !v.placed:
		return invalidVolume("The snapshot cannot be created because volume has not been scheduled to any host.")
	case v.status == "maintenance":
		return invalidVolume("The snapshot cannot be created when the volume is in maintenance mode.")
	case v.status == "error":
		return invalidVolume("The snapshot cannot be created when the volume is in error status.")
	case v.status == "available" || inUse && v.status == "in-use":
		return nil
	}
	wanted := "available"
	if inUse {
		wanted = "available, in-use"
	}
	return invalidVolume("Volume %s status must be %s, but current status is: %s.", v.id, wanted, v.status)
}

// finishSnapshot plans the end of a creation: available, or error where the driver needs Nova to snapshot an
// attached volume, as the NFS driver does.
func (r *Region) finishSnapshot(x *snapshot, requestID string, d time.Duration, now time.Time) {
	r.after(d, now, func(at time.Time) {
		if r.snapshots.byID[x.id] != x || x.status != "creating" {
			return
		}
		x.updated = at
		if r.attachedOverNFS(x.volume) {
			x.status = "error"
			r.messages.add(&message{
				id: python.NewUUID(), project: x.project, snapshot: x.id, requestID: requestID, created: at,
			})
			return
		}
		x.status, x.progress = "available", "100%"
		if r.options.Release.rewritesMetadata {
			x.metadata.rewrite()
		}
	})
}

func (r *Region) attachedOverNFS(volumeID string) bool {
	v := r.volumes.byID[volumeID]
	if v == nil || v.kind == nil || v.kind.name != "nfs" {
		return false
	}
	for _, a := range r.attachmentsOf(v) {
		if a.status == "attached" {
			return true
		}
	}
	return false
}

// updateSnapshot answers with the update time that was there before: Cinder does not read the row again.
func updateSnapshot(c *call) (reply, error) {
	if err := c.checkBody(snapshotUpdateSchema); err != nil {
		return reply{}, err
	}
	asked := c.object().Child("snapshot")
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	name := nullable(asked, x.name, "display_name", "name")
	description := nullable(asked, x.description, "display_description", "description")
	if err := c.storable(name, description, nil); err != nil {
		return reply{}, err
	}
	x.name, x.description = name, description
	view := x.detail(c.version)
	x.updated = c.now
	return reply{status: http.StatusOK, body: object{{"snapshot", view}}}, nil
}

// nullable reads a trimmed text from the last of the keys that is there; null is nil. If none is,
// the text is what it was before.
func nullable(o object, before *string, keys ...string) *string {
	text := before
	for _, key := range keys {
		value, there := o.Get(key)
		if s, ok := value.(string); ok {
			s = python.Strip(s)
			text = &s
		} else if there {
			text = nil
		}
	}
	return text
}

// storable refuses what the database refuses.
func (c *call) storable(name, description *string, pairs metadata) error {
	texts := []*string{name, description}
	for i := range pairs {
		texts = append(texts, &pairs[i].key, &pairs[i].value)
	}
	for _, text := range texts {
		if text != nil && mariadb.Beyond(*text) {
			if c.region.options.Release.tellsUnwritable {
				return badRequest("Error writing field to database")
			}
			return serverError()
		}
	}
	return nil
}

func deleteSnapshot(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	if _, err := c.volume(x.volume); err != nil {
		return reply{}, err
	}
	if x.status != "available" && x.status != "error" || x.group != nil {
		return reply{}, invalidSnapshot(
			"Snapshot status must be available or error and must not be part of a group.")
	}
	c.region.removeSnapshot(x, c.region.options.DeleteTime, c.now)
	return accepted, nil
}

// removeSnapshot starts a deletion.
func (r *Region) removeSnapshot(x *snapshot, d time.Duration, now time.Time) {
	x.status, x.updated = "deleting", now
	r.after(d, now, func(time.Time) {
		if r.snapshots.byID[x.id] == x && x.status == "deleting" {
			r.snapshots.remove(x)
			r.charge(x.project, x.usage(), -1)
		}
	})
}

func resetSnapshot(c *call) (reply, error) {
	if err := c.checkBody(snapshotResetSchema); err != nil {
		return reply{}, err
	}
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:snapshot_admin_actions:reset_status")
	}
	x.status = strings.ToLower(c.object().Child("os-reset_status").Text("status"))
	x.updated = c.now
	return reply{status: http.StatusAccepted}, nil
}

func forceDeleteSnapshot(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:snapshot_admin_actions:force_delete")
	}
	c.region.removeSnapshot(x, c.region.options.DeleteTime, c.now)
	return reply{status: http.StatusAccepted}, nil
}
