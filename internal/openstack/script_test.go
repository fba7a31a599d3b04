package openstack_test

import (
	"context"
	"net/http"
	"testing"

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
func (s *script) open(change ...func(*openstack.Config)) service {
	s.t.Helper()
	config := s.ClientConfig()
	for _, c := range change {
		c(&config)
	}
	cloud, err := openstack.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return service{cloud.BlockStorage("")}
}

// service reads snapshots, for want of anything simpler.
type service struct{ *openstack.BlockStorage }

func (s service) Get(ctx context.Context, id string) (status string, err error) {
	var answer struct{ Snapshot struct{ Status string } }
	err = s.Do(ctx, http.MethodGet, "snapshots/"+id, nil, nil, &answer)
	return answer.Snapshot.Status, err
}

// available is a snapshot as the API shows it.
const available = `{"snapshot": {"id": "` + snapshot + `", "volume_id": "` + volume + `", "status": "available", "size": 1, "metadata": {}}}`
