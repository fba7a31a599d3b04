package mariadb

import "testing"

// The letters that MariaDB's utf8mb3_general_ci was seen to take for equal, and some that it does not.
func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"É", "e"}, {"ß", "S"}, {"ÿ", "y"}, {"Ž", "z"}, {"a  ", "A"}, {"ı", "i"}, {"Я", "я"}} {
		if !Equal(pair[0], pair[1]) {
			t.Errorf("%q and %q differ", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"æ", "a"}, {"ø", "o"}, {" a", "a"}, {"đ", "d"}, {"ł", "l"}} {
		if Equal(pair[0], pair[1]) {
			t.Errorf("%q and %q are equal", pair[0], pair[1])
		}
	}
}
