// Package client talks to the block storage API (Cinder, v3 or v2) of an
// iStack or other OpenStack cloud about volume snapshots.
//
// It is the only package that speaks HTTP and the only one that knows
// gophercloud. It knows nothing of Terraform. A [Client] is made from a
// [Config] without any request; the first call that needs the cloud signs in,
// and all later calls of the process share that token. [Client.BlockStorage]
// gives the API of one region:
//
//	c, err := client.New(client.Config{AuthURL: "https://keystone.example.com/v3", ...})
//	snapshots, err := c.BlockStorage("")
//	snapshot, err := snapshots.Create(ctx, client.CreateRequest{VolumeID: id})
//	snapshot, err = snapshots.WaitAvailable(ctx, snapshot.ID)
//
// Every method takes a context and returns as soon as it ends. Errors are
// typed: an answer of the API that is not a success is an [*APIError]; see
// errors.go for the others.
//
// Rules that name a section refer to the Block Storage API reference,
// https://docs.openstack.org/api-ref/block-storage/v3/.
package client
