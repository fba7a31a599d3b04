package statemove

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	id     = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	volume = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
)

// The states are in the form in which these providers write them.
func TestRead(t *testing.T) {
	t.Parallel()
	ten, made := int64(10), time.Date(2026, 1, 31, 3, 0, 0, 0, time.UTC)
	for file, want := range map[string]Snapshot{
		"vkcs_blockstorage_snapshot": {
			ID: id, VolumeID: volume, Name: "nightly", Status: "available", Metadata: map[string]string{"a": "1", "b": ""},
		},
		"opentelekomcloud_evs_snapshot_v2": {
			ID: id, VolumeID: volume, Name: "nightly", Description: "of the night", Region: "eu-de", Status: "available", Size: &ten, CreatedAt: made,
			Force: true, Metadata: map[string]string{"__system__": "x"},
		},
		"huaweicloud_evs_snapshot": {ID: id, VolumeID: volume, Name: "nightly", Region: "cn-north-4", Status: "available", Size: &ten},
		"huaweicloud_evs_snapshot.1.73.7": {
			ID: id, VolumeID: volume, Name: "nightly", Region: "cn-north-4", Status: "error", Size: &ten, CreatedAt: made, Metadata: map[string]string{"a": "2"},
		},
		"ovh_cloud_storage_block_volume_snapshot": {
			ID: id, VolumeID: volume, Name: "nightly", Region: "GRA9", Status: "available", Size: &ten, CreatedAt: made,
		},
	} {
		state, err := os.ReadFile(filepath.Join("testdata", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(file, ".") // and a version of the provider
		got, err := Source{Type: kind, JSON: state}.Read()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v\nwant %+v", file, got, err, want)
		}
		// Null is what an attribute has that is not set.
		if _, err := (Source{Type: kind, JSON: []byte(`{"id": "i", "volume_id": "v", "name": null, "metadata": null, "metadata_origin": null, "size": null, "force": null, "current_state": null, "created_at": null}`)}).Read(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"":                               "the state is not that of vkcs",
		"{":                              "the state is not that of vkcs",
		"[]":                             "the state is not that of vkcs",
		`{"id": 1, "volume_id": "v"}`:    "the state is not that of vkcs",
		`{}`:                             "has no id or no volume_id",
		`{"id": "i", "volume_id": ""}`:   "has no id or no volume_id",
		`{"id": null, "volume_id": "v"}`: "has no id or no volume_id",
	} {
		if _, err := (Source{Type: "vkcs_blockstorage_snapshot", JSON: []byte(state)}).Read(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		provider, kind string
		want           bool
	}{
		{"registry.terraform.io/vk-cs/vkcs", "vkcs_blockstorage_snapshot", true},
		{"registry.opentofu.org/vk-cs/vkcs", "vkcs_blockstorage_snapshot", true},
		{"mirror.example.com:8443/team/vkcs", "vkcs_blockstorage_snapshot", true},
		{"vkcs", "vkcs_blockstorage_snapshot", true},
		{"registry.terraform.io/ovh/ovh", "ovh_cloud_storage_block_volume_snapshot", true},
		{"registry.terraform.io/huaweicloud/huaweicloud", "huaweicloud_evs_snapshot", true},
		{"registry.terraform.io/opentelekomcloud/opentelekomcloud", "opentelekomcloud_evs_snapshot_v2", true},
		{"registry.terraform.io/vk-cs/myvkcs", "vkcs_blockstorage_snapshot", false},
		{"registry.terraform.io/vkcs/other", "vkcs_blockstorage_snapshot", false},
		{"vk-cs/vkcs", "vkcs_blockstorage_snapshot", false},
		{"a/b/c/vkcs", "vkcs_blockstorage_snapshot", false},
		{"//vkcs", "vkcs_blockstorage_snapshot", false},
		{"", "vkcs_blockstorage_snapshot", false},
		{"registry.terraform.io/vk-cs/vkcs", "vkcs_blockstorage_volume", false},
		{"registry.terraform.io/hashicorp/aws", "aws_ebs_snapshot", false},
	} {
		if got := (Source{Provider: row.provider, Type: row.kind}).Known(); got != row.want {
			t.Errorf("%s of %q: %t", row.kind, row.provider, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id": "i", "volume_id": "v", "metadata": {"a": "1"}, "metadata_origin": {"b": "1"}, "size": 1, "created_at": "2026-01-31T03:00:00Z"}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		s, err := Source{Type: "vkcs_blockstorage_snapshot", JSON: state}.Read()
		if err == nil && (s.ID == "" || s.VolumeID == "" || s.Status == "") {
			t.Errorf("%q: %+v", state, s)
		}
	})
}
