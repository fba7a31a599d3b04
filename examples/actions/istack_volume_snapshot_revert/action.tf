# terraform apply -invoke=action.istack_volume_snapshot_revert.back
action "istack_volume_snapshot_revert" "back" {
  config {
    snapshot_id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
  }
}
