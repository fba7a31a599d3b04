package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
)

// setting is one setting that the provider block, the environment and
// clouds.yaml can give as text.
type setting struct {
	attribute   string
	env         []string
	description string
	sensitive   bool
	value       func(*providerModel) *types.String
	field       func(*client.Config) *string
}

// settings are all of them. The names of the environment variables are those
// that OpenStack's own clients use, the older forms included.
var settings = []setting{
	{
		"auth_url",
		[]string{"OS_AUTH_URL"},
		"URL of the Identity service (Keystone), with or without `/v3`.", false,
		func(m *providerModel) *types.String { return &m.AuthURL },
		func(c *client.Config) *string { return &c.AuthURL },
	},
	{
		"region",
		[]string{"OS_REGION_NAME"},
		"Region. Default: the first that the service catalogue has.", false,
		func(m *providerModel) *types.String { return &m.Region },
		func(c *client.Config) *string { return &c.Region },
	},
	{
		"user_id",
		[]string{"OS_USER_ID"},
		"ID of the user.", false,
		func(m *providerModel) *types.String { return &m.UserID },
		func(c *client.Config) *string { return &c.UserID },
	},
	{
		"user_name",
		[]string{"OS_USERNAME"},
		"Name of the user; with `user_domain_id` or `user_domain_name`.", false,
		func(m *providerModel) *types.String { return &m.UserName },
		func(c *client.Config) *string { return &c.UserName },
	},
	{
		"user_domain_id",
		[]string{"OS_USER_DOMAIN_ID"},
		"ID of the user's domain. Default: `domain_id`, or else `default` (`OS_DEFAULT_DOMAIN`).", false,
		func(m *providerModel) *types.String { return &m.UserDomainID },
		func(c *client.Config) *string { return &c.UserDomainID },
	},
	{
		"user_domain_name",
		[]string{"OS_USER_DOMAIN_NAME"},
		"Name of the user's domain.", false,
		func(m *providerModel) *types.String { return &m.UserDomainName },
		func(c *client.Config) *string { return &c.UserDomainName },
	},
	{
		"password",
		[]string{"OS_PASSWORD"},
		"Password of the user.", true,
		func(m *providerModel) *types.String { return &m.Password },
		func(c *client.Config) *string { return &c.Password },
	},
	{
		"token",
		[]string{"OS_TOKEN", "OS_AUTH_TOKEN"},
		"Token made elsewhere, instead of user and password. It cannot be renewed when it expires.", true,
		func(m *providerModel) *types.String { return &m.Token },
		func(c *client.Config) *string { return &c.Token },
	},
	{
		"application_credential_id",
		[]string{"OS_APPLICATION_CREDENTIAL_ID"},
		"ID of an application credential.", false,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialID },
		func(c *client.Config) *string { return &c.ApplicationCredentialID },
	},
	{
		"application_credential_name",
		[]string{"OS_APPLICATION_CREDENTIAL_NAME"},
		"Name of an application credential; with the user who owns it.", false,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialName },
		func(c *client.Config) *string { return &c.ApplicationCredentialName },
	},
	{
		"application_credential_secret",
		[]string{"OS_APPLICATION_CREDENTIAL_SECRET"},
		"Secret of the application credential.", true,
		func(m *providerModel) *types.String { return &m.ApplicationCredentialSecret },
		func(c *client.Config) *string { return &c.ApplicationCredentialSecret },
	},
	{
		"project_id",
		[]string{"OS_PROJECT_ID", "OS_TENANT_ID"},
		"ID of the project. It has precedence over `project_name`.", false,
		func(m *providerModel) *types.String { return &m.ProjectID },
		func(c *client.Config) *string { return &c.ProjectID },
	},
	{
		"project_name",
		[]string{"OS_PROJECT_NAME", "OS_TENANT_NAME"},
		"Name of the project; with `project_domain_id` or `project_domain_name`.", false,
		func(m *providerModel) *types.String { return &m.ProjectName },
		func(c *client.Config) *string { return &c.ProjectName },
	},
	{
		"project_domain_id",
		[]string{"OS_PROJECT_DOMAIN_ID"},
		"ID of the project's domain. Default: `domain_id`, or else `default` (`OS_DEFAULT_DOMAIN`).", false,
		func(m *providerModel) *types.String { return &m.ProjectDomainID },
		func(c *client.Config) *string { return &c.ProjectDomainID },
	},
	{
		"project_domain_name",
		[]string{"OS_PROJECT_DOMAIN_NAME"},
		"Name of the project's domain.", false,
		func(m *providerModel) *types.String { return &m.ProjectDomainName },
		func(c *client.Config) *string { return &c.ProjectDomainName },
	},
	{
		"domain_id",
		[]string{"OS_DOMAIN_ID"},
		"ID of the domain of user and project where they name none of their own.", false,
		func(m *providerModel) *types.String { return &m.DomainID },
		func(c *client.Config) *string { return &c.DomainID },
	},
	{
		"domain_name",
		[]string{"OS_DOMAIN_NAME"},
		"Name of the domain of user and project where they name none of their own.", false,
		func(m *providerModel) *types.String { return &m.DomainName },
		func(c *client.Config) *string { return &c.DomainName },
	},
	{
		"endpoint_type",
		[]string{"OS_INTERFACE", "OS_ENDPOINT_TYPE"},
		"Which endpoint of the service catalogue to use: `public`, `internal` or `admin`. Default: `public`.", false,
		func(m *providerModel) *types.String { return &m.EndpointType },
		func(c *client.Config) *string { return &c.EndpointType },
	},
	{
		"cacert_file",
		[]string{"OS_CACERT"},
		"CA certificates that the cloud's own must come from: path of a PEM file, or PEM text.", false,
		func(m *providerModel) *types.String { return &m.CACertFile },
		func(c *client.Config) *string { return &c.CACert },
	},
	{
		"cert",
		[]string{"OS_CERT"},
		"Client certificate: path of a PEM file, or PEM text; with `key`.", false,
		func(m *providerModel) *types.String { return &m.Cert },
		func(c *client.Config) *string { return &c.ClientCert },
	},
	{
		"key",
		[]string{"OS_KEY"},
		"Key of the client certificate: path of a PEM file, or PEM text.", true,
		func(m *providerModel) *types.String { return &m.Key },
		func(c *client.Config) *string { return &c.ClientKey },
	},
}
