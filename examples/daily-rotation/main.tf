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

variable "since" {
  type    = string
  default = "2026-01-31T00:00:00Z"
}

module "daily" {
  source = "../modules/daily-snapshots"

  volumes   = { data = { id = var.volume_id, since = var.since } }
  keep_days = 3
}
