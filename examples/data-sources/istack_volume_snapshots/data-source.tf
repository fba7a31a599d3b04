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

# Those of another project, as an administrator of a large cloud.
data "istack_volume_snapshots" "of_a_project" {
  all_projects = true
  project_id   = "22a42a028e074f0aba6728ae6b710061"

  timeouts = {
    read = "15m"
  }
}
