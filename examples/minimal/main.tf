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

resource "istack_volume_snapshot" "first" {
  volume_id = var.volume_id
  name      = "first"
}

output "id" {
  value = istack_volume_snapshot.first.id
}
