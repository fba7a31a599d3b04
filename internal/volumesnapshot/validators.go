package volumesnapshot

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/text/unicode/norm"
)

// What every Cinder refuses, or takes and changes, is an error while planning.
// What some refuse, by their release or their database, is a warning that says
// which: the answer to the write decides (see refusal.go). The limits are those
// of the API reference, section "Volume snapshots".

// maxText is the length of a name, a description, and of a metadata key or
// value, in characters.
const maxText = 255

// validText is one rule for a string: problem says what is wrong with it, or "".
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

// trimmed refuses white space at the ends, which Cinder takes away, so that
// every later plan would want to put it back.
var trimmed = validText{
	description: "no white space at its beginning or end",
	problem: func(s string) string {
		if strings.TrimFunc(s, isSpace) != s {
			return "it has white space at its beginning or end, which the cloud takes away. Use trimspace() or chomp(), " +
				"or a heredoc in one of these"
		}
		return ""
	},
}

// isSpace is what Python's str.strip takes away: Unicode's white space and the
// four separators of ASCII.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// storable warns of characters of more than three bytes in UTF-8. Cinder answers
// 500 where its database has the character set utf8mb3, and to a description,
// where it has a JSON schema, 400.
var storable = validText{
	description: "best without characters beyond U+FFFF, such as emoji, which some clouds cannot store",
	warning:     "Characters that some clouds cannot store",
	problem: func(s string) string {
		if at, _ := find(s, isBeyond); at > 0 {
			return fmt.Sprintf("character %d is beyond U+FFFF, such as an emoji. Where Cinder's database is MySQL or MariaDB with the "+
				"character set utf8mb3, it cannot be stored and the apply fails", at)
		}
		return ""
	},
}

func isBeyond(r rune) bool { return r > 0xFFFF }

// printable warns of what the JSON schemas of newer Cinders refuse in a
// description: control and format characters, and separators of lines and
// paragraphs.
var printable = validText{
	description: "best without line breaks, tabs and other control characters, which some clouds refuse",
	warning:     "Control characters that some clouds refuse",
	problem: func(s string) string {
		if at, r := find(s, isControl); at > 0 {
			return fmt.Sprintf("character %d (%U) is a line break, tab or other control character. Releases of Cinder that check "+
				"requests by a JSON schema refuse it in a description, and the apply fails with 400", at, r)
		}
		return ""
	},
}

func isControl(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }

// find gives the first such character and its place, counted from 1; 0 if there
// is none. A place instead of the text: the text may be a secret.
func find(s string, such func(rune) bool) (at int, r rune) {
	for _, r := range s {
		if at++; such(r) {
			return at, r
		}
	}
	return 0, 0
}

func nameValidators() []validator.String {
	return []validator.String{atMostCharacters(maxText), trimmed, storable}
}

func descriptionValidators() []validator.String {
	return []validator.String{atMostCharacters(maxText), trimmed, printable, storable}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// isUUID refuses what Cinder refuses as the id of a volume, and the forms that
// it takes but answers in this one.
func isUUID() validator.String {
	return stringvalidator.RegexMatches(uuid, "must be a UUID in lower case, such as 6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1")
}

// MetadataValidators are the rules for a map of metadata.
func MetadataValidators() []validator.Map {
	return []validator.Map{
		mapvalidator.KeysAre(notEmpty, atMostCharacters(maxText), plainKey, storable),
		mapvalidator.ValueStringsAre(notNull{}, atMostCharacters(maxText), storable),
		distinctKeys{},
	}
}

var notEmpty = validText{
	description: "not empty",
	problem: func(s string) string {
		if s == "" {
			return "a metadata key has at least one character"
		}
		return ""
	},
}

// plainKey warns of the characters of keys that the JSON schema of newer Cinders
// refuses in a create.
var plainKey = validText{
	description: "best of ASCII letters, digits, spaces and - _ : . / only, since some clouds refuse others",
	warning:     "Metadata key that some clouds refuse",
	problem: func(s string) string {
		if at, _ := find(s, isOdd); at > 0 {
			return fmt.Sprintf("character %d of the key is none of the ASCII letters, digits, spaces and - _ : . /. Releases of Cinder that "+
				"check requests by a JSON schema refuse it when a snapshot is made, and the apply fails with 400", at)
		}
		return ""
	},
}

func isOdd(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_:./", r)
}

// notNull refuses null as a value in a map, where a schema cannot.
type notNull struct{}

func (notNull) Description(context.Context) string         { return "not null" }
func (notNull) MarkdownDescription(context.Context) string { return "not null" }

func (notNull) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "Null in metadata",
			fmt.Sprintf("%s: a metadata value is text and cannot be null. Leave the key out, or use \"\".", req.Path))
	}
}

// distinctKeys warns of keys that a database may hold for one.
type distinctKeys struct{}

func (distinctKeys) Description(context.Context) string {
	return "best no two keys that differ only in case, in accents or in spaces at the end, which some clouds take for one"
}

func (v distinctKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (distinctKeys) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if one, other, found := alike(req.ConfigValue.Elements()); found {
		resp.Diagnostics.AddAttributeWarning(req.Path, alikeSummary, alikeProblem(one, other))
	}
}

const alikeSummary = "Metadata keys that some clouds take for one"

func alikeProblem(one, other string) string {
	return fmt.Sprintf("The keys %q and %q differ only in case, in accents or in spaces at the end. Where Cinder's database is MySQL or MariaDB, "+
		"a later change of one of them takes both for the same key, and fails or changes the other. Rename one of them.", one, other)
}

// alike finds two keys that Cinder's database, if it is MySQL or MariaDB, may
// hold for one.
func alike[V any](metadata map[string]V) (one, other string, found bool) {
	seen := make(map[string]string, len(metadata))
	for key := range metadata {
		folded := collated(key)
		if before, ok := seen[folded]; ok {
			return min(before, key), max(before, key), true
		}
		seen[folded] = key
	}
	return "", "", false
}

// collated is what is left of a key where case, accents and spaces at the end do
// not count.
func collated(key string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(key))
	return strings.ToLower(strings.TrimRight(letters, " "))
}

// positiveDuration refuses a timeout of nothing, and is silent about text that
// is no duration at all.
var positiveDuration = validText{
	description: "longer than zero",
	problem: func(s string) string {
		if d, err := time.ParseDuration(s); err == nil && d <= 0 {
			return "a timeout must be longer than zero"
		}
		return ""
	},
}
