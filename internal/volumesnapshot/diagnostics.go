package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// describe names the snapshot of a state.
func (m resourceModel) describe() string {
	if m.VolumeID.IsNull() {
		return fmt.Sprintf("snapshot %s", m.ID.ValueString())
	}
	if name := m.Name.ValueString(); name != "" {
		return fmt.Sprintf("snapshot %s (%q) of volume %s", m.ID.ValueString(), name, m.VolumeID.ValueString())
	}
	return fmt.Sprintf("snapshot %s of volume %s", m.ID.ValueString(), m.VolumeID.ValueString())
}

// describeSnapshot names a snapshot, with what helps to tell it from others.
func describeSnapshot(s client.Snapshot) string {
	text := "snapshot " + s.ID
	if s.Name != "" {
		text += fmt.Sprintf(" (%q)", s.Name)
	}
	text += " of volume " + s.VolumeID
	if !s.CreatedAt.IsZero() {
		text += ", made " + s.CreatedAt.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%s, %d GiB", text, s.Size)
}

// timedOut reports whether an operation ended with its time while the cloud was at work. An error of a
// request that had no turn, or of the sign-in, has an advice of its own.
func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*transport.TurnError)) && !errors.As(err, new(*openstack.SignInError))
}

// metadataNotKept warns of a snapshot with other metadata than its create wrote. It is
// not an error, which would taint a good snapshot.
func metadataNotKept(s client.Snapshot, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("metadata"), "Metadata of volume snapshot not kept",
		fmt.Sprintf("The cloud made snapshot %s of volume %s, but when it was available the metadata keys %q did not have the values that were written.\n\n"+
			"If two of them differ only in case or in spaces at the end, the cloud's database holds them for the same: keep one of them. "+
			"Otherwise somebody changed them meanwhile; the next plan shows what is there.", s.ID, s.VolumeID, keys))
}

func searchFailed(err error) diag.Diagnostic {
	attempt := framework.Attempt{Summary: "Unable to list volume snapshots", Tried: "Listing snapshots"}
	var api *openstack.APIError
	if errors.As(err, &api) && api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, "Invalid filters project_id ") {
		attempt.Advice = "To filter by project_id takes an administrator. Sign in as one, or leave project_id and all_projects out to list the snapshots " +
			"of the project of the sign-in."
	}
	return attempt.Failed(err)
}
