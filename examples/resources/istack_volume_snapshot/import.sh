# By id, in the provider's region:
terraform import istack_volume_snapshot.before_upgrade 6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1

# By region and id:
terraform import istack_volume_snapshot.before_upgrade RegionOne/6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1
