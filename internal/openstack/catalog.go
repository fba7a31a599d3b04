package openstack

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// endpointURL is where a block storage API is.
type endpointURL struct {
	// base ends with a slash, behind the version and, where the catalogue has
	// it, the project id.
	base string
	// root is base up to and with the version: where the API describes itself.
	root string
	// major is 3 or 2.
	major int
}

// chooseEndpoint takes the best block storage endpoint: an override before the
// catalogue, and in each the service types in the order of volumeServiceTypes.
// An override is that of the configuration's own region. It also returns the
// catalogue's name for the region, "" if nobody said one.
func chooseEndpoint(config Config, signed *signedIn, region string) (_ endpointURL, name string, _ error) {
	if serviceType, override := config.override(); override != "" {
		if region != config.Region {
			return endpointURL{}, "", &OverrideError{ServiceType: serviceType, Region: config.Region, Wanted: region}
		}
		e, err := parseEndpoint(serviceType, override, signed.projectID)
		if err != nil {
			return endpointURL{}, "", &transport.ConfigError{Setting: "endpoint_overrides", Err: err}
		}
		return e, region, nil
	}
	availability := config.availability()
	var offered []string
	for serviceType, e := range signed.endpoints() {
		name := regionName(e)
		if e.Interface == availability && (region == "" || region == name || region == e.Region) {
			name = cmp.Or(region, name)
			chosen, err := parseEndpoint(serviceType, e.URL, signed.projectID)
			if err != nil {
				return endpointURL{}, "", &CatalogError{Region: name, Err: err}
			}
			return chosen, name, nil
		}
		offered = append(offered, fmt.Sprintf("%s (%s) in %q", serviceType, e.Interface, name))
	}
	slices.Sort(offered)
	return endpointURL{}, "", &EndpointError{Region: region, EndpointType: availability, Offered: slices.Compact(offered)}
}

// override returns the best of the endpoint overrides and its service type, "" if there is none.
func (c Config) override() (serviceType, endpoint string) {
	for _, serviceType := range volumeServiceTypes {
		if endpoint := c.EndpointOverrides[serviceType]; endpoint != "" {
			return serviceType, endpoint
		}
	}
	return "", ""
}

// availability is the endpoint type in the words of the catalogue.
func (c Config) availability() string {
	return cmp.Or(strings.TrimSuffix(c.EndpointType, "URL"), "public")
}

// endpoints yields the block storage endpoints of the catalogue with their service types, the
// best first.
func (s *signedIn) endpoints() iter.Seq2[string, tokens.Endpoint] {
	return func(yield func(string, tokens.Endpoint) bool) {
		for _, serviceType := range volumeServiceTypes {
			for _, entry := range s.catalog {
				if entry.Type != serviceType {
					continue
				}
				for _, e := range entry.Endpoints {
					if !yield(serviceType, e) {
						return
					}
				}
			}
		}
	}
}

// regionName is what the catalogue calls the region of an endpoint.
func regionName(e tokens.Endpoint) string { return cmp.Or(e.RegionID, e.Region) }

// versionSegment is the API version in a path without slashes at its ends.
var versionSegment = regexp.MustCompile(`^(?:.*/)?(v([23])(?:\.\d+)?)(?:/.*)?$`)

// lastVersion finds the last one of a path: a gateway may have a version of its
// own before it.
func lastVersion(path string) []int { return versionSegment.FindStringSubmatchIndex(path) }

// parseEndpoint reads the base URL of a catalogue entry or override. One without
// a version gets the one that its service type stands for, and the project id,
// which every Cinder takes. An override may have the project id as keystoneauth
// takes it: %(project_id)s.
func parseEndpoint(serviceType, raw, projectID string) (endpointURL, error) {
	u, err := url.Parse(strings.ReplaceAll(raw, "%(project_id)s", projectID))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return endpointURL{}, fmt.Errorf("what it says for %s is not an http or https URL", serviceType)
	}
	path := strings.Trim(u.EscapedPath(), "/")
	version := lastVersion(path)
	if version == nil {
		segment := "v3"
		if serviceType == "volumev2" {
			segment = "v2"
		}
		path = strings.Trim(path+"/"+segment+"/"+projectID, "/")
		version = lastVersion(path)
	}
	origin := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
	e := endpointURL{base: origin + path + "/", root: origin + path[:version[3]] + "/", major: 3}
	if path[version[4]:version[5]] == "2" {
		e.major = 2
	}
	return e, nil
}
