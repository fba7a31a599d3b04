package cinder

import (
	"net/http"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// attachment ties a volume to a host, or reserves it for one. A volume that has one which is complete is
// in-use.
type attachment struct {
	id         string
	volume     *volume
	project    string
	status     string // reserved, attaching, attached
	instance   *string
	mode       string
	host       *string
	device     *string
	connection object
	created    time.Time
	attachedAt time.Time
}

func (a *attachment) ident() string   { return a.id }
func (a *attachment) owner() string   { return a.project }
func (a *attachment) born() time.Time { return a.created.Truncate(time.Second) }
func (a *attachment) pairs() metadata { return nil }

// cell returns a column of Cinder's table by its name there.
func (a *attachment) cell(column string) (cell, bool) {
	switch column {
	case "id":
		return textCell(a.id), true
	case "volume_id":
		if a.volume == nil {
			return nullableCell(nil), true
		}
		return textCell(a.volume.id), true
	case "attach_status":
		return textCell(a.status), true
	case "instance_uuid":
		return nullableCell(a.instance), true
	case "created_at":
		return timeCell(a.born()), true
	}
	return cell{}, false
}

func (a *attachment) summary() object {
	return object{
		{"id", a.id},
		{"status", a.status},
		{"instance", a.instance},
		{"volume_id", a.volume.id},
	}
}

func (a *attachment) detail() object {
	var at any = ""
	if !a.attachedAt.IsZero() {
		at = stamp(a.attachedAt)
	}
	return append(a.summary(),
		member{"attached_at", at},
		member{"detached_at", ""},
		member{"attach_mode", a.mode},
		member{"connection_info", a.connection},
	)
}

// attachmentsOf returns a volume's attachments, the oldest first.
func (r *Region) attachmentsOf(v *volume) []*attachment {
	var found []*attachment
	for _, x := range r.attachments.all.rows {
		if a := x.(*attachment); a.volume == v {
			found = append(found, a)
		}
	}
	return found
}

func (c *call) attachment() (*attachment, error) {
	a, ok := c.region.attachments.find(c.id, c.token)
	if !ok {
		return nil, notFound("Volume attachment could not be found with filter: attachment_id = %s.", c.id)
	}
	return a, nil
}

func listAttachments(c *call) (reply, error) { return c.attachmentList((*attachment).summary) }

func listAttachmentsDetail(c *call) (reply, error) { return c.attachmentList((*attachment).detail) }

// attachmentList has no links to further pages; Cinder leaves them out here.
func (c *call) attachmentList(view func(*attachment) object) (reply, error) {
	if c.version < newAttach {
		return reply{}, noSuchResource()
	}
	r := c.region
	allowed := []string{"volume_id", "status", "instance_id", "attach_status"}
	p, err := c.list(listing{
		resource: "Volume attachment", plural: "attachments", configured: allowed, legacy: allowed,
		aliases: map[string]string{"instance_id": "instance_uuid"},
		find:    func(id string, by *keystone.Token) (row, bool) { return r.attachments.find(id, by) },
		rows:    r.attachments.rows, all: r.attachments.all.rows, sample: &attachment{},
	})
	if err != nil {
		return reply{}, err
	}
	items := []object{}
	for _, x := range p.rows {
		items = append(items, view(x.(*attachment)))
	}
	return reply{status: http.StatusOK, body: object{{"attachments", items}}}, nil
}

func showAttachment(c *call) (reply, error) {
	if c.version < newAttach {
		return reply{}, noSuchResource()
	}
	a, err := c.attachment()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"attachment", a.detail()}}}, nil
}

// createAttachment reserves a volume, and connects it at once if the request says to what.
func createAttachment(c *call) (reply, error) {
	if c.version < newAttach {
		return reply{}, noSuchResource()
	}
	if err := c.checkBody(attachmentCreateSchema(c.version, c.region.options.Release.attachmentWantsServer)); err != nil {
		return reply{}, err
	}
	asked := c.object().Child("attachment")
	v, err := c.volume(asked.Text("volume_uuid"))
	if err != nil {
		return reply{}, err
	}
	if strings.Contains(v.status, "error") {
		return reply{}, invalidVolume("Volume attachments can not be created if the volume is in an error state. "+
			"The Volume %s currently has a status of: %s ", v.id, v.status)
	}
	if v.status != "available" && v.status != "downloading" {
		return reply{}, invalidVolume(
			"Volume %s status must be available or downloading to reserve, but the current status is %s.", v.id, v.status)
	}
	a := &attachment{
		id: python.NewUUID(), volume: v, project: v.project, status: "reserved", mode: "null", connection: object{}, created: c.now,
	}
	if instance := asked.Text("instance_uuid"); instance != "" {
		a.instance = &instance
	}
	if v.tookMode {
		a.mode = "ro" // Cinder takes what it kept, "False", for true
	}
	if mode := asked.Text("mode"); mode != "" {
		a.mode = mode
	}
	v.status, v.updated = "reserved", c.now
	c.region.attachments.add(a)
	view := a.detail()
	if connector := asked.Child("connector"); len(connector) > 0 {
		c.connect(a, connector)
		view[len(view)-1][1] = a.connection
	}
	return reply{status: http.StatusOK, body: object{{"attachment", view}}}, nil
}

// connect does what the volume service does with a connector.
func (c *call) connect(a *attachment, connector object) {
	a.status, a.mode, a.attachedAt = "attaching", "rw", c.now
	if mode := connector.Text("mode"); mode != "" {
		a.mode = mode
	}
	host, device := connector.Text("host"), connector.Text("mountpoint")
	if device == "" {
		device = "na"
	}
	a.host, a.device = &host, &device
	a.volume.status, a.volume.updated = "attaching", c.now
	common := object{
		{"access_mode", a.mode},
		{"qos_specs", nil},
		{"encrypted", false},
		{"cacheable", false},
	}
	if c.region.options.Release.multipath {
		common = append(common, member{"enforce_multipath", false})
	}
	if a.volume.kind.name == "nfs" {
		a.connection = append(object{
			{"export", "127.0.0.1:/istack"},
			{"name", "volume-" + a.volume.id},
			{"options", nil},
			{"format", "raw"},
		}, common...)
		a.connection = append(a.connection,
			member{"driver_volume_type", "nfs"}, member{"mount_point_base", "/var/lib/cinder/mnt"})
	} else {
		a.connection = append(common, member{"driver_volume_type", "iscsi"})
	}
	a.connection = append(a.connection, member{"attachment_id", a.id})
}

// updateAttachment answers with the row as it was before, but for the connection.
func updateAttachment(c *call) (reply, error) {
	if c.version < newAttach {
		return reply{}, noSuchResource()
	}
	if err := c.checkBody(attachmentUpdateSchema); err != nil {
		return reply{}, err
	}
	a, err := c.attachment()
	if err != nil {
		return reply{}, err
	}
	view := a.detail()
	c.connect(a, c.object().Child("attachment").Child("connector"))
	view[len(view)-1][1] = a.connection
	return reply{status: http.StatusOK, body: object{{"attachment", view}}}, nil
}

func completeAttachment(c *call) (reply, error) {
	if c.version < newAttachCompletion {
		return reply{}, noSuchResource()
	}
	a, err := c.attachment()
	if err != nil {
		return reply{}, err
	}
	a.status = "attached"
	a.volume.status, a.volume.updated = "in-use", c.now
	return reply{status: http.StatusNoContent}, nil
}

// deleteAttachment answers with what is left of the volume's attachments.
func deleteAttachment(c *call) (reply, error) {
	if c.version < newAttach {
		return reply{}, noSuchResource()
	}
	a, err := c.attachment()
	if err != nil {
		return reply{}, err
	}
	c.region.attachments.remove(a)
	left := []object{}
	for _, other := range c.region.attachmentsOf(a.volume) {
		left = append(left, other.summary())
	}
	if len(left) == 0 {
		a.volume.status, a.volume.updated = "available", c.now
	}
	return reply{status: http.StatusOK, body: object{{"attachments", left}}}, nil
}

// attachVolume attaches a volume at once, as Nova did before there were attachments to make.
func attachVolume(c *call) (reply, error) {
	if err := c.checkBody(attachSchema); err != nil {
		return reply{}, err
	}
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	asked := c.object().Child("os-attach")
	instance, device := asked.Text("instance_uuid"), asked.Text("mountpoint")
	if v.status != "available" {
		if c.region.options.Release.attachesAgain {
			return reply{status: http.StatusAccepted}, nil
		}
		return reply{}, serverError()
	}
	a := &attachment{
		id: python.NewUUID(), volume: v, project: v.project, status: "attached", mode: "rw", device: &device, connection: object{},
		created: c.now, attachedAt: c.now,
	}
	if instance != "" {
		a.instance = &instance
	}
	if host := asked.Text("host_name"); host != "" {
		a.host = &host
	}
	c.region.attachments.add(a)
	v.status, v.updated, v.mode, v.tookMode = "in-use", c.now, a.mode, true
	return reply{status: http.StatusAccepted}, nil
}

// detachVolume undoes it, if there is anything to undo.
func detachVolume(c *call) (reply, error) {
	v, err := c.volume(c.id)
	if err != nil {
		return reply{}, err
	}
	for _, a := range c.region.attachmentsOf(v) {
		c.region.attachments.remove(a)
		v.status, v.updated, v.mode = "available", c.now, ""
	}
	return reply{status: http.StatusAccepted}, nil
}
