terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

# The password comes from OS_PASSWORD. With cloud = "production", it may be in secure.yaml instead.
provider "istack" {
  auth_url     = "https://keystone.example.com/v3"
  region       = "RegionOne"
  user_name    = "pipeline"
  project_name = "production"

  # On every snapshot, beside its own metadata.
  default_metadata = {
    managed-by = "terraform"
  }

  # What the backup tool writes is its own.
  ignore_metadata = {
    key_prefixes = ["backup:"]
  }
}
