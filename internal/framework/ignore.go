package framework

import (
	"slices"
	"strings"
)

// IgnoreMetadata says which metadata keys others own.
type IgnoreMetadata struct {
	Keys, KeyPrefixes []string
}

// Matches reports whether a key is to be ignored.
func (i IgnoreMetadata) Matches(key string) bool {
	return slices.Contains(i.Keys, key) ||
		slices.ContainsFunc(i.KeyPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}
