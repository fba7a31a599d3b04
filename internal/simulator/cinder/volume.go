package cinder

import (
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// volume is a row of Cinder's table of volumes. Size is in gigabytes.
type volume struct {
	id                string
	name, description *string // nil is NULL
	status            string
	size              int
	kind              *volumeType
	project, user     string
	created, updated  time.Time
	metadata          metadata
	mode              string  // how it is attached by an action, "" if it is not
	tookMode          bool    // it has been attached by an action
	source            *string // the snapshot that it was made of
	placed            bool    // the scheduler has found a backend for it
}

func (v *volume) ident() string   { return v.id }
func (v *volume) owner() string   { return v.project }
func (v *volume) born() time.Time { return v.created.Truncate(time.Second) }
func (v *volume) pairs() metadata { return v.metadata }

func (v *volume) usage() map[string]int {
	return map[string]int{
		"volumes": 1, "gigabytes": v.size,
		"volumes_" + v.kind.name: 1, "gigabytes_" + v.kind.name: v.size,
	}
}

// cell returns a column of Cinder's table by its name there.
func (v *volume) cell(column string) (cell, bool) {
	switch column {
	case "id":
		return textCell(v.id), true
	case "display_name":
		return nullableCell(v.name), true
	case "display_description":
		return nullableCell(v.description), true
	case "status":
		return textCell(v.status), true
	case "size":
		return numberCell(v.size), true
	case "availability_zone":
		return textCell(zone), true
	case "project_id":
		return textCell(v.project), true
	case "user_id":
		return textCell(v.user), true
	case "volume_type_id":
		return nullableCell(v.kind.identOrNil()), true
	case "snapshot_id":
		return nullableCell(v.source), true
	case "host":
		return textCell(v.host()), true
	case "bootable":
		return numberCell(0), true
	case "created_at":
		return timeCell(v.born()), true
	case "updated_at":
		return timeCell(v.updated.Truncate(time.Second)), true
	case "group_id", "migration_status", "source_volid", "consistencygroup_id":
		return nullableCell(nil), true
	}
	return cell{}, false
}

// zone is the only availability zone.
const zone = "nova"

// host is the backend that holds the volume.
func (v *volume) host() string {
	if v.kind == nil {
		return ""
	}
	return "istack@" + v.kind.name + "#" + v.kind.name
}

// links are the two that each volume has.
func (c *call) links(plural, id string) []object {
	return []object{
		{{"rel", "self"}, {"href", c.linkBase() + "/" + plural + "/" + id}},
		{{"rel", "bookmark"}, {"href", c.bookmarkBase() + "/" + plural + "/" + id}},
	}
}

// shownMetadata is the user's, and what Cinder keeps of an attachment by an action beside it.
func (v *volume) shownMetadata() object {
	shown := v.metadata.object()
	if v.mode != "" {
		shown = append(shown, member{"attached_mode", v.mode})
	}
	if v.tookMode {
		shown = append(shown, member{"readonly", "False"})
	}
	return shown
}

func (c *call) volumeSummary(v *volume) object {
	return object{{"id", v.id}, {"name", v.name}, {"links", c.links("volumes", v.id)}}
}

func (c *call) volumeDetail(v *volume) object {
	attached := []object{}
	for _, a := range c.region.attachmentsOf(v) {
		if a.status != "attached" {
			continue
		}
		var host any
		if c.token.IsAdmin() {
			host = a.host
		}
		attached = append(attached, object{
			{"id", v.id},
			{"attachment_id", a.id},
			{"volume_id", v.id},
			{"server_id", a.instance},
			{"host_name", host},
			{"device", a.device},
			{"attached_at", stamp(a.attachedAt)},
		})
	}
	view := object{
		{"id", v.id},
		{"status", v.status},
		{"size", v.size},
		{"availability_zone", zone},
		{"created_at", stamp(v.created)},
		{"updated_at", stamp(v.updated)},
		{"name", v.name},
		{"description", v.description},
		{"volume_type", v.kind.name},
		{"snapshot_id", v.source},
		{"source_volid", nil},
		{"metadata", v.shownMetadata()},
		{"links", c.links("volumes", v.id)},
		{"user_id", v.user},
		{"bootable", "false"},
		{"encrypted", false},
		{"replication_status", nil},
		{"consistencygroup_id", nil},
		{"multiattach", false},
		{"attachments", attached},
	}
	admin := c.token.IsAdmin()
	if admin {
		view = append(view, member{"migration_status", nil})
	}
	if c.version >= groupVolume {
		view = append(view, member{"group_id", nil})
	}
	if admin && c.version >= volumeProviderID {
		view = append(view, member{"provider_id", nil})
	}
	if c.version >= sharedTargets {
		var service any
		if v.placed {
			service = v.kind.service
		}
		view = append(view, member{"shared_targets", !v.placed}, member{"service_uuid", service})
	}
	if admin && c.version >= volumeClusterName {
		view = append(view, member{"cluster_name", nil})
	}
	if c.version >= volumeTypeID {
		view = append(view, member{"volume_type_id", v.kind.id})
	}
	if c.version >= consumesQuota {
		view = append(view, member{"consumes_quota", true})
	}
	return view
}

// volumeExtended is the view of GET and of detailed lists.
func (c *call) volumeExtended(v *volume) object {
	view := append(c.volumeDetail(v), member{"os-vol-tenant-attr:tenant_id", v.project})
	if c.token.IsAdmin() {
		view = append(view,
			member{"os-vol-mig-status-attr:migstat", nil},
			member{"os-vol-mig-status-attr:name_id", nil},
			member{"os-vol-host-attr:host", v.host()},
		)
	}
	return view
}

func (r *Region) volumeListing() listing {
	return listing{
		resource: "Volume",
		plural:   "volumes",
		configured: r.options.Release.filters(
			"name", "status", "metadata", "bootable", "migration_status", "availability_zone", "group_id", "size",
			"created_at", "updated_at",
		),
		legacy:  []string{"name", "status", "metadata", "availability_zone", "bootable", "group_id"},
		aliases: map[string]string{"name": "display_name", "description": "display_description", "consumes_quota": "use_quota"},
		find:    func(id string, by *keystone.Token) (row, bool) { return r.volumes.find(id, by) },
		rows:    r.volumes.rows,
		all:     r.volumes.all.rows,
		sample:  &volume{},
	}
}

func listVolumes(c *call) (reply, error) {
	return c.listReply(c.region.volumeListing(), false, func(r row) object { return c.volumeSummary(r.(*volume)) })
}

func listVolumesDetail(c *call) (reply, error) {
	return c.listReply(c.region.volumeListing(), true, func(r row) object { return c.volumeExtended(r.(*volume)) })
}

// volume finds a volume that the caller may see.
func (c *call) volume(id string) (*volume, error) {
	v, ok := c.region.volumes.find(id, c.token)
	if !ok {
		return nil, notFound("Volume %s could not be found.", id)
	}
	return v, nil
}

func showVolume(c *call) (reply, error) {
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"volume", c.volumeExtended(v)}}}, nil
}

func createVolume(c *call) (reply, error) {
	if err := c.checkBody(volumeCreateSchema(c.version)); err != nil {
		return reply{}, err
	}
	asked := c.object().Child("volume")
	kind := c.region.types.fallback()
	if wanted := asked.Text("volume_type"); wanted != "" {
		if kind = c.region.types.find(wanted); kind == nil {
			return reply{}, notFound("Volume type with name %s could not be found.", wanted)
		}
	}
	value, _ := asked.Get("size")
	size, hasSize := integer(value)
	var source *string
	if id, _ := asked.Get("snapshot_id"); id != nil {
		x, err := c.snapshot(python.Str(id))
		if err != nil {
			return reply{}, err
		}
		if _, err := c.volume(x.volume); err != nil {
			return reply{}, err
		}
		if x.status != "available" {
			return reply{}, invalidSnapshot("Originating snapshot status must be one of 'available' values")
		}
		if !hasSize {
			size, hasSize = x.size, true
		}
		if size < x.size {
			return reply{}, invalidInput(
				"Volume size '%d'GB cannot be smaller than the snapshot size %dGB. They must be >= original snapshot size.",
				size, x.size)
		}
		if asked.Text("volume_type") == "" {
			kind = x.kind
		}
		source = &x.id
	}
	if !hasSize {
		return reply{}, malformed()
	}
	v := &volume{
		id:          python.NewUUID(),
		name:        nullable(asked, nil, "display_name", "name"),
		description: nullable(asked, nil, "display_description", "description"),
		status:      "creating",
		size:        size,
		kind:        kind,
		project:     c.token.ProjectID(),
		user:        c.token.UserID(),
		created:     c.now,
		metadata:    metadataOf(asked.Child("metadata")),
		source:      source,
	}
	if err := c.reserve("volumes", size, v.usage()); err != nil {
		return reply{}, err
	}
	if err := c.storable(v.name, v.description, v.metadata); err != nil {
		return reply{}, err
	}
	r := c.region
	r.volumes.add(v)
	r.charge(v.project, v.usage(), 1)
	r.after(c.region.options.CreateTime, c.now, func(at time.Time) { r.finishVolume(v, at) })

	view := c.volumeDetail(v)
	for i := range view {
		if view[i].Key() == "created_at" && !c.region.options.Release.answersFromRow {
			view[i][1] = c.now.Format(python.TimeLayout) // before the database cuts it to seconds
		}
	}
	return reply{status: http.StatusAccepted, body: object{{"volume", view}}}, nil
}

// finishVolume ends a creation: in error, if the snapshot that it copies was deleted meanwhile.
func (r *Region) finishVolume(v *volume, at time.Time) {
	if r.volumes.byID[v.id] != v || v.status != "creating" {
		return
	}
	v.placed, v.updated, v.status = true, at, "available"
	if v.source == nil {
		return
	}
	if x := r.snapshots.byID[*v.source]; x == nil || x.status == "deleting" {
		v.status = "error"
	}
}

func updateVolume(c *call) (reply, error) {
	if err := c.checkBody(volumeUpdateSchema(c.version)); err != nil {
		return reply{}, err
	}
	asked := c.object().Child("volume")
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	name := nullable(asked, v.name, "display_name", "name")
	description := nullable(asked, v.description, "display_description", "description")
	pairs := v.metadata
	if given, there := asked.Get("metadata"); there {
		o, _ := given.(object)
		pairs = v.metadata.changed(metadataOf(o))
	}
	if err := c.storable(name, description, pairs); err != nil {
		return reply{}, err
	}
	v.name, v.description, v.metadata = name, description, pairs
	view := c.volumeDetail(v)
	v.updated = c.now
	return reply{status: http.StatusOK, body: object{{"volume", view}}}, nil
}

func deleteVolume(c *call) (reply, error) {
	cascade, err := c.flag("cascade")
	if err != nil {
		return reply{}, err
	}
	force := false
	if c.version >= volumeDeleteForce {
		if force, err = c.flag("force"); err != nil {
			return reply{}, err
		}
	}
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	if force && !c.token.IsAdmin() {
		return reply{}, forbidden("volume:force_delete")
	}
	if err := c.removeVolume(v, cascade, force); err != nil {
		return reply{}, err
	}
	return accepted, nil
}

// flag reads a parameter that is true or false.
func (c *call) flag(name string) (bool, error) {
	value, ok := c.query.Get(name)
	if !ok {
		return false, nil
	}
	return boolParameter(name, value)
}

func forceDeleteVolume(c *call) (reply, error) {
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:volume_admin_actions:force_delete")
	}
	if err := c.removeVolume(v, false, true); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusAccepted}, nil
}

// removeVolume starts a deletion, with the snapshots if it cascades.
func (c *call) removeVolume(v *volume, cascade, force bool) error {
	r := c.region
	undeletable := "must not be migrating, attached, belong to a group, " + c.region.options.Release.undeletable
	refused := invalidVolume("Volume status must be available or error or error_restoring or error_extending or " +
		"error_managing and " + undeletable)
	if force {
		refused = invalidVolume("Volume  %s", undeletable)
	} else {
		switch v.status {
		case "available", "error", "error_restoring", "error_extending", "error_managing":
		default:
			return refused
		}
	}
	for _, a := range r.attachmentsOf(v) {
		if a.status == "attached" {
			return refused
		}
	}
	snapshots := r.snapshotsOf(v)
	if len(snapshots) > 0 && !cascade {
		return refused
	}
	for _, x := range snapshots {
		if !force && x.status != "available" && x.status != "error" && x.status != "deleting" {
			return refused
		}
	}
	d := c.region.options.DeleteTime
	for _, x := range snapshots {
		r.removeSnapshot(x, d, c.now)
	}
	v.status, v.updated = "deleting", c.now
	r.after(d, c.now, func(time.Time) {
		if r.volumes.byID[v.id] == v && v.status == "deleting" {
			r.volumes.remove(v)
			r.charge(v.project, v.usage(), -1)
		}
	})
	return nil
}

// snapshotsOf returns a volume's snapshots, the oldest first.
func (r *Region) snapshotsOf(v *volume) []*snapshot {
	var found []*snapshot
	for _, x := range r.snapshots.all.rows {
		if s := x.(*snapshot); s.volume == v.id {
			found = append(found, s)
		}
	}
	return found
}

func resetVolume(c *call) (reply, error) {
	if err := c.checkBody(volumeResetSchema); err != nil {
		return reply{}, err
	}
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:volume_admin_actions:reset_status")
	}
	asked := c.object().Child("os-reset_status")
	status := strings.ToLower(asked.Text("status"))
	switch {
	case c.region.options.Release.resetsAny && status != "":
		v.status = status
	case status == "deleting":
		return reply{}, badRequest("Cannot reset-state to %s", status)
	case status == "in-use" && len(c.region.attachmentsOf(v)) == 0:
		return reply{}, badRequest("Cannot reset-state to in-use because volume does not have any attachments.")
	case status != "":
		v.status = status
	}
	if strings.EqualFold(asked.Text("attach_status"), "detached") {
		for _, a := range c.region.attachmentsOf(v) {
			c.region.attachments.remove(a)
		}
	}
	v.updated = c.now
	return reply{status: http.StatusAccepted}, nil
}

// revertVolume takes the data back to the latest snapshot.
func revertVolume(c *call) (reply, error) {
	if c.api == "v2" {
		return reply{}, noSuchAction("revert")
	}
	if c.version < volumeRevert {
		return reply{}, noSuchResource()
	}
	inner, ok := c.object().Get("revert")
	asked, isObject := inner.(object)
	if !ok || !isObject {
		return reply{}, badRequest("Missing required element 'revert' in request body.")
	}
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	snapshots := c.region.snapshotsOf(v)
	if len(snapshots) == 0 {
		return reply{}, badRequest("Volume %s doesn't have any snapshots.", v.id)
	}
	latest := snapshots[len(snapshots)-1]
	wanted, _ := asked.Get("snapshot_id")
	if wanted != latest.id {
		return reply{}, badRequest("Specified snapshot %s is None or not the latest one of volume %s.", python.Str(wanted), v.id)
	}
	if v.size != latest.size {
		return reply{}, badRequest(
			"Can't revert volume %s to its latest snapshot %s. The volume size must be equal to the snapshot size.",
			v.id, latest.id)
	}
	if v.status != "available" {
		return reply{}, &fault{status: http.StatusConflict, message: "Invalid volume: Can't revert volume " + v.id +
			" to its latest snapshot " + latest.id + ". Volume's status must be 'available'."}
	}
	if latest.status != "available" {
		return reply{}, &fault{status: http.StatusConflict, message: "Invalid snapshot: Can't revert volume " + v.id +
			" to its latest snapshot " + latest.id + ". Snapshot's status must be 'available'."}
	}
	v.status, v.updated = "reverting", c.now
	latest.status, latest.updated = "restoring", c.now
	c.region.after(c.region.options.CreateTime, c.now, func(at time.Time) {
		if v.status == "reverting" {
			v.status, v.updated = "available", at
		}
		if latest.status == "restoring" {
			latest.status, latest.updated = "available", at
		}
	})
	return reply{status: http.StatusAccepted}, nil
}
