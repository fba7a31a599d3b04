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
)

// What Cinder refuses, or takes and changes, is refused while planning. The
// limits are those of the API reference, section "Volume snapshots"; where
// Cinder checks updates less than creates, the stricter rule holds for both.

// maxText is the length of a name, a description, and of a metadata key or
// value, in characters.
const maxText = 255

// validText is one rule for a string: problem says what is wrong with it, or "".
type validText struct {
	description string
	problem     func(string) string
}

var _ validator.String = validText{}

func (v validText) Description(context.Context) string         { return v.description }
func (v validText) MarkdownDescription(context.Context) string { return v.description }

func (v validText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := v.problem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable value",
			fmt.Sprintf("%s: %s.", req.Path, problem))
	}
}

func atMostCharacters(limit int) validator.String {
	return validText{
		fmt.Sprintf("at most %d characters", limit),
		func(s string) string {
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
	"no white space at its beginning or end",
	func(s string) string {
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

// storable refuses characters of more than three bytes in UTF-8, to which
// Cinder answers 500 where its database has the character set utf8mb3.
var storable = validText{
	"no character beyond U+FFFF, such as an emoji",
	func(s string) string {
		for _, r := range s {
			if r > 0xFFFF {
				return fmt.Sprintf("%q (U+%X) is beyond U+FFFF, which the cloud cannot store", r, r)
			}
		}
		return ""
	},
}

// printable refuses what Cinder does not take in a description: control and
// format characters, and separators of lines and paragraphs.
var printable = validText{
	"no line breaks, tabs or other control characters",
	func(s string) string {
		for _, r := range s {
			if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
				return fmt.Sprintf("%q is a line break, tab or other control character, which the cloud refuses in a description", r)
			}
		}
		return ""
	},
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

var metadataKey = regexp.MustCompile(`^[a-zA-Z0-9\-_:. /]{1,255}$`)

// MetadataValidators are the rules for a map of metadata.
func MetadataValidators() []validator.Map {
	return []validator.Map{
		mapvalidator.KeysAre(stringvalidator.RegexMatches(metadataKey,
			"must be a metadata key: 1 to 255 ASCII letters, digits, spaces and - _ : . /")),
		mapvalidator.ValueStringsAre(notNull{}, atMostCharacters(maxText), storable),
		distinctKeys{},
	}
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

// distinctKeys refuses keys that a database may hold for one.
type distinctKeys struct{}

func (distinctKeys) Description(context.Context) string {
	return "no two keys that differ only in case or in spaces at the end"
}

func (v distinctKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (distinctKeys) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if one, other, found := alike(req.ConfigValue.Elements()); found {
		resp.Diagnostics.AddAttributeError(req.Path, "Metadata keys that are alike", alikeProblem(one, other))
	}
}

func alikeProblem(one, other string) string {
	return fmt.Sprintf("The keys %q and %q differ only in case or in spaces at the end. Cinder's database holds them "+
		"for the same key, so that one would take the value of the other. Rename one of them.", one, other)
}

// alike finds two keys that Cinder's database (MySQL or MariaDB) holds for one.
func alike[V any](metadata map[string]V) (one, other string, found bool) {
	seen := make(map[string]string, len(metadata))
	for key := range metadata {
		folded := strings.ToLower(strings.TrimRight(key, " "))
		if before, ok := seen[folded]; ok {
			return min(before, key), max(before, key), true
		}
		seen[folded] = key
	}
	return "", "", false
}

// positiveDuration refuses a timeout of nothing, and is silent about text that
// is no duration at all.
var positiveDuration = validText{
	"longer than zero",
	func(s string) string {
		if d, err := time.ParseDuration(s); err == nil && d <= 0 {
			return "a timeout must be longer than zero"
		}
		return ""
	},
}
