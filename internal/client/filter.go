package client

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/istack/terraform-provider-istack/internal/openstack"
)

// Filter selects snapshots. Zero fields match everything; all others must match. Names and
// metadata are compared in Unicode NFC.
type Filter struct {
	// Name must be equal, case included. NameRegexp must match somewhere.
	Name       string
	NameRegexp *regexp.Regexp
	VolumeID   string
	Status     Status
	// Metadata must all be on the snapshot, which may have more.
	Metadata map[string]string
	// WithoutMetadata are keys that must not be on the snapshot.
	WithoutMetadata []string
	// CreatedAfter and CreatedBefore bound the time of creation. The bounds themselves
	// do not match, nor does an unknown time.
	CreatedAfter, CreatedBefore time.Time
	// AllProjects selects the snapshots of all projects. The API ignores it without the
	// right to it.
	AllProjects bool
	// ProjectID is the project that owns the snapshot. The API has this filter
	// only for administrators, together with AllProjects; to others it answers
	// 400, or ignores it.
	ProjectID string
	// Independent leaves out what cannot be deleted by itself: members of group snapshots,
	// and the temporary snapshots that Cinder makes for itself.
	Independent bool
}

// query returns the filters that the API has (section "List snapshots and details").
// The API may return more than they select: some databases compare names without case,
// and old APIs ignore filters. It compares texts in the Unicode form in which they were
// written, so that those that have several are left to [Filter.Match].
func (f Filter) query(version openstack.Microversion) url.Values {
	query := url.Values{}
	set := func(key, value string) {
		if value != "" {
			query.Set(key, value)
		}
	}
	if oneForm(f.Name) {
		set("name", f.Name)
	}
	set("volume_id", f.VolumeID)
	set("status", string(f.Status))
	if metadata := maps.Clone(f.Metadata); version >= openstack.MetadataFilterSince {
		maps.DeleteFunc(metadata, func(key, value string) bool { return !oneForm(key, value) })
		if len(metadata) > 0 {
			// A map of strings can always be encoded.
			encoded, _ := json.Marshal(metadata)
			query.Set("metadata", string(encoded))
		}
	}
	set("project_id", f.ProjectID)
	if f.AllProjects {
		query.Set("all_tenants", "1")
	}
	return query
}

// refusedFilters is the message of a cloud whose operators do not allow some filters to
// everybody (Cinder's resource_filters.json, from microversion 3.31 on).
var refusedFilters = regexp.MustCompile(`^Invalid filters (\S+) are found in query options\.$`)

// withoutRefused removes the filters from a query that an answer refuses, and reports whether
// the listing can be asked for without them: [Filter.Match] applies these, and not those
// that select a project.
func withoutRefused(query url.Values, err error) bool {
	var api *openstack.APIError
	if !errors.As(err, &api) {
		return false
	}
	found := refusedFilters.FindStringSubmatch(api.Message)
	if found == nil {
		return false
	}
	names := strings.Split(found[1], ",")
	for _, name := range names {
		if !slices.Contains([]string{"name", "volume_id", "status", "metadata"}, name) || !query.Has(name) {
			return false
		}
	}
	for _, name := range names {
		query.Del(name)
	}
	return true
}

// atServer reports whether the API applies the whole filter, but for what is rare: names and
// metadata that differ in case, and what Independent leaves out.
func (f Filter) atServer(version openstack.Microversion) bool {
	for key, value := range f.Metadata {
		if version < openstack.MetadataFilterSince || !oneForm(key, value) {
			return false
		}
	}
	return f.NameRegexp == nil && f.CreatedAfter.IsZero() && f.CreatedBefore.IsZero() && len(f.WithoutMetadata) == 0 && oneForm(f.Name)
}

// oneForm reports whether texts are the same in every Unicode form.
func oneForm(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !norm.NFC.IsNormalString(text) || !norm.NFD.IsNormalString(text) })
}

// Match reports whether the filter selects a snapshot.
func (f Filter) Match(s Snapshot) bool {
	name := norm.NFC.String(s.Name)
	if f.Name != "" && name != norm.NFC.String(f.Name) ||
		f.NameRegexp != nil && !f.NameRegexp.MatchString(name) ||
		f.VolumeID != "" && s.VolumeID != f.VolumeID ||
		f.Status != "" && s.Status != f.Status ||
		f.ProjectID != "" && s.ProjectID != f.ProjectID ||
		!f.CreatedAfter.IsZero() && !s.CreatedAt.After(f.CreatedAfter) ||
		!f.CreatedBefore.IsZero() && (s.CreatedAt.IsZero() || !s.CreatedAt.Before(f.CreatedBefore)) ||
		f.Independent && (s.GroupSnapshotID != "" || s.Temporary()) {
		return false
	}
	for _, key := range f.WithoutMetadata {
		if _, there := s.Metadata[norm.NFC.String(key)]; there {
			return false
		}
	}
	for key, want := range composed(f.Metadata) {
		if value, ok := s.Metadata[key]; !ok || value != want {
			return false
		}
	}
	return true
}
