import {
  to = istack_volume_snapshot.imported
  identity = {
    id     = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
    region = "RegionOne"
  }

  # For terraform plan -generate-config-out=FILE, which writes the resource.
  # Once that is in the configuration, Terraform refuses this line.
  provider = istack
}
