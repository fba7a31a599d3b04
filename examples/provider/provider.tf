terraform {
  required_providers {
    istack = {
      source = "istack/istack"
    }
  }
}

# The password is best left to OS_PASSWORD, or to secure.yaml beside clouds.yaml.
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
