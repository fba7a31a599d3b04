package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Snapshot is a volume snapshot. Text that is missing or null is "".
type Snapshot struct {
	ID, Name, Description, VolumeID string
	Status                          Status
	// Size is that of the volume when the snapshot was made, in GiB.
	Size int64
	// Progress is a percentage such as "100%".
	Progress string
	// CreatedAt and UpdatedAt are in UTC; UpdatedAt is zero until the first
	// change.
	CreatedAt, UpdatedAt time.Time
	ProjectID, UserID    string
	GroupSnapshotID      string
	// ConsumesQuota says whether the snapshot counts against the quotas of the project;
	// nil if the cloud does not say.
	ConsumesQuota *bool
	// Metadata is never nil. Its keys and values are in Unicode NFC, so that those of a
	// configuration are found in it.
	Metadata map[string]string
}

// Temporary reports whether Cinder has made the snapshot for itself, and deletes it when
// a backup, a revert or a copy of the volume has ended. The API says so of some from
// microversion 3.65 on; the names, which count whatever it says, are those of
// cinder.backup.manager, cinder.volume.manager and cinder.volume.drivers.remotefs.
func (s Snapshot) Temporary() bool {
	return s.ConsumesQuota != nil && !*s.ConsumesQuota || s.Name == "backup-snap-"+s.VolumeID || s.LeftByRevert() || copying.MatchString(s.Name)
}

// copying is the name that a driver of shared files gives, with the id of the new volume.
var copying = regexp.MustCompile(`^tmp-snap-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

var errNoID = errors.New("a snapshot without an id")

// UnmarshalJSON reads a snapshot as the API shows it.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID              string         `json:"id"`
		Name            string         `json:"name"`
		Description     string         `json:"description"`
		VolumeID        string         `json:"volume_id"`
		Status          Status         `json:"status"`
		Size            int64          `json:"size"`
		Progress        string         `json:"os-extended-snapshot-attributes:progress"`
		CreatedAt       timestamp      `json:"created_at"`
		UpdatedAt       timestamp      `json:"updated_at"`
		ProjectID       string         `json:"os-extended-snapshot-attributes:project_id"`
		UserID          string         `json:"user_id"`
		GroupSnapshotID string         `json:"group_snapshot_id"`
		ConsumesQuota   *bool          `json:"consumes_quota"`
		Metadata        metadataValues `json:"metadata"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	if wire.ID == "" {
		return errNoID
	}
	if wire.Metadata == nil {
		wire.Metadata = metadataValues{}
	}
	*s = Snapshot{
		ID: wire.ID, Name: wire.Name, Description: wire.Description, VolumeID: wire.VolumeID,
		Status: wire.Status, Size: wire.Size, Progress: wire.Progress,
		CreatedAt: time.Time(wire.CreatedAt), UpdatedAt: time.Time(wire.UpdatedAt),
		ProjectID: wire.ProjectID, UserID: wire.UserID, GroupSnapshotID: wire.GroupSnapshotID,
		ConsumesQuota: wire.ConsumesQuota, Metadata: composed(wire.Metadata),
	}
	return nil
}

// metadataValues are strings. A value of another type, which can only have been written
// into the database, is its JSON: it must not fail all snapshots of a page.
type metadataValues map[string]string

func (m *metadataValues) UnmarshalJSON(data []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*m = make(metadataValues, len(values))
	for key, value := range values {
		var text string
		if json.Unmarshal(value, &text) != nil || string(value) == "null" {
			text = string(value)
		}
		(*m)[key] = text
	}
	return nil
}

// timestamp is a time of the API: UTC, in general without a zone and with or without a
// fraction, such as 2016-08-19T16:20:36.000000. Null and what is not a time are the zero
// time.
type timestamp time.Time

func (t *timestamp) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if text == nil || *text == "" {
		*t = timestamp{}
		return nil
	}
	// time.Parse accepts a fraction that the layout does not have.
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04:05"} {
		if parsed, err := time.Parse(layout, *text); err == nil {
			*t = timestamp(parsed.UTC())
			return nil
		}
	}
	*t = timestamp{}
	return nil
}

type snapshotAnswer struct {
	Snapshot *Snapshot `json:"snapshot"`
}

// call sends a request whose answer is one snapshot.
func (b *BlockStorage) call(ctx context.Context, method, path string, body any) (Snapshot, error) {
	var answer snapshotAnswer
	if err := b.do(ctx, method, path, nil, body, &answer); err != nil {
		return Snapshot{}, err
	}
	if answer.Snapshot == nil {
		return Snapshot{}, &openstack.TransportError{Method: method, Path: path, Err: fmt.Errorf("the answer has no snapshot in it")}
	}
	return *answer.Snapshot, nil
}

func snapshotPath(id string) (string, error) {
	escaped, err := openstack.PathSegment("id of a snapshot", id)
	return "snapshots/" + escaped, err
}

// Get reads one snapshot (section "Show a snapshot's details").
func (b *BlockStorage) Get(ctx context.Context, id string) (Snapshot, error) {
	return b.callOn(ctx, http.MethodGet, id, nil)
}

// callOn sends a request whose answer is the snapshot that it is about.
func (b *BlockStorage) callOn(ctx context.Context, method, id string, body any) (Snapshot, error) {
	path, err := snapshotPath(id)
	if err != nil {
		return Snapshot{}, err
	}
	snapshot, err := b.call(ctx, method, path, body)
	// Some databases find ids without regard to case.
	if err == nil && !strings.EqualFold(snapshot.ID, id) {
		return Snapshot{}, &openstack.TransportError{Method: method, Path: path, Err: fmt.Errorf("the answer is about snapshot %s", snapshot.ID)}
	}
	return snapshot, err
}

// UpdateRequest is a change of a snapshot: nil leaves a field as it is, "" removes it.
type UpdateRequest struct {
	Name, Description *string
}

// Update changes the name, the description or both (section "Update a
// snapshot"). The answer has the UpdatedAt from before the change, no Progress
// and no ProjectID. The errors are those of [BlockStorage.Read].
func (b *BlockStorage) Update(ctx context.Context, of Reference, request UpdateRequest) (Snapshot, error) {
	type wire struct {
		Name        *string `json:"name,omitempty"`
		Description *string `json:"description,omitempty"`
	}
	body := struct {
		Snapshot wire `json:"snapshot"`
	}{wire(request)}
	snapshot, err := b.callOn(ctx, http.MethodPut, of.ID, body)
	return snapshot, b.absence(ctx, of, err)
}

// Delete asks for the removal of a snapshot (section "Delete a snapshot") and
// returns at once; see [BlockStorage.WaitGone]. After [openstack.ErrNotEmpty] the API may
// have been asked or not.
func (b *BlockStorage) Delete(ctx context.Context, id string) error {
	path, err := snapshotPath(id)
	if err != nil {
		return err
	}
	return b.do(ctx, http.MethodDelete, path, nil, nil, openstack.Empty{})
}

// ResetStatus sets the status of a snapshot, whatever it is (section "Reset a snapshot's
// status"). It takes an administrator.
func (b *BlockStorage) ResetStatus(ctx context.Context, id string, status Status) error {
	path, err := snapshotPath(id)
	if err != nil {
		return err
	}
	// To set a status twice is to set it once.
	ctx = transport.WithOptions(ctx, transport.Options{Repeatable: true})
	return b.do(ctx, http.MethodPost, path+"/action", nil, map[string]any{"os-reset_status": map[string]Status{"status": status}}, openstack.Empty{})
}
