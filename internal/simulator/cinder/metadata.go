package cinder

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// metadata is the rows of a metadata table that belong to one object, oldest first. Create stores keys as they
// come, but every later change looks them up in the database, which ignores case, accents and spaces at the
// end: "Key" and "key" can stand side by side only until then.
type metadata []pair

type pair struct{ key, value string }

func metadataOf(o object) metadata {
	m := make(metadata, 0, len(o))
	for _, x := range o {
		m = append(m, pair{x.Key(), python.Str(x.Value())})
	}
	return m
}

func (m metadata) object() object {
	o := make(object, 0, len(m))
	for _, p := range m {
		o = append(o, member{p.key, p.value})
	}
	return o
}

// find returns the first row that the database takes for the key.
func (m metadata) find(key string) int {
	return slices.IndexFunc(m, func(p pair) bool { return mariadb.Equal(p.key, key) })
}

// rewrite stores every pair again: each goes to all rows that the database takes for its key.
func (m metadata) rewrite() {
	for _, p := range slices.Clone(m) {
		for i := range m {
			if mariadb.Equal(m[i].key, p.key) {
				m[i].value = p.value
			}
		}
	}
}

// has compares exactly, as Cinder does with what it read.
func (m metadata) has(key string) bool {
	return slices.ContainsFunc(m, func(p pair) bool { return p.key == key })
}

// include says whether all pairs of a filter are there. A number in the filter compares as a number.
func (m metadata) include(wanted object) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(m, func(p pair) bool { return mariadb.Equal(p.key, w.Key()) && sameValue(p.value, w.Value()) }) {
			return false
		}
	}
	return true
}

func sameValue(stored string, wanted any) bool {
	switch w := wanted.(type) {
	case string:
		return mariadb.Equal(stored, w)
	case bool:
		return leadingNumber(stored) == float64(boolean(w))
	case json.Number:
		n, err := w.Float64()
		return err == nil && leadingNumber(stored) == n
	}
	return false
}

// leadingNumber reads a text as MariaDB does to compare it with a number: as much as is one, else 0.
func leadingNumber(s string) float64 {
	s = strings.TrimLeft(s, " ")
	for end := len(s); end > 0; end-- {
		if strings.ContainsAny(s[:end], "xXpPnN ") {
			continue
		}
		if n, err := strconv.ParseFloat(s[:end], 64); err == nil {
			return n
		}
	}
	return 0
}

// changed returns the rows after Cinder has written a whole map over them, by the steps that it takes.
func (m metadata) changed(to metadata) metadata {
	rows := slices.Clone(m)
	for _, old := range m {
		if !to.has(old.key) {
			if i := rows.find(old.key); i >= 0 {
				rows = slices.Delete(rows, i, i+1)
			}
		}
	}
	for _, p := range to {
		if i := rows.find(p.key); i >= 0 {
			rows[i].value = p.value
		} else {
			rows = append(rows, p)
		}
	}
	return rows
}

func listMetadata(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"metadata", x.metadata.object()}}}, nil
}

// metadataBody returns the member that a body must have, as Cinder's assert_valid_body does.
func (c *call) metadataBody(name string) (object, error) {
	if !c.hasBody {
		// Cinder's method lacks an argument then.
		return nil, malformed()
	}
	inner, ok := c.object().Get(name)
	o, isObject := inner.(object)
	if !ok || !isObject {
		return nil, badRequest("Missing required element '%s' in request body.", name)
	}
	return o, nil
}

func mergeMetadata(c *call) (reply, error) { return c.writeMetadata(false) }

func replaceMetadata(c *call) (reply, error) { return c.writeMetadata(true) }

func (c *call) writeMetadata(whole bool) (reply, error) {
	given, err := c.metadataBody("metadata")
	if err != nil {
		return reply{}, err
	}
	x, err := c.changeMetadata(given, whole)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"metadata", x.metadata.object()}}}, nil
}

// changeMetadata writes pairs to the snapshot of the path: merged with what it has, or as all that it has.
func (c *call) changeMetadata(given object, whole bool) (*snapshot, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return nil, err
	}
	merged := given
	if !whole {
		merged = x.metadata.object()
		for _, m := range given {
			if i := slices.IndexFunc(merged, func(old member) bool { return old.Key() == m.Key() }); i >= 0 {
				merged[i][1] = m.Value()
			} else {
				merged = append(merged, m)
			}
		}
	}
	if err := checkMetadata(merged); err != nil {
		return nil, err
	}
	to := metadataOf(merged)
	if err := c.storable(nil, nil, to); err != nil {
		return nil, err
	}
	x.metadata = x.metadata.changed(to)
	x.updated = c.now
	return x, nil
}

// checkMetadata has other limits than the schema of a create.
func checkMetadata(o object) error {
	for _, m := range o {
		value, isText := m.Value().(string)
		switch {
		case m.Key() == "":
			return badRequest("Invalid metadata: Invalid input received: Metadata key:  has 0 characters, less than 1.")
		case !isText:
			return badRequest(
				"Invalid metadata: Invalid input received: Value for metadata key: %s is not a string or unicode", m.Key())
		case utf8.RuneCountInString(m.Key()) > 255:
			return tooLarge("Invalid metadata size: Metadata property key " + m.Key() + " greater than 255 characters.")
		case utf8.RuneCountInString(value) > 255:
			return tooLarge("Invalid metadata size: Metadata property key " + m.Key() + " value greater than 255 characters.")
		}
	}
	return nil
}

func tooLarge(message string) error {
	return &fault{status: http.StatusRequestEntityTooLarge, message: message}
}

func noMetadata(id, key string) error {
	return notFound("Snapshot %s has no metadata with key %s.", id, key)
}

func showMetadata(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	for _, p := range x.metadata {
		if p.key == c.key {
			return reply{status: http.StatusOK, body: object{{"meta", object{{p.key, p.value}}}}}, nil
		}
	}
	return reply{}, noMetadata(c.id, c.key)
}

// putMetadata sets one key and answers with what was sent.
func putMetadata(c *call) (reply, error) {
	given, err := c.metadataBody("meta")
	if err != nil {
		return reply{}, err
	}
	if _, ok := given.Get(c.key); !ok {
		return reply{}, badRequest("Request body and URI mismatch")
	}
	if len(given) > 1 {
		return reply{}, badRequest("Request body contains too many items")
	}
	if _, err := c.changeMetadata(given, false); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"meta", given}}}, nil
}

// deleteMetadata removes every row that the database takes for the key. It leaves the update time alone.
func deleteMetadata(c *call) (reply, error) {
	x, err := c.snapshot(c.id)
	if err != nil {
		return reply{}, err
	}
	if !x.metadata.has(c.key) {
		return reply{}, noMetadata(c.id, c.key)
	}
	x.metadata = slices.DeleteFunc(slices.Clone(x.metadata), func(p pair) bool { return mariadb.Equal(p.key, c.key) })
	return reply{status: http.StatusOK, bare: true}, nil
}
