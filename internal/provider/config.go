package provider

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// resolve returns the configuration of the client from the provider block, the
// environment and clouds.yaml, in this order of precedence, and checks that it is enough
// for a sign-in. written has the names of the settings by attribute, for errors.
func (m *providerModel) resolve(diags *diag.Diagnostics) (config openstack.Config, written map[string]string) {
	levels := []level{m.blockLevel(), environmentLevel()}
	cloud, chosenBy := m.chooseCloud(levels[0])
	var entry *openstack.Cloud
	if cloud != "" {
		region := firstOf(levels, "region").settings["region"].text
		var err error
		if entry, err = openstack.ReadCloud(cloud, region); err != nil {
			diags.AddAttributeError(path.Root("cloud"), "Unusable entry of clouds.yaml",
				fmt.Sprintf("What clouds.yaml says of the cloud %q (%s) is needed and cannot be used: %s.", cloud, chosenBy, err))
			return openstack.Config{}, nil
		}
		levels = append(levels, cloudLevel(entry))
	}
	method, by := chooseMethod(levels, diags)
	merged := merge(levels, method)
	written = map[string]string{}
	for _, s := range settings {
		if value := merged.settings[s.attribute]; s.field != nil {
			*s.field(&config), written[s.attribute] = value.text, value.name
		}
	}
	config.EndpointOverrides = map[string]string{}
	for service, url := range merged.overrides {
		config.EndpointOverrides[service] = url.text
	}
	insecure := m.insecure(entry, diags)
	config.Insecure = insecure != ""
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		retries := int(m.MaxRetries.ValueInt64())
		config.MaxRetries = &retries
	}
	// The schema has validated them; unknown and null are 0, the default.
	config.RequestTimeout, _ = time.ParseDuration(m.RequestTimeout.ValueString())
	config.MaxConcurrentRequests = int(m.MaxConcurrentRequests.ValueInt64())
	config.RequestsPerSecond = m.RequestsPerSecond.ValueFloat64()
	config.Unknown = m.unknown(levels[0])

	c := check{levels, merged, method, by, entry, chosenBy, diags}
	c.contradictions()
	if len(config.Unknown) == 0 && !diags.HasError() {
		c.complete()
	}
	if config.Insecure {
		instead := "Give the cloud's CA certificate in cacert_file instead."
		if config.CACert != "" {
			instead = "There is a CA certificate, which is not used: set insecure = false in the provider block, so that it is."
		}
		diags.AddAttributeWarning(path.Root("insecure"), "TLS certificates are not verified", fmt.Sprintf(
			"By %s. Whoever is between here and the cloud can read the credentials and change what is sent. %s", insecure, instead))
	}
	return config, written
}

// cloudOfBlock is what names an entry of clouds.yaml in the provider block, for errors.
const cloudOfBlock = "cloud of the provider block"

// chooseCloud returns the name of the entry of clouds.yaml to read, "" for none,
// and what named it. A block that can sign in by itself does so wherever
// OS_CLOUD points to: that entry may be of another cloud.
func (m *providerModel) chooseCloud(block level) (name, by string) {
	name, by = m.Cloud.ValueString(), cloudOfBlock
	if name == "" && !m.Cloud.IsUnknown() && !block.signsIn() {
		name, by = os.Getenv("OS_CLOUD"), "OS_CLOUD"
	}
	if name == "envvars" {
		// So openstacksdk calls the environment itself.
		return "", ""
	}
	return name, by
}

// signsIn reports whether a level is complete in itself, with a scope if the way
// to sign in has none of its own.
func (l level) signsIn() bool {
	methods := l.methods()
	if len(methods) == 0 || !l.has("auth_url") || len(l.lacking(methods[0])) > 0 {
		return false
	}
	return methods[0] != openstack.MethodPassword || l.has("project_id", "project_name", "domain_id", "domain_name")
}

// unknown names the settings of the block whose values are not known yet.
func (m *providerModel) unknown(block level) []string {
	var names []string
	for _, s := range settings {
		if block.settings[s.attribute].unknown {
			names = append(names, s.attribute)
		}
	}
	if m.Cloud.IsUnknown() {
		names = append(names, "cloud")
	}
	if m.Insecure.IsUnknown() {
		names = append(names, "insecure")
	}
	unknown := m.EndpointOverrides.IsUnknown()
	for _, url := range block.overrides {
		unknown = unknown || url.unknown
	}
	if unknown {
		names = append(names, "endpoint_overrides")
	}
	return names
}

// insecure returns what says that certificates are not to be verified, "" if nothing does.
func (m *providerModel) insecure(entry *openstack.Cloud, diags *diag.Diagnostics) (by string) {
	if !m.Insecure.IsNull() {
		if m.Insecure.ValueBool() {
			return "insecure of the provider block"
		}
		return ""
	}
	if insecure, ok := environmentTruth("OS_INSECURE", path.Root("insecure"), diags); ok {
		if insecure {
			return "OS_INSECURE"
		}
		return ""
	}
	if entry != nil && entry.Insecure() {
		return fmt.Sprintf("verify or insecure of the entry %q of %s", entry.Name, entry.File)
	}
	return ""
}

// singleReads reports whether the environment switches shared reads off. There is no
// attribute for it, since what is read is the same either way.
func singleReads(diags *diag.Diagnostics) bool {
	shared, ok := environmentTruth("ISTACK_SHARED_READS", path.Empty(), diags)
	return ok && !shared
}

func environmentTruth(variable string, at path.Path, diags *diag.Diagnostics) (value, ok bool) {
	text := os.Getenv(variable)
	if text == "" {
		return false, false
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		diags.AddAttributeError(at, "Unusable provider setting", variable+" is neither true nor false.")
	}
	return value, err == nil
}

// alternatives are groups of settings that are taken from one level together: an id in
// the provider block must not be joined with a name from the environment.
var alternatives = [][]string{
	{"user_id", "user_name"},
	{"user_domain_id", "user_domain_name"},
	{"project_id", "project_name"},
	{"project_domain_id", "project_domain_name"},
	{"domain_id", "domain_name"},
	{"default_domain", "default_domain_name"},
	{"application_credential_id", "application_credential_name"},
}

// merge takes each setting from the first level that has it, without the secrets
// of other ways to sign in. The level that has any endpoint decides about all.
func merge(levels []level, method openstack.Method) level {
	merged := level{settings: map[string]given{}}
	for _, s := range settings {
		group := []string{s.attribute}
		if i := slices.IndexFunc(alternatives, func(g []string) bool { return slices.Contains(g, s.attribute) }); i >= 0 {
			group = alternatives[i]
		}
		merged.settings[s.attribute] = firstOf(levels, group...).settings[s.attribute]
	}
	for _, way := range ways {
		if way.method != method {
			for _, attribute := range way.secrets {
				delete(merged.settings, attribute)
			}
		}
	}
	for _, level := range levels {
		if len(level.overrides) > 0 {
			merged.overrides = level.overrides
			break
		}
	}
	return merged
}

// firstOf returns the first level that has any of these settings.
func firstOf(levels []level, attributes ...string) level {
	if i := slices.IndexFunc(levels, func(l level) bool { return l.has(attributes...) }); i >= 0 {
		return levels[i]
	}
	return level{}
}
