package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Object is a JSON object that keeps the order of its members: Cinder's error messages print what was sent,
// in the order in which it was sent.
type Object []Member

// Member is a name and a value.
type Member [2]any

// Key returns the name.
func (m Member) Key() string { return m[0].(string) }

// Value returns the value.
func (m Member) Value() any { return m[1] }

// Get returns the value of a member and whether there is one.
func (o Object) Get(key string) (any, bool) {
	for _, m := range o {
		if m.Key() == key {
			return m.Value(), true
		}
	}
	return nil, false
}

// Child returns a member that is an object itself, or nil.
func (o Object) Child(key string) Object {
	value, _ := o.Get(key)
	inner, _ := value.(Object)
	return inner
}

// Text returns a member that is a string, or "".
func (o Object) Text(key string) string {
	value, _ := o.Get(key)
	s, _ := value.(string)
	return s
}

// Decode reads one JSON text as Python's json module does: objects keep their order and the last of two equal
// keys wins. Values are nil, bool, string, json.Number, []any and object.
func Decode(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := decodeValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON text")
	}
	return value, nil
}

func decodeValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := Object{}
		at := map[string]int{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := decodeValue(d)
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, errors.New("a key that is not a string")
			}
			if i, seen := at[name]; seen {
				o[i][1] = value
				continue
			}
			at[name] = len(o)
			o = append(o, Member{name, value})
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := decodeValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = d.Token()
		return list, err
	}
	return token, nil
}

// Encode writes a value as Python's json.dumps does: a space after each separator, ASCII only.
func Encode(value any) []byte {
	var b bytes.Buffer
	encodeValue(&b, value)
	return b.Bytes()
}

func encodeValue(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case json.Number:
		b.WriteString(string(v))
	case string:
		encodeString(b, v)
	case *string:
		if v == nil {
			b.WriteString("null")
			return
		}
		encodeString(b, *v)
	case Object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			encodeString(b, m.Key())
			b.WriteString(": ")
			encodeValue(b, m.Value())
		}
		b.WriteByte('}')
	case []any:
		encodeList(b, v)
	case []Object:
		encodeList(b, v)
	case []string:
		encodeList(b, v)
	default:
		panic(fmt.Sprintf("simulator: no JSON form for %T", value))
	}
}

func encodeList[T any](b *bytes.Buffer, list []T) {
	b.WriteByte('[')
	for i, value := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		encodeValue(b, value)
	}
	b.WriteByte(']')
}

func encodeString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16Pair(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
}

func utf16Pair(r rune) (high, low rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}

// Str is Python's str(): what a message shows of a value with %s.
func Str(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return Repr(value)
}

// Repr is Python's repr() of a decoded JSON value: what a message shows of it with %r.
func Repr(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case json.Number:
		return reprNumber(string(v))
	case string:
		return reprString(v)
	case Object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = reprString(m.Key()) + ": " + Repr(m.Value())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			parts[i] = Repr(inner)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(value)
}

func reprNumber(literal string) string {
	if !strings.ContainsAny(literal, ".eE") {
		if literal == "-0" {
			return "0"
		}
		return literal
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return "inf"
	}
	// Python writes plain digits for exponents from -4 to 15.
	exponential := strconv.FormatFloat(f, 'e', -1, 64)
	if n, _ := strconv.Atoi(exponential[strings.IndexByte(exponential, 'e')+1:]); n < -4 || n >= 16 {
		return exponential
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func reprString(s string) string {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}
