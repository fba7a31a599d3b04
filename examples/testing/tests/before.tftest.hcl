# What a mock makes up for an id is no UUID, and the provider refuses it where it is used as one. So give it one.
mock_provider "istack" {
  mock_resource "istack_volume_snapshot" {
    defaults = {
      id     = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
      status = "available"
      size   = 10
    }
  }

  mock_data "istack_volume_snapshot" {
    defaults = {
      name = "before-17.2"
      size = 10
    }
  }
}

variables {
  volume_id = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
  release   = "17.2"
}

run "names_the_release" {
  assert {
    condition     = istack_volume_snapshot.before.name == "before-17.2"
    error_message = "The snapshot is named ${istack_volume_snapshot.before.name}."
  }

  assert {
    condition     = output.restores == "before-17.2: 10 GiB"
    error_message = "It restores ${output.restores}."
  }
}
