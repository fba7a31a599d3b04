// Terraform-provider-istack is a Terraform provider for volume snapshots on
// iStack and other OpenStack clouds.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/provider"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	debugger := flag.Bool("debug", false, "serve until interrupted, with all logs on the standard error, and print what makes Terraform attach "+
		"to this process (for OpenTofu, write registry.opentofu.org there); of several provider blocks all use the one that is configured last")
	showVersion := flag.Bool("version", false, "print the version, the commit and the version of Go, and end")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-istack", version, "("+provider.Build()+")")
		return
	}
	provider.SetGCPercent()
	if err := provider.Serve(version, *debugger, quietLogs(*debugger)); err != nil {
		log.Fatal(err)
	}
}

// quietLogs keeps the framework from writing a trace that nobody reads, which
// takes some 40 % of the CPU of a plan: without a level of their own in the
// environment, it and our own log are at TRACE, and Terraform throws away what
// they write. A level for any part of the log turns all of it on, and so does
// a debugger unless a level says off.
func quietLogs(debugger bool) (quiet bool) {
	if wanted(debugger) {
		return false
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ISTACK"} {
		if os.Getenv(name) == "" {
			// It fails for impossible names only.
			_ = os.Setenv(name, "OFF")
		}
	}
	return true
}

// wanted reports whether somebody reads the log. What Terraform shows of it is
// what TF_LOG_PROVIDER says, or else TF_LOG; the other variables are the plugin
// library's own.
func wanted(debugger bool) bool {
	off := func(level string) bool { return strings.EqualFold(level, "off") }
	if level := cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG")); level != "" {
		return !off(level)
	}
	return debugger || slices.ContainsFunc(os.Environ(), func(entry string) bool {
		name, level, _ := strings.Cut(entry, "=")
		own := name != "TF_LOG_SDK_PROTO_DATA_DIR" && (strings.HasPrefix(name, "TF_LOG_PROVIDER_") || strings.HasPrefix(name, "TF_LOG_SDK"))
		return own && level != "" && !off(level)
	})
}
