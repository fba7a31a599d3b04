package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// Nobody reads the log unless asked for, so nothing is written then: encoding it
// would take as much time as the work itself.
func TestAccLogsOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	cli := acctest.NewCLI(t, c.ProviderConfig()+fmt.Sprintf(`
resource "istack_volume_snapshot" "test" {
  volume_id = %q
}
`, c.Volume()))
	written := cli.Overhear()
	cli.Apply()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	// What the plugin library says before it knows any level has no module.
	if lines := regexp.MustCompile(`.*"@module".*`).FindAllString(written(), -1); len(lines) > 0 {
		t.Errorf("nobody asked, and %d lines were written:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	cli.Setenv("TF_LOG_PROVIDER", "DEBUG")
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	for _, want := range []string{"API request", `"@module":"sdk.`} {
		if !strings.Contains(written(), want) {
			t.Errorf("all logs were asked for, and there is no %q", want)
		}
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
}
