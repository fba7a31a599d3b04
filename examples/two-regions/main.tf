terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

provider "istack" {
  region = "RegionOne"
}

provider "istack" {
  alias  = "west"
  region = "west"
}

variable "volume_id" {
  type = string
}

variable "west_volume_id" {
  type = string
}

resource "istack_volume_snapshot" "here" {
  volume_id = var.volume_id
  name      = "two-regions"
}

resource "istack_volume_snapshot" "west" {
  provider  = istack.west
  volume_id = var.west_volume_id
  name      = "two-regions"
}

output "regions" {
  value = [istack_volume_snapshot.here.region, istack_volume_snapshot.west.region]
}
