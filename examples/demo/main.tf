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
  volume_id = var.volume_id
  name      = var.name

  metadata = {
    tier = var.tier
  }
}

output "snapshot" {
  value = "${istack_volume_snapshot.demo.name}, ${istack_volume_snapshot.demo.size} GiB, ${istack_volume_snapshot.demo.status}"
}
