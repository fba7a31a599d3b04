package python

import (
	"strings"
	"unicode"
)

// Strip is Python's str.strip().
func Strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
}

// TimeLayout is that of datetime.isoformat() with microseconds.
const TimeLayout = "2006-01-02T15:04:05.000000"
