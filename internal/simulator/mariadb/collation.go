// Package mariadb is how the database of Keystone and Cinder compares texts.
package mariadb

import (
	"strings"
	"unicode"
)

// Fold maps a text to what MariaDB's collation utf8mb3_general_ci compares: without case, without accents,
// without spaces at the end. Cinder compares names, statuses, ids and keys of metadata in the database, so all
// of these follow it. Accents are known here for the Latin letters up to U+017F.
func Fold(s string) string {
	s = strings.TrimRight(s, " ")
	if isFolded(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0xc0 && r <= 0x17f {
			if base := latinBase[r-0xc0]; base != '.' {
				return rune(base)
			}
		}
		return unicode.ToLower(r)
	}, s)
}

// isFolded says whether a text is its own fold, as ids are.
func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// latinBase has the base letter of each character from U+00C0 to U+017F, or a dot where the collation keeps it.
const latinBase = "" +
	"aaaaaa.ceeeeiiii" + ".nooooo..uuuuy.s" + // U+00C0, U+00D0
	"aaaaaa.ceeeeiiii" + ".nooooo..uuuuy.y" + // U+00E0, U+00F0
	"aaaaaaccccccccdd" + "..eeeeeeeeeegggg" + // U+0100, U+0110
	"gggghh..iiiiiiii" + "ii..jjkk.llllll." + // U+0120, U+0130
	"...nnnnnn...oooo" + "oo..rrrrrrssssss" + // U+0140, U+0150
	"sstttt..uuuuuuuu" + "uuuuwwyyyzzzzzzs" // U+0160, U+0170

// Equal compares as the database does.
func Equal(a, b string) bool { return a == b || Fold(a) == Fold(b) }

// Beyond says whether a text holds a character of four bytes: the columns are three-byte UTF-8 and the
// database refuses it, which is an internal error in Cinder.
func Beyond(s string) bool {
	for _, r := range s {
		if r > 0xffff {
			return true
		}
	}
	return false
}
