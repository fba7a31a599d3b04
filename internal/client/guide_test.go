package client

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// The guide names the limits that the client holds.
func TestGuideToLargeProjects(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/large-projects.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(guide)), " ")
	for _, want := range []string{
		fmt.Sprintf("at most %d seconds old", SharedReadLife/time.Second),
		fmt.Sprintf("longer than %d seconds a page", pageTimeout/time.Second),
		fmt.Sprintf("from %s waits on", map[int]string{4: "four"}[minShared]),
		fmt.Sprintf("at first every %.1f seconds", watchPause.Seconds()),
		fmt.Sprintf("pages of %d,000 snapshots", usualPage/1000),
		fmt.Sprintf("more than %s minutes is an error", map[time.Duration]string{5 * time.Minute: "five"}[transport.MaxPause]),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}
