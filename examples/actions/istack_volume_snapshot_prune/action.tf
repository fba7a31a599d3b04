locals {
  retention = {
    keep_last     = 3
    keep_daily    = 7
    keep_weekly   = 5
    keep_monthly  = 12
    keep_metadata = [{ keep = "forever" }]
  }
}

# What would go, and why the rest stays:
#
#   terraform apply -invoke=action.istack_volume_snapshot_prune.look
action "istack_volume_snapshot_prune" "look" {
  config {
    name_regex = "^nightly-"
    retention  = local.retention
  }
}

# Deletes it:
#
#   terraform apply -invoke=action.istack_volume_snapshot_prune.nightly
action "istack_volume_snapshot_prune" "nightly" {
  config {
    name_regex    = "^nightly-"
    retention     = local.retention
    dry_run       = false
    max_deletions = 20
  }
}
