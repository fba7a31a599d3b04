package framework

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

func TestWarnOfRegion(t *testing.T) {
	t.Parallel()
	keystone := func(regions ...string) *httptest.Server {
		var endpoints []string
		for _, region := range regions {
			endpoints = append(endpoints, fmt.Sprintf(`{"interface": "public", "region_id": %q, "url": "http://cinder/v3/p"}`, region))
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Subject-Token", "t")
			fmt.Fprintf(w, `{"token": {"project": {"id": "p"}, "catalog": [{"type": "volumev3", "endpoints": [%s]}]}}`, strings.Join(endpoints, ", "))
		}))
		t.Cleanup(server.Close)
		return server
	}
	provider := func(t *testing.T, config openstack.Config) *ProviderData {
		t.Helper()
		config.Token = "t"
		cloud, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		return &ProviderData{Client: cloud}
	}
	several, one := keystone("east", "west", "north"), keystone("east")
	for name, row := range map[string]struct {
		config openstack.Config
		region string
		warns  bool
	}{
		"several":                   {openstack.Config{AuthURL: several.URL}, "", true},
		"one":                       {openstack.Config{AuthURL: one.URL}, "", false},
		"named in the provider":     {openstack.Config{AuthURL: several.URL, Region: "east"}, "", false},
		"named in the resource":     {openstack.Config{AuthURL: several.URL}, "west", false},
		"an endpoint of one's own":  {openstack.Config{AuthURL: several.URL, EndpointOverrides: map[string]string{"volumev3": "http://cinder/v3/p"}}, "", false},
		"nothing is known about it": {openstack.Config{AuthURL: "http://127.0.0.1:1/v3", Config: transport.Config{MaxRetries: new(int)}}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := provider(t, row.config)
			var mu sync.Mutex
			var all diag.Diagnostics
			var wait sync.WaitGroup
			for range 20 {
				wait.Go(func() {
					var diags diag.Diagnostics
					data.WarnOfRegion(t.Context(), data.Client.BlockStorage(row.region), &diags)
					mu.Lock()
					defer mu.Unlock()
					all = append(all, diags...) // Append would leave out what is the same.
				})
			}
			wait.Wait()
			if len(all) == 1 != row.warns || all.HasError() {
				t.Fatalf("%d diagnostics: %v", len(all), all)
			}
			if !row.warns {
				return
			}
			for _, want := range []string{`uses "east"`, `the others are "north", "west"`, `region = "east"`, "OS_REGION_NAME"} {
				if !strings.Contains(all[0].Detail(), want) {
					t.Errorf("it does not say %q: %s", want, all[0].Detail())
				}
			}
			// A new configuration warns anew.
			var diags diag.Diagnostics
			again := provider(t, row.config)
			again.WarnOfRegion(t.Context(), again.Client.BlockStorage(""), &diags)
			if len(diags) != 1 {
				t.Errorf("a new configuration: %v", diags)
			}
		})
	}
}
