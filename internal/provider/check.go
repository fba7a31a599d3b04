package provider

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// check looks for settings that are missing, unusable or contradict each other.
// Its errors quote no values but regions: any other may be a secret in the wrong place.
type check struct {
	levels   []level
	merged   level
	method   openstack.Method
	by       given            // the auth_type that chose method
	entry    *openstack.Cloud // nil where none is used
	chosenBy string           // what named entry
	diags    *diag.Diagnostics
}

func (c check) contradictions() {
	block := c.levels[0]
	for _, pair := range [][2]string{{"user_id", "user_name"}, {"application_credential_id", "application_credential_name"}} {
		if block.settings[pair[0]].text != "" && block.settings[pair[1]].text != "" {
			c.diags.AddAttributeError(path.Root(pair[1]), "Contradictory provider settings",
				fmt.Sprintf("The provider block has both %s and %s. Leave one of them.", pair[0], pair[1]))
		}
	}
}

// otherScopes refuses a scope that the provider cannot ask for: without it the
// sign-in would be another one than what was written.
func (c check) otherScopes() {
	for _, scope := range []struct{ setting, variable, token string }{
		{"trust_id", "OS_TRUST_ID", "of a trust"},
		{"system_scope", "OS_SYSTEM_SCOPE", "for the whole system"},
		{"service_provider", "OS_SERVICE_PROVIDER", "of another cloud's Identity service"},
	} {
		place := ""
		if c.entry != nil {
			if value, _ := c.entry.Text(scope.setting); value != "" {
				place = c.ofEntry(scope.setting)
			}
		}
		if os.Getenv(scope.variable) != "" && !c.levels[0].signsIn() {
			place = scope.variable
		}
		if place != "" {
			c.diags.AddAttributeError(path.Root("project_id"), "Unsupported scope of the sign-in", fmt.Sprintf("%s asks for a token %s, which the provider does not sign in for. "+
				"Take it out and name a project, or use an application credential.", place, scope.token))
		}
	}
}

// ofEntry names a setting of the entry.
func (c check) ofEntry(setting string) string {
	return fmt.Sprintf("%s of the entry %q of %s (%s)", setting, c.entry.Name, c.entry.File, c.chosenBy)
}

// oneOfEach refuses what an entry has several of, or one of its own for volumes: to take
// another would look or write elsewhere than what was written.
func (c check) oneOfEach() {
	if c.entry == nil {
		return
	}
	refuse := func(attribute, setting, fault, instead string) {
		// What comes before the entry has precedence over it.
		if !slices.ContainsFunc(c.levels[:2], func(l level) bool { return l.has(attribute) }) {
			c.diags.AddAttributeError(path.Root(attribute), "Unsupported setting of clouds.yaml", fmt.Sprintf("%s %s. Write %s into the provider block.", c.ofEntry(setting), fault, instead))
		}
	}
	for _, name := range interfaceNames {
		if text, _ := c.entry.Text(name); text != "" || len(c.merged.overrides) > 0 {
			break // What is behind it does not count, and an override has no interface.
		}
		if c.entry.IsList(name) {
			refuse("endpoint_type", name, "is a list, and the provider takes one", "endpoint_type")
			break
		}
	}
	for _, name := range serviceSettings("region_name") {
		if region, _ := c.entry.Text(name); region != "" && c.entry.Region != "" && region != c.entry.Region {
			refuse("region", name, "is another region for volumes alone", "region = \""+region+"\"")
		}
	}
}

// oneCloud refuses to send the secret of an entry to another address than the entry's: a
// variable may be left from another cloud, OS_AUTH_URL or OS_CLOUD itself. A provider block
// that names both the entry and the address means that.
func (c check) oneCloud() {
	if c.entry == nil || c.chosenBy == cloudOfBlock && c.levels[0].has("auth_url") {
		return
	}
	entry, used := c.levels[2], c.merged.settings["auth_url"]
	own := entry.settings["auth_url"]
	if !used.isSet() || !own.isSet() || sameAddress(used.text, own.text) {
		return
	}
	variable := used.name
	if c.levels[0].has("auth_url") {
		variable = "OS_CLOUD"
	}
	for _, way := range ways {
		if way.method == c.method && firstOf(c.levels, way.secrets[0]).name == entry.name {
			c.diags.AddAttributeError(path.Root("auth_url"), "Contradictory provider settings", fmt.Sprintf("%s is another address than %s, whose secret would be sent there. "+
				"Unset %s, or write both cloud and auth_url into the provider block.", used.name, c.ofEntry("auth_url"), variable))
		}
	}
}

// sameAddress reports whether what is meant for one URL may be sent to another one: their
// host and port are the same, and it is not sent in clear where it is not meant to be.
func sameAddress(to, meant string) bool {
	a, errA := url.Parse(to)
	b, errB := url.Parse(meant)
	if errA != nil || errB != nil || a.Host == "" || b.Host == "" {
		return to == meant
	}
	port := func(u *url.URL) string {
		return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b) && (a.Scheme == b.Scheme || a.Scheme == "https")
}

func (c check) complete() {
	c.otherScopes()
	c.oneCloud()
	c.oneOfEach()
	if authURL := c.merged.settings["auth_url"]; !authURL.isSet() {
		c.missing("auth_url")
	} else if fault := urlFault(authURL.text); fault != "" {
		c.unusable("auth_url", authURL, fault)
	}
	for _, service := range slices.Sorted(maps.Keys(c.merged.overrides)) {
		// The client puts the project's id there.
		override := c.merged.overrides[service]
		if fault := urlFault(strings.ReplaceAll(override.text, "%(project_id)s", "id")); override.isSet() && fault != "" {
			c.unusable("endpoint_overrides", override, fault)
		}
	}
	if token := c.merged.settings["token"]; c.method == openstack.MethodToken && strings.ContainsFunc(token.text, unicode.IsControl) {
		c.unusable("token", token, "has a line break or another control character in it; the function trimspace removes one at the end")
	}
	if t := c.merged.settings["endpoint_type"]; t.isSet() && !endpointType.valid(t.text) {
		c.unusable("endpoint_type", t, "is not "+endpointType.form)
	}
	for _, attributes := range c.merged.lacking(c.method) {
		c.missing(attributes...)
	}
	if c.merged.has("key") && !c.merged.has("cert") {
		c.missing("cert")
	}
}

// urlFault says what keeps a text from being the base of URLs, "" if nothing
// does.
func urlFault(text string) string {
	u, err := url.Parse(text)
	switch {
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a line break or another control character in it"
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "is not an http or https URL"
	case u.User != nil:
		return "has a user or password before the host. Take that out; user_name and password are settings of their own"
	case u.RawQuery != "" || u.Fragment != "":
		return "has a query or fragment (? or #), which no base of URLs has"
	}
	return ""
}

func (c check) unusable(attribute string, value given, fault string) {
	c.diags.AddAttributeError(path.Root(attribute), "Unusable provider setting", value.name+" "+fault+".")
}

// missing reports that none of these settings was found, at the first of them.
func (c check) missing(attributes ...string) {
	var variables []string
	for _, s := range settings {
		if slices.Contains(attributes, s.attribute) {
			variables = append(variables, s.env...)
		}
	}
	purpose := "To sign in"
	if c.by.isSet() {
		purpose += fmt.Sprintf(" by %s, which %s chooses", c.method, c.by.name)
	}
	clouds := "no entry of clouds.yaml is chosen (cloud or OS_CLOUD would)"
	if c.entry != nil {
		clouds = fmt.Sprintf("the entry %q of %s (%s) has none", c.entry.Name, c.entry.File, c.chosenBy)
		if c.entry.MissingProfile != "" {
			clouds += fmt.Sprintf(", and its profile %q is in no clouds-public.yaml", c.entry.MissingProfile)
		}
	}
	c.diags.AddAttributeError(path.Root(attributes[0]), "Missing provider setting",
		fmt.Sprintf("%s, the provider looked for %s: the provider block has none, the environment has none (%s), and %s.",
			purpose, strings.Join(attributes, " or "), strings.Join(variables, ", "), clouds))
}
