package openstack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

func TestRegionChoice(t *testing.T) {
	t.Parallel()
	catalog := []string{
		entry("volumev2", at("public", "south", "/v2/"+project)),
		entry("compute", at("public", "moon", "/compute")),
		entry("volumev3", at("public", "east", "/v3/"+project), at("internal", "north", "/v3/"+project),
			at("public", "west", "/v3/"+project), at("public", "east", "/again/v3/"+project)),
	}
	for name, row := range map[string]struct {
		catalog []string
		change  func(*openstack.Config)
		asked   string
		region  string
		others  []string
	}{
		"the first of several":     {catalog, nil, "", "east", []string{"south", "west"}},
		"only one":                 {catalog[:1], nil, "", "south", nil},
		"one of this type":         {catalog, func(c *openstack.Config) { c.EndpointType = "internalURL" }, "", "north", nil},
		"named in the provider":    {catalog, func(c *openstack.Config) { c.Region = "west" }, "", "west", nil},
		"named in the resource":    {catalog, nil, "west", "west", nil},
		"an endpoint is named":     {catalog, func(c *openstack.Config) { c.EndpointOverrides = map[string]string{"volumev3": "http://cinder/v3/p"} }, "", "", nil},
		"another service's is":     {catalog, func(c *openstack.Config) { c.EndpointOverrides = map[string]string{"compute": "http://nova"} }, "", "east", []string{"south", "west"}},
		"an empty override is not": {catalog, func(c *openstack.Config) { c.EndpointOverrides = map[string]string{"volumev3": ""} }, "", "east", []string{"south", "west"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, always(200, available))
			s.Catalog = "[" + strings.Join(row.catalog, ", ") + "]"
			config := s.ClientConfig()
			if row.change != nil {
				row.change(&config)
			}
			cloud, err := openstack.New(config)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				choice, err := cloud.BlockStorage(row.asked).RegionChoice(t.Context())
				if err != nil || choice.Region != row.region || !slices.Equal(choice.Others, row.others) {
					t.Errorf("%+v, %v", choice, err)
				}
			}
			if n := len(s.SignIns()); n != 1 || len(s.Requests()) != 0 {
				t.Errorf("%d sign-ins and %v", n, s.Requests())
			}
		})
	}
}
