# What nobody has put the team's key on, in two regions: candidates for an import.
list "istack_volume_snapshot" "unmanaged" {
  provider = istack
  for_each = toset(["RegionOne", "RegionTwo"])
  limit    = 1000

  config {
    region           = each.key
    status           = "available"
    without_metadata = ["managed-by"]
  }
}
