# All nightly snapshots of this year, the newest first.
data "istack_volume_snapshots" "nightly" {
  name_regex    = "^nightly-"
  created_after = "2026-01-01T00:00:00Z"

  metadata = {
    tier = "gold"
  }
}

output "nightly" {
  value = data.istack_volume_snapshots.nightly.ids
}
