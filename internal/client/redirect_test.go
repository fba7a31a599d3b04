package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// A redirect is followed only by the very request that met it, on the same host:
// what net/http would make of a PUT or a DELETE writes nothing. Else it is an error
// that names both places.
func TestRedirectedWrites(t *testing.T) {
	t.Parallel()
	name := "new"
	writes := map[string]func(context.Context, *client.BlockStorage) error{
		"PUT": func(ctx context.Context, b *client.BlockStorage) error {
			_, err := b.Update(ctx, client.Reference{ID: snapshot}, client.UpdateRequest{Name: &name})
			return err
		},
		"PUT of metadata": func(ctx context.Context, b *client.BlockStorage) error {
			_, err := b.ReplaceMetadata(ctx, snapshot, map[string]string{"a": "1"})
			return err
		},
		"POST of metadata": func(ctx context.Context, b *client.BlockStorage) error {
			_, err := b.UpdateMetadata(ctx, snapshot, map[string]string{"a": "1"})
			return err
		},
		"DELETE": func(ctx context.Context, b *client.BlockStorage) error { return b.Delete(ctx, snapshot) },
		"DELETE of a key": func(ctx context.Context, b *client.BlockStorage) error {
			return b.DeleteMetadataKey(ctx, snapshot, "a")
		},
		"POST": func(ctx context.Context, b *client.BlockStorage) error {
			_, err := b.Create(ctx, client.CreateRequest{VolumeID: volume})
			return err
		},
	}
	for what, write := range writes {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, to := range []string{"same host", "other host", "https"} {
				method, _, _ := strings.Cut(what, " ")
				var written []string
				s := newScript(t, nil)
				s.Answer = func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasPrefix(r.URL.Path, "/moved") {
						base := map[string]string{"same host": s.URL, "other host": "http://localhost:1", "https": strings.Replace(s.URL, "http:", "https:", 1)}[to]
						http.Redirect(w, r, base+"/moved"+r.URL.Path, status)
						return
					}
					written = append(written, r.Method)
					switch {
					case strings.HasPrefix(what, "DELETE"):
					case strings.HasSuffix(what, "metadata"):
						always(200, `{"metadata": {"a": "1"}}`)(w, r)
					default:
						always(200, show("available"))(w, r)
					}
				}
				err := write(t.Context(), s.open())
				followed := status >= 307 && to == "same host"
				if followed != (err == nil) || len(written) > 1 || followed && written[0] != method || !followed && len(written) > 0 {
					t.Errorf("%s, %d to %s: %v, and there were %v", what, status, to, err, written)
				}
				var api *openstack.APIError
				if followed {
					continue
				}
				if !errors.As(err, &api) || api.Status != status || errors.As(err, new(*client.LostCreateError)) {
					t.Errorf("%s, %d to %s: %v", what, status, to, err)
					continue
				}
				for _, part := range []string{method + " /v3/", " to http", "/moved/v3/"} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%s, %d to %s: %q is not in %v", what, status, to, part, err)
					}
				}
			}
		}
	}
}

// A create whose POST is redirected is refused: as a GET it would be another
// request, whose answer is no new snapshot.
func TestRedirectedCreate(t *testing.T) {
	t.Parallel()
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/v3/"+project+"/snapshots/detail?secret=canary", http.StatusFound)
	})
	_, err := s.open().Create(t.Context(), client.CreateRequest{VolumeID: volume})
	var api *openstack.APIError
	if !errors.As(err, &api) || api.Status != 302 || api.Location != s.URL+"/v3/"+project+"/snapshots/detail" || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
	wantLines(t, s.Requests(), "POST /snapshots")
}
