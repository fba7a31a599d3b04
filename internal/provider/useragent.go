package provider

import (
	"os"
	"strings"
	"unicode"
)

// userAgent names Terraform, this provider, and what TF_APPEND_USER_AGENT adds,
// as HashiCorp's own providers do. OpenTofu reports a version too, and has no
// other name in the protocol.
func userAgent(terraform, version string) string {
	agent := "terraform-provider-istack/" + version + " (+https://registry.terraform.io/providers/istack/istack)"
	if terraform != "" {
		agent = "Terraform/" + terraform + " (+https://www.terraform.io) " + agent
	}
	agent += " " + os.Getenv("TF_APPEND_USER_AGENT")
	// No request is sent with a header that has a line break or its like.
	return strings.Join(strings.FieldsFunc(agent, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
