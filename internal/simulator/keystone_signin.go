package simulator

import (
	"net/http"
	"slices"
)

// signIn answers POST /auth/tokens: by password, by another token, or by an application credential.
func signIn(c *identityCall) (identityReply, error) {
	body, err := decode(c.body)
	if err != nil {
		return identityReply{}, expecting("valid JSON", "request body")
	}
	root, _ := body.(object)
	if _, ok := root.get("auth"); !ok {
		return identityReply{}, expecting("auth", "request body")
	}
	auth := root.child("auth")
	if _, ok := auth.get("identity"); !ok {
		return identityReply{}, lacking("identity")
	}
	proof := auth.child("identity")
	if _, ok := proof.get("methods"); !ok {
		return identityReply{}, lacking("methods")
	}
	if err := checkNames(auth); err != nil {
		return identityReply{}, err
	}
	listed, _ := proof.get("methods")
	methods, _ := listed.([]any)
	if len(methods) == 0 {
		return identityReply{}, unauthorized()
	}

	t := token{}
	for _, listed := range methods {
		method, _ := listed.(string)
		given := proof.child(method)
		if given == nil {
			return identityReply{}, expecting(str(listed), "identity")
		}
		if err := c.prove(&t, method, given); err != nil {
			return identityReply{}, err
		}
		if !slices.Contains(t.methods, method) {
			t.methods = append(t.methods, method)
		}
	}
	if err := c.scope(&t, auth); err != nil {
		return identityReply{}, err
	}
	issued := c.issue(t, c.now)
	withCatalog := !c.request.URL.Query().Has("nocatalog")
	return identityReply{
		status:  http.StatusCreated,
		body:    issued.view(c.request, c.services, withCatalog),
		subject: issued.id,
	}, nil
}

// checkNames demands an id or a name of everything that is named in a sign-in.
func checkNames(auth object) error {
	person := auth.child("identity").child("password").child("user")
	scope := auth.child("scope")
	for _, x := range []struct {
		field string
		named object
	}{
		{"identity/password/user", person},
		{"identity/password/user/domain", person.child("domain")},
		{"scope/project", scope.child("project")},
		{"scope/project/domain", scope.child("project").child("domain")},
		{"scope/domain", scope.child("domain")},
	} {
		if x.named == nil {
			continue
		}
		_, hasID := x.named.get("id")
		_, hasName := x.named.get("name")
		if !hasID && !hasName {
			return &identityFault{
				status:  http.StatusBadRequest,
				message: "Invalid input for field " + x.field + ": id or name must be present.",
			}
		}
	}
	return nil
}

// lacking is a body without a member that must be there. Keystone's message goes on with the whole schema.
func lacking(name string) error {
	return &identityFault{status: http.StatusBadRequest, message: reprString(name) + " is a required property"}
}

// prove checks one method's proof and notes whose it is.
func (c *identityCall) prove(t *token, method string, given object) error {
	switch method {
	case "password":
		u, err := c.namedUser(given.child("user"))
		if err != nil {
			return err
		}
		if u == nil || given.child("user").text("password") != c.server.options.Password {
			return unauthorized()
		}
		t.user = u
	case "token":
		old, err := c.lookup(given.text("id"), c.now)
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
		if found.secret != given.text("secret") || !found.expires.IsZero() && !c.now.Before(found.expires) {
			return unauthorized()
		}
		t.user, t.credential = found.user, found
	default:
		return unauthorized()
	}
	return nil
}

// namedUser finds the user of a sign-in, by id or by name and domain; nil if there is none of that name.
func (c *identityCall) namedUser(given object) (*user, error) {
	if given == nil {
		return nil, expecting("user", "None")
	}
	if id := given.text("id"); id != "" {
		for _, u := range c.users {
			if equal(u.id, id) {
				return u, nil
			}
		}
		return nil, nil
	}
	domain, ok := given.get("domain")
	if !ok {
		return nil, expecting("domain", "user")
	}
	if !isDefaultDomain(domain) {
		return nil, nil
	}
	return c.userByName(given.text("name")), nil
}

func isDefaultDomain(value any) bool {
	domain, _ := value.(object)
	if id, ok := domain.get("id"); ok {
		return id == domainID
	}
	return equal(domain.text("name"), domainName)
}

// namedCredential finds an application credential by its id, or by its name and its user.
func (c *identityCall) namedCredential(given object) (*credential, error) {
	if id := given.text("id"); id != "" {
		if found := c.credentials[id]; found != nil {
			return found, nil
		}
		return nil, identityNotFound("Could not find Application Credential: %s.", id)
	}
	if given.text("name") == "" {
		return nil, expecting("name or ID", "application credential")
	}
	if given.child("user") == nil {
		return nil, expecting("user", "application credential")
	}
	u, err := c.namedUser(given.child("user"))
	if err != nil {
		return nil, err
	}
	for _, found := range c.credentials {
		if u != nil && found.user == u && equal(found.name, given.text("name")) {
			return found, nil
		}
	}
	return nil, unauthorized()
}

// scope decides what the token is for. Nothing asked leaves it unscoped.
func (c *identityCall) scope(t *token, auth object) error {
	asked, hasScope := auth.get("scope")
	if t.credential != nil {
		if hasScope && !slices.Contains(t.methods, "token") {
			return &identityFault{
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
	if system := given.child("system"); system != nil {
		if all, _ := system.get("all"); all != true || len(t.user.systemRoles) == 0 {
			return unauthorized()
		}
		t.system, t.roles = true, t.user.systemRoles
		return nil
	}
	wanted := given.child("project")
	if wanted == nil {
		// A domain: nobody has a role in it.
		return unauthorized()
	}
	p := t.user.project
	if id := wanted.text("id"); id != "" {
		if !equal(p.id, id) {
			return unauthorized()
		}
	} else {
		domain, ok := wanted.get("domain")
		if !ok {
			return expecting("domain", "project")
		}
		if !isDefaultDomain(domain) || !equal(p.name, wanted.text("name")) {
			return unauthorized()
		}
	}
	t.project, t.roles = p, t.user.roles
	return nil
}
