package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/openstack/openstacktest"
)

const (
	project  = openstacktest.Project
	snapshot = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	volume   = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
)

var (
	always = openstacktest.Always
	fault  = openstacktest.Fault
	entry  = openstacktest.CatalogEntry
	at     = openstacktest.CatalogEndpoint

	wantLines = openstacktest.WantLines
)

type script struct {
	*openstacktest.Server

	t *testing.T
}

func newScript(t *testing.T, answer http.HandlerFunc) *script {
	t.Helper()
	return &script{openstacktest.New(t, answer), t}
}

// open makes the client, with the configuration changed by some.
func (s *script) open(change ...func(*openstack.Config)) *client.BlockStorage {
	s.t.Helper()
	config := s.ClientConfig()
	for _, c := range change {
		c(&config)
	}
	cloud, err := client.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return cloud.BlockStorage("")
}

// show is a snapshot as the API shows it.
func show(status string, more ...string) string {
	fields := append([]string{fmt.Sprintf(`"id": %q, "volume_id": %q, "status": %q, "size": 1, "metadata": {}`, snapshot, volume, status)}, more...)
	return `{"snapshot": {` + strings.Join(fields, ", ") + `}}`
}

// parallel runs as many at once and gives their errors.
func parallel(n int, do func() error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	return errs
}
