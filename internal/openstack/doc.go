// Package openstack signs in to an OpenStack cloud and sends requests to its block
// storage service (Cinder, API v3 or v2). It is the only package that knows
// gophercloud, and it knows no snapshot.
//
// A [Client] is made from a [Config] without any request; the first call that needs
// the cloud signs in, and all later ones share the token. A request goes like this:
//
//	c, err := openstack.New(config)
//	service := c.BlockStorage(region)
//	service.Do(ctx, method, path, query, body, &answer) // one request
//	service.Endpoint(ctx)                                // its microversion and its clock
//	service.ProjectID(ctx)                               // the scope of the sign-in
//
// Errors are typed; see errors.go.
//
// Rules that name a section refer to the Block Storage API reference,
// https://docs.openstack.org/api-ref/block-storage/v3/.
package openstack
