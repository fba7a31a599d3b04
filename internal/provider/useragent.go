package provider

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"unicode"
)

// userAgent names Terraform, this provider, and what TF_APPEND_USER_AGENT adds,
// as HashiCorp's own providers do. OpenTofu reports a version too, and has no
// other name in the protocol.
func userAgent(terraform, version string) string {
	agent := "terraform-provider-istack/" + version + " (+https://registry.terraform.io/providers/istack/istack; " + Build() + ")"
	if terraform != "" {
		agent = "Terraform/" + terraform + " (+https://www.terraform.io) " + agent
	}
	agent += " " + os.Getenv("TF_APPEND_USER_AGENT")
	// No request is sent with a header that has a line break or its like.
	return strings.Join(strings.FieldsFunc(agent, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// Build names the version of Go, and the commit if that is known, of which the program was built.
func Build() string {
	parts := []string{runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				parts = append(parts, "commit "+setting.Value)
			}
		}
	}
	return strings.Join(parts, "; ")
}
