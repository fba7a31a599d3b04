package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// level is one of the sources of settings: the provider block, the environment,
// an entry of clouds.yaml.
type level struct {
	// name is what an error calls it.
	name string
	// settings are by attribute.
	settings map[string]given
	// overrides are base URLs by service type.
	overrides map[string]given
}

// given is a setting as a level has it.
type given struct {
	text string
	// name is how it is written there, for errors.
	name string
	// unknown is a text that only an apply makes known.
	unknown bool
}

func (g given) isSet() bool { return g.text != "" || g.unknown }

func (l level) has(attributes ...string) bool {
	return slices.ContainsFunc(attributes, func(name string) bool { return l.settings[name].isSet() })
}

// blockLevel reads the provider block.
func (m *providerModel) blockLevel() level {
	l := level{"The provider block", map[string]given{}, map[string]given{}}
	for _, s := range settings {
		if s.value != nil {
			value := s.value(m)
			l.settings[s.attribute] = given{value.ValueString(), s.attribute, value.IsUnknown()}
		}
	}
	for service, element := range m.EndpointOverrides.Elements() {
		if url, ok := element.(types.String); ok && !url.IsNull() {
			l.overrides[service] = given{url.ValueString(), fmt.Sprintf("endpoint_overrides[%q]", service), url.IsUnknown()}
		}
	}
	return l
}

// environmentLevel reads the process's environment.
func environmentLevel() level {
	variables := make([]string, len(overrideNames))
	for i, name := range overrideNames {
		variables[i] = "OS_" + strings.ToUpper(name)
	}
	return readLevel("The environment (OS_*)", func(s setting) []string { return s.env }, variables, func(names ...string) (text, name string) {
		for _, name := range names {
			if text := os.Getenv(name); text != "" {
				return text, name
			}
		}
		return "", ""
	})
}

// cloudLevel reads an entry of clouds.yaml.
func cloudLevel(cloud *openstack.Cloud) level {
	entry := fmt.Sprintf("entry %q of clouds.yaml", cloud.Name)
	written := func(text, name string) (string, string) { return text, name + " of the " + entry }
	l := readLevel("The "+entry, func(s setting) []string { return s.entry }, overrideNames, func(names ...string) (text, name string) {
		return written(cloud.Text(names...))
	})
	text, name := written(cloud.CACert())
	l.settings["cacert_file"] = given{text: text, name: name}
	l.settings["region"] = given{text: cloud.Region, name: "region_name"}
	return l
}

// readLevel takes what find gives for the names that settings have there.
func readLevel(name string, names func(setting) []string, overrides []string, find func(...string) (text, name string)) level {
	l := level{name, map[string]given{}, map[string]given{}}
	for _, s := range settings {
		text, name := find(names(s)...)
		l.settings[s.attribute] = given{text: text, name: name}
	}
	for i, override := range overrides {
		if text, name := find(override); text != "" {
			l.overrides[services[i%len(services)][1]] = given{text: text, name: name}
			break
		}
	}
	return l
}
