// Terraform-provider-istack is a Terraform provider for volume snapshots on
// iStack and other OpenStack clouds.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, and print how Terraform reattaches to it")
	flag.Parse()
	quietLogs()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/istack/istack",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietLogs keeps the framework from writing a trace that nobody reads, which
// takes some 40 % of the CPU of a plan: without a level in the environment, it
// and our own log are at TRACE, and Terraform throws away what they write.
// Whoever asks for any log gets all of it.
func quietLogs() {
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER"} {
		// It fails for impossible names only.
		_ = os.Setenv(name, "ERROR")
	}
}
