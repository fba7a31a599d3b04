package client

import (
	"errors"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
)

// ReadCloud reads the entry of that name from clouds.yaml, completed from
// secure.yaml and, for a profile, from clouds-public.yaml. The file is the one
// that OS_CLIENT_CONFIG_FILE names, or else the first of ./clouds.yaml,
// ~/.config/openstack/clouds.yaml and /etc/openstack/clouds.yaml.
// OS_REGION_NAME, OS_INTERFACE, OS_CACERT, OS_CERT and OS_KEY have precedence
// over the entry.
func ReadCloud(name string) (config Config, err error) {
	// The parser dereferences the auth section without a look
	// (gophercloud v2.15).
	defer func() {
		if recover() != nil {
			config, err = Config{}, fmt.Errorf("cloud %q: %w", name, errors.New("the entry has no auth section"))
		}
	}()
	auth, endpoint, tlsConfig, err := clouds.Parse(clouds.WithCloudName(name))
	if err != nil {
		return Config{}, fmt.Errorf("cloud %q: %w", name, err)
	}
	config = Config{
		AuthURL:                     auth.IdentityEndpoint,
		UserID:                      auth.UserID,
		UserName:                    auth.Username,
		UserDomainID:                auth.DomainID,
		UserDomainName:              auth.DomainName,
		Password:                    auth.Password,
		Token:                       auth.TokenID,
		ApplicationCredentialID:     auth.ApplicationCredentialID,
		ApplicationCredentialName:   auth.ApplicationCredentialName,
		ApplicationCredentialSecret: auth.ApplicationCredentialSecret,
		Region:                      endpoint.Region,
		EndpointType:                string(endpoint.Availability),
		Insecure:                    tlsConfig.InsecureSkipVerify,
		TLS:                         tlsConfig,
	}
	scope := auth.Scope
	if scope == nil {
		scope = &gophercloud.AuthScope{}
	}
	config.ProjectID, config.ProjectName = scope.ProjectID, scope.ProjectName
	if scope.ProjectName != "" {
		config.ProjectDomainID, config.ProjectDomainName = scope.DomainID, scope.DomainName
	} else {
		config.DomainID, config.DomainName = scope.DomainID, scope.DomainName
	}
	return config, nil
}
