package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

type metadataBody struct {
	// Never nil and never left out: {"metadata": {}} is what clears a snapshot.
	Metadata map[string]string `json:"metadata"`
}

func (b *BlockStorage) metadata(ctx context.Context, method, id string, body any) (map[string]string, error) {
	path, err := snapshotPath(id)
	if err != nil {
		return nil, err
	}
	path += "/metadata"
	var answer struct {
		Metadata metadataValues `json:"metadata"`
	}
	// Setting the same keys to the same values twice is setting them once.
	if err := b.do(transport.WithOptions(ctx, transport.Options{Repeatable: true}), method, path, nil, body, &answer); err != nil {
		return nil, err
	}
	if answer.Metadata == nil {
		return nil, &openstack.TransportError{Method: method, Path: path, Err: errors.New("the answer has no metadata in it")}
	}
	return answer.Metadata, nil
}

// Metadata reads the metadata of a snapshot (section "Show a snapshot's
// metadata"), in Unicode NFC as in a [Snapshot].
func (b *BlockStorage) Metadata(ctx context.Context, id string) (map[string]string, error) {
	all, err := b.metadata(ctx, http.MethodGet, id, nil)
	return composed(all), err
}

// UpdateMetadata sets the given keys, leaves all others as they are and returns
// the whole map (section "Create a snapshot's metadata").
func (b *BlockStorage) UpdateMetadata(ctx context.Context, id string, changes map[string]string) (map[string]string, error) {
	return b.metadata(ctx, http.MethodPost, id, metadataBody{orEmpty(changes)})
}

// ReplaceMetadata makes the given map the whole metadata of the snapshot
// (section "Update a snapshot's metadata").
func (b *BlockStorage) ReplaceMetadata(ctx context.Context, id string, all map[string]string) (map[string]string, error) {
	return b.metadata(ctx, http.MethodPut, id, metadataBody{orEmpty(all)})
}

// DeleteMetadataKey removes one key (section "Delete a snapshot's metadata"). If the
// key or the whole snapshot does not exist, [openstack.IsNotFound] reports true for the
// error. A key that cannot stand in a URL is an error.
func (b *BlockStorage) DeleteMetadataKey(ctx context.Context, id, key string) error {
	path, err := snapshotPath(id)
	if err != nil {
		return err
	}
	escaped, err := keySegment(key)
	if err != nil {
		return err
	}
	return b.do(ctx, http.MethodDelete, path+"/metadata/"+escaped, nil, nil, openstack.Empty{})
}

// keySegment escapes a key for the end of a path. Cinder's router removes ".json" there,
// also with a line break behind it, so that a request for "x.json" would be one for "x", as
// old releases do with ".xml", and reads characters other than ASCII as Latin-1, so that it
// would not find "é".
func keySegment(key string) (string, error) {
	lower := strings.ToLower(strings.TrimSuffix(key, "\n"))
	if strings.HasSuffix(lower, ".json") || strings.HasSuffix(lower, ".xml") || strings.ContainsFunc(key, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", fmt.Errorf("the metadata key %q cannot stand in a URL", key)
	}
	return openstack.PathSegment("metadata key", key)
}

// composed returns metadata with its keys and values in Unicode NFC, as those of a
// configuration are. If two keys are the same then, the one that was in NFC before is taken.
func composed(metadata map[string]string) map[string]string {
	normal := true
	for key, value := range metadata {
		normal = normal && norm.NFC.IsNormalString(key) && norm.NFC.IsNormalString(value)
	}
	if normal {
		return metadata
	}
	all := make(map[string]string, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		name := norm.NFC.String(key)
		if _, taken := all[name]; !taken || key == name {
			all[name] = norm.NFC.String(metadata[key])
		}
	}
	return all
}

// MetadataChange is a change of some keys, which does not change any other.
type MetadataChange struct {
	// Set does not replace a key that is the same in another Unicode form: it is written
	// beside it.
	Set map[string]string
	// Remove names keys as they are, or in Unicode NFC.
	Remove []string
}

// IsEmpty reports whether there is nothing to do.
func (c MetadataChange) IsEmpty() bool { return len(c.Set) == 0 && len(c.Remove) == 0 }

// ChangeMetadata carries out a change in as few requests as the API allows: one
// for any number of keys to set, and one for each key to remove.
//
// A key that cannot stand in a URL ("a/b", "..", "é", "x.json"), or that the cloud has in
// another Unicode form, can only be removed with the whole map: ChangeMetadata reads the map,
// changes it and writes it back, and what others write between these two requests is lost.
//
// The errors are those of [BlockStorage.Read], and [*MetadataError].
func (b *BlockStorage) ChangeMetadata(ctx context.Context, of Reference, change MetadataChange) error {
	return b.absence(ctx, of, b.changeMetadata(ctx, of.ID, change))
}

func (b *BlockStorage) changeMetadata(ctx context.Context, id string, change MetadataChange) error {
	if slices.ContainsFunc(change.Remove, func(key string) bool {
		_, err := keySegment(key)
		return err != nil
	}) {
		return b.rewriteMetadata(ctx, id, change)
	}
	// Keys are removed before others are set: if "Key" and "key" are the same to the
	// database, the removal would otherwise remove the new one.
	var doubt error
	for _, key := range change.Remove {
		err := b.DeleteMetadataKey(ctx, id, key)
		if err != nil {
			err = fmt.Errorf("removing key %q: %w", key, err)
		}
		switch {
		case openstack.IsNotFound(err), errors.Is(err, openstack.ErrNotEmpty):
			// The key is gone, but perhaps with the whole snapshot. The answer of a proxy
			// says nothing.
			if doubt == nil || errors.Is(err, openstack.ErrNotEmpty) {
				doubt = err
			}
		case err != nil:
			return err
		}
	}
	var stored map[string]string
	var err error
	switch {
	case len(change.Set) > 0:
		stored, err = b.UpdateMetadata(ctx, id, change.Set)
	case doubt != nil:
		stored, err = b.metadata(ctx, http.MethodGet, id, nil)
	}
	if doubt == nil || err != nil {
		return change.verify(id, stored, err)
	}
	asNamed := func(key string) bool { return slices.Contains(change.Remove, key) }
	left := slices.DeleteFunc(slices.Collect(maps.Keys(stored)), func(key string) bool { return !change.removes(key) })
	if errors.Is(doubt, openstack.ErrNotEmpty) && slices.ContainsFunc(left, asNamed) {
		return doubt
	}
	if slices.ContainsFunc(left, func(key string) bool { return !asNamed(key) }) {
		// "K" was not found, since it is the Kelvin sign.
		return b.rewriteMetadata(ctx, id, change)
	}
	return change.verify(id, stored, nil)
}

// rewriteMetadata carries out a change with the whole map.
func (b *BlockStorage) rewriteMetadata(ctx context.Context, id string, change MetadataChange) error {
	// As it is: the keys of others are written back.
	all, err := b.metadata(ctx, http.MethodGet, id, nil)
	if err != nil {
		return err
	}
	maps.DeleteFunc(all, func(key, _ string) bool { return change.removes(key) })
	maps.Copy(all, change.Set)
	stored, err := b.ReplaceMetadata(ctx, id, all)
	return change.verify(id, stored, err)
}

// removes reports whether a key is to be removed.
func (c MetadataChange) removes(key string) bool {
	return slices.Contains(c.Remove, norm.NFC.String(key)) || slices.Contains(c.Remove, key)
}

// verify returns a [*MetadataError] if the answer to a write lacks any of the keys.
func (c MetadataChange) verify(id string, stored map[string]string, err error) error {
	if err != nil {
		return err
	}
	if lost := NotStored(c.Set, stored); len(lost) > 0 {
		return &MetadataError{SnapshotID: id, Keys: lost}
	}
	return nil
}

// NotStored returns the keys, sorted, that a cloud has not stored as they were
// written. Databases that compare without regard to case, or to spaces at the
// end, hold "Key" and "key" for one.
func NotStored(written, stored map[string]string) []string {
	var lost []string
	for key, value := range written {
		if is, ok := stored[key]; !ok || is != value {
			lost = append(lost, key)
		}
	}
	slices.Sort(lost)
	return lost
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
