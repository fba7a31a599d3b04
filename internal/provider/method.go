package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// ways are the ways to sign in, with the settings of which each has at least
// one, and the values of auth_type that choose it (those of keystoneauth).
var ways = []struct {
	method  openstack.Method
	secrets []string
	types   []string
}{
	{openstack.MethodPassword, []string{"password"}, []string{"password", "v3password"}},
	{openstack.MethodToken, []string{"token"}, []string{"token", "v3token"}},
	{
		openstack.MethodApplicationCredential,
		[]string{"application_credential_secret", "application_credential_id", "application_credential_name"},
		[]string{"v3applicationcredential"},
	},
}

// methods are the ways to sign in that the level has a secret of, or any part of
// an application credential.
func (l level) methods() []openstack.Method {
	var methods []openstack.Method
	for _, way := range ways {
		if l.has(way.secrets...) {
			methods = append(methods, way.method)
		}
	}
	return methods
}

// chooseMethod takes the way to sign in of the first level that has one or an
// auth_type. Where that level has several, the auth_type of a lower one may
// choose among them. by is the auth_type that chose.
func chooseMethod(levels []level, diags *diag.Diagnostics) (method openstack.Method, by given) {
	i := slices.IndexFunc(levels, func(l level) bool { return len(l.methods()) > 0 || l.has("auth_type") })
	if i < 0 {
		return openstack.MethodNone, given{}
	}
	methods := levels[i].methods()
	by = levels[i].settings["auth_type"]
	if !by.isSet() && len(methods) > 1 {
		by = firstOf(levels[i:], "auth_type").settings["auth_type"]
	}
	if by.isSet() {
		for _, way := range ways {
			if slices.Contains(way.types, by.text) && (levels[i].has("auth_type") || slices.Contains(methods, way.method)) {
				return way.method, by
			}
		}
		if levels[i].has("auth_type") {
			diags.AddError("Unusable provider setting", fmt.Sprintf("%s is %q, and this provider cannot sign in that way. It can with %s.", by.name, by.text, authTypes()))
			return openstack.MethodNone, by
		}
	}
	if len(methods) > 1 {
		levels[i].contradict(methods, diags)
	}
	return methods[0], given{}
}

func authTypes() string {
	var types []string
	for _, way := range ways {
		types = append(types, way.types...)
	}
	return strings.Join(types, ", ")
}

// contradict is the error of several ways to sign in, unless one of them is unknown and
// may be null.
func (l level) contradict(methods []openstack.Method, diags *diag.Diagnostics) {
	var names []string
	at := path.Empty()
	for _, way := range ways {
		i := slices.IndexFunc(way.secrets, func(name string) bool { return l.settings[name].text != "" })
		if i >= 0 {
			names = append(names, l.settings[way.secrets[i]].name)
			at = path.Root(way.secrets[0])
		}
	}
	if len(names) == len(methods) {
		diags.AddAttributeError(at, "Contradictory provider settings",
			fmt.Sprintf("%s gives more than one way to sign in: %s. Leave one of them, or choose one with OS_AUTH_TYPE, or with auth_type in clouds.yaml (%s).",
				l.name, strings.Join(names, " and "), authTypes()))
	}
}

// lacking names what a level does not have and this way to sign in needs: for
// each need, the settings that would do.
func (l level) lacking(method openstack.Method) [][]string {
	var needs [][]string
	need := func(attributes ...string) {
		if !l.has(attributes...) {
			needs = append(needs, attributes)
		}
	}
	switch method {
	case openstack.MethodNone:
		if l.has("user_id", "user_name") {
			need("password")
		} else {
			need("user_name", "user_id", "password", "token", "application_credential_id", "application_credential_secret")
		}
	case openstack.MethodPassword:
		need("user_name", "user_id")
		need("password")
	case openstack.MethodToken:
		need("token")
	case openstack.MethodApplicationCredential:
		need("application_credential_id", "application_credential_name")
		need("application_credential_secret")
		if !l.has("application_credential_id") && l.has("application_credential_name") {
			need("user_name", "user_id")
		}
	}
	return needs
}
