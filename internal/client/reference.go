package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// Reference names a snapshot, with what is known of it; "" stands for unknown.
type Reference struct {
	ID string
	// VolumeID is the volume that it was made of.
	VolumeID string
	// ProjectID is the project that owns it. The API answers 404 for a snapshot of
	// another project, so a 404 counts as an absence only where this project is
	// that of the sign-in.
	ProjectID string
}

// ProjectError says that the API does not find a snapshot in the project of the sign-in,
// and that it belongs to another project, where it may exist. [openstack.IsNotFound]
// reports false for it.
type ProjectError struct {
	// SnapshotID names the snapshot, ProjectID the project that owns it.
	SnapshotID, ProjectID string
	// SignedIn is the project of the sign-in, "" if that has none.
	SignedIn string
	// Answer is the API's 404.
	Answer *openstack.APIError
}

func (e *ProjectError) Error() string {
	signedIn := "the sign-in has no project"
	if e.SignedIn != "" {
		signedIn = "the sign-in is to project " + e.SignedIn
	}
	return fmt.Sprintf("snapshot %s belongs to project %s, and %s, where the API does not find it (%v)", e.SnapshotID, e.ProjectID, signedIn, e.Answer)
}

// absence returns a [*ProjectError] for a 404 that does not prove an absence, and any
// other error as it is.
func (b *BlockStorage) absence(ctx context.Context, of Reference, err error) error {
	if !openstack.IsNotFound(err) || of.ProjectID == "" {
		return err
	}
	projectID, projectErr := b.ProjectID(ctx)
	if projectErr != nil {
		return projectErr
	}
	if projectID == of.ProjectID {
		return err
	}
	foreign := &ProjectError{SnapshotID: of.ID, ProjectID: of.ProjectID, SignedIn: projectID}
	errors.As(err, &foreign.Answer)
	return foreign
}
