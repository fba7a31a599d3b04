package simulator

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
		value, err := decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := repr(value); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestEncodeAsPython(t *testing.T) {
	value, err := decode([]byte(`{"b":"é😀\"\\\u0001\n<","a":[null,true,1.0,{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"b": "\u00e9\ud83d\ude00\"\\\u0001\n<", "a": [null, true, 1.0, {}]}`
	if got := string(encode(value)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"a"}`, `[1,]`, `{} {}`, "\"\xff\"", `nul`} {
		if value, err := decode([]byte(text)); err == nil {
			t.Errorf("%q gave %v", text, value)
		}
	}
}

func TestParseLiteral(t *testing.T) {
	for text, want := range map[string]any{
		`{'a': 'b', "c": "d",}`:    object{{"a", "b"}, {"c", "d"}},
		` {} `:                     object{},
		`{'it\'s': 'a\tb\x41é'}`:   object{{"it's", "a\tbAé"}},
		`{'l': [1, (True, None)]}`: nil,
	} {
		got, err := parseLiteral(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if want != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{``, `{`, `{'a'}`, `{'a': true}`, `word`, `{'a': 'b'} x`, `'a`, `{'a' 'b'}`, `__import__('os')`} {
		if got, err := parseLiteral(text); err == nil {
			t.Errorf("%s gave %v", text, got)
		}
	}
}

// The letters that MariaDB's utf8mb3_general_ci was seen to take for equal, and some that it does not.
func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"É", "e"}, {"ß", "S"}, {"ÿ", "y"}, {"Ž", "z"}, {"a  ", "A"}, {"ı", "i"}, {"Я", "я"}} {
		if !equal(pair[0], pair[1]) {
			t.Errorf("%q and %q differ", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"æ", "a"}, {"ø", "o"}, {" a", "a"}, {"đ", "d"}, {"ł", "l"}} {
		if equal(pair[0], pair[1]) {
			t.Errorf("%q and %q are equal", pair[0], pair[1])
		}
	}
}
