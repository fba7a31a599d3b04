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

variable "release" {
  type = string
}

# Stands for what changes: a server, a database, anything.
resource "terraform_data" "release" {
  input = var.release

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.istack_volume_snapshot_create.before_release]
    }
  }
}

action "istack_volume_snapshot_create" "before_release" {
  config {
    volume_id = var.volume_id
    force     = true

    metadata = {
      purpose = "before-release"
    }
  }
}

# Keeps the last five of them: terraform apply -invoke=action.istack_volume_snapshot_prune.before_release
action "istack_volume_snapshot_prune" "before_release" {
  config {
    volume_id = var.volume_id
    metadata  = { purpose = "before-release" }
    retention = { keep_last = 5 }
    dry_run   = false
  }
}
