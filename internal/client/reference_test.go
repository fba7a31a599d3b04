package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// A 404 is an absence only for a sign-in to the project that owns the snapshot:
// every other project gets one too.
func TestAbsence(t *testing.T) {
	t.Parallel()
	const elsewhere = "0bbbdb0b4b3b4b3c9d1e5b1b1f8a8d0c"
	name := "n"
	for call, run := range map[string]func(*client.BlockStorage, client.Reference) error{
		"read": func(b *client.BlockStorage, of client.Reference) error {
			_, err := b.Read(t.Context(), of)
			return err
		},
		"update": func(b *client.BlockStorage, of client.Reference) error {
			_, err := b.Update(t.Context(), of, client.UpdateRequest{Name: &name})
			return err
		},
		"set metadata": func(b *client.BlockStorage, of client.Reference) error {
			return b.ChangeMetadata(t.Context(), of, client.MetadataChange{Set: map[string]string{"a": "1"}})
		},
		"remove metadata": func(b *client.BlockStorage, of client.Reference) error {
			return b.ChangeMetadata(t.Context(), of, client.MetadataChange{Remove: []string{"a"}})
		},
		"remove": func(b *client.BlockStorage, of client.Reference) error { return b.Remove(t.Context(), of) },
		"remove, after a refusal": func(b *client.BlockStorage, of client.Reference) error {
			return b.Remove(t.Context(), of)
		},
		"remove, after the answer of a proxy": func(b *client.BlockStorage, of client.Reference) error {
			return b.Remove(t.Context(), of)
		},
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodDelete && strings.HasSuffix(call, "refusal"):
					fault(w, http.StatusBadRequest, "badRequest", "Invalid snapshot.")
					return
				case r.Method == http.MethodDelete && strings.HasSuffix(call, "proxy"):
					_, _ = io.WriteString(w, "<html>Please sign in.</html>")
					return
				}
				fault(w, http.StatusNotFound, "itemNotFound", "Snapshot could not be found.")
			})
			b := s.open()
			var foreign *client.ProjectError
			err := run(b, client.Reference{ID: snapshot, ProjectID: elsewhere})
			if !errors.As(err, &foreign) || openstack.IsNotFound(err) || foreign.ProjectID != elsewhere || foreign.SignedIn != project || foreign.Answer.Status != 404 {
				t.Errorf("another project: %v", err)
			}
			for whose, of := range map[string]client.Reference{"own project": {ID: snapshot, ProjectID: project}, "project unknown": {ID: snapshot}} {
				err := run(b, of)
				if removal := strings.HasPrefix(call, "remove") && call != "remove metadata"; removal && err != nil || !removal && !openstack.IsNotFound(err) {
					t.Errorf("%s: %v", whose, err)
				}
			}
		})
	}
}
