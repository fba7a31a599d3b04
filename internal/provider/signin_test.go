package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// lists is a configuration that needs a sign-in and nothing else.
func lists(provider string) string {
	return "provider \"istack\" {\n" + provider + "\n}\ndata \"istack_volume_snapshots\" \"test\" {\n name = \"none has this name\"\n}\n"
}

func works(t *testing.T, config string) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("ids"), knownvalue.ListSizeExact(0)),
			},
		}},
	})
}

// Each way to sign in, as the cloud itself takes it.
func TestAccSignIn(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	credentialID, credentialName, secret := c.ApplicationCredential()
	env := c.Environment()
	common := fmt.Sprintf("auth_url = %q\nregion = %q\n", c.IdentityURL(), c.Region())
	for name, block := range map[string]string{
		"password, names": fmt.Sprintf(`user_name = %q
			user_domain_name = %q
			password = %q
			project_name = %q
			project_domain_name = %q`, env["OS_USERNAME"], env["OS_USER_DOMAIN_NAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"], env["OS_PROJECT_DOMAIN_NAME"]),
		"password, ids": fmt.Sprintf(`user_id = %q
			password = %q
			project_id = %q`, c.UserID(), env["OS_PASSWORD"], c.ProjectID()),
		"token":             fmt.Sprintf(`token = %q`, c.Token()),
		"token for project": fmt.Sprintf("token = %q\nproject_id = %q", c.Token(), c.ProjectID()),
		"application credential by id": fmt.Sprintf(`application_credential_id = %q
			application_credential_secret = %q`, credentialID, secret),
		"application credential by name": fmt.Sprintf(`application_credential_name = %q
			application_credential_secret = %q
			user_id = %q`, credentialName, secret, c.UserID()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			works(t, lists(common+block))
		})
	}
}

// The access rules of the guide allow each request of the provider, and no others.
func TestAccSignIn_accessRules(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	c.MicroversionSince("the revert", 40)
	page, err := os.ReadFile("../../templates/guides/authentication.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```json\n")
	var rules []acctest.AccessRule
	if err := json.NewDecoder(strings.NewReader(block)).Decode(&rules); err != nil {
		t.Fatal(err)
	}
	id, _, secret := c.ApplicationCredential(rules...)
	volume := c.NFSVolume()

	cli := acctest.NewCLI(t, "")
	cli.Attach()
	configure := func(name, metadata string) {
		cli.Configure(fmt.Sprintf(`
provider "istack" {
  auth_url                      = %q
  application_credential_id     = %q
  application_credential_secret = %q
  region                        = %q
  endpoint_overrides            = { volumev3 = %q }
}
resource "istack_volume_snapshot" "test" {
  volume_id = %q
  name      = %q
  metadata  = %s
}
data "istack_volume_snapshots" "test" {
  volume_id = istack_volume_snapshot.test.volume_id
}
data "istack_volume_snapshot" "test" {
  id = istack_volume_snapshot.test.id
}
data "istack_volume_snapshot_metadata" "test" {
  snapshot_id = istack_volume_snapshot.test.id
}
`, c.IdentityURL(), id, secret, c.Region(), c.VolumeURL(), volume, name, metadata))
		cli.Apply()
	}
	configure("one", `{ a = "1", b = "1" }`)
	configure("two", `{ b = "2", "a/b" = "" }`)
	configure("two", `{ b = "2" }`) // "a/b" can stand in no URL
	cli.Run("destroy", "-auto-approve", "-no-color")

	snapshot := c.CreateSnapshot(volume, "", nil)
	p := c.Plugin(map[string]any{
		"application_credential_id": id, "application_credential_secret": secret,
		"user_name": nil, "password": nil, "project_name": nil, "user_domain_name": nil, "project_domain_name": nil,
	})
	invoke := func(action string, config map[string]any, problem string) {
		t.Helper()
		_, problems := p.InvokeAction(t.Context(), "istack_volume_snapshot_"+action, config)
		if problem == "" && len(problems) > 0 || problem != "" && (len(problems) != 1 || !strings.Contains(problems[0].Detail, problem)) {
			t.Errorf("%s: got %v, want %q", action, problems, problem)
		}
	}
	invoke("revert", map[string]any{"snapshot_id": snapshot}, "")
	// A member may ask for it, and Cinder refuses.
	invoke("reset_status", map[string]any{"snapshot_id": snapshot, "status": "error"}, "403 Forbidden")
	c.ShowStatus("error")
	invoke("create", map[string]any{"volume_id": volume}, `is in status "error"`)
	c.Instead(func(w http.ResponseWriter, r acctest.Request, _ func(http.ResponseWriter)) bool {
		if r.Method != http.MethodPost {
			return false
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		fmt.Fprint(w, `{"overLimit": {"code": 413, "message": "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded"}}`)
		return true
	})
	invoke("create", map[string]any{"volume_id": volume}, "quota")

	used := map[acctest.AccessRule]bool{}
	for _, r := range c.Requests() {
		allowed := slices.IndexFunc(rules, func(rule acctest.AccessRule) bool {
			path := "^" + strings.ReplaceAll(regexp.QuoteMeta(rule.Path), `\*`, "[^/]+") + "$"
			return r.Method == rule.Method && regexp.MustCompile(path).MatchString("/v3/"+c.ProjectID()+"/"+r.Path)
		})
		if allowed < 0 || r.Status == http.StatusUnauthorized {
			t.Errorf("not allowed: %v", r)
			continue
		}
		used[rules[allowed]] = true
	}
	for _, rule := range rules {
		// The version document, which an older cloud is asked for, is not in the record.
		if !used[rule] && rule.Path != "/v3/" {
			t.Errorf("not used: %v", rule)
		}
	}
}

// An auth_url means the same with the version and without, at no request more.
func TestAccSignIn_authURLs(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	for _, end := range []string{"", "/", "/v3", "/v3/"} {
		cli := acctest.NewCLI(t, lists(fmt.Sprintf("auth_url = %q\ntoken = %q\nregion = %q", strings.TrimSuffix(c.IdentityURL(), "/v3")+end, c.Token(), c.Region())))
		c.Forget()
		cli.Run("plan", "-no-color", "-input=false")
		if n := len(c.SignIns()); n != 1 {
			t.Errorf("%q: %d sign-ins", end, n)
		}
	}
}

func TestAccSignIn_refused(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	env := c.Environment()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: lists(fmt.Sprintf(`auth_url = %q
				user_name = %q
				user_domain_name = %q
				password = "not the password"
				project_name = %q`, c.IdentityURL(), env["OS_USERNAME"], env["OS_USER_DOMAIN_NAME"], env["OS_PROJECT_NAME"])),
			ExpectError: regexp.MustCompile(`(?s)The Identity service at http.*refused\s+the\s+sign-in\s+by\s+password.*401.*Request id: req-.*Check auth_url`),
		}, {
			Config:      lists(fmt.Sprintf("auth_url = %q\ntoken = %q\nregion = \"Atlantis\"", c.IdentityURL(), c.Token())),
			ExpectError: regexp.MustCompile(`(?s)no block storage\s+endpoint.*Atlantis.*` + c.Region() + `.*Check region and endpoint_type`),
		}},
	})
}

// The process's environment and clouds.yaml, with the real command line.
func TestAccSignIn_environment(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	env := c.Environment()
	t.Run("OS_*", func(t *testing.T) {
		cli := acctest.NewCLI(t, lists(""))
		for name, value := range env {
			cli.Setenv(name, value)
		}
		cli.Apply()
	})
	t.Run("clouds.yaml", func(t *testing.T) {
		cli := acctest.NewCLI(t, lists(`cloud = "test"`))
		cli.Write("clouds.yaml", fmt.Sprintf(`clouds:
  test:
    auth_type: v3password
    regions: [%s, elsewhere]
    verify: "true"
    volume_endpoint_override: %s
    username: %s
    auth:
      auth_url: %s
      tenant_name: %s
      user_domain_name: %s
      project_domain_name: %s
  broken: {verify: [], auth: text}
`, env["OS_REGION_NAME"], strings.Replace(c.VolumeURL(), c.ProjectID(), "%(project_id)s", 1), env["OS_USERNAME"],
			env["OS_AUTH_URL"], env["OS_PROJECT_NAME"], env["OS_USER_DOMAIN_NAME"], env["OS_PROJECT_DOMAIN_NAME"]))
		cli.Write("secure.yaml", fmt.Sprintf("clouds:\n  test:\n    auth:\n      password: %s\n", env["OS_PASSWORD"]))
		cli.Apply()
		if _, err := os.Stat(filepath.Join(cli.Dir(), "terraform.tfstate")); err != nil {
			t.Error(err)
		}
	})
}

// No secret is in the log or in an error of the configuration, whoever makes it. What is refused
// before a sign-in asks no cloud.
func TestAccSignIn_secretsInErrors(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	const secret = "c4n4ry"
	key := "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n"
	clouds := func(lines string) string {
		return fmt.Sprintf("clouds:\n  test:\n    auth: {auth_url: '%s', username: u, password: %s}\n%s", c.IdentityURL(), secret, lines)
	}
	for name, row := range map[string]struct{ clouds, variable, value, says string }{
		"OS_KEY with OS_CLOUD":      {clouds(""), "OS_KEY", key, "OS_CERT"},
		"OS_CERT with OS_CLOUD":     {clouds(""), "OS_CERT", key, "cert"},
		"OS_AUTH_URL with password": {clouds(""), "OS_AUTH_URL", "http://u:" + secret + "@localhost/v3", "OS_AUTH_URL has a user or password"},
		"auth_url with password":    {"clouds: {test: {auth: {auth_url: 'http://u:" + secret + "@localhost/v3', token: t}}}", "OS_NONE", "", "auth_url of the entry"},
		"auth as text":              {"clouds: {test: {auth: " + secret + "}}", "OS_NONE", "", "auth is not a mapping"},
		"a sign-in that is refused": {clouds(""), "OS_NONE", "", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			asks := row.says == "refused"
			if !asks {
				acctest.AsksNoCloud(t)
			}
			c.Forget()
			cli := acctest.NewCLI(t, lists(""))
			cli.Write("clouds.yaml", row.clouds)
			log := filepath.Join(cli.Dir(), "log")
			for variable, value := range map[string]string{"OS_CLOUD": "test", row.variable: row.value, "TF_LOG": "TRACE", "TF_LOG_PATH": log} {
				cli.Setenv(variable, value)
			}
			out, err := cli.Try("plan", "-no-color")
			if err == nil || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "), row.says) {
				t.Errorf("want an error with %q:\n%s", row.says, out)
			}
			if asked := len(c.SignIns()) > 0; asked != asks {
				t.Errorf("it asks the cloud: %t", asked)
			}
			logged, err := os.ReadFile(log)
			if err != nil || strings.Contains(out+string(logged), secret) {
				t.Errorf("the secret is shown: %v\n%s", err, out)
			}
		})
	}
}

// An ephemeral variable gives a secret that is in no plan and no state.
func TestAccSignIn_ephemeral(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	env := c.Environment()
	cli := acctest.NewCLI(t, lists(fmt.Sprintf(`
  auth_url            = %q
  region              = %q
  user_name           = %q
  user_domain_name    = %q
  project_name        = %q
  project_domain_name = %q
  password            = var.password
`, env["OS_AUTH_URL"], env["OS_REGION_NAME"], env["OS_USERNAME"], env["OS_USER_DOMAIN_NAME"], env["OS_PROJECT_NAME"], env["OS_PROJECT_DOMAIN_NAME"]))+`
variable "password" {
  type      = string
  sensitive = true
  ephemeral = true
}
resource "terraform_data" "test" { input = "something to apply" }
`)
	cli.Setenv("TF_VAR_password", env["OS_PASSWORD"])
	out, err := cli.Try("plan", "-no-color", "-out=plan")
	if strings.Contains(out, `"ephemeral" is not expected here`) {
		t.Skip("this engine has no ephemeral variables")
	}
	if err != nil {
		t.Fatal(out)
	}
	shown := cli.Run("show", "-json", "plan")
	cli.Run("apply", "-no-color", "plan")
	state, err := os.ReadFile(filepath.Join(cli.Dir(), "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if password := `"` + env["OS_PASSWORD"] + `"`; strings.Contains(shown+string(state), password) {
		t.Errorf("the password is in the plan or in the state")
	}
}

// Metadata of the provider block that only an apply makes known. What is refused asks no cloud.
func TestAccProvider_unknownMetadata(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := func(input, attribute string) string {
		return c.ProviderConfig(attribute) + fmt.Sprintf(`
resource "terraform_data" "known_later" { input = %s }
resource "istack_volume_snapshot" "test" { volume_id = %q }
`, input, volume)
	}
	for name, row := range map[string]struct{ input, attribute, fails string }{
		"default_metadata":            {`{ a = "1" }`, `default_metadata = terraform_data.known_later.output`, ""},
		"a value of default_metadata": {`"1"`, `default_metadata = { a = terraform_data.known_later.output }`, ""},
		"a value that becomes null":   {`"1"`, `default_metadata = { a = terraform_data.known_later.output == "1" ? null : "x" }`, `cannot\s+be\s+null`},
		"ignore_metadata":             {`{ keys = ["a"], key_prefixes = null }`, `ignore_metadata = terraform_data.known_later.output`, `must\s+be\s+known\s+while\s+planning`},
		"a set of ignore_metadata":    {`["a"]`, `ignore_metadata = { keys = terraform_data.known_later.output }`, `must\s+be\s+known\s+while\s+planning`},
		"a key of ignore_metadata":    {`"a"`, `ignore_metadata = { keys = [terraform_data.known_later.output] }`, `must\s+be\s+known\s+while\s+planning`},
		"a null key":                  {`"a"`, `ignore_metadata = { keys = [null] }`, `null`},
		"a null prefix":               {`"a"`, `ignore_metadata = { key_prefixes = [null] }`, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			step := resource.TestStep{Config: config(row.input, row.attribute)}
			if row.fails != "" {
				acctest.AsksNoCloud(t)
				step.ExpectError = regexp.MustCompile(row.fails)
			}
			c.Forget()
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{step}})
			if asked := len(c.SignIns()) > 0; asked != (row.fails == "") {
				t.Errorf("it asks the cloud: %t", asked)
			}
		})
	}
}

// A provider block that depends on a resource plans, and works once it is known.
func TestAccProvider_unknownSettings(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	env := c.Environment()
	config := fmt.Sprintf(`
resource "terraform_data" "password" { input = %q }
provider "istack" {
  auth_url            = %q
  region              = %q
  user_name           = %q
  user_domain_name    = %q
  password            = terraform_data.password.output
  project_name        = %q
  project_domain_name = %q
  endpoint_overrides  = { volumev3 = %q }
}
resource "istack_volume_snapshot" "test" { volume_id = %q }
`, env["OS_PASSWORD"], env["OS_AUTH_URL"], env["OS_REGION_NAME"], env["OS_USERNAME"], env["OS_USER_DOMAIN_NAME"],
		env["OS_PROJECT_NAME"], env["OS_PROJECT_DOMAIN_NAME"], c.VolumeURL(), volume)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: config}},
	})
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Clouds that have less: no microversions, or only API v2. What they cannot
// tell is null, and everything else works.
func TestAccOlderClouds(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	for name, options := range map[string]simulator.Options{
		"3.0":  {MaxMicroversion: "3.0"},
		"3.27": {MaxMicroversion: "3.27"},
		"v2":   {CatalogTypes: []string{"volumev2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t, options)
			volume := c.Volume()
			env := c.Environment()
			config := func(attributes string) string {
				return fmt.Sprintf(`
provider "istack" {
  auth_url     = %q
  user_name    = %q
  password     = %q
  project_name = %q
}
resource "istack_volume_snapshot" "test" {
  volume_id = %q
  %s
}
data "istack_volume_snapshots" "test" {
  metadata  = { a = "1" }
  volume_id = istack_volume_snapshot.test.volume_id
}
`, env["OS_AUTH_URL"], env["OS_USERNAME"], env["OS_PASSWORD"], env["OS_PROJECT_NAME"], volume, attributes)
			}
			check := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
				return statecheck.ExpectKnownValue("istack_volume_snapshot.test", tfjsonpath.New(attribute), want)
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{
					{
						Config: config(`name = "one"
							metadata = { a = "1" }`),
						ConfigStateChecks: []statecheck.StateCheck{
							check("name", knownvalue.StringExact("one")),
							check("user_id", knownvalue.Null()),
							check("project_id", knownvalue.StringExact(c.ProjectID())),
							statecheck.ExpectKnownValue("data.istack_volume_snapshots.test", tfjsonpath.New("ids"), knownvalue.ListSizeExact(1)),
						},
					},
					{
						Config: config(`name = "two"`),
						ConfigStateChecks: []statecheck.StateCheck{
							check("name", knownvalue.StringExact("two")),
							check("metadata", knownvalue.Null()),
							check("other_metadata", knownvalue.MapSizeExact(0)),
						},
					},
					{ResourceName: "istack_volume_snapshot.test", ImportState: true, ImportStateVerify: true},
				},
			})
			if left := c.Snapshots(volume); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// A token that expires during a run is renewed without a word.
func TestAccTokenExpires(t *testing.T) {
	t.Parallel()
	acctest.OnSimulator(t)
	c := acctest.New(t, simulator.Options{TokenLife: 2 * time.Second, CreateTime: 5 * time.Second})
	volume := c.Volume()
	cli := acctest.NewCLI(t, c.ProviderConfig()+fmt.Sprintf("resource \"istack_volume_snapshot\" \"test\" {\n count = 5\n volume_id = %q\n}\n", volume))
	began := time.Now()
	cli.Apply()
	if n, took := len(c.SignIns()), time.Since(began); n < 3 || n > 1+int(took/(2*time.Second)) {
		t.Errorf("%d sign-ins in %s with tokens of two seconds", n, took)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// A token that was given cannot be renewed: a wait that outlives it says so.
func TestAccGivenTokenEnds(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	var ended atomic.Bool
	c.Instead(func(w http.ResponseWriter, r acctest.Request, forward func(http.ResponseWriter)) bool {
		if ended.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`)
			return true
		}
		if r.Method == http.MethodPost && r.Path == "snapshots" {
			forward(w)
			ended.Store(true)
			return true
		}
		return false
	})
	cli := acctest.NewCLI(t, fmt.Sprintf(`
provider "istack" {
  auth_url           = %q
  token              = %q
  endpoint_overrides = { volumev3 = %q }
}
resource "istack_volume_snapshot" "test" {
  volume_id = %q
}
`, c.IdentityURL(), c.Token(), c.VolumeURL(), volume))
	out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"was accepted by the Identity service", "and is no longer", "kept in the state", "application credential, which the provider renews"} {
		if !strings.Contains(unwrapped(out), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	c.Instead(nil)
	cli.Run("destroy", "-auto-approve", "-no-color")
}

// unwrapped takes the line breaks and the frame of Terraform's messages out.
func unwrapped(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", " ")), " ")
}

// No answer to a sign-in brings a secret out, with everything logged that can be.
func TestAccSignIn_secrets(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	env := c.Environment()
	secrets := []string{"canary-password", "canary-location", "canary-body"}
	for name, row := range map[string]struct {
		answer http.HandlerFunc // nil is Keystone's own
		want   string
	}{
		"refused": {nil, `refused the sign-in by password (user "` + env["OS_USERNAME"] + `" of domain "` + env["OS_USER_DOMAIN_NAME"] + `", project "`},
		"a page":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>canary-body") }, "is not the Identity service (Keystone)"},
		"a redirect": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://u:canary-location@portal.example.com/login?next=canary-location")
			w.WriteHeader(http.StatusFound)
		}, "302 Found, a redirect to https://portal.example.com/login."},
		"a malformed request": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error": {"code": 400, "title": "Bad Request", "message": "{'password': 'canary-password'} is not valid\n\nOn instance:\n{'password': 'canary-password', 'more': 'canary-body'}"}}`)
		}, "The API says: {'password': '***'} is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := c.IdentityURL()
			if row.answer != nil {
				acctest.AsksNoCloud(t)
				server := httptest.NewServer(row.answer)
				t.Cleanup(server.Close)
				address = server.URL + "/v3"
			}
			cli := acctest.NewCLI(t, lists(""))
			log := filepath.Join(cli.Dir(), "log")
			for variable, value := range map[string]string{
				"OS_AUTH_URL": address, "OS_PASSWORD": "canary-password",
				"OS_USERNAME": env["OS_USERNAME"], "OS_USER_DOMAIN_NAME": env["OS_USER_DOMAIN_NAME"], "OS_PROJECT_NAME": env["OS_PROJECT_NAME"],
				"TF_LOG": "TRACE", "TF_LOG_PATH": log,
			} {
				cli.Setenv(variable, value)
			}
			out, err := cli.Try("plan", "-no-color", "-input=false")
			if err == nil || !strings.Contains(unwrapped(out), row.want) {
				t.Errorf("%v, without %q:\n%s", err, row.want, out)
			}
			logged, err := os.ReadFile(log)
			if err != nil || !strings.Contains(string(logged), "API request") {
				t.Fatalf("nothing of the API was logged: %v", err)
			}
			for _, secret := range secrets {
				if strings.Contains(out, secret) || strings.Contains(string(logged), secret) {
					t.Errorf("%s got out", secret)
				}
			}
		})
	}
}
