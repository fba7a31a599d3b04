# A configuration, and in tests/ what shows that it is right, without a cloud: terraform test, or tofu test.

terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

variable "volume_id" {
  type = string
}

variable "release" {
  type = string
}

resource "istack_volume_snapshot" "before" {
  volume_id = var.volume_id
  name      = "before-${var.release}"
}

data "istack_volume_snapshot" "before" {
  id = istack_volume_snapshot.before.id
}

output "restores" {
  value = "${data.istack_volume_snapshot.before.name}: ${data.istack_volume_snapshot.before.size} GiB"
}
