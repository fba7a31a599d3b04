// Package client is the snapshots of an iStack or other OpenStack cloud: the calls
// of the block storage API (Cinder, v3 or v2) and what belongs to them. It knows
// nothing of Terraform.
//
// A [Client] is made from a configuration without any request; the first call that
// needs the cloud signs in. [Client.BlockStorage] returns the service of one region:
//
//	c, err := client.New(openstack.Config{AuthURL: "https://keystone.example.com/v3", ...})
//	snapshots := c.BlockStorage("")
//	snapshot, err := snapshots.Create(ctx, client.CreateRequest{VolumeID: id})
//	snapshot, err = snapshots.WaitAvailable(ctx, snapshot.ID)
//
// Every method takes a context and returns as soon as it ends. Errors are typed: an
// answer of the API that is not a success is an [*openstack.APIError]. The others are
// the types of this package, of openstack and of transport whose names end in Error;
// each method names its own.
//
// Rules that name a section refer to the Block Storage API reference,
// https://docs.openstack.org/api-ref/block-storage/v3/.
package client
