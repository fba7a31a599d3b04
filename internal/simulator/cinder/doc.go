// Package cinder is a Cinder (Block Storage API v3, and v2 in the release that has it) in memory.
package cinder
