package validators

import (
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsUUID reports whether a text is the id of an object, as Cinder answers it.
func IsUUID(text string) bool { return uuidPattern.MatchString(text) }

// UUID returns the rule for an id. It refuses what Cinder refuses as the id of a volume,
// and other forms of a UUID than Cinder answers.
func UUID() validator.String {
	return stringvalidator.RegexMatches(uuidPattern, "must be a UUID in lower case, such as 6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1")
}

// PositiveDuration returns the rule for a timeout.
func PositiveDuration() validator.String { return positiveDuration }

// positiveDuration refuses a timeout that is not positive. It ignores text that is not a
// duration, which another rule refuses.
var positiveDuration = validText{
	description: "longer than zero",
	problem: func(s string) string {
		if d, err := time.ParseDuration(s); err == nil && d <= 0 {
			return "a timeout must be longer than zero"
		}
		return ""
	},
}

// Regexp returns the rule for a regular expression.
func Regexp() validator.String { return isRegexp }

var isRegexp = validText{
	description: "a regular expression",
	problem: func(s string) string {
		if _, err := regexp.Compile(s); err != nil {
			return "it is not a regular expression: " + err.Error()
		}
		return ""
	},
}
