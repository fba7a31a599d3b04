terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

variable "volumes" {
  type = map(object({
    id    = string
    since = string
  }))
  description = "The volumes, by a name of your own. since is the first day, in UTC such as 2026-01-31T00:00:00Z: a later one deletes what is from before. Another name for a volume deletes all of its snapshots and makes new ones."

  validation {
    condition     = alltrue([for volume in var.volumes : endswith(volume.since, "Z")])
    error_message = "since is a time in UTC, such as 2026-01-31T00:00:00Z."
  }
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

variable "now" {
  type        = string
  default     = null
  description = "The time of the run, for tests. Default: the time of the plan."
}

locals {
  now  = var.now == null ? plantimestamp() : var.now
  days = [for i in range(var.keep_days) : formatdate("YYYY-MM-DD", timeadd(local.now, "-${i * 24}h"))]

  # The days of each volume from its first on. Only the day of since counts, not its time.
  daily = merge([for name, volume in var.volumes : {
    for day in local.days : "${name} ${day}" => { volume_id = volume.id, day = day }
    if timecmp("${day}T00:00:00Z", "${formatdate("YYYY-MM-DD", volume.since)}T00:00:00Z") >= 0
  }]...)
}

resource "istack_volume_snapshot" "daily" {
  for_each = local.daily

  volume_id = each.value.volume_id
  name      = "daily-${each.value.day}"
  force     = true
}

output "snapshots" {
  description = "The ids of the snapshots, by volume and day."
  value       = { for key, s in istack_volume_snapshot.daily : key => s.id }
}
