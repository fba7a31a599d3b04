data "istack_volume_snapshot_metadata" "example" {
  snapshot_id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
}

output "tier" {
  value = data.istack_volume_snapshot_metadata.example.metadata["tier"]
}
