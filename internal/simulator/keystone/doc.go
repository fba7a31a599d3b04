// Package keystone is a Keystone (Identity API v3) in memory.
package keystone
