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

# The time of the first run, such as 2026-01-31T00:00:00Z: an earlier day gets a snapshot of the data of that run.
variable "since" {
  type = string
}

module "daily" {
  source = "../modules/daily-snapshots"

  volumes   = { data = { id = var.volume_id, since = var.since } }
  keep_days = 3
}
