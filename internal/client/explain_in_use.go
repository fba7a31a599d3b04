package client

import (
	"context"
	"fmt"
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
	volume, err := b.Volume(ctx, volumeID)
	if err == nil && volume.Status == VolumeInUse {
		return &VolumeInUseError{VolumeID: volumeID}
	}
	return err
}
