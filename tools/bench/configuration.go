package main

import (
	"fmt"
	"strings"
)

// snapshotConfig is a configuration of so many snapshots of a cloud.
func snapshotConfig(c *cloud, count int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    istack = { source = %q }\n  }\n}\n", address)
	if c.endpoint != "" {
		fmt.Fprintf(&b, "\nprovider \"istack\" {\n  endpoint_overrides = { volumev3 = %q }\n}\n", c.endpoint)
	}
	fmt.Fprintf(&b, "\nresource \"istack_volume_snapshot\" \"s\" {\n  count     = %d\n  volume_id = %q\n", count, c.volumeID)
	if c.seeded {
		// As in spread: those that the state has.
		number := "count.index"
		if total := len(c.snapshots); total > count {
			number = fmt.Sprintf("floor(count.index * %d / %d)", total, count)
		}
		fmt.Fprintf(&b, "  name      = format(\"%s-%%05d\", %s + 1)\n", prefix, number)
	} else {
		// They may have any names.
		b.WriteString("\n  lifecycle {\n    ignore_changes = [name, description]\n  }\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// dataConfig is one of as many resources that are built into Terraform.
func dataConfig(count int) string {
	return fmt.Sprintf("resource \"terraform_data\" \"s\" {\n  count = %d\n  input = format(\"%s-%%05d\", count.index + 1)\n}\n", count, prefix)
}
