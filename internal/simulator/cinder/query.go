package cinder

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// query is the request's parameters in their order. The first of several values counts.
type query []parameter

type parameter struct{ name, value string }

func parseQuery(raw string) (query, error) {
	var q query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p := parameter{unescapeQuery(name), unescapeQuery(value)}
		if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
			return nil, badRequest("Error decoding your request. Either the URL or the request body contained characters " +
				"that could not be decoded by Cinder.")
		}
		q = append(q, p)
	}
	return q, nil
}

// unescapeQuery leaves a percent sign that starts no escape as it is, as Python does.
func unescapeQuery(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func (q query) Get(name string) (string, bool) {
	for _, p := range q {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// take returns a parameter and drops it.
func (q *query) take(name string) (string, bool) {
	value, ok := q.Get(name)
	q.drop(name)
	return value, ok
}

func (q *query) drop(name string) {
	*q = slices.DeleteFunc(slices.Clone(*q), func(p parameter) bool { return p.name == name })
}

// encode writes the parameters as Python's urlencode does.
func (q query) encode() string {
	parts := make([]string, len(q))
	for i, p := range q {
		parts[i] = url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value)
	}
	return strings.Join(parts, "&")
}
