package cinder

import (
	"net/http"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
)

// message tells a user why something failed that was begun in his name. Here only the creation of a snapshot
// can fail.
type message struct {
	id, project string
	snapshot    string
	requestID   string // of the request whose work failed
	created     time.Time
}

func (m *message) ident() string   { return m.id }
func (m *message) owner() string   { return m.project }
func (m *message) born() time.Time { return m.created.Truncate(time.Second) }
func (m *message) pairs() metadata { return nil }

// cell returns a column of Cinder's table by its name there.
func (m *message) cell(column string) (cell, bool) {
	switch column {
	case "id":
		return textCell(m.id), true
	case "resource_uuid":
		return textCell(m.snapshot), true
	case "resource_type":
		return textCell("VOLUME_SNAPSHOT"), true
	case "event_id":
		return textCell(snapshotFailed), true
	case "message_level":
		return textCell("ERROR"), true
	case "request_id":
		return textCell(m.requestID), true
	case "project_id":
		return textCell(m.project), true
	case "created_at":
		return timeCell(m.born()), true
	}
	return cell{}, false
}

// snapshotFailed is Cinder's name for the event.
const snapshotFailed = "VOLUME_VOLUME_SNAPSHOT_009_013"

// messageLife is how long Cinder promises to keep a message.
const messageLife = 30 * 24 * time.Hour

func (c *call) messageView(m *message) object {
	return object{
		{"id", m.id},
		{"event_id", snapshotFailed},
		{"user_message", "create snapshot:Snapshot failed to create."},
		{"message_level", "ERROR"},
		{"created_at", stamp(m.created)},
		{"guaranteed_until", stamp(m.created.Add(messageLife))},
		{"request_id", m.requestID},
		{"links", c.links("messages", m.id)},
		{"resource_type", "VOLUME_SNAPSHOT"},
		{"resource_uuid", m.snapshot},
	}
}

// listMessages knows neither filters nor pages before 3.5.
func listMessages(c *call) (reply, error) {
	if c.version < messagesList {
		return reply{}, noSuchResource()
	}
	r := c.region
	t := listing{
		resource: "Message", plural: "messages",
		configured: []string{"resource_uuid", "resource_type", "event_id", "request_id", "message_level"},
		find:       func(id string, by *keystone.Token) (row, bool) { return r.messages.find(id, by) },
		rows:       r.messages.rows, all: r.messages.rows(c.token.ProjectID()), sample: &message{},
	}
	if c.version < messagesPagination {
		c.query = nil
	}
	return c.listReply(t, false, func(r row) object { return c.messageView(r.(*message)) })
}

func (c *call) message() (*message, error) {
	m, ok := c.region.messages.find(c.id, c.token)
	if c.version < messagesList {
		return nil, noSuchResource()
	}
	if !ok {
		return nil, notFound("Message %s could not be found.", c.id)
	}
	return m, nil
}

func showMessage(c *call) (reply, error) {
	m, err := c.message()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"message", c.messageView(m)}}}, nil
}

func deleteMessage(c *call) (reply, error) {
	m, err := c.message()
	if err != nil {
		return reply{}, err
	}
	c.region.messages.remove(m)
	return reply{status: http.StatusNoContent, bare: true}, nil
}
