package simulator

import (
	"net/http"
	"strings"
)

// collection is Keystone's form of a list.
func (c *identityCall) collection(name string, items []object) (identityReply, error) {
	self := c.url(strings.Join(c.segments, "/"))
	if c.request.URL.RawQuery != "" {
		self += "?" + c.request.URL.RawQuery
	}
	if items == nil {
		items = []object{}
	}
	body := object{{name, items}, {"links", object{{"next", nil}, {"self", self}, {"previous", nil}}}}
	return identityReply{status: http.StatusOK, body: body}, nil
}

// named says whether an object passes the filters by name and domain in the query.
func (c *identityCall) named(name string) bool {
	q := c.request.URL.Query()
	return (!q.Has("name") || equal(q.Get("name"), name)) && (!q.Has("domain_id") || equal(q.Get("domain_id"), domainID))
}

func (c *identityCall) projectView(p *project) object {
	return object{
		{"id", p.id},
		{"name", p.name},
		{"domain_id", domainID},
		{"description", p.description},
		{"enabled", true},
		{"parent_id", domainID},
		{"is_domain", false},
		{"tags", []string{}},
		{"options", object{}},
		{"links", object{{"self", c.url("projects/" + p.id)}}},
	}
}

func (c *identityCall) userView(u *user) object {
	return object{
		{"id", u.id},
		{"name", u.name},
		{"domain_id", domainID},
		{"enabled", true},
		{"password_expires_at", nil},
		{"options", object{}},
		{"links", object{{"self", c.url("users/" + u.id)}}},
	}
}

func (c *identityCall) domainView() object {
	return object{
		{"id", domainID},
		{"name", domainName},
		{"description", "The default domain"},
		{"enabled", true},
		{"tags", []string{}},
		{"options", object{}},
		{"links", object{{"self", c.url("domains/" + domainID)}}},
	}
}

func listOwnProjects(c *identityCall) (identityReply, error) {
	return c.collection("projects", []object{c.projectView(c.token.user.project)})
}

// listOwnDomains is empty: nobody has a role in the domain itself.
func listOwnDomains(c *identityCall) (identityReply, error) { return c.collection("domains", nil) }

func listOwnSystem(c *identityCall) (identityReply, error) {
	system := []object{}
	if len(c.token.user.systemRoles) > 0 {
		system = append(system, object{{"all", true}})
	}
	body := object{{"system", system}, {"links", object{{"self", c.url("auth/system")}}}}
	return identityReply{status: http.StatusOK, body: body}, nil
}

func listProjects(c *identityCall) (identityReply, error) {
	if !c.token.isAdmin() {
		return identityReply{}, identityForbidden("list_projects")
	}
	var items []object
	for _, p := range c.projects {
		if c.named(p.name) {
			items = append(items, c.projectView(p))
		}
	}
	return c.collection("projects", items)
}

func showProject(c *identityCall) (identityReply, error) {
	id := c.segments.at(1)
	for _, p := range c.projects {
		if equal(p.id, id) && (c.token.isAdmin() || c.token.project == p) {
			return identityReply{status: http.StatusOK, body: object{{"project", c.projectView(p)}}}, nil
		}
	}
	if !c.token.isAdmin() {
		return identityReply{}, identityForbidden("get_project")
	}
	return identityReply{}, identityNotFound("Could not find project: %s.", id)
}

func listUsers(c *identityCall) (identityReply, error) {
	if !c.token.isAdmin() {
		return identityReply{}, identityForbidden("list_users")
	}
	var items []object
	for _, u := range c.users {
		if c.named(u.name) {
			items = append(items, c.userView(u))
		}
	}
	return c.collection("users", items)
}

// pathUser is the user that the path names, whom only the user and an administrator may look at.
func (c *identityCall) pathUser(rule string) (*user, error) {
	id := c.segments.at(1)
	if c.token.user.id == id {
		return c.token.user, nil
	}
	if !c.token.isAdmin() {
		return nil, identityForbidden(rule)
	}
	for _, u := range c.users {
		if equal(u.id, id) {
			return u, nil
		}
	}
	return nil, identityNotFound("Could not find user: %s.", id)
}

func showUser(c *identityCall) (identityReply, error) {
	u, err := c.pathUser("get_user")
	if err != nil {
		return identityReply{}, err
	}
	return identityReply{status: http.StatusOK, body: object{{"user", c.userView(u)}}}, nil
}

func listUserProjects(c *identityCall) (identityReply, error) {
	u, err := c.pathUser("list_user_projects")
	if err != nil {
		return identityReply{}, err
	}
	return c.collection("projects", []object{c.projectView(u.project)})
}

func listDomains(c *identityCall) (identityReply, error) {
	if !c.token.isAdmin() {
		return identityReply{}, identityForbidden("list_domains")
	}
	q := c.request.URL.Query()
	if q.Has("name") && !equal(q.Get("name"), domainName) {
		return c.collection("domains", nil)
	}
	return c.collection("domains", []object{c.domainView()})
}

func listRoles(c *identityCall) (identityReply, error) {
	if !c.token.isAdmin() {
		return identityReply{}, identityForbidden("list_roles")
	}
	var items []object
	for _, name := range sortedKeys(c.roles) {
		x := c.roles[name]
		if c.named(x.name) {
			items = append(items, append(x.view(), member{"links", object{{"self", c.url("roles/" + x.id)}}}))
		}
	}
	return c.collection("roles", items)
}

func (x *role) view() object {
	return object{
		{"id", x.id},
		{"name", x.name},
		{"domain_id", nil},
		{"description", nil},
		{"options", object{{"immutable", true}}},
	}
}

func listRegions(c *identityCall) (identityReply, error) {
	var items []object
	for _, r := range c.server.regions {
		items = append(items, object{
			{"id", r.name},
			{"description", ""},
			{"parent_region_id", nil},
			{"links", object{{"self", c.url("regions/" + r.name)}}},
		})
	}
	return c.collection("regions", items)
}
