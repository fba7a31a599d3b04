package openstack

import (
	"slices"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Config says how to sign in and where the block storage API is. The zero
// value of a field means "not set". Exactly one way to sign in must be
// complete: a password with a user, a token, or an application credential.
type Config struct {
	// Config says how requests are sent, to all regions and services together. Paths
	// in it may begin with ~/.
	transport.Config

	// AuthURL is the Identity (Keystone) endpoint, with or without /v3.
	AuthURL string

	// UserID, or UserName with its domain, signs in with Password, or owns
	// the application credential that is given by name.
	UserID         string
	UserName       string
	UserDomainID   string
	UserDomainName string
	Password       string

	// Token is a token made elsewhere. It cannot be renewed when it expires.
	Token string

	// ApplicationCredentialID, or ApplicationCredentialName with the user,
	// and its secret.
	ApplicationCredentialID     string
	ApplicationCredentialName   string
	ApplicationCredentialSecret string

	// ProjectID, or ProjectName with its domain, is the scope. DomainID or
	// DomainName is the scope where no project is set.
	ProjectID         string
	ProjectName       string
	ProjectDomainID   string
	ProjectDomainName string
	DomainID          string
	DomainName        string
	// DefaultDomain is the id of the domain of a user or project that is named
	// without one, or else DefaultDomainName its name; "" in both stands for the id
	// "default".
	DefaultDomain     string
	DefaultDomainName string

	// Region is the region of [Client.BlockStorage] where none is asked for.
	Region string
	// EndpointType is public (also the meaning of ""), internal or admin;
	// the older forms publicURL, internalURL and adminURL mean the same.
	EndpointType string
	// EndpointOverrides has a base URL for a catalogue service type, in the
	// form the catalogue has it: with version and project id. In it,
	// %(project_id)s is the project of the sign-in.
	EndpointOverrides map[string]string

	// UserAgent is put before gophercloud's own.
	UserAgent string
	// Unknown names settings whose value is not known yet. A Client made
	// with any of them fails each call with an [*UnconfiguredError].
	Unknown []string
}

// Method is a way to sign in.
type Method string

// The ways to sign in, in the words of the Identity API.
const (
	MethodNone                  Method = ""
	MethodPassword              Method = "password"
	MethodToken                 Method = "token"
	MethodApplicationCredential Method = "application_credential"
)

// method returns the way to sign in that the configuration has the secret (or, for an
// application credential, any part) of.
func (c Config) method() Method {
	switch {
	case c.Password != "":
		return MethodPassword
	case c.Token != "":
		return MethodToken
	case c.ApplicationCredentialID != "" || c.ApplicationCredentialName != "" || c.ApplicationCredentialSecret != "":
		return MethodApplicationCredential
	}
	return MethodNone
}

// EndpointTypes lists the values of [Config.EndpointType] other than "".
func EndpointTypes() []string {
	return []string{"public", "internal", "admin", "publicURL", "internalURL", "adminURL"}
}

// VolumeServiceTypes lists the catalogue types of the block storage API, the
// most wanted first (service-types authority and its historical aliases).
func VolumeServiceTypes() []string { return slices.Clone(volumeServiceTypes) }

var volumeServiceTypes = []string{"block-storage", "volumev3", "volumev2"}
