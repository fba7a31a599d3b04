package openstack

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// Shown returns what is shown of a text of a server: one line without control characters,
// which could move the cursor of a terminal, and at most 600 characters, since Cinder quotes
// whole regular expressions of several thousand.
func Shown(text string) string {
	const limit = 600
	runes := []rune(strings.Join(strings.Fields(Printable(text)), " "))
	if len(runes) <= limit {
		return string(runes)
	}
	return string(runes[:limit]) + " [...]"
}

// Printable replaces what cannot be printed by spaces, but not the ends of lines.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsGraphic(r) {
			return r
		}
		return ' '
	}, text)
}

// conceal removes secrets from a text, as they are and as Python and JSON write them.
func conceal(text string, secrets []string) string {
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	return text
}

// forms returns a secret as it is, as Python and as JSON write it, with and without letters
// that are not ASCII, and the same without the spaces around it.
func forms(secret string) (all []string) {
	for _, secret := range []string{secret, strings.TrimSpace(secret)} {
		if secret == "" {
			continue
		}
		python := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(secret)
		var plain strings.Builder
		encoder := json.NewEncoder(&plain)
		encoder.SetEscapeHTML(false)
		// A string can always be encoded.
		_ = encoder.Encode(secret)
		escaped, _ := json.Marshal(secret)
		all = append(all, secret, python, strings.ReplaceAll(python, "'", `\'`), unquoted(plain.String()), unquoted(string(escaped)), unquoted(strconv.QuoteToASCII(secret)))
	}
	return all
}

// unquoted removes the quotes of a string in JSON.
func unquoted(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(text, "\n"), `"`), `"`)
}
