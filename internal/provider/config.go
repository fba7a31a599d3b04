package provider

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
)

// resolve makes the client's configuration out of the provider block, the
// environment and clouds.yaml, in this order of precedence, and checks that a
// sign-in is possible with it.
func (m *providerModel) resolve(diags *diag.Diagnostics) client.Config {
	block, unknown := m.fromBlock()
	environment := fromEnvironment(diags)
	levels := []client.Config{block, environment}

	cloud := cmp.Or(m.Cloud.ValueString(), os.Getenv("OS_CLOUD"))
	if cloud != "" && !m.Cloud.IsUnknown() {
		entry, err := client.ReadCloud(cloud)
		if err != nil {
			diags.AddAttributeError(path.Root("cloud"), "Unusable entry of clouds.yaml", sentence(err.Error()))
			return client.Config{}
		}
		levels = append(levels, entry)
	}
	config := merge(levels)
	config.Unknown = unknown
	config.EndpointOverrides = map[string]string{}
	for service, value := range m.EndpointOverrides.Elements() {
		if text, ok := value.(types.String); ok {
			config.EndpointOverrides[service] = text.ValueString()
		}
	}
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		retries := int(m.MaxRetries.ValueInt64())
		config.MaxRetries = &retries
	}
	// The schema has validated them; unknown and null are 0, the default.
	config.RequestTimeout, _ = time.ParseDuration(m.RequestTimeout.ValueString())
	config.MaxConcurrentRequests = int(m.MaxConcurrentRequests.ValueInt64())
	config.RequestsPerSecond = m.RequestsPerSecond.ValueFloat64()
	config.SingleReads = singleReads(diags)
	if !m.Insecure.IsNull() {
		config.Insecure = m.Insecure.ValueBool()
	} else if insecure, ok := environmentInsecure(diags); ok {
		config.Insecure = insecure
	}

	c := check{config: config, block: block, environment: environment, cloud: cloud, diags: diags}
	c.contradictions(levels)
	if len(unknown) == 0 {
		c.complete()
	}
	if config.Insecure {
		diags.AddAttributeWarning(path.Root("insecure"), "TLS certificates are not verified",
			"Whoever is between here and the cloud can read the credentials and change what is sent. "+
				"Give the cloud's CA certificate in cacert_file instead.")
	}
	return config
}

// fromBlock reads the provider block, and names the settings in it whose values
// are not known yet.
func (m *providerModel) fromBlock() (config client.Config, unknown []string) {
	for _, s := range settings {
		value := s.value(m)
		if value.IsUnknown() {
			unknown = append(unknown, s.attribute)
		}
		*s.field(&config) = value.ValueString()
	}
	if m.Cloud.IsUnknown() {
		unknown = append(unknown, "cloud")
	}
	if m.Insecure.IsUnknown() {
		unknown = append(unknown, "insecure")
	}
	if m.EndpointOverrides.IsUnknown() || slices.ContainsFunc(elements(m.EndpointOverrides), func(v types.String) bool { return v.IsUnknown() }) {
		unknown = append(unknown, "endpoint_overrides")
	}
	return config, unknown
}

func elements(m types.Map) []types.String {
	var texts []types.String
	for _, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func fromEnvironment(diags *diag.Diagnostics) client.Config {
	config := client.Config{DefaultDomain: os.Getenv("OS_DEFAULT_DOMAIN")}
	for _, s := range settings {
		for _, name := range s.env {
			if value := os.Getenv(name); value != "" {
				*s.field(&config) = value
				break
			}
		}
	}
	if t := config.EndpointType; t != "" && !slices.Contains(client.EndpointTypes(), t) {
		diags.AddAttributeError(path.Root("endpoint_type"), "Unusable provider setting",
			fmt.Sprintf("OS_INTERFACE or OS_ENDPOINT_TYPE is %q, which is none of %s.", t, strings.Join(client.EndpointTypes(), ", ")))
	}
	return config
}

func environmentInsecure(diags *diag.Diagnostics) (insecure, ok bool) {
	text := os.Getenv("OS_INSECURE")
	if text == "" {
		return false, false
	}
	insecure, err := strconv.ParseBool(text)
	if err != nil {
		diags.AddAttributeError(path.Root("insecure"), "Unusable provider setting",
			fmt.Sprintf("OS_INSECURE is %q, which is neither true nor false.", text))
	}
	return insecure, err == nil
}

// singleReads tells whether the environment wants each snapshot read by itself.
// That is for whoever measures or suspects the sharing, and so not part of the
// configuration.
func singleReads(diags *diag.Diagnostics) bool {
	text := os.Getenv("ISTACK_SHARED_READS")
	if text == "" {
		return false
	}
	shared, err := strconv.ParseBool(text)
	if err != nil {
		diags.AddError("Unusable provider setting", fmt.Sprintf("ISTACK_SHARED_READS is %q, which is neither true nor false.", text))
	}
	return !shared
}

// alternatives are fields of which a level that has any decides about all: an
// id in the provider block is not to be joined with a name from the
// environment.
var alternatives = [][]string{
	{"user_id", "user_name"},
	{"user_domain_id", "user_domain_name"},
	{"project_id", "project_name"},
	{"project_domain_id", "project_domain_name"},
	{"domain_id", "domain_name"},
	{"application_credential_id", "application_credential_name"},
}

// merge takes each setting from the first level that has it. The way to sign in
// is that of the first level that has a secret; the secrets of other ways are
// left out.
func merge(levels []client.Config) client.Config {
	var merged client.Config
	for _, s := range settings {
		group := []string{s.attribute}
		if i := slices.IndexFunc(alternatives, func(g []string) bool { return slices.Contains(g, s.attribute) }); i >= 0 {
			group = alternatives[i]
		}
		for _, level := range levels {
			if slices.ContainsFunc(group, func(name string) bool { return *field(&level, name) != "" }) {
				*s.field(&merged) = *s.field(&level)
				break
			}
		}
	}
	for _, level := range levels {
		merged.DefaultDomain = cmp.Or(merged.DefaultDomain, level.DefaultDomain)
		merged.Insecure = merged.Insecure || level.Insecure
		if level.TLS != nil {
			merged.TLS = level.TLS
		}
	}
	for _, level := range levels {
		methods := level.Methods()
		if len(methods) == 0 {
			continue
		}
		if methods[0] != client.MethodPassword {
			merged.Password = ""
		}
		if methods[0] != client.MethodToken {
			merged.Token = ""
		}
		if methods[0] != client.MethodApplicationCredential {
			merged.ApplicationCredentialID, merged.ApplicationCredentialName, merged.ApplicationCredentialSecret = "", "", ""
		}
		break
	}
	return merged
}

func field(config *client.Config, attribute string) *string {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.attribute == attribute })
	return settings[i].field(config)
}

// check looks for settings that are missing or contradict each other.
type check struct {
	config, block, environment client.Config
	cloud                      string
	diags                      *diag.Diagnostics
}

var methodAttribute = map[client.Method]string{
	client.MethodPassword:              "password",
	client.MethodToken:                 "token",
	client.MethodApplicationCredential: "application_credential_secret",
}

func (c check) contradictions(levels []client.Config) {
	for i, level := range levels {
		methods := level.Methods()
		if len(methods) == 0 {
			continue
		}
		if len(methods) > 1 {
			where := []string{"The provider block", "The environment (OS_*)", fmt.Sprintf("The entry %q of clouds.yaml", c.cloud)}[i]
			c.diags.AddAttributeError(path.Root(methodAttribute[methods[1]]), "Contradictory provider settings",
				fmt.Sprintf("%s gives more than one way to sign in: %s and %s. Leave one of them.", where, methods[0], methods[1]))
		}
		break
	}
	for _, pair := range [][2]string{{"user_id", "user_name"}, {"application_credential_id", "application_credential_name"}} {
		if *field(&c.block, pair[0]) != "" && *field(&c.block, pair[1]) != "" {
			c.diags.AddAttributeError(path.Root(pair[1]), "Contradictory provider settings",
				fmt.Sprintf("The provider block has both %s and %s. Leave one of them.", pair[0], pair[1]))
		}
	}
}

func (c check) complete() {
	if c.config.AuthURL == "" {
		c.missing("auth_url")
	} else if u, err := url.Parse(c.config.AuthURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		c.diags.AddAttributeError(path.Root("auth_url"), "Unusable provider setting",
			fmt.Sprintf("%q is not an http or https URL.", c.config.AuthURL))
	}
	user := c.config.UserID != "" || c.config.UserName != ""
	method := client.MethodNone
	if methods := c.config.Methods(); len(methods) > 0 {
		method = methods[0]
	}
	switch method {
	case client.MethodNone:
		if user {
			c.missing("password")
		} else {
			c.missing("user_name", "user_id", "password", "token", "application_credential_id", "application_credential_secret")
		}
	case client.MethodPassword:
		if !user {
			c.missing("user_name", "user_id")
		}
	case client.MethodApplicationCredential:
		byName := c.config.ApplicationCredentialID == ""
		switch {
		case byName && c.config.ApplicationCredentialName == "":
			c.missing("application_credential_id", "application_credential_name")
		case c.config.ApplicationCredentialSecret == "":
			c.missing("application_credential_secret")
		case byName && !user:
			c.missing("user_name", "user_id")
		}
	case client.MethodToken:
	}
	if (c.config.ClientCert == "") != (c.config.ClientKey == "") {
		if c.config.ClientCert == "" {
			c.missing("cert")
		} else {
			c.missing("key")
		}
	}
}

// missing reports that none of these settings was found, at the first of them.
func (c check) missing(attributes ...string) {
	var variables []string
	for _, s := range settings {
		if slices.Contains(attributes, s.attribute) {
			variables = append(variables, s.env...)
		}
	}
	clouds := "no entry of clouds.yaml is chosen (cloud or OS_CLOUD would)"
	if c.cloud != "" {
		clouds = fmt.Sprintf("the entry %q of clouds.yaml has none", c.cloud)
	}
	c.diags.AddAttributeError(path.Root(attributes[0]), "Missing provider setting",
		fmt.Sprintf("To sign in, the provider looked for %s: the provider block has none, the environment has none (%s), and %s.",
			strings.Join(attributes, " or "), strings.Join(variables, ", "), clouds))
}

// providerData is what resources and data sources get beside the client.
func (m *providerModel) providerData(config client.Config, diags *diag.Diagnostics) *framework.ProviderData {
	data := &framework.ProviderData{
		Region:          types.StringNull(),
		DefaultMetadata: m.DefaultMetadata,
		DeletionPolicy:  m.DeletionPolicy,

		DeletionPolicyOverride: deletionPolicyOverride(diags),
	}
	if m.Region.IsUnknown() {
		data.Region = m.Region
	} else if config.Region != "" {
		data.Region = types.StringValue(config.Region)
	}
	if m.IgnoreMetadata != nil {
		data.IgnoreMetadata.Keys = m.ignored("keys", m.IgnoreMetadata.Keys, diags)
		data.IgnoreMetadata.KeyPrefixes = m.ignored("key_prefixes", m.IgnoreMetadata.KeyPrefixes, diags)
	}
	for key := range m.DefaultMetadata.Elements() {
		if data.IgnoreMetadata.Matches(key) {
			diags.AddAttributeError(path.Root("default_metadata").AtMapKey(key), "Contradictory provider settings",
				fmt.Sprintf("ignore_metadata says that the key %q belongs to somebody else, so it cannot be a default. Take it out of one of the two.", key))
		}
	}
	return data
}

// ignored must be known while planning: what is taken for somebody else's
// cannot be left open.
func (m *providerModel) ignored(name string, set types.Set, diags *diag.Diagnostics) []string {
	var texts []string
	unknown := set.IsUnknown()
	for _, value := range set.Elements() {
		text, ok := value.(types.String)
		unknown = unknown || value.IsUnknown()
		if ok {
			texts = append(texts, text.ValueString())
		}
	}
	if unknown {
		diags.AddAttributeError(path.Root("ignore_metadata").AtName(name), "Unknown provider setting",
			"Which metadata keys to ignore must be known while planning. Use values that do not come from resources.")
	}
	return texts
}

func sentence(text string) string {
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
