package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// setting is one setting that the provider block, the environment and
// clouds.yaml can give as text.
type setting struct {
	attribute string
	// env and entry are its names in the environment and in an entry of
	// clouds.yaml; the first that is set has precedence.
	env, entry  []string
	description string
	sensitive   bool
	// value is nil for what is no attribute, field for what the client need not
	// know.
	value func(*providerModel) *types.String
	field func(*openstack.Config) *string
}

// services are the names of block storage in OpenStack's settings, the newest
// first, and the type of the catalogue that each stands for.
var services = [][2]string{
	{"block_storage", "block-storage"},
	{"volumev3", "volumev3"},
	{"volumev2", "volumev2"},
	{"volume", "block-storage"},
	{"block_store", "block-storage"},
}

// serviceSettings returns the names of settings that are for block storage alone.
func serviceSettings(names ...string) []string {
	var all []string
	for _, name := range names {
		for _, service := range services {
			all = append(all, service[0]+"_"+name)
		}
	}
	return all
}

// overrideNames are the names of what is an element of endpoint_overrides in the
// provider block, for each of services in turn.
var overrideNames = serviceSettings("endpoint_override", "endpoint")

// interfaceNames are the names of endpoint_type in clouds.yaml, the first that is set being the
// one that counts.
var interfaceNames = append(serviceSettings("endpoint_type", "interface"), "endpoint_type", "interface")

// settings are all that are text. The names in the environment and in
// clouds.yaml are those that OpenStack's own clients use, the older forms
// included.
var settings = []setting{
	{
		"auth_url",
		[]string{"OS_AUTH_URL"},
		[]string{"auth_url"},
		"URL of the Identity service (Keystone), with or without `/v3`.", false,
		func(m *providerModel) *types.String { return &m.AuthURL },
		func(c *openstack.Config) *string { return &c.AuthURL },
	},
	{
		"region",
		[]string{"OS_REGION_NAME"},
		nil,
		"Region. Default: the first that the entry of `clouds.yaml` lists, or else the first of the service catalogue.", false,
		func(m *providerModel) *types.String { return &m.Region },
		func(c *openstack.Config) *string { return &c.Region },
	},
	{
		"user_id",
		[]string{"OS_USER_ID"},
		[]string{"user_id"},
		"ID of the user.", false,
		func(m *providerModel) *types.String { return &m.UserID },
		func(c *openstack.Config) *string { return &c.UserID },
	},
	{
		"user_name",
		[]string{"OS_USERNAME"},
		[]string{"username", "user_name"},
		"Name of the user; with `user_domain_id` or `user_domain_name`.", false,
		func(m *providerModel) *types.String { return &m.UserName },
		func(c *openstack.Config) *string { return &c.UserName },
	},
	{
		"user_domain_id",
		[]string{"OS_USER_DOMAIN_ID"},
		[]string{"user_domain_id"},
		"ID of the user's domain. Default: `domain_id`, or else `default` (`OS_DEFAULT_DOMAIN` names another).", false,
		func(m *providerModel) *types.String { return &m.UserDomainID },
		func(c *openstack.Config) *string { return &c.UserDomainID },
	},
	{
		"user_domain_name",
		[]string{"OS_USER_DOMAIN_NAME"},
		[]string{"user_domain_name"},
		"Name of the user's domain.", false,
		func(m *providerModel) *types.String { return &m.UserDomainName },
		func(c *openstack.Config) *string { return &c.UserDomainName },
	},
	{
		"password",
		[]string{"OS_PASSWORD"},
		[]string{"password"},
		"Password of the user.", true,
		func(m *providerModel) *types.String { return &m.Password },
		func(c *openstack.Config) *string { return &c.Password },
	},
	{
		"token",
		[]string{"OS_TOKEN", "OS_AUTH_TOKEN"},
		[]string{"token", "auth_token"},
		"Token obtained elsewhere, instead of user and password. The provider cannot renew it when it expires.", true,
		func(m *providerModel) *types.String { return &m.Token },
		func(c *openstack.Config) *string { return &c.Token },
	},
	{
		"application_credential_id",
		[]string{"OS_APPLICATION_CREDENTIAL_ID"},
		[]string{"application_credential_id"},
		"ID of an application credential.", false,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialID },
		func(c *openstack.Config) *string { return &c.ApplicationCredentialID },
	},
	{
		"application_credential_name",
		[]string{"OS_APPLICATION_CREDENTIAL_NAME"},
		[]string{"application_credential_name"},
		"Name of an application credential; with the user who owns it.", false,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialName },
		func(c *openstack.Config) *string { return &c.ApplicationCredentialName },
	},
	{
		"application_credential_secret",
		[]string{"OS_APPLICATION_CREDENTIAL_SECRET"},
		[]string{"application_credential_secret"},
		"Secret of the application credential.", true,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialSecret },
		func(c *openstack.Config) *string { return &c.ApplicationCredentialSecret },
	},
	{
		"project_id",
		[]string{"OS_PROJECT_ID", "OS_TENANT_ID"},
		[]string{"project_id", "tenant_id"},
		"ID of the project. It has precedence over `project_name`.", false,
		func(m *providerModel) *types.String { return &m.ProjectID },
		func(c *openstack.Config) *string { return &c.ProjectID },
	},
	{
		"project_name",
		[]string{"OS_PROJECT_NAME", "OS_TENANT_NAME"},
		[]string{"project_name", "tenant_name"},
		"Name of the project; with `project_domain_id` or `project_domain_name`.", false,
		func(m *providerModel) *types.String { return &m.ProjectName },
		func(c *openstack.Config) *string { return &c.ProjectName },
	},
	{
		"project_domain_id",
		[]string{"OS_PROJECT_DOMAIN_ID"},
		[]string{"project_domain_id"},
		"ID of the project's domain. Default: `domain_id`, or else `default` (`OS_DEFAULT_DOMAIN` names another).", false,
		func(m *providerModel) *types.String { return &m.ProjectDomainID },
		func(c *openstack.Config) *string { return &c.ProjectDomainID },
	},
	{
		"project_domain_name",
		[]string{"OS_PROJECT_DOMAIN_NAME"},
		[]string{"project_domain_name"},
		"Name of the project's domain.", false,
		func(m *providerModel) *types.String { return &m.ProjectDomainName },
		func(c *openstack.Config) *string { return &c.ProjectDomainName },
	},
	{
		"domain_id",
		[]string{"OS_DOMAIN_ID"},
		[]string{"domain_id"},
		"ID of the domain of the user and the project if they name none of their own.", false,
		func(m *providerModel) *types.String { return &m.DomainID },
		func(c *openstack.Config) *string { return &c.DomainID },
	},
	{
		"domain_name",
		[]string{"OS_DOMAIN_NAME"},
		[]string{"domain_name"},
		"Name of the domain of the user and the project if they name none of their own.", false,
		func(m *providerModel) *types.String { return &m.DomainName },
		func(c *openstack.Config) *string { return &c.DomainName },
	},
	{
		"endpoint_type",
		[]string{"OS_ENDPOINT_TYPE", "OS_INTERFACE"},
		interfaceNames,
		"Which endpoint of the service catalogue to use: `public`, `internal` or `admin`. Default: `public`.", false,
		func(m *providerModel) *types.String { return &m.EndpointType },
		func(c *openstack.Config) *string { return &c.EndpointType },
	},
	{
		"cacert_file",
		[]string{"OS_CACERT"},
		nil,
		"CA certificates that the cloud's certificate must be signed by: path of a PEM file, or PEM text.", false,
		func(m *providerModel) *types.String { return &m.CACertFile },
		func(c *openstack.Config) *string { return &c.CACert },
	},
	{
		"cert",
		[]string{"OS_CERT"},
		[]string{"cert"},
		"Client certificate: path of a PEM file, or PEM text.", false,
		func(m *providerModel) *types.String { return &m.Cert },
		func(c *openstack.Config) *string { return &c.ClientCert },
	},
	{
		"key",
		[]string{"OS_KEY"},
		[]string{"key"},
		"Key of the client certificate: path of a PEM file, or PEM text. Default: the key in `cert`.", true,
		func(m *providerModel) *types.String { return &m.Key },
		func(c *openstack.Config) *string { return &c.ClientKey },
	},
	{
		attribute: "auth_type",
		env:       []string{"OS_AUTH_TYPE", "OS_AUTH_PLUGIN"},
		entry:     []string{"auth_type", "auth_plugin"},
	},
	{
		attribute: "default_domain",
		env:       []string{"OS_DEFAULT_DOMAIN", "OS_DEFAULT_DOMAIN_ID"},
		entry:     []string{"default_domain", "default_domain_id"},
		field:     func(c *openstack.Config) *string { return &c.DefaultDomain },
	},
	{
		attribute: "default_domain_name",
		env:       []string{"OS_DEFAULT_DOMAIN_NAME"},
		entry:     []string{"default_domain_name"},
		field:     func(c *openstack.Config) *string { return &c.DefaultDomainName },
	},
}
