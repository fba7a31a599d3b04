package provider

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// block is a provider block: text for strings, tftypes.UnknownValue, or a
// tftypes.Value for everything else.
type block map[string]any

// config makes the framework's form of it.
func (b block) config(t *testing.T) tfsdk.Config {
	t.Helper()
	schema := providerSchema()
	object, ok := schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is not an object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		switch value := b[name].(type) {
		case nil:
			values[name] = tftypes.NewValue(kind, nil)
		case tftypes.Value:
			values[name] = value
		default:
			values[name] = tftypes.NewValue(kind, value)
		}
	}
	return tfsdk.Config{Schema: schema, Raw: tftypes.NewValue(object, values)}
}

func (b block) configure(t *testing.T) *provider.ConfigureResponse {
	t.Helper()
	var resp provider.ConfigureResponse
	New("test")().Configure(t.Context(), provider.ConfigureRequest{Config: b.config(t)}, &resp)
	return &resp
}

func (b block) resolve(t *testing.T) (openstack.Config, diag.Diagnostics) {
	t.Helper()
	var model providerModel
	diags := b.config(t).Get(t.Context(), &model)
	config, _ := model.resolve(&diags)
	return config, diags
}

// isolate takes away every setting of the caller's own.
func isolate(t *testing.T, environment map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OS_") {
			t.Setenv(name, "")
		}
	}
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	for name, value := range environment {
		t.Setenv(name, value)
	}
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

const keystone = "https://keystone.example.com/v3"

func TestResolve(t *testing.T) {
	for name, row := range map[string]struct {
		environment map[string]string
		clouds      map[string]string
		block       block
		want        openstack.Config
	}{
		"password in the block": {
			block: block{"auth_url": keystone, "user_name": "u", "password": "p", "project_name": "j", "user_domain_name": "ud", "project_domain_id": "pd", "region": "r"},
			want: openstack.Config{
				AuthURL: keystone, UserName: "u", Password: "p", ProjectName: "j", UserDomainName: "ud", ProjectDomainID: "pd", Region: "r",
			},
		},
		"all from the environment, with the older names": {
			environment: map[string]string{
				"OS_AUTH_URL": keystone, "OS_USER_ID": "uid", "OS_PASSWORD": "p", "OS_TENANT_ID": "tid", "OS_TENANT_NAME": "tn", "OS_REGION_NAME": "r",
				"OS_ENDPOINT_TYPE": "internalURL", "OS_CACERT": "/ca", "OS_CERT": "/cert", "OS_KEY": "/key", "OS_INSECURE": "true",
				"OS_DEFAULT_DOMAIN": "dd", "OS_DOMAIN_NAME": "dn",
			},
			want: openstack.Config{
				AuthURL: keystone, UserID: "uid", Password: "p", ProjectID: "tid", ProjectName: "tn", Region: "r", EndpointType: "internalURL",
				Config: transport.Config{CACert: "/ca", ClientCert: "/cert", ClientKey: "/key", Insecure: true}, DefaultDomain: "dd", DomainName: "dn",
			},
		},
		"the block before the environment": {
			environment: map[string]string{"OS_AUTH_URL": "https://other", "OS_USERNAME": "other", "OS_PASSWORD": "other", "OS_INSECURE": "1", "OS_PROJECT_ID": "other"},
			block:       block{"auth_url": keystone, "user_id": "uid", "password": "p", "project_name": "j", "insecure": false},
			want:        openstack.Config{AuthURL: keystone, UserID: "uid", Password: "p", ProjectName: "j"},
		},
		"a way to sign in before those of lower levels": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_APPLICATION_CREDENTIAL_ID": "a"},
			block:       block{"token": "t"},
			want:        openstack.Config{AuthURL: keystone, UserName: "u", Token: "t"},
		},
		"token of the older name": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_AUTH_TOKEN": "t"},
			want:        openstack.Config{AuthURL: keystone, Token: "t"},
		},
		"application credential split over two levels": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_APPLICATION_CREDENTIAL_SECRET": "s", "OS_PASSWORD": ""},
			block:       block{"application_credential_id": "a"},
			want:        openstack.Config{AuthURL: keystone, ApplicationCredentialID: "a", ApplicationCredentialSecret: "s"},
		},
		"application credential by name": {
			block: block{"auth_url": keystone, "application_credential_name": "a", "application_credential_secret": "s", "user_id": "u"},
			want:  openstack.Config{AuthURL: keystone, ApplicationCredentialName: "a", ApplicationCredentialSecret: "s", UserID: "u"},
		},
		"clouds.yaml with secure.yaml and a profile": {
			environment: map[string]string{"OS_CLOUD": "prod"},
			clouds: map[string]string{
				"clouds.yaml":        "clouds:\n  prod:\n    profile: vendor\n    region_name: east\n    auth:\n      username: u\n      project_name: j\n      user_domain_name: ud\n      project_domain_name: pd\n",
				"secure.yaml":        "clouds:\n  prod:\n    auth:\n      password: p\n",
				"clouds-public.yaml": "public-clouds:\n  vendor:\n    auth:\n      auth_url: " + keystone + "\n",
			},
			want: openstack.Config{
				AuthURL: keystone, UserName: "u", Password: "p", ProjectName: "j", UserDomainName: "ud", ProjectDomainName: "pd", Region: "east",
			},
		},
		"clouds.yaml below the environment below the block": {
			environment: map[string]string{"OS_REGION_NAME": "west", "OS_USERNAME": "from env"},
			clouds: map[string]string{
				"clouds.yaml": "clouds:\n  prod:\n    region_name: east\n    verify: false\n    interface: internal\n    auth:\n      auth_url: " + keystone + "\n      username: u\n      password: p\n      project_id: j\n",
			},
			block: block{"cloud": "prod", "password": "from block"},
			want: openstack.Config{
				AuthURL: keystone, UserName: "from env", Password: "from block", ProjectID: "j", Region: "west", EndpointType: "internal", Config: transport.Config{Insecure: true},
			},
		},
		"another file": {
			environment: map[string]string{"OS_CLOUD": "x", "OS_CLIENT_CONFIG_FILE": "deep/down/my.yaml"},
			clouds: map[string]string{
				"deep/down/my.yaml": "clouds:\n  x:\n    auth:\n      auth_url: " + keystone + "\n      application_credential_id: a\n      application_credential_secret: s\n",
			},
			want: openstack.Config{AuthURL: keystone, ApplicationCredentialID: "a", ApplicationCredentialSecret: "s"},
		},
		"endpoint overrides": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t"},
			block: block{"endpoint_overrides": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String},
				map[string]tftypes.Value{"volumev2": tftypes.NewValue(tftypes.String, "https://cinder/v2/p")})},
			want: openstack.Config{AuthURL: keystone, Token: "t", EndpointOverrides: map[string]string{"volumev2": "https://cinder/v2/p"}},
		},
		"endpoint overrides of the block before all others": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", "OS_VOLUMEV3_ENDPOINT_OVERRIDE": "https://env/v3"},
			block: block{"endpoint_overrides": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String},
				map[string]tftypes.Value{"volumev2": tftypes.NewValue(tftypes.String, "https://cinder/v2/p")})},
			want: openstack.Config{AuthURL: keystone, Token: "t", EndpointOverrides: map[string]string{"volumev2": "https://cinder/v2/p"}},
		},
		"no endpoint override in the block": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", "OS_VOLUMEV3_ENDPOINT_OVERRIDE": "https://env/v3"},
			block: block{"endpoint_overrides": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String},
				map[string]tftypes.Value{"volumev2": tftypes.NewValue(tftypes.String, nil)})},
			want: openstack.Config{AuthURL: keystone, Token: "t", EndpointOverrides: map[string]string{"volumev3": "https://env/v3"}},
		},
		"endpoint overrides of the environment before the entry": {
			environment: map[string]string{"OS_CLOUD": "prod", "OS_VOLUMEV3_ENDPOINT_OVERRIDE": "https://env/v3/%(project_id)s"},
			clouds:      prod("block_storage_endpoint_override: 'https://cinder/v3'", "auth: {auth_url: '"+keystone+"', token: t}"),
			want:        openstack.Config{AuthURL: keystone, Token: "t", EndpointOverrides: map[string]string{"volumev3": "https://env/v3/%(project_id)s"}},
		},
		"values of the region of the block": {
			environment: map[string]string{"OS_REGION_NAME": "north"},
			clouds:      prod("auth_type: token", "auth: {auth_url: '"+keystone+"', token: t}", "regions: [east, {name: west, values: {interface: internal}}]"),
			block:       block{"cloud": "prod", "region": "west"},
			want:        openstack.Config{AuthURL: keystone, Token: "t", Region: "west", EndpointType: "internal"},
		},
		"the region of the block where the entry is one of a profile": {
			clouds: and(prod("profile: vendor", "auth: {token: t}"), map[string]string{
				"clouds-public.yaml": "public-clouds: {vendor: {auth: {auth_url: 'https://{region_name}.example.com/v3'}, regions: [east, west]}}",
			}),
			block: block{"cloud": "prod", "region": "west"},
			want:  openstack.Config{AuthURL: "https://west.example.com/v3", Token: "t", Region: "west"},
		},
		"a complete block, whatever OS_CLOUD names": {
			environment: map[string]string{"OS_CLOUD": "other"},
			clouds:      map[string]string{"clouds.yaml": cloudsYAML("other", auth, "region_name: east", "cacert: /other.pem", "volumev3_endpoint_override: 'https://other/v3'")},
			block:       block{"auth_url": keystone, "token": "t"},
			want:        openstack.Config{AuthURL: keystone, Token: "t"},
		},
		"a complete block, and a cloud that is nowhere": {
			environment: map[string]string{"OS_CLOUD": "nowhere", "OS_CLIENT_CONFIG_FILE": "nowhere.yaml"},
			block:       block{"auth_url": keystone, "user_name": "u", "password": "p", "project_name": "j"},
			want:        openstack.Config{AuthURL: keystone, UserName: "u", Password: "p", ProjectName: "j"},
		},
		"a complete block, and a file that is broken": {
			environment: map[string]string{"OS_CLOUD": "prod"},
			clouds:      map[string]string{"clouds.yaml": "clouds: ["},
			block:       block{"auth_url": keystone, "application_credential_id": "a", "application_credential_secret": "s"},
			want:        openstack.Config{AuthURL: keystone, ApplicationCredentialID: "a", ApplicationCredentialSecret: "s"},
		},
		"a complete block and its own cloud": {
			clouds: prod(auth, "region_name: east"),
			block:  block{"cloud": "prod", "auth_url": keystone, "token": "t"},
			want:   openstack.Config{AuthURL: keystone, Token: "t", UserName: "u", ProjectID: "j", Region: "east"},
		},
		"a block without a project takes that of OS_CLOUD": {
			environment: map[string]string{"OS_CLOUD": "prod"},
			clouds:      prod("auth: {project_id: j}"),
			block:       block{"auth_url": keystone, "user_name": "u", "password": "p"},
			want:        openstack.Config{AuthURL: keystone, UserName: "u", Password: "p", ProjectID: "j"},
		},
		"OS_AUTH_TYPE between secrets of the block": {
			environment: map[string]string{"OS_AUTH_TYPE": "v3token"},
			block:       block{"auth_url": keystone, "user_name": "u", "password": "p", "token": "t"},
			want:        openstack.Config{AuthURL: keystone, UserName: "u", Token: "t"},
		},
		"auth_type of the entry between secrets of the environment": {
			environment: map[string]string{"OS_CLOUD": "prod", "OS_TOKEN": "t", "OS_PASSWORD": "p"},
			clouds:      prod("auth_type: v3password", "auth: {auth_url: '"+keystone+"', username: u}"),
			want:        openstack.Config{AuthURL: keystone, UserName: "u", Password: "p"},
		},
		"a secret of the block before OS_AUTH_TYPE": {
			environment: map[string]string{"OS_AUTH_TYPE": "v3oidcpassword", "OS_PASSWORD": "p"},
			block:       block{"auth_url": keystone, "token": "t"},
			want:        openstack.Config{AuthURL: keystone, Token: "t"},
		},
		"retries and timeout": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t"},
			block:       block{"max_retries": 0, "request_timeout": "90s"},
			want:        openstack.Config{AuthURL: keystone, Token: "t", Config: transport.Config{MaxRetries: new(int), RequestTimeout: 90 * time.Second}},
		},
		"limits": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t"},
			block:       block{"max_concurrent_requests": 4, "requests_per_second": 0.5},
			want:        openstack.Config{AuthURL: keystone, Token: "t", Config: transport.Config{MaxConcurrentRequests: 4, RequestsPerSecond: 0.5}},
		},
		"limits not known yet": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t"},
			block: block{
				"max_retries": tftypes.UnknownValue, "request_timeout": tftypes.UnknownValue,
				"max_concurrent_requests": tftypes.UnknownValue, "requests_per_second": tftypes.UnknownValue,
			},
			want: openstack.Config{AuthURL: keystone, Token: "t"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t, row.environment)
			for file, content := range row.clouds {
				writeFile(t, file, content)
			}
			got, diags := row.block.resolve(t)
			if diags.HasError() {
				t.Fatal(diags.Errors())
			}
			if row.want.EndpointOverrides == nil {
				row.want.EndpointOverrides = map[string]string{}
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("got  %+v\nwant %+v", got, row.want)
			}
		})
	}
}

// Each bad setting is reported at its attribute, with what was looked for and
// where.
func TestConfigureRefuses(t *testing.T) {
	stringMap := func(values map[string]string) tftypes.Value {
		m := map[string]tftypes.Value{}
		for key, value := range values {
			m[key] = tftypes.NewValue(tftypes.String, value)
		}
		return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, m)
	}
	for name, row := range map[string]struct {
		environment map[string]string
		clouds      string
		block       block
		at          path.Path
		message     string
	}{
		"nothing at all":    {at: path.Root("auth_url"), message: "the provider block has none, the environment has none (OS_AUTH_URL), and no entry of clouds.yaml is chosen"},
		"no credentials":    {block: block{"auth_url": keystone}, at: path.Root("user_name"), message: "OS_USERNAME, OS_PASSWORD, OS_TOKEN, OS_AUTH_TOKEN, OS_APPLICATION_CREDENTIAL_ID"},
		"user, no password": {block: block{"auth_url": keystone, "user_name": "u"}, at: path.Root("password"), message: "OS_PASSWORD"},
		"password, no user": {block: block{"auth_url": keystone, "password": "p"}, at: path.Root("user_name"), message: "user_name or user_id"},
		"password, no user, and the environment's choice of the only way": {
			environment: map[string]string{"OS_AUTH_TYPE": "password"}, block: block{"auth_url": keystone, "password": "p"}, at: path.Root("user_name"), message: "To sign in, the provider looked for user_name or user_id",
		},
		"credential, no owner": {block: block{"auth_url": keystone, "application_credential_name": "a", "application_credential_secret": "s"}, at: path.Root("user_name"), message: "OS_USER_ID"},
		"credential, no secret": {
			block: block{"auth_url": keystone, "application_credential_id": "a"}, at: path.Root("application_credential_secret"), message: "OS_APPLICATION_CREDENTIAL_SECRET",
		},
		"secret, no credential": {
			block: block{"auth_url": keystone, "application_credential_secret": "a"}, at: path.Root("application_credential_id"), message: "OS_APPLICATION_CREDENTIAL_NAME",
		},
		"auth_url not a URL": {block: block{"auth_url": "keystone:5000", "token": "t"}, at: path.Root("auth_url"), message: "not an http or https URL"},
		"two ways in the block": {
			block: block{"auth_url": keystone, "token": "t", "user_name": "u", "password": "p"}, at: path.Root("token"), message: "The provider block gives more than one way to sign in: password and token",
		},
		"two ways in the environment": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", "OS_APPLICATION_CREDENTIAL_ID": "a"},
			at:          path.Root("application_credential_secret"), message: "The environment (OS_*) gives more than one way",
		},
		"two ways in clouds.yaml": {
			clouds: "clouds:\n  prod:\n    auth: {auth_url: 'https://x/v3', token: t, username: u, password: p}\n", block: block{"cloud": "prod"},
			at: path.Root("token"), message: `The entry "prod" of clouds.yaml gives more than one way`,
		},
		"a secret of the entry for another host, whose id is in the block": {
			environment: map[string]string{"OS_AUTH_URL": "https://other.example.com/v3"},
			clouds:      prod("auth: {auth_url: '" + keystone + "', application_credential_secret: s}")["clouds.yaml"],
			block:       block{"cloud": "prod", "application_credential_id": "a"},
			at:          path.Root("auth_url"), message: `OS_AUTH_URL is another address than auth_url of the entry "prod" of /`,
		},
		"a secret of the entry for another host, whose id is in the environment": {
			environment: map[string]string{"OS_AUTH_URL": "https://other.example.com/v3", "OS_APPLICATION_CREDENTIAL_ID": "a"},
			clouds:      prod("auth: {auth_url: '" + keystone + "', application_credential_secret: s}")["clouds.yaml"],
			block:       block{"cloud": "prod"},
			at:          path.Root("auth_url"), message: `OS_AUTH_URL is another address than auth_url of the entry "prod" of /`,
		},
		"a secret of the entry that OS_CLOUD names, for the host of the block": {
			environment: map[string]string{"OS_CLOUD": "prod"},
			clouds:      prod(auth)["clouds.yaml"], block: block{"auth_url": "https://other.example.com/v3", "user_name": "u", "project_name": "j"},
			at: path.Root("auth_url"), message: "Unset OS_CLOUD",
		},
		"a secret of the entry in clear": {
			environment: map[string]string{"OS_AUTH_URL": strings.Replace(keystone, "https", "http", 1)},
			clouds:      prod(auth)["clouds.yaml"], block: block{"cloud": "prod"},
			at: path.Root("auth_url"), message: "OS_AUTH_URL is another address",
		},
		"a token with a line break": {
			environment: map[string]string{"OS_TOKEN": "t\n"}, block: block{"auth_url": keystone},
			at: path.Root("token"), message: "OS_TOKEN has a line break",
		},
		"a URL with a line break": {block: block{"auth_url": keystone + "\n", "token": "t"}, at: path.Root("auth_url"), message: "has a line break"},
		"a secret of the entry for another host": {
			environment: map[string]string{"OS_AUTH_URL": "https://other.example.com/v3"},
			clouds:      prod(auth)["clouds.yaml"], block: block{"cloud": "prod"},
			at: path.Root("auth_url"), message: `OS_AUTH_URL is another address than auth_url of the entry "prod" of /`,
		},
		"a trust": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_TRUST_ID": "t"}, at: path.Root("project_id"), message: "OS_TRUST_ID asks for a token of a trust",
		},
		"another cloud": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_SERVICE_PROVIDER": "sp"}, at: path.Root("project_id"), message: "OS_SERVICE_PROVIDER asks for a token of another cloud's",
		},
		"the system": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_SYSTEM_SCOPE": "all"}, at: path.Root("project_id"), message: "OS_SYSTEM_SCOPE asks for a token for the whole system",
		},
		"user twice": {block: block{"auth_url": keystone, "user_name": "u", "user_id": "i", "password": "p"}, at: path.Root("user_name"), message: "both user_id and user_name"},
		"credential twice": {
			block: block{"auth_url": keystone, "application_credential_id": "u", "application_credential_name": "i", "application_credential_secret": "p"},
			at:    path.Root("application_credential_name"), message: "both application_credential_id and application_credential_name",
		},
		"cert without key":         {block: block{"auth_url": keystone, "token": "t", "cert": "/c"}, at: path.Root("cert"), message: "cert: neither PEM text nor the path"},
		"key without cert":         {environment: map[string]string{"OS_KEY": "/k"}, block: block{"auth_url": keystone, "token": "t"}, at: path.Root("cert"), message: "OS_CERT"},
		"cacert_file missing":      {block: block{"auth_url": keystone, "token": "t", "cacert_file": "/nowhere.pem"}, at: path.Root("cacert_file"), message: "no such file"},
		"cacert_file empty PEM":    {block: block{"auth_url": keystone, "token": "t", "cacert_file": "-----BEGIN X-----"}, at: path.Root("cacert_file"), message: "no PEM certificate"},
		"OS_INSECURE":              {environment: map[string]string{"OS_INSECURE": "maybe"}, block: block{"auth_url": keystone, "token": "t"}, at: path.Root("insecure"), message: "OS_INSECURE is neither true nor false"},
		"OS_INTERFACE":             {environment: map[string]string{"OS_INTERFACE": "secret"}, block: block{"auth_url": keystone, "token": "t"}, at: path.Root("endpoint_type"), message: "OS_INTERFACE is not one of public, internal"},
		"cloud without a file":     {block: block{"cloud": "prod"}, at: path.Root("cloud"), message: "no file that could have an entry"},
		"cloud not in the file":    {clouds: "clouds: {}", block: block{"cloud": "prod"}, at: path.Root("cloud"), message: `cloud "prod"`},
		"cloud without auth":       {clouds: "clouds:\n  prod:\n    region_name: x\n", block: block{"cloud": "prod"}, at: path.Root("auth_url"), message: "clouds.yaml (cloud of the provider block) has none"},
		"cloud without a password": {clouds: "clouds:\n  prod:\n    auth: {auth_url: 'https://x/v3', username: u}\n", block: block{"cloud": "prod"}, at: path.Root("password"), message: `the entry "prod" of /`},
		"a cloud that OS_CLOUD names": {
			environment: map[string]string{"OS_CLOUD": "nowhere"}, clouds: cloudsYAML("prod", auth), block: block{"auth_url": keystone, "user_name": "u"},
			at: path.Root("cloud"), message: `"nowhere" (OS_CLOUD) is needed and cannot be used: /`,
		},
		"a cloud that the block names, of a complete block": {
			block: block{"auth_url": keystone, "token": "t", "cloud": "nowhere"}, at: path.Root("cloud"), message: "/etc/openstack",
		},
		"a named file that is not there": {
			environment: map[string]string{"OS_CLOUD": "prod", "OS_CLIENT_SECURE_FILE": "/nowhere/secure.yaml"}, clouds: cloudsYAML("prod", auth),
			at: path.Root("cloud"), message: "OS_CLIENT_SECURE_FILE names /nowhere/secure.yaml, which cannot be read: no such file",
		},
		"OS_AUTH_TYPE without a password": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_AUTH_TYPE": "password"},
			at:          path.Root("password"), message: "To sign in by password, which OS_AUTH_TYPE chooses,",
		},
		"OS_AUTH_TYPE without its secret": {
			environment: map[string]string{"OS_AUTH_URL": keystone, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_AUTH_TYPE": "v3applicationcredential"},
			at:          path.Root("application_credential_secret"), message: "To sign in by application_credential, which OS_AUTH_TYPE chooses,",
		},
		"OS_AUTH_TYPE, none of two secrets": {
			environment: map[string]string{"OS_AUTH_TYPE": "v3applicationcredential"}, block: block{"auth_url": keystone, "user_name": "u", "password": "p", "token": "t"},
			at: path.Root("token"), message: "more than one way to sign in: password and token",
		},
		"user and password in auth_url": {
			environment: map[string]string{"OS_AUTH_URL": "https://u:p@keystone/v3", "OS_TOKEN": "t"}, at: path.Root("auth_url"), message: "OS_AUTH_URL has a user or password before the host",
		},
		"query in auth_url": {
			clouds: cloudsYAML("prod", "auth: {auth_url: 'https://keystone/v3?x=y', token: t}"), block: block{"cloud": "prod"},
			at: path.Root("auth_url"), message: `auth_url of the entry "prod" of clouds.yaml has a query or fragment`,
		},
		"password in an override": {
			block: block{"auth_url": keystone, "token": "t", "endpoint_overrides": stringMap(map[string]string{"volumev3": "https://u:p@cinder/v3"})},
			at:    path.Root("endpoint_overrides"), message: `endpoint_overrides["volumev3"] has a user or password`,
		},
		"override in the entry": {
			clouds: cloudsYAML("prod", auth, "volume_endpoint_override: cinder"), block: block{"cloud": "prod"},
			at: path.Root("endpoint_overrides"), message: `volume_endpoint_override of the entry "prod" of clouds.yaml is not an http or https URL`,
		},
		"interface in the entry": {
			clouds: cloudsYAML("prod", auth, "interface: inside"), block: block{"cloud": "prod"},
			at: path.Root("endpoint_type"), message: `interface of the entry "prod" of clouds.yaml is not one of public`,
		},
		"verify in the entry": {
			clouds: cloudsYAML("prod", auth, "verify: perhaps"), block: block{"cloud": "prod"},
			at: path.Root("cacert_file"), message: `verify of the entry "prod" of clouds.yaml: neither PEM text nor the path`,
		},
		"OS_CACERT": {
			environment: map[string]string{"OS_CACERT": "/nowhere.pem"}, block: block{"auth_url": keystone, "token": "t"},
			at: path.Root("cacert_file"), message: "OS_CACERT: neither PEM text nor the path",
		},
		"default null": {
			block: block{"auth_url": keystone, "token": "t", "default_metadata": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String},
				map[string]tftypes.Value{"a": tftypes.NewValue(tftypes.String, nil)})},
			at: path.Root("default_metadata").AtMapKey("a"), message: "cannot be null",
		},
		"ignore null": {
			block: block{"auth_url": keystone, "token": "t", "ignore_metadata": ignoreValue(nil)},
			at:    path.Root("ignore_metadata").AtName("key_prefixes"), message: "null",
		},
		"ignore empty": {
			block: block{"auth_url": keystone, "token": "t", "ignore_metadata": ignoreValue("")},
			at:    path.Root("ignore_metadata").AtName("key_prefixes").AtSetValue(types.StringValue("")), message: "at least 1",
		},
		"ignore unknown as a whole": {
			block: block{"auth_url": keystone, "token": "t", "ignore_metadata": tftypes.UnknownValue},
			at:    path.Root("ignore_metadata"), message: "must be known",
		},
		"default ignored": {
			block: block{"auth_url": keystone, "token": "t", "default_metadata": stringMap(map[string]string{"sys:a": "1"}), "ignore_metadata": ignoreValue("sys:")},
			at:    path.Root("default_metadata").AtMapKey("sys:a"), message: "belongs to somebody else",
		},
		"ignore unknown": {
			block: block{"auth_url": keystone, "token": "t", "ignore_metadata": ignoreValue(tftypes.UnknownValue)},
			at:    path.Root("ignore_metadata").AtName("key_prefixes"), message: "must be known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t, row.environment)
			if row.clouds != "" {
				writeFile(t, "clouds.yaml", row.clouds)
			}
			for _, d := range row.block.configure(t).Diagnostics.Errors() {
				at, ok := d.(diag.DiagnosticWithPath)
				if ok && at.Path().Equal(row.at) && contains(d.Detail(), row.message) {
					return
				}
				t.Logf("other diagnostic: %v", d)
			}
			t.Errorf("no error at %s with %q", row.at, row.message)
		})
	}
}

// Values that no provider could work with are refused before any plan, at their
// attribute.
func TestLimitsAreValidated(t *testing.T) {
	for _, row := range []struct {
		attribute string
		value     any
		valid     bool
	}{
		{"max_concurrent_requests", -1, false},
		{"max_concurrent_requests", 0, false},
		{"max_concurrent_requests", 1, true},
		{"max_concurrent_requests", 1000, true},
		{"max_concurrent_requests", 1001, false},
		{"max_concurrent_requests", tftypes.UnknownValue, true},
		{"requests_per_second", -1, false},
		{"requests_per_second", 0, false},
		{"requests_per_second", 0.05, false},
		{"requests_per_second", 0.5, true},
		{"requests_per_second", 250, true},
		{"requests_per_second", tftypes.UnknownValue, true},
	} {
		config := block{row.attribute: row.value}.config(t)
		value, err := tfprotov6.NewDynamicValue(config.Raw.Type(), config.Raw)
		if err != nil {
			t.Fatal(err)
		}
		server := providerserver.NewProtocol6(New("test")())()
		resp, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &value})
		if err != nil {
			t.Fatal(err)
		}
		if valid := len(resp.Diagnostics) == 0; valid != row.valid {
			t.Errorf("%s = %v: %v", row.attribute, row.value, resp.Diagnostics)
		}
		for _, d := range resp.Diagnostics {
			if want := tftypes.NewAttributePath().WithAttributeName(row.attribute); !d.Attribute.Equal(want) {
				t.Errorf("%s = %v: the error is at %s", row.attribute, row.value, d.Attribute)
			}
		}
	}
}

func contains(text, part string) bool { return strings.Contains(text, part) }

func ignoreValue(prefix any) tftypes.Value {
	set := tftypes.Set{ElementType: tftypes.String}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"keys": set, "key_prefixes": set}}, map[string]tftypes.Value{
		"keys":         tftypes.NewValue(set, nil),
		"key_prefixes": tftypes.NewValue(set, []tftypes.Value{tftypes.NewValue(tftypes.String, prefix)}),
	})
}

// A setting that is not known yet is no error while planning: only what needs
// the cloud fails, and names the setting.
func TestConfigureWithUnknownSettings(t *testing.T) {
	attributes := []string{"cloud", "insecure", "endpoint_overrides"}
	for _, s := range settings {
		if s.value != nil {
			attributes = append(attributes, s.attribute)
		}
	}
	for _, attribute := range attributes {
		t.Run(attribute, func(t *testing.T) {
			isolate(t, nil)
			resp := block{attribute: tftypes.UnknownValue}.configure(t)
			if resp.Diagnostics.HasError() {
				t.Fatal(resp.Diagnostics)
			}
			data, ok := resp.ResourceData.(*framework.ProviderData)
			if !ok {
				t.Fatalf("the provider data is %T", resp.ResourceData)
			}
			_, err := data.Client.BlockStorage("").Get(context.Background(), "x")
			if err == nil || !contains(err.Error(), attribute) {
				t.Errorf("got %v, want an error that names %s", err, attribute)
			}
			if attribute == "region" && !data.Region.IsUnknown() {
				t.Error("the region is not unknown")
			}
		})
	}
}

// One of a pair of files may be known before the other one.
func TestConfigureWithHalfAPair(t *testing.T) {
	for _, unknown := range []string{"cert", "key"} {
		isolate(t, nil)
		pair := block{"cert": "-----BEGIN CERTIFICATE-----\n", "key": "-----BEGIN PRIVATE KEY-----\n"}
		pair[unknown] = tftypes.UnknownValue
		if resp := pair.configure(t); resp.Diagnostics.HasError() {
			t.Errorf("%s: %v", unknown, resp.Diagnostics)
		}
	}
}

// What is not known yet may be null: it contradicts nothing, and stands in for
// what lower levels have.
// A client that can defer does, where anything in the block is not known yet.
func TestConfigureDefers(t *testing.T) {
	isolate(t, nil)
	for name, row := range map[string]struct {
		block  block
		allows bool
		defers bool
	}{
		"unknown":                {block{"auth_url": keystone, "token": tftypes.UnknownValue}, true, true},
		"unknown in a map":       {block{"auth_url": keystone, "token": "t", "ignore_metadata": ignoreValue(tftypes.UnknownValue)}, true, true},
		"known":                  {block{"auth_url": keystone, "token": "t"}, true, false},
		"a client that does not": {block{"auth_url": keystone, "token": tftypes.UnknownValue}, false, false},
	} {
		var resp provider.ConfigureResponse
		New("test")().Configure(t.Context(), provider.ConfigureRequest{
			Config: row.block.config(t), ClientCapabilities: provider.ConfigureProviderClientCapabilities{DeferralAllowed: row.allows},
		}, &resp)
		if (resp.Deferred != nil) != row.defers || resp.Diagnostics.HasError() {
			t.Errorf("%s: deferred %v, %v", name, resp.Deferred, resp.Diagnostics)
		}
	}
}

func TestUnknownContradictsNothing(t *testing.T) {
	for name, b := range map[string]block{
		"another way":                 {"auth_url": keystone, "user_name": "u", "password": "p", "token": tftypes.UnknownValue},
		"several ways in environment": {"auth_url": keystone, "user_name": "u", "password": tftypes.UnknownValue},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t, map[string]string{"OS_TOKEN": "t", "OS_APPLICATION_CREDENTIAL_ID": "a"})
			if resp := b.configure(t); resp.Diagnostics.HasError() {
				t.Error(resp.Diagnostics)
			}
		})
	}
}

// Every type gets the data in its slot.
func TestConfigureFillsEverySlot(t *testing.T) {
	isolate(t, nil)
	resp := block{"auth_url": keystone, "token": "t"}.configure(t)
	if resp.ResourceData == nil || resp.DataSourceData == nil || resp.Diagnostics.HasError() {
		t.Errorf("%+v", resp)
	}
}

func TestInsecureWarns(t *testing.T) {
	isolate(t, nil)
	resp := block{"auth_url": keystone, "token": "t", "insecure": true}.configure(t)
	if n := resp.Diagnostics.WarningsCount(); n != 1 || resp.Diagnostics.HasError() {
		t.Errorf("%v", resp.Diagnostics)
	}
}

// The warning says what has switched the verification off, and what to do about that.
func TestInsecureSaysBy(t *testing.T) {
	for name, row := range map[string]struct {
		environment map[string]string
		entry       string
		block       block
		want        string
	}{
		"the block":       {nil, "", block{"insecure": true}, "By insecure of the provider block. .*Give the cloud's CA certificate"},
		"the environment": {map[string]string{"OS_INSECURE": "true"}, "", block{}, "By OS_INSECURE. "},
		"the entry":       {nil, "verify: false", block{"cloud": "prod"}, `By verify or insecure of the entry "prod" of /`},
		"a certificate that is not used": {
			map[string]string{"OS_INSECURE": "true", "OS_CACERT": "/ca.pem"}, "", block{}, "There is a CA certificate, which is not used: set insecure = false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			isolate(t, row.environment)
			if row.entry != "" {
				writeFile(t, "clouds.yaml", prod(auth, row.entry)["clouds.yaml"])
			} else {
				row.block["auth_url"], row.block["token"] = keystone, "t"
			}
			warnings := row.block.configure(t).Diagnostics.Warnings()
			if len(warnings) != 1 || !regexp.MustCompile(row.want).MatchString(warnings[0].Detail()) {
				t.Errorf("%v", warnings)
			}
		})
	}
}

func TestSharedReadsFromTheEnvironment(t *testing.T) {
	for value, single := range map[string]bool{"": false, "true": false, "1": false, "false": true, "0": true} {
		isolate(t, map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", "ISTACK_SHARED_READS": value})
		resp := (block{}).configure(t)
		if data, ok := resp.ResourceData.(*framework.ProviderData); !ok || data.Client.SingleReads != single {
			t.Errorf("%q: %+v", value, resp)
		}
	}
	isolate(t, map[string]string{"OS_AUTH_URL": keystone, "OS_TOKEN": "t", "ISTACK_SHARED_READS": "maybe"})
	if diags := (block{}).configure(t).Diagnostics; !diags.HasError() || !strings.Contains(diags[0].Detail(), "ISTACK_SHARED_READS is neither") {
		t.Errorf("%v", diags)
	}
}
