package volumesnapshot

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// texts are the texts of a write.
type texts struct {
	name, description string
	metadata          map[string]string
	later             bool // and not when the snapshot is made
}

// refusal is the error of a cloud that refuses one of the texts of a write. The plan has
// only warned, because other clouds accept it.
type refusal struct {
	error
	// at is the attribute with the text, advice what to do about it.
	at     path.Path
	advice string
}

func (e *refusal) Unwrap() error { return e.error }

// explainRefusal returns a [*refusal] that says what is likely wrong with the texts of a
// write, and any other error as it is.
func explainRefusal(err error, written texts) error {
	var api *openstack.APIError
	if !errors.As(err, &api) {
		return err
	}
	explained := func(at, of, advice string) error {
		return &refusal{err, path.Root(at), of + " " + advice}
	}
	place := func(of, text string, such func(rune) bool) string {
		if at, _ := validators.FirstRune(text, such); at > 0 {
			return fmt.Sprintf("Character %d of the %s", at, of)
		}
		return ""
	}
	keys := slices.Sorted(maps.Keys(written.metadata))
	switch {
	case api.Status == http.StatusInternalServerError && api.Kind != "", api.Status == http.StatusBadRequest && api.Message == unwritable:
		if of := place("name", written.name, validators.BeyondBMP); of != "" {
			return explained("name", of, adviceBeyond)
		}
		if of := place("description", written.description, validators.BeyondBMP); of != "" {
			return explained("description", of, adviceBeyond)
		}
		for _, key := range keys {
			if of := place(fmt.Sprintf("metadata key %q", key), key, validators.BeyondBMP); of != "" {
				return explained("metadata", of, adviceBeyond)
			}
			if of := place(fmt.Sprintf("value of the metadata key %q", key), written.metadata[key], validators.BeyondBMP); of != "" {
				return explained("metadata", of, adviceBeyond)
			}
		}
	case api.Status == http.StatusBadRequest && strings.HasPrefix(api.Message, invalidInput):
		unprintable := func(r rune) bool { return validators.Control(r) || validators.BeyondBMP(r) }
		if of := place("description", written.description, unprintable); of != "" {
			return explained("description", of, adviceUnprintable)
		}
		for _, key := range keys {
			if of := place(fmt.Sprintf("metadata key %q", key), key, validators.UnusualInKey); of != "" {
				return explained("metadata", of, adviceOddKey)
			}
		}
		if !written.later {
			break
		}
		for _, key := range keys {
			if of := place(fmt.Sprintf("metadata key %q", key), key, func(r rune) bool { return r == '/' }); of != "" {
				return explained("metadata", of, adviceSlash)
			}
		}
	}
	return err
}

// unwritable is the message of Cinder to 17 about a text that its database refuses.
// Later releases answer 500.
const unwritable = "Error writing field to database"

// invalidInput begins the message of Cinder's JSON schemas.
const invalidInput = "Invalid input for field/attribute "

const (
	adviceBeyond = "is an emoji or another character above U+FFFF. Cinder answers so where its database is MySQL or MariaDB with the character set utf8mb3, " +
		"which cannot store it. Use another character."
	adviceUnprintable = "is a line break, tab, other control character, or emoji. This cloud's Cinder checks requests by a JSON schema, which has no place " +
		"for it. Write the description in one line, without it."
	adviceOddKey = "is none of the ASCII letters, digits, spaces and - _ : . /. This cloud's Cinder checks requests by a JSON schema, which takes only these " +
		"in a key. Use another key."
	adviceSlash = "is a slash. From release 28 on, Cinder takes a slash in a key only when the snapshot is made. Use another key."
)
