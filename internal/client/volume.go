package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// Volume is what the client knows of a volume.
type Volume struct {
	ID, Name string
	// Status is such as "available", "in-use", "reverting" or "error".
	Status string
	// Size is in GiB.
	Size int64
	// UpdatedAt is in UTC, zero until the first change.
	UpdatedAt time.Time
}

// The statuses of a volume that the client acts on.
const (
	VolumeAvailable = "available"
	VolumeInUse     = "in-use"
	volumeReverting = "reverting"
	volumeError     = "error"
)

// Volume reads a volume (section "Show a volume's details").
func (b *BlockStorage) Volume(ctx context.Context, id string) (Volume, error) {
	path, err := volumePath(id)
	if err != nil {
		return Volume{}, err
	}
	var answer struct {
		Volume *struct {
			ID        string    `json:"id"`
			Name      string    `json:"name"`
			Status    string    `json:"status"`
			Size      int64     `json:"size"`
			UpdatedAt timestamp `json:"updated_at"`
		} `json:"volume"`
	}
	if err := b.do(ctx, http.MethodGet, path, nil, nil, &answer); err != nil {
		return Volume{}, err
	}
	if answer.Volume == nil {
		return Volume{}, &openstack.TransportError{Method: http.MethodGet, Path: path, Err: errors.New("the answer has no volume in it")}
	}
	v := answer.Volume
	return Volume{ID: v.ID, Name: v.Name, Status: v.Status, Size: v.Size, UpdatedAt: time.Time(v.UpdatedAt)}, nil
}

func volumePath(id string) (string, error) {
	escaped, err := openstack.PathSegment("id of a volume", id)
	return "volumes/" + escaped, err
}
