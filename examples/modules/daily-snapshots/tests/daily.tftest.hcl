mock_provider "istack" {
  mock_resource "istack_volume_snapshot" {
    defaults = {
      id = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
    }
  }
}

variables {
  volumes = { data = { id = "4da79faf-e4c2-421a-b09d-c1b5147cf776", since = "2026-01-30T14:20:00Z" } }
}

run "begins_with_the_first_day" {
  variables {
    now = "2026-01-31T03:00:00Z"
  }

  assert {
    condition     = length(output.snapshots) == 2
    error_message = "There are ${length(output.snapshots)} snapshots, not those of two days."
  }
}

# Whatever the time of the run, and of since.
run "keeps_the_first_day_on_the_next" {
  variables {
    now = "2026-01-31T02:00:00Z"
  }

  assert {
    condition     = sort([for s in istack_volume_snapshot.daily : s.name]) == tolist(["daily-2026-01-30", "daily-2026-01-31"])
    error_message = "The first day is gone."
  }
}

run "begins_each_volume_with_its_own_day" {
  variables {
    now = "2026-01-31T03:00:00Z"
    volumes = {
      data = { id = "4da79faf-e4c2-421a-b09d-c1b5147cf776", since = "2026-01-30T00:00:00Z" }
      logs = { id = "0c4fd5f5-1a0f-4a35-9a35-2f3a9e3b7f10", since = "2026-01-31T00:00:00Z" }
    }
  }

  assert {
    condition     = sort(keys(output.snapshots)) == tolist(["data 2026-01-30", "data 2026-01-31", "logs 2026-01-31"])
    error_message = "There are ${join(", ", keys(output.snapshots))}."
  }
}

run "keeps_no_more_than_it_should" {
  variables {
    now       = "2026-03-01T03:00:00Z"
    keep_days = 3
  }

  assert {
    condition     = sort([for s in istack_volume_snapshot.daily : s.name]) == tolist(["daily-2026-02-27", "daily-2026-02-28", "daily-2026-03-01"])
    error_message = "The days are not the last three."
  }
}

run "refuses_no_days" {
  command = plan

  variables {
    now       = "2026-03-01T03:00:00Z"
    keep_days = 0
  }

  expect_failures = [var.keep_days]
}
