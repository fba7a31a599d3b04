package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const address = "registry.terraform.io/istack/istack"

// state is a terraform.tfstate. It is written here, since an apply that makes thousands of snapshots takes Terraform
// many minutes.
type state struct {
	Version          int             `json:"version"`
	TerraformVersion string          `json:"terraform_version"`
	Serial           int             `json:"serial"`
	Lineage          string          `json:"lineage"`
	Resources        []stateResource `json:"resources"`
}

type stateResource struct {
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Name      string          `json:"name"`
	Provider  string          `json:"provider"`
	Instances []stateInstance `json:"instances"`
}

type stateInstance struct {
	IndexKey        int    `json:"index_key"`
	SchemaVersion   int    `json:"schema_version"`
	Attributes      object `json:"attributes"`
	IdentityVersion int    `json:"identity_schema_version"`
	Identity        object `json:"identity,omitempty"`
}

func newState(kind, provider string, instances []stateInstance) ([]byte, error) {
	for i := range instances {
		instances[i].IndexKey = i
	}
	return json.Marshal(state{
		Version:          4,
		TerraformVersion: "1.11.0",
		Serial:           1,
		Lineage:          "b3a1f0de-0000-4000-8000-000000000000",
		Resources: []stateResource{{
			Mode: "managed", Type: kind, Name: "s", Provider: fmt.Sprintf("provider[%q]", provider), Instances: instances,
		}},
	})
}

// snapshotState is a state as an apply leaves it that made these snapshots with the configuration of snapshotConfig.
func snapshotState(snapshots []snapshot, region string) ([]byte, error) {
	instances := make([]stateInstance, len(snapshots))
	for i, s := range snapshots {
		instances[i].Identity = object{"id": s.ID, "region": region}
		instances[i].Attributes = object{
			"id": s.ID, "region": region, "volume_id": s.VolumeID,
			"name": told(s.Name), "description": told(s.Description),
			"force": false, "metadata": nil, "deletion_policy": "delete", "triggers": nil, "timeouts": nil,
			"size": s.Size, "status": s.Status,
			"created_at": zoned(s.CreatedAt),
			"project_id": told(s.ProjectID), "user_id": told(s.UserID), "group_snapshot_id": told(s.GroupSnapshotID),
			"default_metadata": object{}, "other_metadata": s.Metadata,
		}
	}
	return newState("istack_volume_snapshot", address, instances)
}

// told is null for what the API does not tell, in whichever way.
func told(s *string) any {
	if text(s) == "" {
		return nil
	}
	return *s
}

// zoned is a time of the API with the zone that it means.
func zoned(s *string) any {
	if text(s) == "" {
		return nil
	}
	t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(*s, "Z"))
	if err != nil {
		return *s
	}
	return t.Format(time.RFC3339)
}

// dataState is the state of dataConfig.
func dataState(count int) ([]byte, error) {
	instances := make([]stateInstance, count)
	for i := range instances {
		value := object{"value": fmt.Sprintf("%s-%05d", prefix, i+1), "type": "string"}
		instances[i].Attributes = object{
			"id":    fmt.Sprintf("00000000-0000-4000-8000-%012x", i),
			"input": value, "output": value, "triggers_replace": nil,
		}
	}
	return newState("terraform_data", "terraform.io/builtin/terraform", instances)
}
