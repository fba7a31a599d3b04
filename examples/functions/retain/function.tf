# A module that calls a function of the provider names the provider.
terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

data "istack_volume_snapshots" "nightly" {
  name_regex = "^nightly-"
}

# Of each volume: seven days, five weeks and twelve months, all of the last two days, and
# what somebody has marked.
locals {
  retained = provider::istack::retain(data.istack_volume_snapshots.nightly.snapshots, {
    keep_daily    = 7
    keep_weekly   = 5
    keep_monthly  = 12
    keep_within   = "2d"
    keep_metadata = [{ keep = "forever" }, { tier = "gold", audit = "open" }]
  })
}

# To delete what has expired, and is in no state of Terraform's:
#
#   terraform apply && terraform output -json expired | jq -r '.[]' | xargs -r openstack volume snapshot delete
output "expired" {
  value = local.retained.expired_ids
}

# Which rules keep a snapshot, and why one is ignored.
output "reasons" {
  value = local.retained.reasons
}

# Says in each plan what is too old.
check "retention" {
  assert {
    condition     = length(local.retained.expired_ids) == 0
    error_message = "Expired: ${join(", ", local.retained.expired_ids)}."
  }
}
