package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// canary is a secret that must not be seen.
const canary = "c4n4ry"

// canaries are the forms in which a secret may come into a setting, by right or
// by mistake.
var canaries = map[string]string{
	"text":          canary,
	"a password":    canary + " %7#?@:/",
	"a URL":         "https://user:" + canary + "@keystone.example.com/v3?x=" + canary + "#" + canary,
	"a faulty URL":  "https://user:" + canary + "@keystone.example.com:port/%zz",
	"a key":         "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----\n",
	"a certificate": "-----BEGIN CERTIFICATE-----\n" + canary + "\n-----END CERTIFICATE-----\n",
	"half a key":    canary + "\n-----END PRIVATE KEY-----\n",
}

// surroundings are what a setting may be in: what is complete without it, and
// what is not.
var surroundings = []map[string]string{
	{},
	{"auth_url": keystone},
	{"auth_url": keystone, "token": "t"},
	{"auth_url": keystone, "user_name": "u", "password": "p", "project_id": "j"},
	{"auth_url": keystone, "application_credential_id": "a", "application_credential_secret": "s"},
	{"token": "t", "password": "p"},
	{"auth_url": "no URL", "token": "t"},
}

// silent configures the provider as Terraform does, and fails if a canary is in
// what it says.
func (b block) silent(t *testing.T) (said int) {
	t.Helper()
	config := b.config(t)
	value, err := tfprotov6.NewDynamicValue(config.Raw.Type(), config.Raw)
	if err != nil {
		t.Fatal(err)
	}
	server := providerserver.NewProtocol6(New("test")())()
	validated, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range slices.Concat(validated.Diagnostics, configured.Diagnostics) {
		if strings.Contains(d.Summary+d.Detail+fmt.Sprint(d.Attribute), canary) {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		}
		said++
	}
	return said
}

// No error of the configuration shows a value: of no setting, at no level, in no
// form and among no other settings.
func TestErrorsShowNoValue(t *testing.T) {
	if testing.Short() {
		t.Skip("it tries thousands of configurations")
	}
	said := 0
	for _, around := range surroundings {
		for _, secret := range canaries {
			for _, s := range settings {
				if s.value != nil {
					isolate(t, nil)
					b := block{}
					for name, value := range around {
						b[name] = value
					}
					b[s.attribute] = secret
					said += b.silent(t)
				}
				if s.attribute == "auth_type" {
					continue // an error names the type
				}
				for _, name := range s.env {
					isolate(t, map[string]string{name: secret})
					b := block{}
					for name, value := range around {
						b[name] = value
					}
					said += b.silent(t)
				}
			}
			for _, name := range []string{"OS_INSECURE", "ISTACK_SHARED_READS", "OS_VOLUMEV3_ENDPOINT_OVERRIDE"} {
				isolate(t, map[string]string{name: secret})
				said += block{}.silent(t)
				t.Setenv(name, "")
			}
		}
	}
	if said < 1000 {
		t.Errorf("only %d diagnostics: the settings are not refused at all", said)
	}
}

// The same for each setting of an entry, in auth or outside, and for the parts of
// the file itself.
func TestErrorsShowNothingOfCloudsYAML(t *testing.T) {
	if testing.Short() {
		t.Skip("it tries thousands of configurations")
	}
	names := []string{"verify", "cacert", "insecure", "regions", "region_name", "auth", "passcode", "profile", "trust_id", "system_scope"}
	names = append(names, overrideNames...)
	for _, s := range settings {
		if s.attribute != "auth_type" {
			names = append(names, s.entry...)
		}
	}
	said := 0
	for _, around := range surroundings[1:4] {
		for _, secret := range canaries {
			for _, name := range names {
				if name == "profile" || strings.Contains(name, "region") && secret == canary {
					continue // names may be shown
				}
				for _, where := range []string{"clouds.yaml", "secure.yaml", "auth"} {
					isolate(t, nil)
					entry, auth := map[string]string{}, map[string]string{}
					maps.Copy(auth, around)
					if user, ok := auth["user_name"]; ok {
						auth["username"] = user
						delete(auth, "user_name")
					}
					secure := map[string]string{}
					map[string]map[string]string{"clouds.yaml": entry, "secure.yaml": secure, "auth": auth}[where][name] = secret
					lines := []string{"x: y"}
					for name, value := range entry {
						lines = append(lines, fmt.Sprintf("%s: %q", name, value))
					}
					if _, ok := entry["auth"]; !ok {
						lines = append(lines, "auth:", "  x: y")
						for name, value := range auth {
							lines = append(lines, fmt.Sprintf("  %s: %q", name, value))
						}
					}
					writeFile(t, "clouds.yaml", cloudsYAML("prod", lines...))
					for name, value := range secure {
						writeFile(t, "secure.yaml", cloudsYAML("prod", fmt.Sprintf("%s: %q", name, value)))
					}
					said += block{"cloud": "prod"}.silent(t)
				}
			}
		}
	}
	if said < 1000 {
		t.Errorf("only %d diagnostics: the settings are not refused at all", said)
	}
	for name, content := range map[string]string{
		"no YAML":                  "clouds: {prod: {auth: {password: " + canary,
		"an anchor":                cloudsYAML("prod", "auth: {password: *"+canary+"}"),
		"an alias of itself":       "clouds: {prod: &a {" + canary + ": *a}}",
		"a tag":                    cloudsYAML("prod", "auth: {password: !"+canary+" x}"),
		"a binary":                 cloudsYAML("prod", "auth: {password: !!binary "+canary+"}"),
		"a directive":              "%" + canary + "\n---\nclouds: {}\n",
		"a key twice":              cloudsYAML("prod", canary+": 1", canary+": 2"),
		"an entry twice":           "clouds: {prod: {a: " + canary + "}, prod: {}}",
		"text":                     canary,
		"a list":                   "- " + canary,
		"clouds as text":           "clouds: " + canary,
		"clouds as a list":         "clouds: [" + canary + "]",
		"the entry as text":        "clouds: {prod: " + canary + "}",
		"the entry as a list":      "clouds: {prod: [" + canary + "]}",
		"regions as a mapping":     cloudsYAML("prod", "regions: {a: "+canary+"}"),
		"a region without a name":  cloudsYAML("prod", "regions: [{values: {password: "+canary+"}}]"),
		"a mapping for a setting":  cloudsYAML("prod", "auth: {auth_url: {x: "+canary+"}}"),
		"a mapping for a mapping":  cloudsYAML("prod", "? {"+canary+": x}\n    : y"),
		"auth as a list":           cloudsYAML("prod", "auth: ["+canary+"]"),
		"a profile that is broken": cloudsYAML("prod", "profile: vendor"),
	} {
		for _, file := range []string{"clouds.yaml", "secure.yaml", "clouds.json", "clouds-public.yaml"} {
			isolate(t, nil)
			if file == "clouds-public.yaml" {
				writeFile(t, "clouds.yaml", cloudsYAML("prod", "profile: vendor"))
				content = strings.NewReplacer("clouds:", "public-clouds:", "prod:", "vendor:").Replace(content)
			}
			writeFile(t, file, content)
			if (block{"cloud": "prod"}).silent(t) == 0 {
				t.Errorf("%s in %s: no error", name, file)
			}
		}
	}
}

// What is no text in the provider block.
func TestErrorsShowNoMetadata(t *testing.T) {
	isolate(t, nil)
	texts := func(key, value string) tftypes.Value {
		return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{key: tftypes.NewValue(tftypes.String, value)})
	}
	for name, b := range map[string]block{
		"endpoint_overrides": {"endpoint_overrides": texts("volumev3", canaries["a URL"])},
		"default_metadata":   {"default_metadata": texts("a", strings.Repeat(canary, 100))},
		"request_timeout":    {"request_timeout": canary},
	} {
		b["auth_url"], b["token"] = keystone, "t"
		if b.silent(t) == 0 {
			t.Errorf("%s: no error", name)
		}
	}
}
