package validators

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestTextRules(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule    validText
		good    []string
		refused []string
	}{
		{trimmed, []string{"", "a", "a b", "a\tb"}, []string{" a", "a ", "\u00a0a", "a\u3000", "\x1ca", "a\n", "   "}},
		{storable, []string{"", "é", "日本", "\uffff"}, []string{"😀", "a\U00010000"}},
		{printable, []string{"", "é ü", "a\u00a0b"}, []string{"a\nb", "a\tb", "a\u00adb", "a\u2028b", "a\u200eb", "\x00"}},
		{atMostCharacters(3).(validText), []string{"", "éüß"}, []string{"abcd"}},
		{notEmpty, []string{"a", " "}, []string{""}},
		{plainKey, []string{"", "Az09 -_:./"}, []string{"é", "a,b", "a\n", "😀", "١"}},
		{isRegexp, []string{"", "^a.*"}, []string{"(", "[a"}},
		{positiveDuration, []string{"1s", "soon"}, []string{"0s", "-1m", "0"}},
	} {
		for _, text := range row.good {
			if problem := row.rule.problem(text); problem != "" {
				t.Errorf("%s: %q refused: %s", row.rule.description, text, problem)
			}
		}
		for _, text := range row.refused {
			if row.rule.problem(text) == "" {
				t.Errorf("%s: %q was taken", row.rule.description, text)
			}
		}
	}
}

func TestSimilarKeys(t *testing.T) {
	t.Parallel()
	if one, other, found := SimilarKeys(map[string]int{"Key": 1, "x": 2, "key ": 3}); !found || one != "Key" || other != "key " {
		t.Errorf("%q %q %t", one, other, found)
	}
	if _, _, found := SimilarKeys(map[string]int{"été": 1, "Ete": 2}); !found {
		t.Error("accents do not count")
	}
	if one, other, found := SimilarKeys(map[string]int{"key": 1, "x": 2}, "theirs", "THEIRS", "key", "Key"); !found || one != "Key" || other != "key" {
		t.Errorf("beside keys of others: %q and %q, %v", one, other, found)
	}
	if _, _, found := SimilarKeys(map[string]int{"key": 1}, "theirs", "THEIRS", "key"); found {
		t.Error("keys of others are alike, or one is the same key")
	}
	if _, _, found := SimilarKeys(map[string]int{"key": 1, " key": 2, "keys": 3, "κey": 4}); found {
		t.Error("these are not alike")
	}
}

// What every Cinder refuses or changes is an error; what only some refuse is a
// warning, whose summary is the same for all of its kind, that names no text
// which may be a secret.
func TestErrorsAndWarnings(t *testing.T) {
	t.Parallel()
	const (
		beyond    = "Characters that some clouds cannot store"
		control   = "Control characters that some clouds refuse"
		key       = "Metadata key that some clouds refuse"
		alikeKeys = "Metadata keys that some clouds take for one"
		unusable  = "Unusable value"
	)
	long := strings.Repeat("x", 256)
	text := func(rules []validator.String, s string) diag.Diagnostics {
		var resp validator.StringResponse
		for _, rule := range rules {
			rule.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("x"), ConfigValue: types.StringValue(s)}, &resp)
		}
		return resp.Diagnostics
	}
	metadata := func(m map[string]string) diag.Diagnostics {
		var resp validator.MapResponse
		for _, rule := range slices.Concat(Metadata(), MetadataWarnings(), []validator.Map{DistinctKeys()}) {
			rule.ValidateMap(t.Context(), validator.MapRequest{Path: path.Root("metadata"), ConfigValue: mapOf(m)}, &resp)
		}
		return resp.Diagnostics
	}
	for name, row := range map[string]struct {
		got              diag.Diagnostics
		errors, warnings []string
	}{
		"name":                      {text(slices.Concat(Name(), NameWarnings()), "a\tb é"), nil, nil},
		"name too long":             {text(slices.Concat(Name(), NameWarnings()), long), []string{unusable}, nil},
		"name that is trimmed":      {text(slices.Concat(Name(), NameWarnings()), "a "), []string{unusable}, nil},
		"name with emoji":           {text(slices.Concat(Name(), NameWarnings()), "s3cret 😀"), nil, []string{beyond}},
		"description":               {text(slices.Concat(Description(), DescriptionWarnings()), "é"), nil, nil},
		"description too long":      {text(slices.Concat(Description(), DescriptionWarnings()), long), []string{unusable}, nil},
		"description with a break":  {text(slices.Concat(Description(), DescriptionWarnings()), "s3cret\n1"), nil, []string{control}},
		"description with emoji":    {text(slices.Concat(Description(), DescriptionWarnings()), "😀"), nil, []string{beyond}},
		"metadata":                  {metadata(map[string]string{"a": "é\n ", "B c-_:./9": ""}), nil, nil},
		"empty key":                 {metadata(map[string]string{"": "s3cret"}), []string{unusable}, nil},
		"key too long":              {metadata(map[string]string{long: "s3cret"}), []string{unusable}, nil},
		"key that is not ASCII":     {metadata(map[string]string{"é": "s3cret"}), nil, []string{key}},
		"key with emoji":            {metadata(map[string]string{"😀": "s3cret"}), nil, []string{key, beyond}},
		"value too long":            {metadata(map[string]string{"a": long}), []string{unusable}, nil},
		"value with emoji":          {metadata(map[string]string{"a": "s3cret 😀"}), nil, []string{beyond}},
		"keys that differ by case":  {metadata(map[string]string{"Key": "s3cret", "key": "2"}), nil, []string{alikeKeys}},
		"keys that differ by space": {metadata(map[string]string{"k ": "s3cret", "k": "2"}), nil, []string{alikeKeys}},
	} {
		summaries := func(some diag.Diagnostics) (all []string) {
			for _, d := range some {
				all = append(all, d.Summary())
			}
			return all
		}
		if errs := summaries(row.got.Errors()); !slices.Equal(errs, row.errors) {
			t.Errorf("%s: the errors are %q", name, errs)
		}
		if warnings := summaries(row.got.Warnings()); !slices.Equal(warnings, row.warnings) {
			t.Errorf("%s: the warnings are %q", name, warnings)
		}
		for _, d := range row.got {
			if _, ok := d.(diag.DiagnosticWithPath); !ok || strings.Contains(d.Detail(), "s3cret") || strings.Contains(d.Detail(), "😀") && name != "key with emoji" {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

func mapOf(m map[string]string) types.Map {
	elements := map[string]attr.Value{}
	for key, value := range m {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
