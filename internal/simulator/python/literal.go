package python

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errLiteral = errors.New("not a Python literal")

// ParseLiteral reads a Python literal as ast.literal_eval does, for the values that a filter on metadata can
// have: dictionaries, lists and tuples of strings, numbers, True, False and None.
func ParseLiteral(s string) (any, error) {
	p := &literalParser{rest: strings.TrimLeft(s, " \t")}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, errLiteral
	}
	return value, nil
}

type literalParser struct{ rest string }

func (p *literalParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *literalParser) take(token string) bool {
	p.skip()
	var ok bool
	p.rest, ok = strings.CutPrefix(p.rest, token)
	return ok
}

func (p *literalParser) value() (any, error) {
	p.skip()
	if p.rest == "" {
		return nil, errLiteral
	}
	switch p.rest[0] {
	case '{':
		p.rest = p.rest[1:]
		return p.dictionary()
	case '[':
		p.rest = p.rest[1:]
		return p.sequence("]")
	case '(':
		p.rest = p.rest[1:]
		return p.sequence(")")
	case '\'', '"':
		return p.text()
	}
	end := strings.IndexAny(p.rest, ",:]}) \t\r\n")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	switch word {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	}
	if _, err := strconv.ParseFloat(word, 64); err != nil || strings.ContainsAny(word, "xXpPnN") {
		return nil, errLiteral
	}
	return json.Number(word), nil
}

func (p *literalParser) dictionary() (any, error) {
	o := Object{}
	for !p.take("}") {
		key, err := p.value()
		if err != nil {
			return nil, err
		}
		if !p.take(":") {
			return nil, errLiteral
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		o = append(o, Member{Str(key), value})
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return nil, errLiteral
		}
	}
	return o, nil
}

func (p *literalParser) sequence(end string) (any, error) {
	list := []any{}
	for !p.take(end) {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		if !p.take(",") && !strings.HasPrefix(p.rest, end) {
			return nil, errLiteral
		}
	}
	return list, nil
}

func (p *literalParser) text() (any, error) {
	quote := rune(p.rest[0])
	p.rest = p.rest[1:]
	var b strings.Builder
	for p.rest != "" {
		r, size := utf8.DecodeRuneInString(p.rest)
		switch {
		case r == quote:
			p.rest = p.rest[size:]
			return b.String(), nil
		case r == '\n':
			return nil, errLiteral
		case r == '\\' && len(p.rest) > 1:
			if err := p.escape(&b); err != nil {
				return nil, err
			}
		default:
			b.WriteRune(r)
			p.rest = p.rest[size:]
		}
	}
	return nil, errLiteral
}

// escape reads one backslash sequence. A sequence that Python does not know stays as it is.
func (p *literalParser) escape(b *strings.Builder) error {
	c := p.rest[1]
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; digits > 0 {
		if len(p.rest) < 2+digits {
			return errLiteral
		}
		n, err := strconv.ParseUint(p.rest[2:2+digits], 16, 32)
		if err != nil {
			return errLiteral
		}
		b.WriteRune(rune(n))
		p.rest = p.rest[2+digits:]
		return nil
	}
	const known, meaning = `\'"abfnrtv`, "\\'\"\a\b\f\n\r\t\v"
	if i := strings.IndexByte(known, c); i >= 0 {
		b.WriteByte(meaning[i])
		p.rest = p.rest[2:]
		return nil
	}
	b.WriteByte('\\')
	p.rest = p.rest[1:]
	return nil
}
