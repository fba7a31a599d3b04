# All snapshots of the volume, the newest first.
data "istack_volume_snapshots" "of_the_volume" {
  volume_id  = var.volume_id
  depends_on = [istack_volume_snapshot.demo]
}

output "listing" {
  # Not every snapshot has a name.
  value = [for s in data.istack_volume_snapshots.of_the_volume.snapshots : "${s.created_at} ${coalesce(s.name, s.id)} ${s.status}"]
}
