package cinder

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// schema is what Cinder demands of a request body, after its JSON schemas: rules that are tried in order. The
// first that fails makes the answer, so the order is that of the original.
type schema []rule

// rule returns what is wrong with a value, or nil.
type rule func(value any) *invalid

// invalid is a value that a rule refuses.
type invalid struct {
	field   string // the innermost member that holds the value; "" at the top
	value   any
	message string
	whole   bool // message is the whole text, whatever the field
	breaks  bool // Cinder's own check falls over the value
}

func (s schema) check(value any) *invalid {
	for _, r := range s {
		if wrong := r(value); wrong != nil {
			return wrong
		}
	}
	return nil
}

// validate returns Cinder's answer to a body that does not fit.
func (s schema) validate(body any) error {
	wrong := s.check(body)
	switch {
	case wrong == nil:
		return nil
	case wrong.breaks:
		return serverError()
	case wrong.whole || wrong.field == "":
		return badRequest("%s", wrong.message)
	}
	return badRequest("Invalid input for field/attribute %s. Value: %s. %s", wrong.field, python.Str(wrong.value), wrong.message)
}

func typed(names ...string) rule {
	return func(value any) *invalid {
		for _, name := range names {
			if isType(value, name) {
				return nil
			}
		}
		quoted := make([]string, len(names))
		for i, name := range names {
			quoted[i] = python.Repr(name)
		}
		return &invalid{value: value, message: python.Repr(value) + " is not of type " + strings.Join(quoted, ", ")}
	}
}

func isType(value any, name string) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case json.Number:
		return name == "integer" && !strings.ContainsAny(string(v), ".eE")
	case object:
		return name == "object"
	}
	return false
}

// properties checks the members that are there, in the order of the schema.
func properties(list ...property) rule {
	return func(value any) *invalid {
		o, ok := value.(object)
		if !ok {
			return nil
		}
		for _, p := range list {
			inner, there := o.Get(p.name)
			if !there {
				continue
			}
			if wrong := p.schema.check(inner); wrong != nil {
				if wrong.field == "" {
					wrong.field = p.name
				}
				return wrong
			}
		}
		return nil
	}
}

type property struct {
	name   string
	schema schema
}

func required(names ...string) rule {
	return func(value any) *invalid {
		o, ok := value.(object)
		if !ok {
			return nil
		}
		for _, name := range names {
			if _, there := o.Get(name); !there {
				return &invalid{value: value, message: python.Repr(name) + " is a required property"}
			}
		}
		return nil
	}
}

// only refuses members with other names.
func only(names ...string) rule {
	return func(value any) *invalid {
		extras := extraMembers(value, func(key string) bool { return slices.Contains(names, key) })
		switch len(extras) {
		case 0:
			return nil
		case 1:
			return &invalid{value: value, message: "Additional properties are not allowed (" + extras[0] + " was unexpected)"}
		}
		return &invalid{
			value:   value,
			message: "Additional properties are not allowed (" + strings.Join(extras, ", ") + " were unexpected)",
		}
	}
}

// membersLike checks the values of the members whose keys match, and refuses the others.
func membersLike(pattern *regexp.Regexp, shown string, each schema) []rule {
	values := func(value any) *invalid {
		o, _ := value.(object)
		for _, m := range o {
			if !pattern.MatchString(m.Key()) {
				continue
			}
			if wrong := each.check(m.Value()); wrong != nil {
				if wrong.field == "" {
					wrong.field = m.Key()
				}
				return wrong
			}
		}
		return nil
	}
	keys := func(value any) *invalid {
		extras := extraMembers(value, pattern.MatchString)
		if len(extras) == 0 {
			return nil
		}
		verb := "does"
		if len(extras) > 1 {
			verb = "do"
		}
		return &invalid{
			value:   value,
			message: strings.Join(extras, ", ") + " " + verb + " not match any of the regexes: " + python.Repr(shown),
		}
	}
	return []rule{values, keys}
}

// extraMembers returns the keys that are not known, sorted and quoted.
func extraMembers(value any, known func(string) bool) []string {
	o, _ := value.(object)
	var extras []string
	for _, m := range o {
		if !known(m.Key()) {
			extras = append(extras, m.Key())
		}
	}
	slices.Sort(extras)
	for i := range extras {
		extras[i] = python.Repr(extras[i])
	}
	return extras
}

// longest limits a string, in characters.
func longest(value any) *invalid {
	const limit = 255
	if s, ok := value.(string); ok && utf8.RuneCountInString(s) > limit {
		return &invalid{value: value, message: python.Repr(s) + " is too long"}
	}
	return nil
}

func shortest(limit int) rule {
	return func(value any) *invalid {
		if s, ok := value.(string); ok && utf8.RuneCountInString(s) < limit {
			return &invalid{value: value, message: python.Repr(s) + " is too short"}
		}
		return nil
	}
}

func matching(pattern *regexp.Regexp, shown string) rule {
	return func(value any) *invalid {
		if s, ok := value.(string); ok && !pattern.MatchString(s) {
			return &invalid{value: value, message: python.Repr(s) + " does not match " + python.Repr(shown)}
		}
		return nil
	}
}

// atLeast compares integers, those written as strings included.
func atLeast(limit int) rule {
	return func(value any) *invalid {
		if n, ok := integer(value); ok && n < limit {
			return &invalid{value: value, message: fmt.Sprintf("%s is less than the minimum of %d", python.Repr(value), limit)}
		}
		return nil
	}
}

func atMost(limit int) rule {
	return func(value any) *invalid {
		if n, ok := integer(value); ok && n > limit {
			return &invalid{value: value, message: fmt.Sprintf("%s is greater than the maximum of %d", python.Repr(value), limit)}
		}
		return nil
	}
}

// integer reads a whole number, given as one or as a string of digits.
func integer(value any) (int, bool) {
	var literal string
	switch v := value.(type) {
	case string:
		literal = strings.TrimSpace(v)
	case json.Number:
		literal = string(v)
	default:
		return 0, false
	}
	n, err := strconv.Atoi(literal)
	return n, err == nil
}

func notEmpty(value any) *invalid {
	if o, ok := value.(object); ok && len(o) == 0 {
		return &invalid{value: value, message: python.Repr(value) + " does not have enough properties"}
	}
	return nil
}

func oneOf(values ...any) rule {
	return func(value any) *invalid {
		if slices.Contains(values, value) {
			return nil
		}
		return &invalid{value: value, message: python.Repr(value) + " is not one of " + python.Repr(values)}
	}
}

// either demands that one of the schemas fits.
func either(schemas ...schema) rule {
	return func(value any) *invalid {
		for _, s := range schemas {
			if s.check(value) == nil {
				return nil
			}
		}
		return &invalid{value: value, message: python.Repr(value) + " is not valid under any of the given schemas"}
	}
}

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// uuidFormat takes what Python's uuid module reads: any case, with or without dashes, in braces or as a URN.
func uuidFormat(value any) *invalid {
	s, ok := value.(string)
	if ok {
		s = strings.ToLower(strings.NewReplacer("urn:", "", "uuid:", "", "-", "").Replace(s))
		ok = uuidPattern.MatchString(strings.Trim(s, "{}"))
	}
	if !ok {
		return &invalid{value: value, message: python.Repr(value) + " is not a 'uuid'"}
	}
	return nil
}

// shortAfterTrim limits a string without the space around it to 255 characters; so do the names of volumes.
func shortAfterTrim(name string) rule {
	return func(value any) *invalid {
		s, _ := value.(string)
		if length := utf8.RuneCountInString(python.Strip(s)); length > 255 {
			return &invalid{
				whole:   true,
				message: fmt.Sprintf("Invalid input received: %s has %d characters, more than 255.", name, length),
			}
		}
		return nil
	}
}

// statusFormat takes the known statuses, in any case. The noun and the list are those of Cinder's message.
func statusFormat(noun string, optional bool, known []string) rule {
	return func(value any) *invalid {
		s, isString := value.(string)
		if (optional && s == "" && (isString || value == nil)) || slices.Contains(known, strings.ToLower(s)) {
			return nil
		}
		quoted := make([]string, len(known))
		for i, status := range known {
			quoted[i] = python.Repr(status)
		}
		return &invalid{
			whole:   true,
			message: noun + ": " + python.Str(value) + " is invalid, valid statuses are: (" + strings.Join(quoted, ", ") + ").",
		}
	}
}
