package keystone

import (
	"net/http"
	"slices"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// signIn answers POST /auth/tokens: by password, by another token, or by an application credential.
func signIn(c *call) (reply, error) {
	body, err := python.Decode(c.body)
	if err != nil {
		return reply{}, expecting("valid JSON", "request body")
	}
	root, _ := body.(object)
	if _, ok := root.Get("auth"); !ok {
		return reply{}, expecting("auth", "request body")
	}
	auth := root.Child("auth")
	if _, ok := auth.Get("identity"); !ok {
		return reply{}, lacking("identity")
	}
	proof := auth.Child("identity")
	if _, ok := proof.Get("methods"); !ok {
		return reply{}, lacking("methods")
	}
	if err := checkNames(auth); err != nil {
		return reply{}, err
	}
	listed, _ := proof.Get("methods")
	methods, _ := listed.([]any)
	if len(methods) == 0 {
		return reply{}, unauthorized()
	}

	t := Token{}
	for _, listed := range methods {
		method, _ := listed.(string)
		given := proof.Child(method)
		if given == nil {
			return reply{}, expecting(python.Str(listed), "identity")
		}
		if err := c.prove(&t, method, given); err != nil {
			return reply{}, err
		}
		if !slices.Contains(t.methods, method) {
			t.methods = append(t.methods, method)
		}
	}
	if err := c.scope(&t, auth); err != nil {
		return reply{}, err
	}
	issued := c.issue(t, c.now)
	withCatalog := !c.request.URL.Query().Has("nocatalog")
	return reply{
		status:  http.StatusCreated,
		body:    issued.view(c.request, c.services, withCatalog),
		subject: issued.id,
	}, nil
}

// checkNames demands an id or a name of everything that is named in a sign-in.
func checkNames(auth object) error {
	person := auth.Child("identity").Child("password").Child("user")
	scope := auth.Child("scope")
	for _, x := range []struct {
		field string
		named object
	}{
		{"identity/password/user", person},
		{"identity/password/user/domain", person.Child("domain")},
		{"scope/project", scope.Child("project")},
		{"scope/project/domain", scope.Child("project").Child("domain")},
		{"scope/domain", scope.Child("domain")},
	} {
		if x.named == nil {
			continue
		}
		_, hasID := x.named.Get("id")
		_, hasName := x.named.Get("name")
		if !hasID && !hasName {
			return &fault{
				status:  http.StatusBadRequest,
				message: "Invalid input for field " + x.field + ": id or name must be present.",
			}
		}
	}
	return nil
}

// lacking is a body without a member that must be there. Keystone's message goes on with the whole schema.
func lacking(name string) error {
	return &fault{status: http.StatusBadRequest, message: python.Repr(name) + " is a required property"}
}

// prove checks one method's proof and notes whose it is.
func (c *call) prove(t *Token, method string, given object) error {
	switch method {
	case "password":
		u, err := c.namedUser(given.Child("user"))
		if err != nil {
			return err
		}
		if u == nil || given.Child("user").Text("password") != c.options.Password {
			return unauthorized()
		}
		t.user = u
	case "token":
		old, err := c.lookup(given.Text("id"), c.now)
		if err != nil {
			return err
		}
		t.user, t.expires, t.methods = old.user, old.expires, slices.Clone(old.methods)
		t.auditIDs = old.auditIDs[len(old.auditIDs)-1:]
		t.credential = old.credential
	case "application_credential":
		found, err := c.namedCredential(given)
		if err != nil {
			return err
		}
		if found.secret != given.Text("secret") || !found.expires.IsZero() && !c.now.Before(found.expires) {
			return unauthorized()
		}
		t.user, t.credential = found.user, found
	default:
		return unauthorized()
	}
	return nil
}

// namedUser finds the user of a sign-in, by id or by name and domain; nil if there is none of that name.
func (c *call) namedUser(given object) (*user, error) {
	if given == nil {
		return nil, expecting("user", "None")
	}
	if id := given.Text("id"); id != "" {
		for _, u := range c.users {
			if mariadb.Equal(u.id, id) {
				return u, nil
			}
		}
		return nil, nil
	}
	domain, ok := given.Get("domain")
	if !ok {
		return nil, expecting("domain", "user")
	}
	if !isDefaultDomain(domain) {
		return nil, nil
	}
	return c.userByName(given.Text("name")), nil
}

func isDefaultDomain(value any) bool {
	domain, _ := value.(object)
	if id, ok := domain.Get("id"); ok {
		return id == domainID
	}
	return mariadb.Equal(domain.Text("name"), domainName)
}

// namedCredential finds an application credential by its id, or by its name and its user.
func (c *call) namedCredential(given object) (*credential, error) {
	if id := given.Text("id"); id != "" {
		if found := c.credentials[id]; found != nil {
			return found, nil
		}
		return nil, notFound("Could not find Application Credential: %s.", id)
	}
	if given.Text("name") == "" {
		return nil, expecting("name or ID", "application credential")
	}
	if given.Child("user") == nil {
		return nil, expecting("user", "application credential")
	}
	u, err := c.namedUser(given.Child("user"))
	if err != nil {
		return nil, err
	}
	for _, found := range c.credentials {
		if u != nil && found.user == u && mariadb.Equal(found.name, given.Text("name")) {
			return found, nil
		}
	}
	return nil, unauthorized()
}

// scope decides what the token is for. Nothing asked leaves it unscoped.
func (c *call) scope(t *Token, auth object) error {
	asked, hasScope := auth.Get("scope")
	if t.credential != nil {
		if hasScope && !slices.Contains(t.methods, "token") {
			return &fault{
				status:     http.StatusUnauthorized,
				message:    "Error authenticating with application credential: Application credentials cannot request a scope.",
				unscopable: true,
			}
		}
		t.project, t.roles = t.credential.project, t.credential.roles
		return nil
	}
	given, isObject := asked.(object)
	if !isObject {
		return nil
	}
	if len(given) != 1 {
		return expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope")
	}
	if system := given.Child("system"); system != nil {
		if all, _ := system.Get("all"); all != true || len(t.user.systemRoles) == 0 {
			return unauthorized()
		}
		t.system, t.roles = true, t.user.systemRoles
		return nil
	}
	wanted := given.Child("project")
	if wanted == nil {
		// A domain: nobody has a role in it.
		return unauthorized()
	}
	p := t.user.project
	if id := wanted.Text("id"); id != "" {
		if !mariadb.Equal(p.id, id) {
			return unauthorized()
		}
	} else {
		domain, ok := wanted.Get("domain")
		if !ok {
			return expecting("domain", "project")
		}
		if !isDefaultDomain(domain) || !mariadb.Equal(p.name, wanted.Text("name")) {
			return unauthorized()
		}
	}
	t.project, t.roles = p, t.user.roles
	return nil
}
