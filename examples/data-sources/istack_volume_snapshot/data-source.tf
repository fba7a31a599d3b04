# By id.
data "istack_volume_snapshot" "by_id" {
  id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
}

# The newest good one of a volume.
data "istack_volume_snapshot" "latest" {
  volume_id   = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
  status      = "available"
  most_recent = true
}
