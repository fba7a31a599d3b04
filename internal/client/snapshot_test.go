package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// bodies answers with a function of the request line, and keeps what was sent.
func recording(answers map[string]string, sent *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*sent = append(*sent, string(body))
		if answer, ok := answers[r.Method]; ok {
			fmt.Fprint(w, answer)
			return
		}
		fault(w, http.StatusNotFound, "itemNotFound", "Snapshot could not be found.")
	}
}

// What a cloud does not say is not false.
func TestConsumesQuota(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]string{`"consumes_quota": true`: "true", `"consumes_quota": false`: "false", `"consumes_quota": null`: "nothing", `"x": 1`: "nothing"} {
		got, err := newScript(t, always(200, show("available", told))).open().Get(t.Context(), snapshot)
		is := "nothing"
		if got.ConsumesQuota != nil {
			is = strconv.FormatBool(*got.ConsumesQuota)
		}
		if err != nil || is != want {
			t.Errorf("%s: %s, %v", told, is, err)
		}
	}
}

func TestCreateBody(t *testing.T) {
	t.Parallel()
	for want, request := range map[string]client.CreateRequest{
		`{"snapshot":{"volume_id":"v","force":false}}`: {VolumeID: "v"},
		`{"snapshot":{"volume_id":"v","name":"n","description":"d","force":true,"metadata":{"a":""}}}`: {
			VolumeID: "v", Name: "n", Description: "d", Force: true, Metadata: map[string]string{"a": ""},
		},
	} {
		var sent []string
		s := newScript(t, recording(map[string]string{"POST": show("creating")}, &sent))
		got, err := s.open().Create(t.Context(), request)
		if err != nil || got.ID != snapshot || got.Status != client.StatusCreating {
			t.Errorf("%+v, %v", got, err)
		}
		if !slices.Equal(sent, []string{want}) {
			t.Errorf("sent %s, want %s", sent, want)
		}
	}
}

func TestUpdateBody(t *testing.T) {
	t.Parallel()
	empty, text := "", "x"
	for want, request := range map[string]client.UpdateRequest{
		`{"snapshot":{"name":""}}`:                    {Name: &empty},
		`{"snapshot":{"description":"x"}}`:            {Description: &text},
		`{"snapshot":{"name":"x","description":"x"}}`: {Name: &text, Description: &text},
	} {
		var sent []string
		s := newScript(t, recording(map[string]string{"PUT": show("available", `"name": "as answered"`)}, &sent))
		got, err := s.open().Update(t.Context(), client.Reference{ID: snapshot}, request)
		if err != nil || got.Name != "as answered" {
			t.Errorf("%+v, %v", got, err)
		}
		if sent[0] != want {
			t.Errorf("sent %s, want %s", sent[0], want)
		}
		wantLines(t, s.Requests(), "PUT /snapshots/"+snapshot)
	}
}

func TestResetStatusBody(t *testing.T) {
	t.Parallel()
	var sent []string
	s := newScript(t, recording(map[string]string{"POST": ""}, &sent))
	if err := s.open().ResetStatus(t.Context(), snapshot, client.StatusError); err != nil {
		t.Error(err)
	}
	wantLines(t, s.Requests(), "POST /snapshots/"+snapshot+"/action")
	if !slices.Equal(sent, []string{`{"os-reset_status":{"status":"error"}}`}) {
		t.Errorf("sent %q", sent)
	}
	page := newScript(t, always(http.StatusOK, "<html>Welcome</html>"))
	if err := page.open().ResetStatus(t.Context(), snapshot, client.StatusError); !errors.Is(err, openstack.ErrNotEmpty) {
		t.Errorf("a page in place of the answer: %v", err)
	}
}

func TestMetadataCalls(t *testing.T) {
	t.Parallel()
	const all = `{"metadata": {"a": "1"}}`
	var sent []string
	s := newScript(t, recording(map[string]string{"POST": all, "PUT": `{"metadata": {}}`, "GET": all, "DELETE": ""}, &sent))
	b := s.open()
	want := map[string]string{"a": "1"}
	if got, err := b.Metadata(t.Context(), snapshot); err != nil || !maps.Equal(got, want) {
		t.Error(got, err)
	}
	if got, err := b.UpdateMetadata(t.Context(), snapshot, want); err != nil || !maps.Equal(got, want) {
		t.Error(got, err)
	}
	if got, err := b.ReplaceMetadata(t.Context(), snapshot, nil); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	if err := b.DeleteMetadataKey(t.Context(), snapshot, "a b%"); err != nil {
		t.Error(err)
	}
	path := "/snapshots/" + snapshot + "/metadata"
	wantLines(t, s.Requests(), "GET "+path, "POST "+path, "PUT "+path, "DELETE "+path+"/a%20b%25")
	if !slices.Equal(sent, []string{"", `{"metadata":{"a":"1"}}`, `{"metadata":{}}`, ""}) {
		t.Errorf("sent %q", sent)
	}
}

// keeper holds the metadata of one snapshot as Cinder does.
type keeper struct {
	metadata map[string]string
	// fold lets keys that differ only in case be one.
	fold bool
}

func (k *keeper) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sent := decode(body)
	switch r.Method {
	case http.MethodDelete:
		key := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if _, ok := k.metadata[key]; !ok {
			fault(w, 404, "itemNotFound", "Snapshot has no metadata with key "+key+".")
			return
		}
		delete(k.metadata, key)
		return
	case http.MethodPut:
		k.metadata = sent
	case http.MethodPost:
		for key, value := range sent {
			for have := range k.metadata {
				if k.fold && strings.EqualFold(have, key) {
					key = have
				}
			}
			k.metadata[key] = value
		}
	}
	pairs := make([]string, 0, len(k.metadata))
	for key, value := range k.metadata {
		pairs = append(pairs, fmt.Sprintf("%q: %q", key, value))
	}
	fmt.Fprintf(w, `{"metadata": {%s}}`, strings.Join(pairs, ", "))
}

func TestChangeMetadata(t *testing.T) {
	t.Parallel()
	const path = "/snapshots/" + snapshot + "/metadata"
	for name, row := range map[string]struct {
		have   map[string]string
		change client.MetadataChange
		want   map[string]string
		lines  []string
	}{
		"set": {
			map[string]string{"theirs": "x", "a": "1"},
			client.MetadataChange{Set: map[string]string{"a": "2", "b": "3"}},
			map[string]string{"theirs": "x", "a": "2", "b": "3"},
			[]string{"POST " + path},
		},
		"remove": {
			map[string]string{"theirs": "x", "a": "1"},
			client.MetadataChange{Remove: []string{"a"}},
			map[string]string{"theirs": "x"},
			[]string{"DELETE " + path + "/a"},
		},
		"remove what is gone": {
			map[string]string{"theirs": "x"},
			client.MetadataChange{Remove: []string{"a"}},
			map[string]string{"theirs": "x"},
			[]string{"DELETE " + path + "/a", "GET " + path},
		},
		"remove before set": {
			map[string]string{"Key": "1"},
			client.MetadataChange{Set: map[string]string{"key": "2"}, Remove: []string{"Key"}},
			map[string]string{"key": "2"},
			[]string{"DELETE " + path + "/Key", "POST " + path},
		},
		"remove a key with a slash": {
			map[string]string{"theirs": "x", "a/b": "1", "c": "2"},
			client.MetadataChange{Set: map[string]string{"d": "3"}, Remove: []string{"a/b", "c"}},
			map[string]string{"theirs": "x", "d": "3"},
			[]string{"GET " + path, "PUT " + path},
		},
		// Cinder's router would take "x.json" for "x".
		"remove a key like a file": {
			map[string]string{"x": "theirs", "x.json": "1"},
			client.MetadataChange{Remove: []string{"x.json"}},
			map[string]string{"x": "theirs"},
			[]string{"GET " + path, "PUT " + path},
		},
		// Cinder would look for "\u00c3\u00a9".
		"remove a key that is not ASCII": {
			map[string]string{"e": "theirs", "é": "1"},
			client.MetadataChange{Remove: []string{"é"}},
			map[string]string{"e": "theirs"},
			[]string{"GET " + path, "PUT " + path},
		},
		"remove a key like a file, with a line break": {
			map[string]string{"x": "theirs", "x.json\n": "1"},
			client.MetadataChange{Remove: []string{"x.json\n"}},
			map[string]string{"x": "theirs"},
			[]string{"GET " + path, "PUT " + path},
		},
		// Somebody wrote the Kelvin sign.
		"remove a key that is ASCII in NFC": {
			map[string]string{"e": "theirs", "\u212a": "1"},
			client.MetadataChange{Remove: []string{"K"}},
			map[string]string{"e": "theirs"},
			[]string{"DELETE " + path + "/K", "GET " + path, "GET " + path, "PUT " + path},
		},
		"remove a key that is ASCII in NFC, and set another": {
			map[string]string{"e": "theirs", "\u212a": "1"},
			client.MetadataChange{Set: map[string]string{"f": "2"}, Remove: []string{"K"}},
			map[string]string{"e": "theirs", "f": "2"},
			[]string{"DELETE " + path + "/K", "POST " + path, "GET " + path, "PUT " + path},
		},
		// Somebody wrote it with a combining accent.
		"remove a key in another form": {
			map[string]string{"e": "theirs", "e\u0301": "1"},
			client.MetadataChange{Remove: []string{"\u00e9"}},
			map[string]string{"e": "theirs"},
			[]string{"GET " + path, "PUT " + path},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &keeper{metadata: row.have, fold: true}
			s := newScript(t, k.serve)
			err := s.open().ChangeMetadata(t.Context(), client.Reference{ID: snapshot}, row.change)
			if err != nil || !maps.Equal(k.metadata, row.want) {
				t.Errorf("%v; the cloud has %v", err, k.metadata)
			}
			wantLines(t, s.Requests(), row.lines...)
		})
	}
}

// A mark that somebody has written with combining accents is the one of a configuration.
func TestMetadataIsComposed(t *testing.T) {
	t.Parallel()
	const metadata = `"metadata": {"garde\u0301": "a\u0300", "e\u0301": "2", "\u00e9": "1"}`
	want := map[string]string{"gard\u00e9": "\u00e0", "\u00e9": "1"}
	b := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/metadata") {
			fmt.Fprintf(w, "{%s}", metadata)
			return
		}
		fmt.Fprintf(w, `{"snapshot": {"id": %q, %s}}`, snapshot, metadata)
	}).open()
	s, err := b.Get(t.Context(), snapshot)
	if err != nil || !maps.Equal(s.Metadata, want) {
		t.Errorf("%q, %v", s.Metadata, err)
	}
	if all, err := b.Metadata(t.Context(), snapshot); err != nil || !maps.Equal(all, want) {
		t.Errorf("%q, %v", all, err)
	}
	if (client.Filter{WithoutMetadata: []string{"gard\u00e9"}}).Match(s) || !(client.Filter{Metadata: map[string]string{"gard\u00e9": "\u00e0"}}).Match(s) {
		t.Error("the filters do not find the mark")
	}
}

func TestMetadataChangeIsEmpty(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		change client.MetadataChange
		empty  bool
	}{
		{client.MetadataChange{}, true},
		{client.MetadataChange{Set: map[string]string{"a": ""}}, false},
		{client.MetadataChange{Remove: []string{"a"}}, false},
	} {
		if row.change.IsEmpty() != row.empty {
			t.Errorf("%+v", row.change)
		}
	}
}

// A write that the cloud takes and does not keep is an error, not a plan that
// never converges.
func TestMetadataThatIsNotKept(t *testing.T) {
	t.Parallel()
	k := &keeper{metadata: map[string]string{"KEY": "theirs"}, fold: true}
	err := newScript(t, k.serve).open().ChangeMetadata(t.Context(), client.Reference{ID: snapshot}, client.MetadataChange{Set: map[string]string{"key": "1"}})
	var lost *client.MetadataError
	if !errors.As(err, &lost) || !slices.Equal(lost.Keys, []string{"key"}) {
		t.Errorf("%v", err)
	}
}

// A removal that a proxy answers is looked at before it is believed, and so is
// one that finds nothing: what is gone may be the whole snapshot.
func TestMetadataRemovalInDoubt(t *testing.T) {
	t.Parallel()
	html := func(w http.ResponseWriter) { fmt.Fprint(w, "<html>Welcome</html>") }
	for name, row := range map[string]struct {
		remove func(http.ResponseWriter, map[string]string)
		gone   bool // the snapshot is
		fails  string
	}{
		"answered by a proxy, done":     {func(w http.ResponseWriter, have map[string]string) { delete(have, "a"); html(w) }, false, ""},
		"answered by a proxy, not done": {func(w http.ResponseWriter, _ map[string]string) { html(w) }, false, "not the empty one"},
		"no such key": {func(w http.ResponseWriter, have map[string]string) {
			delete(have, "a")
			fault(w, 404, "itemNotFound", "No key.")
		}, false, ""},
		"no such snapshot": {func(w http.ResponseWriter, _ map[string]string) { fault(w, 404, "itemNotFound", "No snapshot.") }, true, "404"},
		"answered by a proxy, and then another is not there": {func(w http.ResponseWriter, have map[string]string) {
			if _, first := have["first"]; first {
				delete(have, "first")
				html(w)
				return
			}
			fault(w, 404, "itemNotFound", "No key.")
		}, false, "not the empty one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &keeper{metadata: map[string]string{"a": "1", "theirs": "x", "first": "yes"}}
			s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodDelete:
					row.remove(w, k.metadata)
				case row.gone:
					fault(w, 404, "itemNotFound", "No snapshot.")
				default:
					k.serve(w, r)
				}
			})
			err := s.open().ChangeMetadata(t.Context(), client.Reference{ID: snapshot}, client.MetadataChange{Remove: []string{"a", "b"}})
			if row.fails == "" && err != nil || row.fails != "" && (err == nil || !strings.Contains(err.Error(), row.fails)) {
				t.Error(err)
			}
			if row.gone != openstack.IsNotFound(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

// states answers GETs with these statuses in turn, "" being 404, and anything
// else with 202.
func states(statuses ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		status := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		if status == "" {
			fault(w, http.StatusNotFound, "itemNotFound", "Snapshot could not be found.")
			return
		}
		fmt.Fprint(w, show(status))
	}
}

func TestWaitAvailable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		statuses []string
		fails    string
	}{
		"at once":       {[]string{"available"}, ""},
		"after a while": {[]string{"creating", "available"}, ""},
		"odd status":    {[]string{"backing-up", "available"}, ""},
		"failed":        {[]string{"creating", "error"}, `is in status "error"`},
		"being deleted": {[]string{"deleting"}, `is in status "deleting"`},
		"gone":          {[]string{""}, "404"},
		"seen late":     {[]string{"", "creating", "available"}, ""},
		"seen, gone":    {[]string{"creating", ""}, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newScript(t, states(row.statuses...)).open().WaitAvailable(t.Context(), snapshot)
			if row.fails == "" && (err != nil || got.Status != client.StatusAvailable) ||
				row.fails != "" && (err == nil || !strings.Contains(err.Error(), row.fails)) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestWaitGone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		statuses []string
		fails    string
	}{
		"at once":         {[]string{""}, ""},
		"after a while":   {[]string{"deleting", ""}, ""},
		"a late look":     {[]string{"available", ""}, ""},
		"busy":            {[]string{"deleting", "available"}, `is in status "available"`},
		"never begun":     {[]string{"available", "available"}, `is in status "available"`},
		"failed":          {[]string{"error_deleting"}, `is in status "error_deleting"`},
		"back to failure": {[]string{"deleting", "error"}, `is in status "error"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newScript(t, states(row.statuses...)).open().WaitGone(t.Context(), snapshot)
			if row.fails == "" && err != nil || row.fails != "" && (err == nil || !strings.Contains(err.Error(), row.fails)) {
				t.Error(err)
			}
		})
	}
}

// The context ends a wait at once: the timeout between two polls, the interrupt in one.
func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		cause   error
		text    string
	}{
		"timeout": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 5*time.Second)
			},
			context.DeadlineExceeded, `timed out after ([5-9]|\d\d)`,
		},
		"interrupt": {context.WithCancel, context.Canceled, "interrupted after "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var polls atomic.Int32
			var cancel context.CancelFunc
			answer := states("creating")
			script := newScript(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && polls.Add(1) == 2 && name == "interrupt" {
					cancel()
				}
				answer(w, r)
			})
			b := script.open()
			// The time of the wait is that of the context, without the sign-in.
			if _, err := b.ProjectID(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := row.context(t.Context())
			defer cancel()
			last, err := b.WaitAvailable(ctx, snapshot)
			var wait *client.WaitError
			if !errors.As(err, &wait) || !errors.Is(err, row.cause) || wait.Last != client.StatusCreating || last.ID != snapshot || !regexp.MustCompile(row.text).MatchString(err.Error()) {
				t.Errorf("%v, %v", last, err)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	refuse := func(until int, statuses ...string) http.HandlerFunc {
		next := states(statuses...)
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete && until > 0 {
				until--
				fault(w, http.StatusBadRequest, "badRequest", "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.")
				return
			}
			next(w, r)
		}
	}
	page := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				fmt.Fprint(w, "<html>Welcome</html>")
				return
			}
			next(w, r)
		}
	}
	const one = "/snapshots/" + snapshot
	for name, row := range map[string]struct {
		cinder http.HandlerFunc
		lines  []string
		fails  string
	}{
		"usual": {states("deleting", ""), []string{"DELETE " + one, "GET " + one, "GET " + one}, ""},
		"gone already": {func(w http.ResponseWriter, _ *http.Request) {
			fault(w, 404, "itemNotFound", "Snapshot could not be found.")
		}, []string{"DELETE " + one}, ""},
		"gone already, in other words": {func(w http.ResponseWriter, _ *http.Request) {
			fault(w, 404, "itemNotFound", "Not found.")
		}, []string{"DELETE " + one, "GET " + one}, ""},
		"the volume not found": {
			func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					fault(w, 404, "itemNotFound", "Volume "+volume+" could not be found.")
					return
				}
				states("available")(w, r)
			},
			[]string{"DELETE " + one, "GET " + one, "DELETE " + one, "GET " + one},
			`is in status "available"; DELETE /v3/` + project + one + `: 404 Not Found: Volume ` + volume + ` could not be found`,
		},
		"forbidden": {func(w http.ResponseWriter, _ *http.Request) {
			fault(w, http.StatusForbidden, "forbidden", "Policy doesn't allow it.")
		}, []string{"DELETE " + one}, "403 Forbidden: Policy doesn't allow it."},
		"answered by a proxy, done": {
			page(states("deleting", "")),
			[]string{"DELETE " + one, "GET " + one, "GET " + one},
			"",
		},
		"answered by a proxy, not done": {
			page(states("available")),
			[]string{"DELETE " + one, "GET " + one, "GET " + one, "GET /messages?resource_uuid=" + snapshot, "GET /volumes/detail"},
			"the answer is not the empty one",
		},
		"answered by a proxy, failed before": {
			page(states("error")),
			[]string{"DELETE " + one, "GET " + one, "GET " + one, "GET /messages?resource_uuid=" + snapshot},
			"the answer is not the empty one",
		},
		"being deleted":    {refuse(1, "deleting", ""), []string{"DELETE " + one, "GET " + one, "GET " + one}, ""},
		"gone in between":  {refuse(1, ""), []string{"DELETE " + one, "GET " + one}, ""},
		"being created":    {refuse(1, "creating", "available", ""), []string{"DELETE " + one, "GET " + one, "GET " + one, "DELETE " + one, "GET " + one}, ""},
		"creation failing": {refuse(1, "creating", "error", ""), []string{"DELETE " + one, "GET " + one, "GET " + one, "DELETE " + one, "GET " + one}, ""},
		"error_deleting":   {refuse(1, "error_deleting"), []string{"DELETE " + one, "GET " + one, "GET /messages?resource_uuid=" + snapshot}, `is in status "error_deleting"`},
		"being backed up":  {refuse(1, "backing-up", "backing-up", "available", ""), []string{"DELETE " + one, "GET " + one, "GET " + one, "GET " + one, "DELETE " + one, "GET " + one}, ""},
		"being restored, then deleted by another": {refuse(1, "restoring", "deleting", ""), []string{"DELETE " + one, "GET " + one, "GET " + one, "GET " + one}, ""},
		"busy again and again":                    {refuse(2, "creating", "available", "unmanaging", "available", ""), []string{"DELETE " + one, "GET " + one, "GET " + one, "DELETE " + one, "GET " + one, "GET " + one, "DELETE " + one, "GET " + one}, ""},
		"available a moment later":                {refuse(1, "available", ""), []string{"DELETE " + one, "GET " + one, "DELETE " + one, "GET " + one}, ""},
		"refused": {
			refuse(2, "available"),
			[]string{"DELETE " + one, "GET " + one, "DELETE " + one, "GET " + one},
			`is in status "available"; DELETE /v3/` + project + one + `: 400 Bad Request: Invalid snapshot: Snapshot status must be available or error`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, row.cinder)
			err := s.open().Remove(t.Context(), client.Reference{ID: snapshot})
			if row.fails == "" && err != nil || row.fails != "" && (err == nil || !strings.Contains(err.Error(), row.fails)) {
				t.Error(err)
			}
			wantLines(t, s.Requests(), row.lines...)
		})
	}
}

// What the cloud knows of a failure is in its error: the reason that it gave the
// user, and the volumes that keep a snapshot from being deleted.
func TestFailuresAreExplained(t *testing.T) {
	t.Parallel()
	cinder := func(status string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/messages"):
				fmt.Fprintf(w, `{"messages": [
					{"resource_uuid": %q, "user_message": "older", "request_id": "req-1", "created_at": "2026-01-01T00:00:00.000000"},
					{"resource_uuid": %q, "user_message": "newest", "request_id": "req-2", "created_at": "2026-01-02T00:00:00.000000"},
					{"resource_uuid": "other", "user_message": "of another", "request_id": "req-3", "created_at": "2026-01-03T00:00:00.000000"}]}`, snapshot, snapshot)
			case strings.HasSuffix(r.URL.Path, "/volumes/detail"):
				if r.URL.Query().Get("marker") == "v3" {
					fmt.Fprintf(w, `{"volumes": [{"id": "v4", "snapshot_id": %q}]}`, snapshot)
					return
				}
				fmt.Fprintf(w, `{"volumes": [{"id": "v1", "snapshot_id": %q}, {"id": "v2", "snapshot_id": null}, {"id": "v3", "snapshot_id": "other"}],
					"volumes_links": [{"rel": "next"}]}`, snapshot)
			case r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusAccepted)
			default:
				fmt.Fprint(w, show(status))
			}
		}
	}
	var unexpected *client.UnexpectedStatusError
	err := newScript(t, cinder("available")).open().Remove(t.Context(), client.Reference{ID: snapshot})
	if !errors.As(err, &unexpected) || !slices.Equal(unexpected.Volumes, []string{"v1", "v4"}) || unexpected.Reason != "newest" || unexpected.RequestID != "req-2" {
		t.Errorf("%+v", err)
	}
	_, err = newScript(t, cinder("error")).open().WaitAvailable(t.Context(), snapshot)
	if !errors.As(err, &unexpected) || unexpected.Volumes != nil || unexpected.Reason != "newest" {
		t.Errorf("%+v", err)
	}
	// A message without a time is better than none.
	timeless := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			fmt.Fprintf(w, `{"messages": [{"resource_uuid": %q, "user_message": "once", "request_id": "req-1"}]}`, snapshot)
			return
		}
		fmt.Fprint(w, show("error"))
	})
	if _, err = timeless.open().WaitAvailable(t.Context(), snapshot); !errors.As(err, &unexpected) || unexpected.Reason != "once" {
		t.Errorf("%+v", err)
	}
	// A cloud that tells nothing, or an API that has no messages, costs the error nothing.
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/snapshots/") {
			fmt.Fprint(w, show("error"))
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	if _, err = s.open().WaitAvailable(t.Context(), snapshot); !errors.As(err, &unexpected) || unexpected.Reason != "" {
		t.Errorf("%+v", err)
	}
}
