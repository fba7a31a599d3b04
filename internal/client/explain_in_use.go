package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// VolumeInUseError says that a snapshot of a volume that is in use was asked
// for without Force.
type VolumeInUseError struct{ VolumeID string }

func (e *VolumeInUseError) Error() string {
	return fmt.Sprintf("volume %s is in use", e.VolumeID)
}

// refuseInUse refuses a volume that is in use, as the API itself does before
// microversion 3.66.
func (b *BlockStorage) refuseInUse(ctx context.Context, volumeID string) error {
	escaped, err := openstack.PathSegment("id of a volume", volumeID)
	if err != nil {
		return err
	}
	var answer struct {
		Volume struct {
			Status string `json:"status"`
		} `json:"volume"`
	}
	if err := b.do(ctx, http.MethodGet, "volumes/"+escaped, nil, nil, &answer); err != nil {
		return err
	}
	if answer.Volume.Status == "in-use" {
		return &VolumeInUseError{VolumeID: volumeID}
	}
	return nil
}
