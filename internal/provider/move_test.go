package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// What cannot be taken over is an error that says why, and no crash. The provider is not configured: Terraform
// moves states before that.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	server := provider.NewServer("test", true)
	const flat = "run terraform apply -refresh-only, which writes the state anew"
	for name, row := range map[string]struct {
		kind  string
		state *tfprotov6.RawState
		want  string
	}{
		"of Terraform 0.11":      {"vkcs_blockstorage_snapshot", &tfprotov6.RawState{Flatmap: map[string]string{"id": "i"}}, flat},
		"ours, of 0.11":          {resourceType, &tfprotov6.RawState{Flatmap: map[string]string{"id": "i"}}, flat},
		"broken":                 {"vkcs_blockstorage_snapshot", &tfprotov6.RawState{JSON: []byte("{")}, "cannot be taken over"},
		"no object":              {"vkcs_blockstorage_snapshot", &tfprotov6.RawState{JSON: []byte("[]")}, "cannot be taken over"},
		"null":                   {"vkcs_blockstorage_snapshot", &tfprotov6.RawState{JSON: []byte("null")}, "has no id"},
		"of another id":          {"vkcs_blockstorage_snapshot", &tfprotov6.RawState{JSON: []byte(`{"id": "service/x", "volume_id": "v"}`)}, "is no UUID"},
		"ours, broken":           {resourceType, &tfprotov6.RawState{JSON: []byte("{")}, "cannot be taken over"},
		"ours, no object":        {resourceType, &tfprotov6.RawState{JSON: []byte("[]")}, "cannot be taken over"},
		"ours, null":             {resourceType, &tfprotov6.RawState{JSON: []byte("null")}, "is no UUID"},
		"ours, of another shape": {resourceType, &tfprotov6.RawState{JSON: []byte(`{"id": []}`)}, "cannot be taken over"},
		"unknown":                {"aws_ebs_snapshot", &tfprotov6.RawState{JSON: []byte("{}")}, "The types that can be moved: huaweicloud_evs_snapshot"},
	} {
		resp, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "vkcs", SourceTypeName: row.kind, TargetTypeName: resourceType, SourceState: row.state,
		})
		if err != nil || len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, row.want) {
			t.Errorf("%s: %v, %v, want %q", name, resp.Diagnostics, err, row.want)
		}
	}
}

// What this version does not know it does not drop.
func TestMoveOfANewerState(t *testing.T) {
	t.Parallel()
	resp, err := provider.NewServer("test", true).MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "istack", SourceTypeName: resourceType, TargetTypeName: resourceType, SourceSchemaVersion: 1,
		SourceState: &tfprotov6.RawState{JSON: []byte(`{"id": "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", "volume_id": "v"}`)},
	})
	if err != nil || len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != "State of a newer provider" {
		t.Errorf("%v, %v", resp.Diagnostics, err)
	}
}

// The identity is whole or not there at all, and what a fork has added is dropped.
func TestMoveOfOurs(t *testing.T) {
	t.Parallel()
	server := provider.NewServer("test", true)
	for state, whole := range map[string]bool{
		`{"id": "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", "volume_id": "v", "region": "east", "of_a_fork": {"x": [1]}}`: true,
		`{"id": "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1", "volume_id": "v"}`:                                            false,
	} {
		resp, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.example.com/fork/istack", SourceTypeName: resourceType, TargetTypeName: resourceType,
			SourceState: &tfprotov6.RawState{JSON: []byte(state)},
		})
		if err != nil || len(resp.Diagnostics) > 0 || resp.TargetState == nil {
			t.Fatalf("%v, %v", resp, err)
		}
		identity := resp.TargetIdentity != nil && resp.TargetIdentity.IdentityData != nil && strings.Contains(string(resp.TargetIdentity.IdentityData.MsgPack), "east")
		if identity != whole {
			t.Errorf("%s: identity %v", state, resp.TargetIdentity)
		}
	}
}
