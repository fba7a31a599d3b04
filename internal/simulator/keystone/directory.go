package keystone

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
)

// collection is Keystone's form of a list.
func (c *call) collection(name string, items []object) (reply, error) {
	self := c.url(strings.Join(c.segments, "/"))
	if c.request.URL.RawQuery != "" {
		self += "?" + c.request.URL.RawQuery
	}
	if items == nil {
		items = []object{}
	}
	body := object{{name, items}, {"links", object{{"next", nil}, {"self", self}, {"previous", nil}}}}
	return reply{status: http.StatusOK, body: body}, nil
}

// named says whether an object passes the filters by name and domain in the query.
func (c *call) named(name string) bool {
	q := c.request.URL.Query()
	return (!q.Has("name") || mariadb.Equal(q.Get("name"), name)) && (!q.Has("domain_id") || mariadb.Equal(q.Get("domain_id"), domainID))
}

func (c *call) projectView(p *project) object {
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

func (c *call) userView(u *user) object {
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

func (c *call) domainView() object {
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

func listOwnProjects(c *call) (reply, error) {
	return c.collection("projects", []object{c.projectView(c.token.user.project)})
}

// listOwnDomains is empty: nobody has a role in the domain itself.
func listOwnDomains(c *call) (reply, error) { return c.collection("domains", nil) }

func listOwnSystem(c *call) (reply, error) {
	system := []object{}
	if len(c.token.user.systemRoles) > 0 {
		system = append(system, object{{"all", true}})
	}
	body := object{{"system", system}, {"links", object{{"self", c.url("auth/system")}}}}
	return reply{status: http.StatusOK, body: body}, nil
}

func listProjects(c *call) (reply, error) {
	if !c.token.IsAdmin() {
		return reply{}, forbidden("list_projects")
	}
	var items []object
	for _, p := range c.projects {
		if c.named(p.name) {
			items = append(items, c.projectView(p))
		}
	}
	return c.collection("projects", items)
}

func showProject(c *call) (reply, error) {
	id := c.segments.at(1)
	for _, p := range c.projects {
		if mariadb.Equal(p.id, id) && (c.token.IsAdmin() || c.token.project == p) {
			return reply{status: http.StatusOK, body: object{{"project", c.projectView(p)}}}, nil
		}
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("get_project")
	}
	return reply{}, notFound("Could not find project: %s.", id)
}

func listUsers(c *call) (reply, error) {
	if !c.token.IsAdmin() {
		return reply{}, forbidden("list_users")
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
func (c *call) pathUser(rule string) (*user, error) {
	id := c.segments.at(1)
	if c.token.user.id == id {
		return c.token.user, nil
	}
	if !c.token.IsAdmin() {
		return nil, forbidden(rule)
	}
	for _, u := range c.users {
		if mariadb.Equal(u.id, id) {
			return u, nil
		}
	}
	return nil, notFound("Could not find user: %s.", id)
}

func showUser(c *call) (reply, error) {
	u, err := c.pathUser("get_user")
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"user", c.userView(u)}}}, nil
}

func listUserProjects(c *call) (reply, error) {
	u, err := c.pathUser("list_user_projects")
	if err != nil {
		return reply{}, err
	}
	return c.collection("projects", []object{c.projectView(u.project)})
}

func listDomains(c *call) (reply, error) {
	if !c.token.IsAdmin() {
		return reply{}, forbidden("list_domains")
	}
	q := c.request.URL.Query()
	if q.Has("name") && !mariadb.Equal(q.Get("name"), domainName) {
		return c.collection("domains", nil)
	}
	return c.collection("domains", []object{c.domainView()})
}

func listRoles(c *call) (reply, error) {
	if !c.token.IsAdmin() {
		return reply{}, forbidden("list_roles")
	}
	var items []object
	for _, name := range slices.Sorted(maps.Keys(c.roles)) {
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

func listRegions(c *call) (reply, error) {
	var items []object
	for _, name := range c.options.Regions {
		items = append(items, object{
			{"id", name},
			{"description", ""},
			{"parent_region_id", nil},
			{"links", object{{"self", c.url("regions/" + name)}}},
		})
	}
	return c.collection("regions", items)
}
