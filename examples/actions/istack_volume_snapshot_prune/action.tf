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
    volume_id  = "4da79faf-e4c2-421a-b09d-c1b5147cf776" # without it, those of every volume of the project
    name_regex = "^nightly-"
    retention  = local.retention
  }
}

# Deletes it:
#
#   terraform apply -invoke=action.istack_volume_snapshot_prune.nightly
action "istack_volume_snapshot_prune" "nightly" {
  config {
    volume_id     = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
    name_regex    = "^nightly-"
    retention     = local.retention
    dry_run       = false
    max_deletions = 20
  }
}
