terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

provider "istack" {}

variable "volume_id" {
  type = string
}

data "istack_volume_snapshot" "newest" {
  volume_id   = var.volume_id
  most_recent = true
}

# terraform apply -invoke=action.istack_volume_snapshot_revert.back
action "istack_volume_snapshot_revert" "back" {
  config {
    snapshot_id = data.istack_volume_snapshot.newest.id
  }
}
