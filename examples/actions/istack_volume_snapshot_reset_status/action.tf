# terraform apply -invoke=action.istack_volume_snapshot_reset_status.stuck
action "istack_volume_snapshot_reset_status" "stuck" {
  config {
    snapshot_id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
    status      = "error"
  }
}
