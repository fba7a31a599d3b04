package keystone

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// credential is an application credential: a secret with which a program acts as its user in one project.
type credential struct {
	id, name     string
	description  *string
	secret       string
	user         *user
	project      *project
	roles        []*role
	expires      time.Time // zero for never
	unrestricted bool
	said         any // what the request said of unrestricted; Keystone shows null if nothing
	created      int
}

// view shows a credential; the secret only when it was just made.
func (x *credential) view(c *call, withSecret bool) object {
	var expires any
	if !x.expires.IsZero() {
		expires = x.expires.Format(python.TimeLayout)
	}
	roles := []object{}
	for _, r := range x.roles {
		roles = append(roles, r.view())
	}
	view := object{
		{"id", x.id},
		{"name", x.name},
		{"description", x.description},
		{"user_id", x.user.id},
		{"project_id", x.project.id},
		{"system", nil},
		{"expires_at", expires},
		{"unrestricted", x.said},
		{"roles", roles},
	}
	if withSecret {
		view = append(view, member{"secret", x.secret})
	}
	return append(view, member{"links", object{{"self", c.url("application_credentials/" + x.id)}}})
}

// ownOnly admits the user that the path names: nobody makes or sees credentials of others, except that an
// administrator may see and delete them.
func (c *call) ownOnly(rule string, adminToo bool) error {
	if c.token.user.id == c.segments.at(1) || adminToo && c.token.IsAdmin() {
		return nil
	}
	return forbidden(rule)
}

func listCredentials(c *call) (reply, error) {
	if err := c.ownOnly("list_application_credentials", true); err != nil {
		return reply{}, err
	}
	var found []*credential
	for _, x := range c.credentials {
		if x.user.id == c.segments.at(1) && c.named(x.name) {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b *credential) int { return a.created - b.created })
	var items []object
	for _, x := range found {
		items = append(items, x.view(c, false))
	}
	return c.collection("application_credentials", items)
}

func createCredential(c *call) (reply, error) {
	body, err := python.Decode(c.body)
	if err != nil {
		return reply{}, expecting("valid JSON", "request body")
	}
	root, _ := body.(object)
	asked := root.Child("application_credential")
	name, ok := asked.Get("name")
	if !ok {
		return reply{}, lacking("name")
	}
	if err := c.ownOnly("create_application_credential", false); err != nil {
		return reply{}, err
	}
	if used := c.token.credential; used != nil && !used.unrestricted {
		return reply{}, &fault{
			status: http.StatusForbidden,
			message: "You are not authorized to perform the requested action: Using method 'application_credential' is " +
				"not allowed for managing additional application credentials..",
		}
	}
	if c.token.project == nil {
		return reply{}, forbidden("create_application_credential")
	}
	x := &credential{
		id: python.NewID(), name: python.Str(name), user: c.token.user, project: c.token.project, roles: c.token.roles,
		secret: asked.Text("secret"), created: len(c.credentials),
	}
	if x.secret == "" {
		x.secret = python.RandomText(64)
	}
	if description, ok := asked.Get("description"); ok && description != nil {
		text := python.Str(description)
		x.description = &text
	}
	if x.said, _ = asked.Get("unrestricted"); x.said == true {
		x.unrestricted = true
	}
	if text := asked.Text("expires_at"); text != "" {
		if x.expires, err = time.Parse("2006-01-02T15:04:05.999999", strings.TrimSuffix(text, "Z")); err != nil {
			return reply{}, &fault{
				status:  http.StatusBadRequest,
				message: "The parameter 'expires_at' must be a datetime string in ISO 8601 format: YYYY-MM-DDThh:mm:ss.uuuuuu",
			}
		}
	}
	if listed, ok := asked.Get("roles"); ok {
		if x.roles, err = c.someRoles(listed); err != nil {
			return reply{}, err
		}
		if c.options.Release.impliedRoles {
			x.roles = c.impliedBy(x.roles)
		}
	}
	for _, other := range c.credentials {
		if other.user == x.user && mariadb.Equal(other.name, x.name) {
			return reply{}, &fault{
				status: http.StatusConflict,
				message: "Conflict occurred attempting to store application_credential - Duplicate entry found with name " +
					x.name + ".",
			}
		}
	}
	c.credentials[x.id] = x
	return reply{status: http.StatusCreated, body: object{{"application_credential", x.view(c, true)}}}, nil
}

// someRoles picks from the roles that the token has.
func (c *call) someRoles(listed any) ([]*role, error) {
	var roles []*role
	list, _ := listed.([]any)
	for _, item := range list {
		asked, _ := item.(object)
		i := slices.IndexFunc(c.token.roles, func(r *role) bool {
			return r.id == asked.Text("id") || r.name == asked.Text("name")
		})
		if i < 0 {
			return nil, &fault{
				status:  http.StatusBadRequest,
				message: "Invalid application credential: Cannot create an application credential with unassigned role",
			}
		}
		roles = append(roles, c.token.roles[i])
	}
	return roles, nil
}

// impliedBy adds the roles that these imply: administrators are members, and members are readers.
func (c *call) impliedBy(roles []*role) []*role {
	for _, pair := range [][2]string{{"admin", "member"}, {"member", "reader"}} {
		if slices.ContainsFunc(roles, func(r *role) bool { return r.name == pair[0] }) && !slices.Contains(roles, c.roles[pair[1]]) {
			roles = append(roles, c.roles[pair[1]])
		}
	}
	return roles
}

func (c *call) pathCredential() (*credential, error) {
	id := c.segments.at(3)
	x := c.credentials[id]
	if x == nil || x.user.id != c.segments.at(1) {
		return nil, notFound("Could not find Application Credential: %s.", id)
	}
	return x, nil
}

func showCredential(c *call) (reply, error) {
	if err := c.ownOnly("get_application_credential", true); err != nil {
		return reply{}, err
	}
	x, err := c.pathCredential()
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: object{{"application_credential", x.view(c, false)}}}, nil
}

func deleteCredential(c *call) (reply, error) {
	if err := c.ownOnly("delete_application_credential", true); err != nil {
		return reply{}, err
	}
	x, err := c.pathCredential()
	if err != nil {
		return reply{}, err
	}
	delete(c.credentials, x.id)
	return reply{status: http.StatusNoContent}, nil
}
