package validators

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/text/unicode/norm"
)

// Metadata returns the rules of all clouds for a map of metadata.
func Metadata() []validator.Map {
	return []validator.Map{
		mapvalidator.KeysAre(notEmpty, atMostCharacters(MaxText)),
		mapvalidator.ValueStringsAre(NotNull(), atMostCharacters(MaxText)),
	}
}

// MetadataWarnings returns those of some clouds, which only warn, for each key and value.
func MetadataWarnings() []validator.Map {
	return []validator.Map{mapvalidator.KeysAre(plainKey, storable), mapvalidator.ValueStringsAre(storable)}
}

// DistinctKeys returns the rule that warns of keys that some clouds take for one.
func DistinctKeys() validator.Map { return distinctKeys{} }

var notEmpty = validText{
	description: "not empty",
	problem: func(s string) string {
		if s == "" {
			return "a metadata key has at least one character"
		}
		return ""
	},
}

// plainKey warns of the characters of keys that the JSON schemas of newer Cinders
// refuse. It does not warn of a slash, which they take in a create.
var plainKey = validText{
	description: "best of ASCII letters, digits, spaces and - _ : . / only, since some clouds refuse others",
	warning:     "Metadata key that some clouds refuse",
	problem: func(s string) string {
		if at, _ := FirstRune(s, UnusualInKey); at > 0 {
			return fmt.Sprintf("character %d of the key is none of the ASCII letters, digits, spaces and - _ : . /. Releases of Cinder that "+
				"check requests by a JSON schema refuse it, and the apply fails with 400", at)
		}
		return ""
	},
}

// UnusualInKey reports whether the JSON schemas of newer Cinders refuse a character in a
// key. A slash they refuse only in changes, from Cinder 28 on.
func UnusualInKey(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_:./", r)
}

// notNull refuses null as a value in a map, where a schema cannot.
type notNull struct{}

// NotNull returns the rule for the values of a map, whose schema cannot refuse null.
func NotNull() validator.String { return notNull{} }

func (notNull) Description(context.Context) string         { return "not null" }
func (notNull) MarkdownDescription(context.Context) string { return "not null" }

func (notNull) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "Null in metadata",
			fmt.Sprintf("%s: a metadata value is text and cannot be null. Leave the key out, or use \"\".", req.Path))
	}
}

// distinctKeys warns of keys that a database may take for the same.
type distinctKeys struct{}

func (distinctKeys) Description(context.Context) string {
	return "best no two keys that differ only in case, in accents or in spaces at the end, which some clouds take for one"
}

func (v distinctKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (distinctKeys) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if one, other, found := SimilarKeys(req.ConfigValue.Elements()); found {
		resp.Diagnostics.AddAttributeWarning(req.Path, SimilarKeysSummary, SimilarKeysDetail(one, other))
	}
}

// SimilarKeysSummary is the summary of a warning of [SimilarKeys].
const SimilarKeysSummary = "Metadata keys that some clouds take for one"

// SimilarKeysDetail is its detail.
func SimilarKeysDetail(one, other string) string {
	return fmt.Sprintf("The keys %q and %q differ only in case, in accents or in spaces at the end. Where Cinder's database is MySQL or MariaDB, "+
		"a later change of one of them takes both for the same key, and fails or changes the other. Rename one of them.", one, other)
}

// SimilarKeys returns two keys that Cinder's database may take for the same if it is
// MySQL or MariaDB. One of them may be of others, whose keys are not compared with each
// other.
func SimilarKeys[V any](metadata map[string]V, others ...string) (one, other string, found bool) {
	seen := make(map[string]string, len(metadata))
	for key := range metadata {
		folded := collated(key)
		if before, ok := seen[folded]; ok {
			return min(before, key), max(before, key), true
		}
		seen[folded] = key
	}
	for _, key := range others {
		if own, ok := seen[collated(key)]; ok && own != key {
			return min(own, key), max(own, key), true
		}
	}
	return "", "", false
}

// collated returns a key without case, accents and spaces at the end.
func collated(key string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(key))
	return strings.ToLower(strings.TrimRight(letters, " "))
}
