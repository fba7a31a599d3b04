package keystone

import (
	"net/http"
	"slices"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// Token is a right to act as a user, in a project or in the whole system or in nothing at all (unscoped).
type Token struct {
	id              string
	methods         []string
	user            *user
	project         *project // nil if it is not for one
	system          bool
	roles           []*role
	auditIDs        []string
	issued, expires time.Time
	credential      *credential // what it was got with, if so
	revoked         bool
}

// Valid returns the token of an id, nil for none that is good.
func (n *Keystone) Valid(id string, now time.Time) *Token {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.valid(id, now)
}

// UserID returns the id of the user.
func (t *Token) UserID() string { return t.user.id }

// ProjectID returns the id of the project, "" for none.
func (t *Token) ProjectID() string {
	if t == nil || t.project == nil {
		return ""
	}
	return t.project.id
}

// IsAdmin reports whether the token has the role admin.
func (t *Token) IsAdmin() bool {
	return t != nil && slices.ContainsFunc(t.roles, func(r *role) bool { return r.name == "admin" })
}

// tokenTime is Keystone's form of a time. Its tokens know whole seconds.
func tokenTime(t time.Time) string {
	return t.Truncate(time.Second).Format("2006-01-02T15:04:05.000000Z")
}

func (t *Token) view(r *http.Request, services []service, withCatalog bool) object {
	view := object{
		{"methods", t.methods},
		{"user", object{
			{"domain", domainReference()},
			{"id", t.user.id},
			{"name", t.user.name},
			{"password_expires_at", nil},
		}},
		{"audit_ids", t.auditIDs},
		{"expires_at", tokenTime(t.expires)},
		{"issued_at", tokenTime(t.issued)},
	}
	if t.project != nil {
		view = append(view,
			member{"project", object{
				{"domain", domainReference()}, {"id", t.project.id}, {"name", t.project.name},
			}},
			member{"is_domain", false},
		)
	}
	if len(t.roles) > 0 {
		var roles []object
		for _, x := range t.roles {
			roles = append(roles, object{{"id", x.id}, {"name", x.name}})
		}
		view = append(view, member{"roles", roles})
	}
	if t.system {
		view = append(view, member{"system", object{{"all", true}}})
	}
	if withCatalog && (t.project != nil || t.system) {
		view = append(view, member{"catalog", catalog(r, services, t.ProjectID())})
	}
	if t.credential != nil {
		view = append(view, member{"application_credential", object{
			{"id", t.credential.id},
			{"name", t.credential.name},
			{"restricted", !t.credential.unrestricted},
		}})
	}
	return object{{"token", view}}
}

// lookup finds a token and says why it is no good, as Keystone does for a token in X-Subject-Token or in the
// body of a sign-in.
func (n *identity) lookup(id string, now time.Time) (*Token, error) {
	t := n.tokens[id]
	switch {
	case t == nil:
		return nil, notFound("Could not recognize Fernet token")
	case t.credential != nil && n.credentials[t.credential.id] == nil:
		return nil, notFound("Could not find Application Credential: %s.", t.credential.id)
	case t.revoked || !now.Before(t.expires):
		return nil, notFound("Failed to validate token")
	}
	return t, nil
}

// valid returns the token of an id, or nil. Cinder's middleware says 401 for every reason.
func (n *identity) valid(id string, now time.Time) *Token {
	t, err := n.lookup(id, now)
	if err != nil {
		return nil
	}
	return t
}

// issue makes a token. One that was got with another lives no longer than that.
func (n *identity) issue(t Token, now time.Time) *Token {
	t.id = "gAAAAAB" + python.RandomText(138)
	t.issued = now
	if t.expires.IsZero() {
		t.expires = now.Add(n.options.TokenLife)
	}
	t.auditIDs = append([]string{python.RandomText(16)}, t.auditIDs...)
	n.tokens[t.id] = &t
	return &t
}

// subject is the token of X-Subject-Token, which only its own holder and an administrator may ask about.
func (c *call) subject(rule string) (*Token, error) {
	id := c.request.Header.Get("X-Subject-Token")
	if id == "" {
		return nil, forbidden(rule)
	}
	t, err := c.lookup(id, c.now)
	if err != nil {
		return nil, err
	}
	if t.user != c.token.user && !c.token.IsAdmin() {
		return nil, forbidden(rule)
	}
	return t, nil
}

func validateToken(c *call) (reply, error) {
	t, err := c.subject("validate_token")
	if err != nil {
		return reply{}, err
	}
	withCatalog := !c.request.URL.Query().Has("nocatalog")
	return reply{status: http.StatusOK, body: t.view(c.request, c.services, withCatalog), subject: t.id}, nil
}

func revokeToken(c *call) (reply, error) {
	t, err := c.subject("revoke_token")
	if err != nil {
		return reply{}, err
	}
	t.revoked = true
	return reply{status: http.StatusNoContent}, nil
}
