// Terraform-provider-istack is a Terraform provider for volume snapshots on
// iStack and other OpenStack clouds.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debugger := flag.Bool("debug", false, "serve for a debugger, and print how Terraform reattaches to it")
	flag.Parse()
	spareCollections()
	if err := provider.Serve(version, *debugger, quietLogs()); err != nil {
		log.Fatal(err)
	}
}

// quietLogs keeps the framework from writing a trace that nobody reads, which
// takes some 40 % of the CPU of a plan: without a level in the environment, it
// and our own log are at TRACE, and Terraform throws away what they write.
// Whoever asks for any log gets all of it.
func quietLogs() (quiet bool) {
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return false
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ISTACK"} {
		// It fails for impossible names only.
		_ = os.Setenv(name, "ERROR")
	}
	return true
}

// spareCollections lets the heap grow to five times what is in use instead of
// two, unless GOGC says otherwise: that is some 30 MiB, and saves most of the
// garbage collector's 13 % of the CPU of a plan.
func spareCollections() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
