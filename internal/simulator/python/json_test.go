package python

import (
	"reflect"
	"testing"
)

// The wanted texts are what Python prints.
func TestReprAsPython(t *testing.T) {
	for text, want := range map[string]string{
		`"a"`:                                   `'a'`,
		`"it's"`:                                `"it's"`,
		`"it's \"so\""`:                         `'it\'s "so"'`,
		`"a\n\t\r\\b\u0001\u007f\u00a0é"`:       `'a\n\t\r\\b\x01\x7f\xa0é'`,
		`"\u2028😀"`:                             `'\u2028😀'`,
		`{"a": [1, 1.50, null, true], "b": {}}`: `{'a': [1, 1.5, None, True], 'b': {}}`,
		`[1e20, 1e-7, 1e3, 100.0, -0, 123456789012345680.0]`: `[1e+20, 1e-07, 1000.0, 100.0, 0, 1.2345678901234568e+17]`,
		`{"k": 1, "k": 2}`: `{'k': 2}`,
	} {
		value, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Repr(value); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestEncodeAsPython(t *testing.T) {
	value, err := Decode([]byte(`{"b":"é😀\"\\\u0001\n<","a":[null,true,1.0,{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"b": "\u00e9\ud83d\ude00\"\\\u0001\n<", "a": [null, true, 1.0, {}]}`
	if got := string(Encode(value)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a"}`, `[1,]`, `{} {}`, "\"\xff\"", `nul`} {
		if value, err := Decode([]byte(text)); err == nil {
			t.Errorf("%q gave %v", text, value)
		}
	}
}

func TestParseLiteral(t *testing.T) {
	for text, want := range map[string]any{
		`{'a': 'b', "c": "d",}`:    Object{{"a", "b"}, {"c", "d"}},
		` {} `:                     Object{},
		`{'it\'s': 'a\tb\x41é'}`:   Object{{"it's", "a\tbAé"}},
		`{'l': [1, (True, None)]}`: nil,
	} {
		got, err := ParseLiteral(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if want != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{``, `{`, `{'a'}`, `{'a': true}`, `word`, `{'a': 'b'} x`, `'a`, `{'a' 'b'}`, `__import__('os')`} {
		if got, err := ParseLiteral(text); err == nil {
			t.Errorf("%s gave %v", text, got)
		}
	}
}
