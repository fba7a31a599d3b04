terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

provider "istack" {}

data "istack_volume_snapshots" "by_hand" {
  status           = "available"
  without_metadata = ["managed-by"]
}

output "by_hand" {
  value = { for s in data.istack_volume_snapshots.by_hand.snapshots : s.id => {
    volume_id   = s.volume_id
    name        = s.name
    description = s.description
    metadata    = s.metadata
    } if s.group_snapshot_id == null && s.consumes_quota != false &&
    s.name != "backup-snap-${s.volume_id}" && s.name != "[revert] volume ${s.volume_id} backup snapshot" &&
    !can(regex("^tmp-snap-[0-9a-f-]{36}$", s.name))
  }
}
