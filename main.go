// Terraform-provider-istack is a Terraform provider for volume snapshots on
// iStack and other OpenStack clouds.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how Terraform reattaches to it")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/istack/istack",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
