terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

variable "volume_ids" {
  type        = set(string)
  description = "The volumes, by id."
}

variable "keep_days" {
  type        = number
  default     = 7
  description = "For how many days, today included, there is a snapshot."

  validation {
    condition     = var.keep_days >= 1
    error_message = "At least one day is kept."
  }
}

variable "since" {
  type        = string
  description = "The first day, RFC 3339 such as 2026-01-31T00:00:00Z."
}

variable "now" {
  type        = string
  default     = null
  description = "The time of the run, for tests. Default: the time of the plan."
}

locals {
  now   = var.now == null ? plantimestamp() : var.now
  times = [for i in range(var.keep_days) : timeadd(local.now, "-${i * 24}h")]
  days  = [for t in local.times : formatdate("YYYY-MM-DD", t) if timecmp(t, var.since) >= 0]
}

resource "istack_volume_snapshot" "daily" {
  for_each = {
    for pair in setproduct(var.volume_ids, local.days) : "${pair[0]} ${pair[1]}" => { volume_id = pair[0], day = pair[1] }
  }

  volume_id = each.value.volume_id
  name      = "daily-${each.value.day}"
  force     = true
}

output "snapshots" {
  description = "The ids of the snapshots, by volume and day."
  value       = { for key, s in istack_volume_snapshot.daily : key => s.id }
}
