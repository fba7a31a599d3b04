terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

provider "istack" {
  # Marks what is adopted, so that no other search finds it.
  default_metadata = { managed-by = "terraform" }

  # What drops out of by_hand.json stays in the cloud.
  deletion_policy = "retain"
}

# What find/ has found: terraform -chdir=find output -json by_hand > by_hand.json
locals {
  by_hand = jsondecode(file("by_hand.json"))
}

import {
  for_each = local.by_hand
  to       = istack_volume_snapshot.by_hand[each.key]
  id       = each.key
}

resource "istack_volume_snapshot" "by_hand" {
  for_each = local.by_hand

  volume_id   = each.value.volume_id
  name        = each.value.name
  description = each.value.description
  metadata    = length(each.value.metadata) > 0 ? each.value.metadata : null
}
