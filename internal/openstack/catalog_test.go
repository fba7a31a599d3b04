package openstack_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/openstack/openstacktest"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

func TestChoosesTheEndpoint(t *testing.T) {
	t.Parallel()
	everything := []string{
		entry("volumev2", at("public", "east", "/v2/"+project)),
		entry("compute", at("public", "east", "/compute/v2.1")),
		entry("volumev3", at("internal", "east", "/internal/v3/"+project), at("public", "west", "/west/v3/"+project), at("public", "east", "/v3/"+project)),
	}
	modern := append([]string{entry("block-storage", at("public", "east", "/block/v3/"+project))}, everything...)
	for name, row := range map[string]struct {
		catalog []string
		change  func(*openstack.Config)
		region  string
		want    string
	}{
		"the newest type first":       {modern, nil, "east", "/block/v3/" + project},
		"v3 before v2":                {everything, nil, "east", "/v3/" + project},
		"only v2":                     {everything[:1], nil, "east", "/v2/" + project},
		"by region":                   {everything, func(c *openstack.Config) { c.Region = "west" }, "west", "/west/v3/" + project},
		"by endpoint type":            {everything, func(c *openstack.Config) { c.EndpointType = "internal" }, "east", "/internal/v3/" + project},
		"by older endpoint type":      {everything, func(c *openstack.Config) { c.EndpointType = "internalURL" }, "east", "/internal/v3/" + project},
		"without a version, v3":       {[]string{entry("block-storage", at("public", "east", "/volume/"))}, nil, "east", "/volume/v3/" + project},
		"without a version, v2":       {[]string{entry("volumev2", at("public", "east", ""))}, nil, "east", "/v2/" + project},
		"without a project":           {[]string{entry("volumev3", at("public", "east", "/v3/"))}, nil, "east", "/v3"},
		"a gateway with a version":    {[]string{entry("volumev3", at("public", "east", "/v2/cinder/v3/"+project))}, nil, "east", "/v2/cinder/v3/" + project},
		"a version that is not one":   {[]string{entry("volumev3", at("public", "east", "/v3-proxy"))}, nil, "east", "/v3-proxy/v3/" + project},
		"the first region of several": {everything, nil, "west", "/west/v3/" + project},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, always(200, available))
			s.Catalog = "[" + strings.Join(row.catalog, ", ") + "]"
			change := row.change
			if change == nil {
				change = func(*openstack.Config) {}
			}
			if row.region == "east" && name != "only v2" && change != nil {
				inner := change
				change = func(c *openstack.Config) { c.Region = "east"; inner(c) }
			}
			b := s.open(change)
			if _, err := b.Get(t.Context(), snapshot); err != nil {
				t.Fatal(err)
			}
			got := strings.TrimPrefix(s.Requests()[0], "GET ")
			want := strings.TrimPrefix(row.want+"/snapshots/"+snapshot, "/v3/"+project)
			if got != want {
				t.Errorf("asked %s, want %s", got, want)
			}
			if region, err := b.Region(t.Context()); region != row.region || err != nil {
				t.Errorf("region %q, %v", region, err)
			}
		})
	}
}

func TestEndpointOverrides(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	b := s.open(func(c *openstack.Config) {
		c.EndpointOverrides = map[string]string{"volumev2": s.URL + "/other/v2/x", "volumev3": s.URL + "/other/v3/x/"}
	})
	if _, err := b.Get(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	wantLines(t, s.Requests(), "GET /other/v3/x/snapshots/"+snapshot)

	s = newScript(t, always(200, available))
	b = s.open(func(c *openstack.Config) {
		c.EndpointOverrides = map[string]string{"volumev3": s.URL + "/v3/%(project_id)s"}
	})
	if _, err := b.Get(t.Context(), snapshot); err != nil {
		t.Fatal(err)
	}
	wantLines(t, s.Requests(), "GET /snapshots/"+snapshot)

	_, err := s.open(func(c *openstack.Config) { c.EndpointOverrides = map[string]string{"volumev3": "cinder:8776"} }).Get(t.Context(), snapshot)
	var config *transport.ConfigError
	if !errors.As(err, &config) || config.Setting != "endpoint_overrides" || strings.Contains(err.Error(), "cinder:8776") {
		t.Errorf("%v", err)
	}
}

// The version of the API is the last one in its URL: a gateway may have its own.
func TestVersionBehindAGateway(t *testing.T) {
	t.Parallel()
	for path, asked := range map[string]string{"/v2/cinder/v3/": "volume 3.65", "/v3/cinder/v2/": ""} {
		s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("OpenStack-API-Version"); got != asked {
				t.Errorf("%s: asked for %q, want %q", path, got, asked)
			}
			always(200, available)(w, r)
		})
		s.Catalog = "[" + entry("volumev3", at("public", "east", path+project)) + "]"
		if _, err := s.open().Get(t.Context(), snapshot); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What is wrong in the catalogue is not blamed on a setting that nobody made.
func TestUnusableCatalog(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(200, available))
	s.Catalog = `[{"type": "volumev3", "endpoints": [{"interface": "public", "region": "east", "region_id": "east", "url": "cinder:8776/v3"}]}]`
	_, err := s.open().Get(t.Context(), snapshot)
	var catalog *openstack.CatalogError
	if !errors.As(err, &catalog) || catalog.Region != "east" || errors.As(err, new(*transport.ConfigError)) || strings.Contains(err.Error(), "cinder:8776") {
		t.Errorf("%v", err)
	}
}

func TestNoEndpoint(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		catalog, region, want string
	}{
		"none":         {"[]", "", "no block storage at all"},
		"other region": {openstacktest.OnlyV3, "west", `in region "west"; it offers volumev3 (public) in "east"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, always(200, available))
			s.Catalog = row.catalog
			_, err := s.open(func(c *openstack.Config) { c.Region = row.region }).Get(t.Context(), snapshot)
			var endpoint *openstack.EndpointError
			if !errors.As(err, &endpoint) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// The endpoint of endpoint_overrides is that of the configuration's region, and
// of no other.
func TestOverrideIsOfItsRegion(t *testing.T) {
	t.Parallel()
	s := newScript(t, always(http.StatusOK, available))
	for _, row := range []struct{ own, wanted string }{{"east", "west"}, {"", "west"}} {
		config := s.ClientConfig()
		config.Region = row.own
		config.EndpointOverrides = map[string]string{"volumev3": s.URL + "/v3/" + project}
		cloud, err := openstack.New(config)
		if err != nil {
			t.Fatal(err)
		}
		var override *openstack.OverrideError
		if _, err := (service{cloud.BlockStorage(row.wanted)}).Get(t.Context(), snapshot); !errors.As(err, &override) || override.Region != row.own || override.Wanted != row.wanted {
			t.Errorf("%+v: %v", row, err)
		}
		if _, err := (service{cloud.BlockStorage(row.own)}).Get(t.Context(), snapshot); err != nil {
			t.Errorf("%+v: its own region: %v", row, err)
		}
		if _, err := (service{cloud.BlockStorage("")}).Get(t.Context(), snapshot); err != nil {
			t.Errorf("%+v: no region named: %v", row, err)
		}
	}
}
