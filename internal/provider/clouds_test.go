package provider

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// cloudRow is one case of what files and environment mean, without a provider
// block. Both this provider and openstacksdk are asked.
type cloudRow struct {
	name  string
	files map[string]string
	env   map[string]string
	// want has the settings in the words of openstacksdk, as "name=value". What is
	// not in it is not set. auth_type=password and interface=public go without
	// saying.
	want string
	// fails is in the error of the provider where there is nothing to want.
	fails string
	// sdk is what openstacksdk makes of it where that differs on purpose: its
	// settings, or "error: " and a part of its error. why says why.
	sdk, why string
}

// prod is a clouds.yaml with the one entry of that name.
func prod(lines ...string) map[string]string {
	return map[string]string{"clouds.yaml": cloudsYAML("prod", lines...)}
}

func cloudsYAML(name string, lines ...string) string {
	return "clouds:\n  " + name + ":\n    " + strings.Join(lines, "\n    ") + "\n"
}

func and(files ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, some := range files {
		maps.Copy(all, some)
	}
	return all
}

const (
	auth = "auth: {auth_url: 'https://keystone.example.com/v3', username: u, password: p, project_id: j}"
	base = "auth_url=" + keystone + " username=u password=p project_id=j"

	noAuthType = "openstacksdk takes no auth_type for a password and then finds no use for the other secret; which one is meant can be seen"
	envFirst   = "openstacksdk forgets the environment where OS_CLOUD is set; the provider has one order of precedence for all settings"
	noScope    = "the provider cannot ask for that scope, and must not sign in with another"
	laterLayer = "older openstacksdks look in auth first, wherever that comes from; newer ones do not, and neither does their command for a password"
	oneOnly    = "the provider has one region and one interface, and must not take another than what was written"
	textBool   = "openstacksdk takes the text for the path of a CA file and fails; nobody means that"
)

// The environment names the entry "prod" unless a row says otherwise.
var cloudRows = []cloudRow{
	// Where settings are written.
	{name: "all in auth", files: prod(auth), want: base},
	{
		name:  "settings outside auth",
		files: prod("auth_url: "+keystone, "username: u", "password: p", "project_name: j", "user_domain_name: ud", "project_domain_id: pd"),
		want:  "auth_url=" + keystone + " username=u password=p project_name=j user_domain_name=ud project_domain_id=pd",
	},
	{name: "auth before what is outside", files: prod(auth, "username: other", "password: other", "project_id: other"), want: base},
	{
		name:  "secure outside auth",
		files: and(prod("auth: {auth_url: '"+keystone+"', username: u, password: old, project_id: j}"), map[string]string{"secure.yaml": cloudsYAML("prod", "password: p")}),
		want:  base, sdk: "auth_url=" + keystone + " username=u password=old project_id=j", why: laterLayer,
	},
	{
		name:  "a region's project outside auth",
		files: prod("auth: {auth_url: '"+keystone+"', username: u, password: p, project_id: other}", "regions: [{name: east, values: {project_id: j}}]"),
		want:  base + " region=east", sdk: "auth_url=" + keystone + " username=u password=p project_id=other region=east", why: laterLayer,
	},
	{
		name:  "a profile's domain in auth",
		files: and(prod(auth, "profile: p", "project_domain_name: Corp"), map[string]string{"clouds-public.yaml": "public-clouds:\n  p:\n    auth: {project_domain_name: Default}\n"}),
		want:  base + " project_domain_name=Corp", sdk: base + " project_domain_name=Default", why: laterLayer,
	},
	{name: "default_domain_name", files: prod(auth, "default_domain_name: Corp"), want: base + " default_domain_name=Corp"},
	{name: "default domains on two levels", files: prod(auth, "default_domain_id: legacy"), env: map[string]string{"OS_DEFAULT_DOMAIN_NAME": "Corp"}, want: base + " default_domain_name=Corp", sdk: base + " default_domain_id=legacy", why: envFirst},
	{name: "an empty setting in secure", files: and(prod(auth), map[string]string{"secure.yaml": cloudsYAML("prod", "password: ''")}), want: base},
	{name: "several interfaces that do not count", files: prod(auth, "interface: [public, internal]", "volume_interface: internal"), want: base + " interface=internal"},
	{name: "several interfaces behind an older spelling", files: prod(auth, "volume_interface: [internal, public]", "volume_endpoint_type: internal"), want: base + " interface=internal"},
	{name: "several interfaces", files: prod(auth, "interface: [internal]"), fails: "is a list, and the provider takes one", sdk: base + " interface=['internal']", why: oneOnly},
	{name: "several interfaces, and one in the environment", files: prod(auth, "interface: [internal]"), env: map[string]string{"OS_INTERFACE": "admin"}, want: base + " interface=admin", sdk: base + " interface=['internal']", why: envFirst},
	{name: "a region for volumes", files: prod(auth, "region_name: east", "volume_region_name: west"), fails: "volume_region_name", sdk: base + " region=west", why: oneOnly},
	{name: "ids", files: prod("auth: {auth_url: '" + keystone + "', user_id: ui, password: p, project_id: pi}"), want: "auth_url=" + keystone + " user_id=ui password=p project_id=pi"},
	{
		name:  "ids and names",
		files: prod("auth: {auth_url: '" + keystone + "', user_id: ui, username: un, password: p, project_id: pi, project_name: pn}"),
		want:  "auth_url=" + keystone + " user_id=ui username=un password=p project_id=pi project_name=pn",
	},
	{name: "tenant_name", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, tenant_name: t}"), want: "auth_url=" + keystone + " username=u password=p project_name=t"},
	{name: "tenant_id", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, tenant_id: t}"), want: "auth_url=" + keystone + " username=u password=p project_id=t"},
	{name: "project_id before tenant_id", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, tenant_id: t, project_id: j}"), want: base},
	{name: "user_name", files: prod("auth: {auth_url: '" + keystone + "', user_name: u, password: p, project_id: j}"), want: base},
	{name: "hyphens", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project-name: j, user-domain-name: ud}"), want: "auth_url=" + keystone + " username=u password=p project_name=j user_domain_name=ud"},
	{name: "numbers", files: prod("auth: {auth_url: '"+keystone+"', username: 1, password: 123456, project_id: 42}", "region_name: 7"), want: "auth_url=" + keystone + " username=1 password=123456 project_id=42 region=7"},
	{name: "a number as it is written", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: 0123, project_id: j}"), want: "auth_url=" + keystone + " username=u password=0123 project_id=j", sdk: "auth_url=" + keystone + " username=u password=83 project_id=j", why: "YAML 1.1 reads an octal number, and nobody has 83 for a password when he writes 0123"},
	{name: "null", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project_id: j, project_name: null, user_domain_id: ~}"), want: base, sdk: base + " project_name=None user_domain_id=None", why: "a fault of openstacksdk: the text None"},
	{name: "anchors", files: map[string]string{"clouds.yaml": "base: &base\n  auth_url: '" + keystone + "'\n  username: u\n  password: p\nclouds:\n  prod:\n    auth:\n      <<: *base\n      project_id: j\n"}, want: base},
	{name: "a password over lines", files: prod("auth:", "  auth_url: '"+keystone+"'", "  username: u", "  password: >-", "    p", "  project_id: j"), want: base},

	// Domains.
	{
		name:  "domain_id of user and project",
		files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project_name: j, domain_id: d}"),
		want:  "auth_url=" + keystone + " username=u password=p project_name=j user_domain_id=d project_domain_id=d",
	},
	{
		name:  "domain_name of user and project",
		files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project_name: j, domain_name: d}"),
		want:  "auth_url=" + keystone + " username=u password=p project_name=j user_domain_name=d project_domain_name=d",
	},
	{
		name:  "domain_name for the project alone",
		files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project_name: j, domain_name: d, user_domain_name: ud}"),
		want:  "auth_url=" + keystone + " username=u password=p project_name=j user_domain_name=ud project_domain_name=d",
	},
	{
		name:  "a domain as the scope",
		files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, domain_id: d, user_domain_id: ud}"),
		want:  "auth_url=" + keystone + " username=u password=p domain_id=d user_domain_id=ud",
	},
	{name: "default_domain_id", files: prod(auth, "default_domain_id: dd"), want: base + " default_domain_id=dd"},
	{name: "default_domain", files: prod(auth, "default_domain: dd"), want: base + " default_domain_id=dd", sdk: base, why: "the spelling of python-openstackclient, for the same thing"},

	// Ways to sign in.
	{
		name:  "application credential by id",
		files: prod("auth_type: v3applicationcredential", "auth: {auth_url: '"+keystone+"', application_credential_id: a, application_credential_secret: s}"),
		want:  "auth_type=application_credential auth_url=" + keystone + " application_credential_id=a application_credential_secret=s",
	},
	{
		name:  "application credential by name",
		files: prod("auth_type: v3applicationcredential", "auth: {auth_url: '"+keystone+"', application_credential_name: a, application_credential_secret: s, username: u, user_domain_name: ud}"),
		want:  "auth_type=application_credential auth_url=" + keystone + " application_credential_name=a application_credential_secret=s username=u user_domain_name=ud",
	},
	{
		name:  "application credential without auth_type",
		files: prod("auth: {auth_url: '" + keystone + "', application_credential_id: a, application_credential_secret: s}"),
		want:  "auth_type=application_credential auth_url=" + keystone + " application_credential_id=a application_credential_secret=s",
		sdk:   "error: TypeError", why: noAuthType,
	},
	{name: "token", files: prod("auth_type: token", "auth: {auth_url: '"+keystone+"', token: t, project_id: j}"), want: "auth_type=token auth_url=" + keystone + " token=t project_id=j"},
	{name: "v3token", files: prod("auth_type: v3token", "token: t", "auth: {auth_url: '"+keystone+"', project_id: j}"), want: "auth_type=token auth_url=" + keystone + " token=t project_id=j"},
	{name: "auth_token", files: prod("auth_type: token", "auth: {auth_url: '"+keystone+"', auth_token: t}"), want: "auth_type=token auth_url=" + keystone + " token=t"},
	{name: "token without auth_type", files: prod("auth: {auth_url: '" + keystone + "', token: t}"), want: "auth_type=token auth_url=" + keystone + " token=t", sdk: "error: TypeError", why: noAuthType},
	{name: "v3password", files: prod("auth_type: v3password", "user_domain_id: d", auth), want: base + " user_domain_id=d"},
	{
		name:  "auth_type chooses the password",
		files: prod("auth_type: password", "token: t", auth),
		want:  base, sdk: "error: TypeError", why: "openstacksdk refuses a setting that the type does not have; it is not used either way",
	},
	{
		name:  "auth_type chooses the token",
		files: prod("auth_type: token", "password: p", "auth: {auth_url: '"+keystone+"', token: t, project_id: j}"),
		want:  "auth_type=token auth_url=" + keystone + " token=t project_id=j",
	},
	{
		name:  "two ways and no auth_type",
		files: prod("auth: {auth_url: '" + keystone + "', token: t, username: u, password: p}"),
		fails: "more than one way to sign in", sdk: "error: TypeError",
	},
	{name: "another auth_type", files: prod("auth_type: v3totp", "passcode: '1'", "auth: {auth_url: '"+keystone+"', user_id: u}"), fails: `"v3totp"`, sdk: "auth_type=v3totp auth_url=" + keystone + " user_id=u passcode=1", why: "the provider cannot sign in that way, and must not fall back to a password"},
	{name: "a trust", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, trust_id: t}"), fails: "trust_id of the entry \"prod\"", sdk: "auth_url=" + keystone + " username=u password=p trust_id=t", why: noScope},
	{name: "the system", files: prod("system_scope: all", "auth: {auth_url: '"+keystone+"', username: u, password: p}"), fails: "system_scope of the entry \"prod\"", sdk: "auth_url=" + keystone + " username=u password=p system_scope=all", why: noScope},
	{name: "no such auth_type", files: prod("auth_type: pasword", auth), fails: `"pasword"`, sdk: "error: NoMatchingPlugin"},

	// Regions.
	{name: "region_name", files: prod(auth, "region_name: east"), want: base + " region=east"},
	{name: "the first of regions", files: prod(auth, "regions: [east, west]"), want: base + " region=east"},
	{name: "regions before region_name", files: prod(auth, "region_name: west", "regions: [east, west]"), want: base + " region=east"},
	{name: "region_name as a list", files: prod(auth, "region_name: [east, west]"), want: base + " region=east"},
	{name: "an empty region_name", files: prod(auth, "region_name: ''"), want: base},
	{name: "region_name with a comma at its end", files: prod(auth, "region_name: 'east,'"), want: base + " region=east"},
	{name: "region_name with a comma", files: prod(auth, "region_name: east,west"), want: base + " region=east"},
	{
		name: "a region's values",
		files: prod(auth, "interface: public", "regions:", "- name: east", "  values:", "    interface: internal", "    cacert: /east.pem",
			"    auth: {auth_url: 'https://east.example.com/v3'}", "- west"),
		want: "auth_url=https://east.example.com/v3 username=u password=p project_id=j region=east interface=internal cacert=/east.pem",
	},
	{name: "a region without values", files: prod(auth, "regions:", "- name: east", "- name: west"), want: base + " region=east"},
	{
		name:  "values of the region of the environment",
		files: prod(auth, "regions:", "- east", "- name: west", "  values: {interface: internal}"), env: map[string]string{"OS_REGION_NAME": "west"},
		want: base + " region=west interface=internal", sdk: base + " region=east", why: envFirst,
	},
	{
		name: "a region that the entry does not list", files: prod(auth, "regions: [east]"), env: map[string]string{"OS_REGION_NAME": "north"},
		want: base + " region=north", sdk: base + " region=east", why: envFirst,
	},
	{name: "a region without a name", files: prod(auth, "regions: [{values: {}}]"), fails: "regions", sdk: "error: ConfigException"},
	{name: "auth_url with the region", files: prod("auth: {auth_url: 'https://{region_name}.example.com/v3', username: u, password: p}", "regions: [east]"), want: "auth_url=https://east.example.com/v3 username=u password=p region=east"},

	// Endpoints.
	{name: "interface", files: prod(auth, "interface: internal"), want: base + " interface=internal"},
	{name: "endpoint_type", files: prod(auth, "endpoint_type: admin"), want: base + " interface=admin"},
	{name: "interface with URL", files: prod(auth, "interface: internalURL"), want: base + " interface=internal"},
	{name: "endpoint_type before interface", files: prod(auth, "interface: admin", "endpoint_type: internal"), want: base + " interface=internal"},
	{name: "interface of the service", files: prod(auth, "interface: admin", "volume_interface: internal"), want: base + " interface=internal"},
	{name: "block_storage_endpoint_override", files: prod(auth, "block_storage_endpoint_override: 'https://cinder/v3'"), want: base + " endpoint=https://cinder/v3"},
	{name: "volumev3_endpoint_override", files: prod(auth, "volumev3_endpoint_override: 'https://cinder/v3'"), want: base + " endpoint=https://cinder/v3"},
	{name: "volumev2_endpoint_override", files: prod(auth, "volumev2_endpoint_override: 'https://cinder/v2'"), want: base + " endpoint=https://cinder/v2"},
	{name: "volume_endpoint_override", files: prod(auth, "volume_endpoint_override: 'https://cinder/v3'"), want: base + " endpoint=https://cinder/v3"},
	{name: "the newest name of an override", files: prod(auth, "volume_endpoint_override: 'https://old/v3'", "block-storage-endpoint-override: 'https://new/v3'"), want: base + " endpoint=https://new/v3"},
	{name: "block_storage_endpoint", files: prod(auth, "block_storage_endpoint: 'https://cinder/v3'"), want: base + " endpoint=https://cinder/v3"},
	{name: "override of another service", files: prod(auth, "compute_endpoint_override: 'https://nova'"), want: base},
	{
		name:  "an override for the region",
		files: prod(auth, "regions:", "- {name: east, values: {volumev3_endpoint_override: 'https://{region_name}.example.com/v3'}}"),
		want:  base + " region=east endpoint=https://east.example.com/v3",
	},

	// Certificates.
	{name: "verify false", files: prod(auth, "verify: false"), want: base + " insecure=true"},
	{name: "verify no", files: prod(auth, "verify: no"), want: base + " insecure=true"},
	{name: "verify true", files: prod(auth, "verify: true"), want: base},
	{name: "verify false as text", files: prod(auth, "verify: 'false'"), want: base + " insecure=true", sdk: base + " cacert=false", why: textBool},
	{name: "verify true as text", files: prod(auth, "verify: 'True'"), want: base, sdk: base + " cacert=True", why: textBool},
	{name: "verify as a path", files: prod(auth, "verify: /ca.pem"), want: base + " cacert=/ca.pem"},
	{name: "cacert before the path in verify", files: prod(auth, "verify: /other.pem", "cacert: /ca.pem"), want: base + " cacert=/ca.pem"},
	{name: "insecure", files: prod(auth, "insecure: true"), want: base + " insecure=true"},
	{name: "insecure as text", files: prod(auth, "insecure: 'true'", "verify: true"), want: base + " insecure=true"},
	{name: "cacert, cert and key", files: prod(auth, "cacert: /ca.pem", "cert: /cert.pem", "key: /key.pem"), want: base + " cacert=/ca.pem cert=/cert.pem key=/key.pem"},
	{name: "paths below ~", files: prod(auth, "cacert: ~/ca.pem", "cert: ~/cert.pem", "key: ~/key.pem"), want: base + " cacert={root}/home/ca.pem cert={root}/home/cert.pem key={root}/home/key.pem"},
	{name: "cert with its key in one file", files: prod(auth, "cert: /both.pem"), want: base + " cert=/both.pem"},

	// Files.
	{name: "the user's folder", files: map[string]string{"~/.config/openstack/clouds.yaml": cloudsYAML("prod", auth)}, want: base},
	{name: "XDG_CONFIG_HOME", files: map[string]string{"{root}/xdg/openstack/clouds.yaml": cloudsYAML("prod", auth)}, env: map[string]string{"XDG_CONFIG_HOME": "{root}/xdg"}, want: base},
	{name: "~/.config beside XDG_CONFIG_HOME", files: map[string]string{"~/.config/openstack/clouds.yaml": cloudsYAML("prod", auth)}, env: map[string]string{"XDG_CONFIG_HOME": "{root}/xdg"}, want: base},
	{name: "XDG_CONFIG_DIRS", files: map[string]string{"{root}/site/openstack/clouds.yaml": cloudsYAML("prod", auth)}, env: map[string]string{"XDG_CONFIG_DIRS": "{root}/site"}, want: base},
	{
		name:  "the working directory before the user's folder",
		files: and(prod(auth), map[string]string{"~/.config/openstack/clouds.yaml": cloudsYAML("prod", "auth: {username: other}")}),
		want:  base,
	},
	{
		name:  "no second clouds.yaml",
		files: map[string]string{"clouds.yaml": cloudsYAML("other", auth), "~/.config/openstack/clouds.yaml": cloudsYAML("prod", auth)},
		fails: `has no entry "prod"`, sdk: "error: ConfigException: Cloud prod was not found",
	},
	{name: "clouds.yml", files: map[string]string{"clouds.yml": cloudsYAML("prod", auth)}, want: base},
	{name: "clouds.json", files: map[string]string{"clouds.json": "{\n\t\"clouds\": {\"prod\": {\"auth\": {\"auth_url\": \"" + keystone + "\", \"username\": \"u\",\n\t\t\"password\": \"p\", \"project_id\": \"j\"}}}\n}"}, want: base},
	{name: "OS_CLIENT_CONFIG_FILE", files: and(prod("auth: {username: other}"), map[string]string{"deep/my.yaml": cloudsYAML("prod", auth)}), env: map[string]string{"OS_CLIENT_CONFIG_FILE": "deep/my.yaml"}, want: base},
	{name: "OS_CLIENT_CONFIG_FILE as JSON", files: map[string]string{"my.json": `{"clouds": {"prod": {"auth": {"auth_url": "` + keystone + `", "username": "u", "password": "p", "project_id": "j"}}}}`}, env: map[string]string{"OS_CLIENT_CONFIG_FILE": "my.json"}, want: base},
	{
		name: "OS_CLIENT_CONFIG_FILE that is not there", files: prod(auth), env: map[string]string{"OS_CLIENT_CONFIG_FILE": "nowhere.yaml"},
		fails: "OS_CLIENT_CONFIG_FILE", sdk: base, why: "openstacksdk goes on with another file, whose entry of that name may be another cloud",
	},
	{
		name:  "secure.yaml beside",
		files: and(prod("auth: {auth_url: '"+keystone+"', username: u, project_id: j}"), map[string]string{"secure.yaml": cloudsYAML("prod", "auth: {password: p}")}),
		want:  base,
	},
	{
		name:  "secure.yaml in another folder",
		files: and(prod("auth: {auth_url: '"+keystone+"', username: u, project_id: j}"), map[string]string{"~/.config/openstack/secure.yaml": cloudsYAML("prod", "auth: {password: p}")}),
		want:  base,
	},
	{
		name:  "secure.yaml before clouds.yaml",
		files: and(prod("region_name: west", "auth: {auth_url: '"+keystone+"', username: u, password: other, project_id: j}"), map[string]string{"secure.yml": cloudsYAML("prod", "region_name: east", "auth: {password: p}")}),
		want:  base + " region=east",
	},
	{
		name: "OS_CLIENT_SECURE_FILE",
		files: and(prod("auth: {auth_url: '"+keystone+"', username: u, project_id: j}"), map[string]string{
			"secure.yaml": cloudsYAML("prod", "auth: {password: other}"), "safe/mine.yaml": cloudsYAML("prod", "auth: {password: p}"),
		}),
		env: map[string]string{"OS_CLIENT_SECURE_FILE": "safe/mine.yaml"}, want: base,
	},
	{
		name: "secure.yaml with OS_CLIENT_CONFIG_FILE",
		files: map[string]string{
			"deep/my.yaml": cloudsYAML("prod", "auth: {auth_url: '"+keystone+"', username: u, project_id: j}"), "secure.yaml": cloudsYAML("prod", "auth: {password: p}"),
			"deep/secure.yaml": cloudsYAML("prod", "auth: {password: other}"),
		},
		env: map[string]string{"OS_CLIENT_CONFIG_FILE": "deep/my.yaml"}, want: base,
	},
	{name: "secure.yaml alone", files: map[string]string{"secure.yaml": cloudsYAML("prod", auth)}, want: base},
	{
		name:  "a fault in another entry",
		files: map[string]string{"clouds.yaml": "clouds:\n  bad: {verify: {x: 1}, auth: text, regions: text}\n  prod:\n    " + auth + "\n"},
		want:  base,
	},
	{name: "auth as text", files: prod("auth: text"), fails: "auth", sdk: "error: "},
	{name: "clouds as a list", files: map[string]string{"clouds.yaml": "clouds:\n  - prod\n"}, fails: "clouds.yaml is not a mapping of entries (line 2)", sdk: "error: "},
	{name: "regions as text", files: prod(auth, "regions: text"), fails: "regions is not a list", sdk: base + " region=t", why: "openstacksdk takes each letter for a region"},
	{name: "an entry that has itself in it", files: map[string]string{"clouds.yaml": "clouds:\n  prod: &prod\n    " + auth + "\n    more: *prod\n"}, fails: `the entry "prod" of`, sdk: "error: "},
	{name: "no YAML", files: map[string]string{"clouds.yaml": "clouds:\n  prod:\n auth: {x\n"}, fails: "YAML", sdk: "error: "},

	// Profiles.
	{
		name: "profile",
		files: and(prod("profile: vendor", "auth: {username: u, password: p}"), map[string]string{
			"clouds-public.yaml": "public-clouds:\n  vendor:\n    regions: [east]\n    interface: internal\n    auth: {auth_url: '" + keystone + "', project_id: j, username: other}\n",
		}),
		want: base + " region=east interface=internal",
	},
	{
		name: "cloud as the older name of profile, and the user's folder",
		files: and(prod("cloud: vendor", "region_name: west", "auth: {username: u, password: p}"), map[string]string{
			"~/.config/openstack/clouds-public.yaml": "public-clouds:\n  vendor:\n    region_name: east\n    auth: {auth_url: '" + keystone + "', project_id: j}\n",
		}),
		want: base + " region=west",
	},
	{
		name: "a profile that is nowhere", files: prod("profile: vendor", auth), want: base,
	},
	{
		name:  "a profile in a file that is no YAML",
		files: and(prod("profile: vendor", auth), map[string]string{"clouds-public.yaml": "public-clouds:\n  vendor:\n auth: {x\n"}),
		fails: "clouds-public.yaml is not YAML", sdk: "error: ",
	},
	{
		name: "a profile that only openstacksdk has", files: prod("profile: elastx", "auth: {username: u, password: p}"),
		fails: `profile "elastx"`, sdk: "auth_url=https://ops.elastx.cloud:5000/v3 username=u password=p region=se-sto",
		why: "its list of public clouds is part of a release of openstacksdk and ages with it",
	},

	// The environment.
	{
		name: "the environment alone",
		env: map[string]string{
			"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "j", "OS_REGION_NAME": "east", "OS_USER_DOMAIN_NAME": "ud",
			"OS_CACERT": "/ca.pem", "OS_CERT": "/cert.pem", "OS_KEY": "/key.pem", "OS_INTERFACE": "internal", "OS_INSECURE": "true",
		},
		want: base + " user_domain_name=ud interface=internal insecure=true cert=/cert.pem key=/key.pem cacert=/ca.pem region=east",
		sdk:  base + " user_domain_name=ud interface=internal insecure=true cert=/cert.pem key=/key.pem region=east", why: "openstacksdk drops the CA file where nothing is verified",
	},
	{
		name: "OS_TENANT_NAME and OS_ENDPOINT_TYPE",
		env:  map[string]string{"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_TENANT_NAME": "t", "OS_ENDPOINT_TYPE": "internalURL", "OS_INTERFACE": "admin"},
		want: "auth_url=" + keystone + " username=u password=p project_name=t interface=internal",
	},
	{
		name: "OS_AUTH_TYPE",
		env: map[string]string{
			"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_AUTH_TYPE": "v3applicationcredential", "OS_PASSWORD": "p", "OS_TOKEN": "",
			"OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s",
		},
		want: "auth_type=application_credential auth_url=" + keystone + " application_credential_id=a application_credential_secret=s",
	},
	{
		name: "OS_AUTH_TYPE for a token",
		env:  map[string]string{"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_AUTH_TYPE": "v3token", "OS_TOKEN": "t", "OS_PASSWORD": "p", "OS_USERNAME": "u", "OS_PROJECT_ID": "j"},
		want: "auth_type=token auth_url=" + keystone + " token=t project_id=j username=u",
		sdk:  "auth_type=v3token auth_url=" + keystone + " token=t project_id=j", why: "openstacksdk drops what the type has no use for at once",
	},
	{name: "OS_AUTH_TYPE that nobody knows", env: map[string]string{"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_AUTH_TYPE": "v9", "OS_USERNAME": "u", "OS_PASSWORD": "p"}, fails: `OS_AUTH_TYPE is "v9"`, sdk: "error: NoMatchingPlugin"},
	{name: "OS_DEFAULT_DOMAIN_ID", env: map[string]string{"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "j", "OS_DEFAULT_DOMAIN_ID": "dd"}, want: base + " default_domain_id=dd"},
	{name: "OS_VOLUME_ENDPOINT_OVERRIDE", env: map[string]string{"OS_CLOUD": "", "OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "j", "OS_VOLUME_ENDPOINT_OVERRIDE": "https://cinder/v3"}, want: base + " endpoint=https://cinder/v3"},
	{
		name: "the environment before the entry", files: prod(auth, "region_name: east"), env: map[string]string{"OS_USERNAME": "env", "OS_REGION_NAME": "west", "OS_INTERFACE": "internal"},
		want: "auth_url=" + keystone + " username=env password=p project_id=j region=west interface=internal", sdk: base + " region=east", why: envFirst,
	},
	{
		name: "an id of the environment before a name of the entry", files: prod("auth: {auth_url: '" + keystone + "', username: u, password: p, project_name: n}"), env: map[string]string{"OS_PROJECT_ID": "j"},
		want: base, sdk: "auth_url=" + keystone + " username=u password=p project_name=n", why: envFirst,
	},
	{
		name: "OS_AUTH_TYPE before the entry", files: prod("auth: {auth_url: '" + keystone + "', token: t, username: u, password: p, project_id: j}"), env: map[string]string{"OS_AUTH_TYPE": "password"},
		want: base, sdk: "error: TypeError", why: envFirst,
	},
	{
		name: "the cloud envvars", files: prod("auth: {username: other}"),
		env:  map[string]string{"OS_CLOUD": "envvars", "OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_ID": "j"},
		want: base,
	},
	{
		name: "one entry that nobody names", files: prod(auth), env: map[string]string{"OS_CLOUD": ""},
		fails: "no entry of clouds.yaml is chosen", sdk: base, why: "a file that happens to lie there must not decide which cloud is changed",
	},
}

// The file that a variable names may be below ~, where no shell has put the home
// in its place; openstacksdk does not find it there.
func TestNamedFileBelowHome(t *testing.T) {
	isolate(t, map[string]string{"OS_CLOUD": "prod", "OS_CLIENT_CONFIG_FILE": "~/my.yaml"})
	writeFile(t, filepath.Join(os.Getenv("HOME"), "my.yaml"), cloudsYAML("prod", auth))
	if got, diags := (block{}).resolve(t); diags.HasError() || got.UserName != "u" {
		t.Errorf("%+v, %v", got, diags)
	}
}

// lay writes the files of a row below a folder and makes its environment.
func (r cloudRow) lay(t *testing.T, root string) (dir string, env map[string]string) {
	t.Helper()
	dir = filepath.Join(root, "work")
	for _, folder := range []string{dir, filepath.Join(root, "home")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	place := strings.NewReplacer("{root}", root, "~", filepath.Join(root, "home"))
	for name, content := range r.files {
		name = place.Replace(name)
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		writeFile(t, name, content)
	}
	env = map[string]string{"HOME": filepath.Join(root, "home"), "XDG_CONFIG_DIRS": filepath.Join(root, "none"), "OS_CLOUD": "prod"}
	for name, value := range r.env {
		env[name] = place.Replace(value)
		if value == "" {
			delete(env, name)
		}
	}
	return dir, env
}

// expected reads the settings of a row.
func expected(root, text string) map[string]string {
	settings := map[string]string{"auth_type": "password", "interface": "public"}
	for _, field := range strings.Fields(strings.ReplaceAll(text, "{root}", root)) {
		name, value, _ := strings.Cut(field, "=")
		settings[name] = value
	}
	return settings
}

// inTheirWords puts a configuration into the form of openstacksdk.
func inTheirWords(c openstack.Config) map[string]string {
	settings := map[string]string{
		"auth_url": c.AuthURL, "user_id": c.UserID, "username": c.UserName, "user_domain_id": c.UserDomainID, "user_domain_name": c.UserDomainName,
		"password": c.Password, "token": c.Token, "application_credential_id": c.ApplicationCredentialID,
		"application_credential_name": c.ApplicationCredentialName, "application_credential_secret": c.ApplicationCredentialSecret,
		"project_id": c.ProjectID, "project_name": c.ProjectName, "project_domain_id": c.ProjectDomainID, "project_domain_name": c.ProjectDomainName,
		"default_domain_id": c.DefaultDomain, "default_domain_name": c.DefaultDomainName, "region": c.Region, "interface": strings.TrimSuffix(c.EndpointType, "URL"),
		"cacert": c.CACert, "cert": c.ClientCert, "key": c.ClientKey,
	}
	switch {
	case c.Password != "":
		settings["auth_type"] = "password"
	case c.Token != "":
		settings["auth_type"] = "token"
	case c.ApplicationCredentialSecret != "":
		settings["auth_type"] = "application_credential"
	}
	if c.ProjectID == "" && c.ProjectName == "" {
		settings["domain_id"], settings["domain_name"] = c.DomainID, c.DomainName
	} else {
		for _, of := range []string{"user_domain_", "project_domain_"} {
			if settings[of+"id"] == "" && settings[of+"name"] == "" {
				settings[of+"id"], settings[of+"name"] = c.DomainID, c.DomainName
			}
		}
	}
	if c.Insecure {
		settings["insecure"] = "true"
	}
	for _, url := range c.EndpointOverrides {
		settings["endpoint"] = url
	}
	return normal(settings)
}

// normal takes out what is not set, fills in what goes without saying, and
// brings the spellings of one thing together.
func normal(settings map[string]string) map[string]string {
	home := os.Getenv("HOME")
	for name, value := range settings {
		if rest, ok := strings.CutPrefix(value, "~/"); ok {
			settings[name] = filepath.Join(home, rest)
		}
	}
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	if settings["interface"] == "" {
		settings["interface"] = "public"
	}
	settings["interface"] = strings.TrimSuffix(settings["interface"], "URL")
	switch settings["auth_type"] {
	case "v3password":
		settings["auth_type"] = "password"
	case "v3token":
		settings["auth_type"] = "token"
	case "v3applicationcredential":
		settings["auth_type"] = "application_credential"
	}
	return settings
}

func TestClouds(t *testing.T) {
	for _, row := range cloudRows {
		t.Run(row.name, func(t *testing.T) {
			root := t.TempDir()
			dir, env := row.lay(t, root)
			isolate(t, env)
			t.Chdir(dir)
			got, diags := block{}.resolve(t)
			if row.fails != "" {
				if !diags.HasError() || !strings.Contains(diags.Errors()[0].Detail(), row.fails) {
					t.Errorf("want an error with %s, got %v", row.fails, diags)
				}
				return
			}
			if diags.HasError() {
				t.Fatal(diags)
			}
			if got, want := inTheirWords(got), expected(root, row.want); !maps.Equal(got, want) {
				t.Errorf("\ngot  %v\nwant %v", got, want)
			}
		})
	}
}

// The rows say what openstacksdk makes of them too: what openstack.connect() would
// use, as seen with 0.101.
func TestCloudsInOpenstacksdk(t *testing.T) {
	if testing.Short() {
		t.Skip("openstacksdk takes seconds for its answers")
	}
	// Debian's own, which has Debian's packages.
	const python = "/usr/bin/python3"
	if exec.CommandContext(t.Context(), python, "-c", "import openstack").Run() != nil {
		t.Skip("python3-openstacksdk is not installed")
	}
	type question struct {
		Dir string            `json:"dir"`
		Env map[string]string `json:"env"`
	}
	var questions []question
	var roots []string
	for _, row := range cloudRows {
		root := t.TempDir()
		dir, env := row.lay(t, root)
		questions, roots = append(questions, question{dir, env}), append(roots, root)
	}
	asked, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "openstacksdk.py"))
	var message bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(asked), &message
	told, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, message.String())
	}
	var answers []map[string]string
	if err := json.Unmarshal(told, &answers); err != nil || len(answers) != len(cloudRows) {
		t.Fatalf("%v\n%s", err, told)
	}
	for i, row := range cloudRows {
		t.Run(row.name, func(t *testing.T) {
			want := row.want
			if row.sdk != "" {
				want = row.sdk
				if row.want != "" && row.why == "" {
					t.Error("openstacksdk differs and the row does not say why")
				}
			}
			if part, fails := strings.CutPrefix(want, "error: "); fails {
				if message, failed := answers[i]["error"]; !failed || !strings.Contains(message, part) {
					t.Errorf("want an error with %q, got %v", part, answers[i])
				}
				return
			}
			if got, want := normal(answers[i]), normal(expected(roots[i], want)); !maps.Equal(got, want) {
				t.Errorf("\ngot  %v\nwant %v", got, want)
			}
		})
	}
}
