package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// QuotaError says which quota of the project is too small. It wraps the
// [*openstack.APIError] that says so.
type QuotaError struct {
	// Quota is "snapshots" or "gigabytes".
	Quota string
	// Limit, Used and Asked are in the unit of the quota; Used is of the whole
	// project, Asked of the request, 0 if that is not known.
	Limit, Used, Asked int64
	Err                error
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("the %s quota of the project is %d, %d are used, and %d more were asked for: %v", e.Quota, e.Limit, e.Used, e.Asked, e.Err)
}

// Unwrap returns the API's answer.
func (e *QuotaError) Unwrap() error { return e.Err }

var (
	requestedGigabytes = regexp.MustCompile(`Requested (\d+)G`)
	allowedSnapshots   = regexp.MustCompile(`Maximum number of snapshots allowed \((\d+)\)`)
)

// explainQuota returns a [*QuotaError] with the figures of the quota (section "Show
// absolute limits"), which the refusal itself has for gigabytes only. It returns a 413
// about something else as it is, such as the quota of a volume type, of which no limits
// are shown, and so any refusal if the figures cannot be read.
func (b *BlockStorage) explainQuota(ctx context.Context, refusal error) error {
	var api *openstack.APIError
	if !errors.As(refusal, &api) {
		return refusal
	}
	quota := &QuotaError{Err: refusal}
	switch {
	case strings.HasPrefix(api.Message, "SnapshotLimitExceeded"):
		quota.Quota, quota.Asked = "snapshots", 1
	case strings.HasPrefix(api.Message, "VolumeSizeExceedsAvailableQuota") && strings.Contains(api.Message, "allowed gigabytes quota"):
		quota.Quota = "gigabytes"
		if requested := requestedGigabytes.FindStringSubmatch(api.Message); requested != nil {
			quota.Asked, _ = strconv.ParseInt(requested[1], 10, 64)
		}
	default:
		return refusal
	}
	var answer struct {
		Limits struct {
			Absolute struct {
				MaxSnapshots  int64 `json:"maxTotalSnapshots"`
				MaxGigabytes  int64 `json:"maxTotalVolumeGigabytes"`
				UsedSnapshots int64 `json:"totalSnapshotsUsed"`
				UsedGigabytes int64 `json:"totalGigabytesUsed"`
			} `json:"absolute"`
		} `json:"limits"`
	}
	if b.do(ctx, http.MethodGet, "limits", nil, nil, &answer) != nil {
		return refusal
	}
	figures := answer.Limits.Absolute
	quota.Limit, quota.Used = figures.MaxSnapshots, figures.UsedSnapshots
	if quota.Quota == "gigabytes" {
		quota.Limit, quota.Used = figures.MaxGigabytes, figures.UsedGigabytes
	} else if allowed := allowedSnapshots.FindStringSubmatch(api.Message); allowed != nil && allowed[1] != strconv.FormatInt(quota.Limit, 10) {
		return refusal
	}
	if quota.Limit < 0 || quota.Used+quota.Asked <= quota.Limit {
		return refusal // These figures refuse nothing: others did.
	}
	return quota
}
