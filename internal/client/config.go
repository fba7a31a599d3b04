package client

import (
	"cmp"
	"log/slog"
	"slices"
	"time"
)

// Config says how to sign in and where the block storage API is. The zero
// value of a field means "not set". Exactly one way to sign in must be
// complete: a password with a user, a token, or an application credential.
type Config struct {
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
	// without one; "" stands for "default".
	DefaultDomain string

	// Region is the region of [Client.BlockStorage] where none is asked for.
	Region string
	// EndpointType is public (also the meaning of ""), internal or admin;
	// the older forms publicURL, internalURL and adminURL mean the same.
	EndpointType string
	// EndpointOverrides gives a base URL for a catalogue service type, in the
	// form the catalogue has it: with version and project id. In it,
	// %(project_id)s is the project of the sign-in.
	EndpointOverrides map[string]string

	// Insecure accepts any certificate. CACert, ClientCert and ClientKey are
	// paths of PEM files, or PEM text. Without a ClientKey, ClientCert has the key
	// too.
	Insecure   bool
	CACert     string
	ClientCert string
	ClientKey  string

	// MaxRetries is how often a request is sent again that may be and that had a
	// passing failure; nil stands for [DefaultMaxRetries].
	MaxRetries *int
	// RequestTimeout bounds each request, from connecting to the last byte of
	// the answer; 0 stands for [DefaultRequestTimeout].
	RequestTimeout time.Duration

	// SingleReads makes [BlockStorage.Read] the same as [BlockStorage.Get].
	SingleReads bool

	// MaxConcurrentRequests bounds how many requests of a Client are under way at
	// a time, to all regions and services; 0 stands for
	// [DefaultMaxConcurrentRequests]. The pause before a request is sent again
	// does not count.
	MaxConcurrentRequests int
	// RequestsPerSecond bounds how many requests a Client sends in a second, the
	// repeated ones included; 0 stands for no bound.
	RequestsPerSecond float64

	// UserAgent is put before gophercloud's own.
	UserAgent string
	// Logger gets one debug record a request, without header or body.
	Logger *slog.Logger

	// Unknown names settings whose value is not known yet. A Client made
	// with any of them fails each call with an [*UnconfiguredError].
	Unknown []string
}

// What holds where the configuration does not say.
const (
	DefaultMaxRetries            = 5
	DefaultRequestTimeout        = time.Minute
	DefaultMaxConcurrentRequests = 32
)

func (c Config) maxRetries() int {
	if c.MaxRetries == nil {
		return DefaultMaxRetries
	}
	return *c.MaxRetries
}

func (c Config) requestTimeout() time.Duration {
	return cmp.Or(c.RequestTimeout, DefaultRequestTimeout)
}

func (c Config) maxConcurrentRequests() int {
	return cmp.Or(c.MaxConcurrentRequests, DefaultMaxConcurrentRequests)
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

// Methods lists the ways to sign in that the configuration has the secret
// (or, for an application credential, any part) of.
func (c Config) Methods() []Method {
	var methods []Method
	if c.Password != "" {
		methods = append(methods, MethodPassword)
	}
	if c.Token != "" {
		methods = append(methods, MethodToken)
	}
	if c.ApplicationCredentialID != "" || c.ApplicationCredentialName != "" || c.ApplicationCredentialSecret != "" {
		methods = append(methods, MethodApplicationCredential)
	}
	return methods
}

// EndpointTypes lists the values of [Config.EndpointType] other than "".
func EndpointTypes() []string {
	return []string{"public", "internal", "admin", "publicURL", "internalURL", "adminURL"}
}

// VolumeServiceTypes lists the catalogue types of the block storage API, the
// most wanted first (service-types authority and its historical aliases).
func VolumeServiceTypes() []string { return slices.Clone(volumeServiceTypes) }

var volumeServiceTypes = []string{"block-storage", "volumev3", "volumev2"}
