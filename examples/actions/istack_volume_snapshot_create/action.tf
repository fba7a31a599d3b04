# A snapshot before each new release. If it cannot be made, the release stays as it is.
resource "terraform_data" "release" {
  input = "17.2"

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.istack_volume_snapshot_create.before_release]
    }
  }
}

action "istack_volume_snapshot_create" "before_release" {
  config {
    volume_id   = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
    description = "Before a new release"

    metadata = {
      purpose = "before-release"
    }
  }
}
