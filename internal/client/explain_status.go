package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// explaining bounds the requests that only explain an error.
const explaining = 10 * time.Second

// explainStatus adds to an [*UnexpectedStatusError] what the cloud knows of the reason.
func (b *BlockStorage) explainStatus(ctx context.Context, err error) error {
	var status *UnexpectedStatusError
	if !errors.As(err, &status) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, explaining)
	defer cancel()
	if status.Refusal == nil || status.Snapshot.Status != StatusAvailable {
		// A refusal says itself why, and the message may be that of an earlier deletion.
		status.Reason, status.RequestID = b.LastMessage(ctx, status.Snapshot.ID)
	}
	if status.Wanted == "" && status.Snapshot.Status == StatusAvailable && status.Refusal == nil {
		status.Volumes = b.volumesFrom(ctx, status.Snapshot.ID)
	}
	return err
}

// LastMessage returns the newest message of the cloud to the user about an object,
// such as why a snapshot failed, and the id of the request whose work that was
// (section "Messages"; with a filter from microversion 3.5 on). Both are "" where
// there is none, or the cloud cannot be asked.
func (b *BlockStorage) LastMessage(ctx context.Context, id string) (text, requestID string) {
	at, err := b.Endpoint(ctx)
	if err != nil || at.Microversion() < openstack.MessagesFilterSince {
		return "", ""
	}
	var answer struct {
		Messages []struct {
			UserMessage string    `json:"user_message"`
			RequestID   string    `json:"request_id"`
			CreatedAt   timestamp `json:"created_at"`
			ResourceID  string    `json:"resource_uuid"`
		} `json:"messages"`
	}
	if b.do(ctx, http.MethodGet, "messages", url.Values{"resource_uuid": {id}}, nil, &answer) != nil {
		return "", ""
	}
	var newest time.Time
	for _, message := range answer.Messages {
		if at := time.Time(message.CreatedAt); message.ResourceID == id && (text == "" || at.After(newest)) {
			newest, text, requestID = at, openstack.Shown(message.UserMessage), openstack.Shown(message.RequestID)
		}
	}
	return text, requestID
}

// volumesFrom returns the ids of the volumes that were made from a snapshot, as far as they can
// be listed in time. The API has no filter for them.
func (b *BlockStorage) volumesFrom(ctx context.Context, id string) (ids []string) {
	query := url.Values{}
	for {
		var answer struct {
			Volumes []struct {
				ID         string `json:"id"`
				SnapshotID string `json:"snapshot_id"`
			} `json:"volumes"`
			Links []any `json:"volumes_links"`
		}
		if b.do(ctx, http.MethodGet, "volumes/detail", query, nil, &answer) != nil {
			return ids
		}
		for _, volume := range answer.Volumes {
			if volume.SnapshotID == id {
				ids = append(ids, volume.ID)
			}
		}
		if len(answer.Links) == 0 || len(answer.Volumes) == 0 {
			return ids
		}
		query.Set("marker", answer.Volumes[len(answer.Volumes)-1].ID)
	}
}
