package client_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// through is a client whose every request passes the test's proxy.
func through(t *testing.T, c *acctest.Cloud, change ...func(*openstack.Config)) *client.BlockStorage {
	t.Helper()
	env := c.Environment()
	config := openstack.Config{
		AuthURL: env["OS_AUTH_URL"], Region: env["OS_REGION_NAME"], UserName: env["OS_USERNAME"], Password: env["OS_PASSWORD"],
		UserDomainName: env["OS_USER_DOMAIN_NAME"], ProjectName: env["OS_PROJECT_NAME"], ProjectDomainName: env["OS_PROJECT_DOMAIN_NAME"],
		EndpointOverrides: map[string]string{"volumev3": c.VolumeURL()},
		Config:            transport.Config{RequestTimeout: 30 * time.Second},
	}
	for _, f := range change {
		f(&config)
	}
	cloud, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return cloud.BlockStorage("")
}

// operation is one of the client's, with what must be true of the cloud after
// it. prepare makes what it needs; run carries it out.
type operation struct {
	name string
	// hit is the first request of the operation that meets the fault.
	hit func(acctest.Request) bool
	run func(ctx context.Context, b *client.BlockStorage, c *acctest.Cloud, volume, id string) error
	// verify looks at the cloud itself, also after a clean error.
	verify func(c *acctest.Cloud, volume, id string, failed bool) error
	// fresh wants no snapshot to begin with.
	fresh bool
}

func is(method, path string) func(acctest.Request) bool {
	return func(r acctest.Request) bool {
		return r.Method == method && !r.Identity && strings.HasPrefix(r.Path, path) &&
			(!strings.HasSuffix(path, "snapshots") || r.Path == "snapshots")
	}
}

func operations() []operation {
	request := func(volume string) client.CreateRequest {
		return client.CreateRequest{VolumeID: volume, Name: "fault", Metadata: map[string]string{"a": "1"}}
	}
	one := func(c *acctest.Cloud, volume string) (acctest.Snapshot, error) {
		found := c.Snapshots(volume)
		if len(found) != 1 {
			return acctest.Snapshot{}, fmt.Errorf("the cloud has %d snapshots: %v", len(found), found)
		}
		return found[0], nil
	}
	unchanged := func(c *acctest.Cloud, volume, _ string, _ bool) error { _, err := one(c, volume); return err }
	return []operation{
		{
			name: "create", hit: is("POST", "snapshots"), fresh: true,
			run: func(ctx context.Context, b *client.BlockStorage, c *acctest.Cloud, volume, _ string) error {
				made, err := b.Create(ctx, request(volume))
				if err != nil {
					return err
				}
				if s, exists := c.Snapshot(made.ID); !exists || s.Name != "fault" || s.VolumeID != volume {
					return fmt.Errorf("the create returned %s, and the cloud shows %v", made.ID, s)
				}
				_, err = b.WaitAvailable(ctx, made.ID)
				return err
			},
			verify: func(c *acctest.Cloud, volume, _ string, failed bool) error {
				if failed && len(c.Snapshots(volume)) == 0 {
					return nil
				}
				_, err := one(c, volume)
				return err
			},
		},
		{
			name: "wait", hit: is("GET", "snapshots/"), fresh: true,
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, volume, _ string) error {
				made, err := b.Create(ctx, request(volume))
				if err != nil {
					return err
				}
				last, err := b.WaitAvailable(ctx, made.ID)
				if err == nil && last.Status != client.StatusAvailable {
					err = fmt.Errorf("the wait ended with %q", last.Status)
				}
				return err
			},
			verify: unchanged,
		},
		{
			name: "read", hit: is("GET", "snapshots/"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, _, id string) error {
				s, err := b.Get(ctx, id)
				if err == nil && (s.ID != id || s.Name != "before") {
					err = fmt.Errorf("read %+v", s)
				}
				return err
			},
			verify: unchanged,
		},
		{
			name: "list", hit: is("GET", "snapshots/detail"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, volume, id string) error {
				var ids []string
				for s, err := range b.List(ctx, client.Filter{VolumeID: volume}) {
					if err != nil {
						return err
					}
					ids = append(ids, s.ID)
				}
				if len(ids) != 1 || ids[0] != id {
					return fmt.Errorf("listed %v", ids)
				}
				return nil
			},
			verify: unchanged,
		},
		{
			name: "update", hit: is("PUT", "snapshots/"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, _, id string) error {
				name := "after"
				s, err := b.Update(ctx, client.Reference{ID: id}, client.UpdateRequest{Name: &name})
				if err == nil && s.Name != "after" {
					err = fmt.Errorf("the update returned %+v", s)
				}
				return err
			},
			verify: func(c *acctest.Cloud, volume, _ string, failed bool) error {
				s, err := one(c, volume)
				if err == nil && !failed && s.Name != "after" {
					err = fmt.Errorf("the name is %q", s.Name)
				}
				return err
			},
		},
		{
			name: "set metadata", hit: is("POST", "snapshots/"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, _, id string) error {
				return b.ChangeMetadata(ctx, client.Reference{ID: id}, client.MetadataChange{Set: map[string]string{"b": "2"}})
			},
			verify: func(c *acctest.Cloud, volume, _ string, failed bool) error {
				s, err := one(c, volume)
				if err == nil && !failed && !maps.Equal(s.Metadata, map[string]string{"a": "1", "b": "2"}) {
					err = fmt.Errorf("the metadata is %v", s.Metadata)
				}
				return err
			},
		},
		{
			name: "remove metadata", hit: is("DELETE", "snapshots/"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, _, id string) error {
				return b.ChangeMetadata(ctx, client.Reference{ID: id}, client.MetadataChange{Remove: []string{"a"}})
			},
			verify: func(c *acctest.Cloud, volume, _ string, failed bool) error {
				s, err := one(c, volume)
				if err == nil && !failed && len(s.Metadata) != 0 {
					err = fmt.Errorf("the metadata is %v", s.Metadata)
				}
				return err
			},
		},
		{
			name: "delete", hit: is("DELETE", "snapshots/"),
			run: func(ctx context.Context, b *client.BlockStorage, _ *acctest.Cloud, _, id string) error {
				return b.Remove(ctx, client.Reference{ID: id})
			},
			verify: func(c *acctest.Cloud, volume, _ string, failed bool) error {
				if left := c.Snapshots(volume); !failed && len(left) > 0 {
					return fmt.Errorf("a delete was a success while there is %v", left)
				}
				return nil
			},
		},
	}
}

// fatal are the faults that no retry is for: they end in an error that says what
// it was. For all others the operation must recover.
func fatal(fault, operation string) bool {
	switch fault {
	case "300", "404 of a proxy":
		return true
	case "HTML", "empty body":
		// An update's or a delete's own answer is not needed; that of a create
		// is looked for, and a wait looks again.
		return operation != "create" && operation != "wait" && operation != "delete" && operation != "remove metadata"
	case "500":
		// The API has answered the create, and the same would be answered again.
		return operation == "create"
	}
	return false
}

// Every fault meets every operation once. Each must either recover or fail with
// an error, and the cloud must have what the operation says: nothing lost,
// nothing made twice, nothing silent. A real cloud is not asked where the request
// never reaches it, but for a create, which may look for what it made, and for
// one token that is revoked.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		for _, fault := range acctest.Faults(4 * time.Second) {
			t.Run(op.name+"/"+fault.Name, func(t *testing.T) {
				t.Parallel()
				if revoked := op.name == "read" && fault.Name == "401 of a revoked token"; !fault.Acted && op.name != "create" && !revoked {
					acctest.DecidedByProxy(t)
				}
				c := acctest.New(t)
				volume := c.Volume()
				id := ""
				if !op.fresh {
					id = c.CreateSnapshot(volume, "before", map[string]string{"a": "1"})
				}
				b := through(t, c, func(config *openstack.Config) {
					if fault.Name == "answer too slow" {
						config.RequestTimeout = 3 * time.Second
					}
				})
				met := c.Inject(fault, 1, op.hit)
				err := op.run(t.Context(), b, c, volume, id)
				if met() == 0 {
					t.Fatal("the fault was not met")
				}
				if wanted := fatal(fault.Name, op.name); (err != nil) != wanted {
					t.Errorf("the operation ended with %v, and must %s", err, map[bool]string{true: "fail", false: "recover"}[wanted])
				}
				var api *openstack.APIError
				var network *openstack.TransportError
				if err != nil && !errors.As(err, &api) && !errors.As(err, &network) {
					t.Errorf("the error is a %T, which says nothing of the request: %v", err, err)
				}
				if err := op.verify(c, volume, id, err != nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A fault that lasts ends in an error, after as many tries as were allowed; a
// rate limit, which is no failure, when the time of the operation is over.
func TestAccLastingFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range acctest.Faults(time.Second) {
		limit := fault.Name == "429 with nothing"
		if fault.Name != "503 before" && fault.Name != "connection cut before" && !limit {
			continue
		}
		// On a busy machine, too, enough for more tries than were allowed.
		patience := time.Minute
		if limit {
			patience = 15 * time.Second
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			id := c.CreateSnapshot(c.Volume(), "before", nil)
			retries := 2
			b := through(t, c, func(config *openstack.Config) { config.MaxRetries = &retries })
			c.Inject(fault, 1000, is(http.MethodGet, "snapshots/"))
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := b.Get(ctx, id)
			if err == nil || ctx.Err() != nil && !(limit && errors.Is(err, context.DeadlineExceeded)) {
				t.Errorf("%v, %v", err, ctx.Err())
			}
			// Go's transport itself repeats a GET once whose reused connection is cut.
			if n := len(c.Requests()); (n != 3 || limit) && (fault.Name != "connection cut before" || n != 4) && (!limit || n < 4) {
				t.Errorf("%d requests", n)
			}
		})
	}
}
