terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

provider "istack" {}

variable "snapshot_id" {
  type = string
}

# terraform apply -invoke=action.istack_volume_snapshot_revert.back
action "istack_volume_snapshot_revert" "back" {
  config {
    snapshot_id = var.snapshot_id
  }
}
