# What `make demo` runs. Against another cloud: set OS_* and TF_VAR_volume_id, and apply it yourself.

terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

# Where to sign in, and as whom, is in the environment (OS_*).
provider "istack" {
  default_metadata = {
    managed-by = "terraform"
  }
}

variable "volume_id" {
  type        = string
  description = "The volume to make a snapshot of."
}

variable "name" {
  type    = string
  default = "before-upgrade"
}

variable "tier" {
  type    = string
  default = "silver"
}

resource "istack_volume_snapshot" "demo" {
  volume_id   = var.volume_id
  name        = var.name
  description = "Made by the demo"

  metadata = {
    tier = var.tier
  }
}

# All snapshots of the volume, the newest first.
data "istack_volume_snapshots" "of_the_volume" {
  volume_id  = var.volume_id
  depends_on = [istack_volume_snapshot.demo]
}

output "snapshot" {
  value = {
    id         = istack_volume_snapshot.demo.id
    name       = istack_volume_snapshot.demo.name
    size       = istack_volume_snapshot.demo.size
    status     = istack_volume_snapshot.demo.status
    created_at = istack_volume_snapshot.demo.created_at
    metadata   = merge(istack_volume_snapshot.demo.default_metadata, istack_volume_snapshot.demo.metadata)
  }
}

output "listing" {
  # Not every snapshot has a name.
  value = [for s in data.istack_volume_snapshots.of_the_volume.snapshots : "${s.created_at} ${coalesce(s.name, s.id)} ${s.status}"]
}
