terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }

    # Until the move has been applied.
    vkcs = {
      source = "vk-cs/vkcs"
    }
  }
}

provider "istack" {}

variable "volume_id" {
  type = string
}

resource "istack_volume_snapshot" "nightly" {
  volume_id = var.volume_id
  name      = "nightly"
}

moved {
  from = vkcs_blockstorage_snapshot.nightly
  to   = istack_volume_snapshot.nightly
}
