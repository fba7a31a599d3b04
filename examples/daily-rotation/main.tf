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

  volume_ids = [var.volume_id]
  keep_days  = 3
  since      = var.since
}
