// Package statemove reads what other providers have in their states about a volume snapshot.
// It knows no Terraform package: what goes in is the JSON of a state.
package statemove

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Source is the state of a resource that moves.
type Source struct {
	// Provider is the address of its provider: HOST/NAMESPACE/TYPE, and from OpenTofu before
	// 1.11.12 and 1.12.4 the type alone.
	Provider string
	// Type is the type of the resource.
	Type string
	// JSON is its state, nil for one that Terraform before 0.12 has written.
	JSON []byte
}

// Snapshot is what the state says. Text that is unset there, null or "", is "".
type Snapshot struct {
	ID, Region, VolumeID, Name, Description, Status string
	Size                                            *int64 // in GiB
	CreatedAt                                       time.Time
	Force                                           bool
	// Metadata is what the configuration has, where the state tells, or else all that the
	// snapshot has. It is nil for none.
	Metadata map[string]string
}

// providers has the type of the provider of each resource type that can be read.
var providers = map[string]string{
	"vkcs_blockstorage_snapshot":              "vkcs",
	"opentelekomcloud_evs_snapshot_v2":        "opentelekomcloud",
	"huaweicloud_evs_snapshot":                "huaweicloud",
	"ovh_cloud_storage_block_volume_snapshot": "ovh",
}

// Types returns the resource types that can be read.
func Types() []string { return slices.Sorted(maps.Keys(providers)) }

// Known reports whether the source is of a type that can be read, and of its provider,
// wherever that comes from.
func (s Source) Known() bool {
	wanted, known := providers[s.Type]
	provider, ok := providerType(s.Provider)
	return known && ok && provider == wanted
}

// providerType returns the last part of a provider's address.
func providerType(address string) (provider string, ok bool) {
	parts := strings.Split(address, "/")
	if len(parts) != 1 && len(parts) != 3 || slices.Contains(parts, "") {
		return "", false
	}
	return parts[len(parts)-1], true
}

// recorded is a state. All of these providers use the same names, which are the API's.
type recorded struct {
	ID          string            `json:"id"`
	Region      string            `json:"region"`
	VolumeID    string            `json:"volume_id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Status      string            `json:"status"`
	Size        *int64            `json:"size"`
	CreatedAt   string            `json:"created_at"`
	Force       bool              `json:"force"`
	Metadata    map[string]string `json:"metadata"`
	// MetadataOrigin is huaweicloud's since 1.73.7: what the configuration has of the metadata.
	MetadataOrigin map[string]string `json:"metadata_origin"`
	// CurrentState is ovh's.
	CurrentState struct {
		Size *int64 `json:"size"`
	} `json:"current_state"`
}

// Read reads the state of a known source.
func (s Source) Read() (Snapshot, error) {
	var r recorded
	if err := json.Unmarshal(s.JSON, &r); err != nil {
		return Snapshot{}, fmt.Errorf("the state is not that of %s: %w", s.Type, err)
	}
	snapshot := Snapshot{
		ID: r.ID, Region: r.Region, VolumeID: r.VolumeID, Name: r.Name, Description: r.Description,
		Status: r.Status, Size: r.Size, Force: r.Force,
	}
	if snapshot.Size == nil {
		snapshot.Size = r.CurrentState.Size
	}
	snapshot.CreatedAt = parseTime(r.CreatedAt)
	if snapshot.Status == "" || snapshot.CreatedAt.IsZero() {
		// Without a time of creation another status would say that the snapshot has never been
		// available, which no state here tells.
		snapshot.Status = "available"
	}
	if len(r.MetadataOrigin) > 0 {
		maps.DeleteFunc(r.Metadata, func(key, _ string) bool { _, ours := r.MetadataOrigin[key]; return !ours })
	}
	if len(r.Metadata) > 0 {
		snapshot.Metadata = r.Metadata
	}
	if snapshot.ID == "" || snapshot.VolumeID == "" {
		return Snapshot{}, fmt.Errorf("the state of %s has no id or no volume_id", s.Type)
	}
	return snapshot, nil
}

// parseTime reads a time that some have with a zone and some as Cinder has it, in UTC without one.
// It returns the zero time for none.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		// Year 1 is how a missing time is written down.
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1 {
			return t.UTC()
		}
	}
	return time.Time{}
}
