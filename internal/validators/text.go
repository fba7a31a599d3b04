package validators

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// MaxText is the length of a name, a description, and of a metadata key or
// value, in characters.
const MaxText = 255

// validText is one rule for a string: problem returns what is wrong with it, "" for
// nothing.
type validText struct {
	description string
	problem     func(string) string
	// warning is the summary where only some clouds refuse such a text; "" makes
	// the problem an error. It is the same for all texts of one kind, so that
	// Terraform shows many such warnings as one.
	warning string
}

var _ validator.String = validText{}

func (v validText) Description(context.Context) string         { return v.description }
func (v validText) MarkdownDescription(context.Context) string { return v.description }

func (v validText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	problem := v.problem(req.ConfigValue.ValueString())
	switch detail := fmt.Sprintf("%s: %s.", req.Path, problem); {
	case problem == "":
	case v.warning == "":
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable value", detail)
	default:
		resp.Diagnostics.AddAttributeWarning(req.Path, v.warning, detail)
	}
}

func atMostCharacters(limit int) validator.String {
	return validText{
		description: fmt.Sprintf("at most %d characters", limit),
		problem: func(s string) string {
			if n := utf8.RuneCountInString(s); n > limit {
				return fmt.Sprintf("it has %d characters, and at most %d are possible", n, limit)
			}
			return ""
		},
	}
}

// trimmed refuses white space at the ends. Cinder removes it, and every later plan would
// add it again.
var trimmed = validText{
	description: "no white space at its beginning or end",
	problem: func(s string) string {
		if strings.TrimFunc(s, space) != s {
			return "it has white space at its beginning or end, which the cloud takes away. Use trimspace() or chomp(), " +
				"or a heredoc in one of these"
		}
		return ""
	},
}

// space reports whether Python's str.strip removes a character: Unicode's white space and
// the four separators of ASCII.
func space(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// storable warns of characters of more than three bytes in UTF-8. Cinder answers
// 500 where its database has the character set utf8mb3, and to a description,
// where it has a JSON schema, 400.
var storable = validText{
	description: "best without characters beyond U+FFFF, such as emoji, which some clouds cannot store",
	warning:     "Characters that some clouds cannot store",
	problem: func(s string) string {
		if at, _ := FirstRune(s, BeyondBMP); at > 0 {
			return fmt.Sprintf("character %d is beyond U+FFFF, such as an emoji. Where Cinder's database is MySQL or MariaDB with the "+
				"character set utf8mb3, it cannot be stored and the apply fails", at)
		}
		return ""
	},
}

// BeyondBMP reports whether a character has more than three bytes in UTF-8.
func BeyondBMP(r rune) bool { return r > 0xFFFF }

// printable warns of what the JSON schemas of newer Cinders refuse in a
// description: control and format characters, and separators of lines and
// paragraphs.
var printable = validText{
	description: "best without line breaks, tabs and other control characters, which some clouds refuse",
	warning:     "Control characters that some clouds refuse",
	problem: func(s string) string {
		if at, r := FirstRune(s, Control); at > 0 {
			return fmt.Sprintf("character %d (%U) is a line break, tab or other control character. Releases of Cinder that check "+
				"requests by a JSON schema refuse it in a description, and the apply fails with 400", at, r)
		}
		return ""
	},
}

// Control reports whether a character is a control or format character, or a
// separator of lines or paragraphs.
func Control(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }

// FirstRune returns the first such character and its place, counted from 1, or 0 if there
// is none. Errors have the place and not the text, which may be a secret.
func FirstRune(s string, such func(rune) bool) (at int, r rune) {
	for _, r := range s {
		if at++; such(r) {
			return at, r
		}
	}
	return 0, 0
}

// Name returns the rules of all clouds for the name of a snapshot.
func Name() []validator.String { return []validator.String{atMostCharacters(MaxText), trimmed} }

// NameWarnings returns those of some clouds, which only warn.
func NameWarnings() []validator.String { return []validator.String{storable} }

// Description returns the rules of all clouds for the description of a snapshot.
func Description() []validator.String { return Name() }

// DescriptionWarnings returns those of some clouds, which only warn.
func DescriptionWarnings() []validator.String { return []validator.String{printable, storable} }
