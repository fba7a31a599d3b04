package cinder

import "github.com/istack/terraform-provider-istack/internal/simulator/python"

// Objects keep the order of their members.
type (
	object = python.Object
	member = python.Member
)
