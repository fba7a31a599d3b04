package volumesnapshot_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// No secret is in any log, message, plan or state, with everything logged that
// can be, and with a sign-in that is refused.
func TestAccVolumeSnapshot_secrets(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	credential, _, secret := c.ApplicationCredential()
	env := c.Environment()
	// Every token that is handed out.
	var mu sync.Mutex
	secrets := map[string]string{"the application credential's secret": secret, "the password": "Pa55word-" + secret[:8], "the given token": c.Token()}
	c.Rewrite(func(_ acctest.Request, resp *http.Response) error {
		if token := resp.Header.Get("X-Subject-Token"); token != "" {
			mu.Lock()
			defer mu.Unlock()
			secrets[fmt.Sprintf("token %d", len(secrets))] = token
		}
		return nil
	})
	for name, settings := range map[string]map[string]string{
		"application credential": {"OS_APPLICATION_CREDENTIAL_ID": credential, "OS_APPLICATION_CREDENTIAL_SECRET": secret},
		"refused password": {
			"OS_USERNAME": env["OS_USERNAME"], "OS_USER_DOMAIN_NAME": env["OS_USER_DOMAIN_NAME"],
			"OS_PASSWORD": secrets["the password"], "OS_PROJECT_NAME": env["OS_PROJECT_NAME"],
		},
		"token": {"OS_TOKEN": c.Token()},
	} {
		t.Run(name, func(t *testing.T) {
			cli := acctest.NewCLI(t, fmt.Sprintf(`
provider "istack" {
  auth_url           = %q
  region             = %q
  endpoint_overrides = { volumev3 = %q }
}
resource "istack_volume_snapshot" "test" {
  volume_id = %q
  metadata  = { a = "1" }
}
`, c.IdentityURL(), c.Region(), c.VolumeURL(), volume))
			log := filepath.Join(cli.Dir(), "log")
			cli.Setenv("TF_LOG", "TRACE")
			cli.Setenv("TF_LOG_PATH", log)
			for variable, value := range settings {
				cli.Setenv(variable, value)
			}
			shown, _ := cli.Try("plan", "-no-color", "-out=plan")
			applied, err := cli.Try("apply", "-no-color", "plan")
			if (err != nil) != (name == "refused password") {
				t.Errorf("%v\n%s", err, applied)
			}
			plan, _ := cli.Try("show", "-json", "plan")
			state, _ := os.ReadFile(filepath.Join(cli.Dir(), "terraform.tfstate"))
			again, _ := cli.Try("destroy", "-auto-approve", "-no-color")
			logged, err := os.ReadFile(log)
			if err != nil || !strings.Contains(string(logged), "API request") && name != "refused password" {
				t.Fatalf("nothing of the API was logged: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			for what, value := range secrets {
				for where, text := range map[string]string{
					"the log": string(logged), "the plan's output": shown, "the apply's output": applied + again, "the plan": plan, "the state": string(state),
				} {
					if strings.Contains(text, value) {
						t.Errorf("%s is in %s", what, where)
					}
				}
			}
		})
	}
}
