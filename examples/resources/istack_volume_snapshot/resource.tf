variable "volume_id" {
  type = string
}

resource "istack_volume_snapshot" "before_upgrade" {
  volume_id   = var.volume_id
  name        = "before-upgrade"
  description = "Before the upgrade to 17.2"

  metadata = {
    tier = "gold"
  }

  # A new release makes a new snapshot ...
  triggers = {
    release = "17.2"
  }

  # ... and the one before it stays in the cloud.
  deletion_policy = "retain"

  timeouts = {
    create = "90m"
  }
}
