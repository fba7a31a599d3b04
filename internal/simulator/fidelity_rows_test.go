package simulator

import (
	"fmt"
	"slices"
	"time"
)

// second is more than the second in which the database sorts by birth.
const second = 1100 * time.Millisecond

// exchanges returns all exchanges in the order in which they run: each part makes what it needs.
func exchanges() []exchange {
	return slices.Concat(
		versionExchanges(),
		signInExchanges(),
		volumeExchanges(),
		createExchanges(),
		readExchanges(),
		updateExchanges(),
		metadataExchanges(),
		statusExchanges(),
		attachmentExchanges(),
		attachExchanges(),
		listExchanges(),
		revertExchanges(),
		quotaExchanges(),
		deleteExchanges(),
		credentialExchanges(),
	)
}

func versionExchanges() []exchange {
	rows := []exchange{
		{name: "versions of Cinder", do: "GET cinder:/", as: "nobody", at: "-", want: 300},
		{name: "versions of Cinder with a microversion", do: "GET cinder:/", as: "nobody", want: 300},
		{name: "versions of Cinder at 3.71", do: "GET cinder:/", as: "nobody", at: "3.71", want: 406},
		{name: "versions of Cinder at junk", do: "GET cinder:/", as: "nobody", at: "junk", want: 400},
		{name: "v3 of Cinder", do: "GET cinder:/v3/", at: "-", want: 200},
		{name: "v3 of Cinder without a token", do: "GET cinder:/v3/", as: "nobody", want: 401},
		{name: "v3 of Cinder without a slash", do: "GET cinder:/v3", at: "-", want: 302},
		{name: "v3 of Cinder at 3.71", do: "GET cinder:/v3/", at: "3.71", want: 406},
		{name: "v2 of Cinder", do: "GET cinder:/v2/", at: "-", want: 404},
		{name: "v1 of Cinder", do: "GET cinder:/v1/", at: "-", want: 404},
		{name: "no such path at Cinder", do: "GET cinder:/nowhere", at: "-", want: 404},
		{name: "versions of Keystone", do: "GET keystone:../", as: "nobody", want: 300},
		{name: "v3 of Keystone", do: "GET keystone:", as: "nobody", want: 200},
		{name: "v3 of Keystone with a slash", do: "GET keystone:/", as: "nobody", want: 200},

		{name: "a list without a microversion", do: "GET /snapshots?limit=0", at: "-", want: 200},
		{name: "a list at latest", do: "GET /snapshots?limit=0", at: "latest", want: 200},
		{name: "a list at 3.0", do: "GET /snapshots?limit=0", at: "3.0", want: 200},
		{name: "a list at 3.71", do: "GET /snapshots?limit=0", at: "3.71", want: 406},
		{name: "a list at 4.0", do: "GET /snapshots?limit=0", at: "4.0", want: 406},
		{name: "a list at 2.0", do: "GET /snapshots?limit=0", at: "2.0", want: 406},
		{name: "a list at 3", do: "GET /snapshots?limit=0", at: "3", want: 400},
		{name: "a list at 3.-1", do: "GET /snapshots?limit=0", at: "3.-1", want: 400},
		{name: "a list at 3.00", do: "GET /snapshots?limit=0", at: "3.00", want: 400},
		{name: "a list at a version without a service", do: "GET /snapshots?limit=0", at: "=3.70", want: 400},
		{name: "a list at a service without a version", do: "GET /snapshots?limit=0", at: "=volume", want: 500},
		{name: "a list at another service", do: "GET /snapshots?limit=0", at: "=compute 2.1", want: 400},
		{name: "a list at two services", do: "GET /snapshots?limit=0", at: "=compute 2.1,volume 3.5", want: 200},

		{name: "no token", do: "GET /snapshots?limit=0", as: "nobody", want: 401},
		{name: "a token that never was", do: "GET /snapshots?limit=0", as: "stranger", want: 401},
		{name: "no token and no such path", do: "GET cinder:/v3/nowhere", as: "nobody", want: 401},
		{name: "no such collection", do: "GET /nowhere", want: 404},
		{name: "no such collection for HTML", do: "GET /nowhere", accept: "*/*", want: 404},
		{name: "no such collection for JSON", do: "GET /nowhere", accept: "application/json", want: 404},
		{name: "no such collection for JSON rather than HTML", do: "GET /nowhere", accept: "text/html;q=0.5, application/json", want: 404},
		{name: "no such snapshot for HTML", do: "GET /snapshots/nothing", accept: "text/html", want: 404},
		{name: "no such path at Keystone for JSON", do: "GET keystone:/nowhere", accept: "application/json", want: 404},
		{name: "no such collection at 3.71", do: "GET /nowhere", at: "3.71", want: 404},
		{name: "another project in the path", do: "GET cinder:/v3/{admin project}/snapshots", want: 400},
		{name: "no such project in the path", do: "GET cinder:/v3/00000000000000000000000000000000/snapshots", want: 400},
		{name: "a project's name in the path", do: "GET cinder:/v3/demo/snapshots", want: 404},
		{name: "no project in the path", do: "GET cinder:/v3/snapshots?limit=0", want: 200},
		{name: "no project in the path at 3.0", do: "GET cinder:/v3/snapshots?limit=0", at: "3.0", want: 200},
		{name: "HEAD of a list", do: "HEAD /snapshots", want: 404},
		{name: "PATCH of a snapshot", do: "PATCH /snapshots/x", body: `{}`, want: 404},
		{name: "DELETE of a list", do: "DELETE /snapshots", want: 404},
		{name: "PUT of a list", do: "PUT /snapshots", body: `{}`, want: 404},
		{name: "a list with a slash at the end", do: "GET /snapshots/", want: 404},
		{name: "a list as .json", do: "GET /snapshots.json?limit=0", want: 200},
	}
	return rows
}

// signIn is the body of a sign-in.
func signInBody(methods, scope string) string {
	if scope != "" {
		scope = `, "scope": ` + scope
	}
	return `{"auth": {"identity": ` + methods + scope + `}}`
}

func signInExchanges() []exchange {
	password := func(user string) string {
		return `{"methods": ["password"], "password": {"user": ` + user + `}}`
	}
	demo := password(`{"name": "{demo name}", "domain": {"id": "default"}, "password": "{demo password}"}`)
	admin := password(`{"name": "{admin name}", "domain": {"id": "default"}, "password": "{admin password}"}`)
	do := "POST keystone:/auth/tokens"
	rows := []exchange{
		{name: "sign-in unscoped", do: do, as: "nobody", body: signInBody(demo, ""), want: 201, keep: "unscoped token=header:X-Subject-Token"},
		{name: "sign-in explicitly unscoped", do: do, as: "nobody", body: signInBody(demo, `"unscoped"`), want: 201},
		{name: "sign-in to a project by id", do: do, as: "nobody", body: signInBody(demo, `{"project": {"id": "{demo project}"}}`), loose: true, want: 201},
		{name: "sign-in to a project by name", do: do, as: "nobody", body: signInBody(demo, `{"project": {"name": "{demo name}", "domain": {"name": "Default"}}}`), loose: true, want: 201},
		{name: "sign-in by user id", do: do, as: "nobody", body: signInBody(password(`{"id": "{demo user}", "password": "{demo password}"}`), ""), want: 201},
		{name: "sign-in by the domain's name", do: do, as: "nobody", body: signInBody(password(`{"name": "{demo name}", "domain": {"name": "Default"}, "password": "{demo password}"}`), ""), want: 201},
		{name: "sign-in with a wrong password", do: do, as: "nobody", body: signInBody(password(`{"name": "{demo name}", "domain": {"id": "default"}, "password": "wrong"}`), ""), want: 401},
		{name: "sign-in of nobody", do: do, as: "nobody", body: signInBody(password(`{"name": "nobody", "domain": {"id": "default"}, "password": "wrong"}`), ""), want: 401},
		{name: "sign-in of no user id", do: do, as: "nobody", body: signInBody(password(`{"id": "nobody", "password": "wrong"}`), ""), want: 401},
		{name: "sign-in in no domain", do: do, as: "nobody", body: signInBody(password(`{"name": "{demo name}", "domain": {"name": "nowhere"}, "password": "{demo password}"}`), ""), want: 401},
		{name: "sign-in without a domain", do: do, as: "nobody", body: signInBody(password(`{"name": "{demo name}", "password": "{demo password}"}`), ""), want: 400},
		{name: "sign-in without a user", do: do, as: "nobody", body: signInBody(`{"methods": ["password"], "password": {}}`, ""), want: 400},
		{name: "sign-in without a name", do: do, as: "nobody", body: signInBody(password(`{"password": "wrong"}`), ""), want: 400},
		{name: "sign-in in a domain without a name", do: do, as: "nobody", body: signInBody(password(`{"name": "{demo name}", "domain": {}, "password": "{demo password}"}`), ""), want: 400},
		{name: "sign-in without a password", do: do, as: "nobody", body: signInBody(password(`{"id": "{demo user}"}`), ""), want: 401},
		{name: "sign-in to a project without a name", do: do, as: "nobody", body: signInBody(demo, `{"project": {"domain": {"id": "default"}}}`), want: 400},
		{name: "sign-in to a project of a domain without a name", do: do, as: "nobody", body: signInBody(demo, `{"project": {"name": "{demo name}", "domain": {}}}`), want: 400},
		{name: "sign-in to a domain without a name", do: do, as: "nobody", body: signInBody(demo, `{"domain": {}}`), want: 400},
		{name: "sign-in to a project and a domain", do: do, as: "nobody", body: signInBody(demo, `{"project": {"id": "{demo project}"}, "domain": {"id": "default"}}`), want: 400},
		{name: "sign-in to nothing", do: do, as: "nobody", body: signInBody(demo, `{}`), want: 400},
		{name: "sign-in without the method's proof", do: do, as: "nobody", body: signInBody(`{"methods": ["password"]}`, ""), want: 400},
		{name: "sign-in by no known method", do: do, as: "nobody", body: signInBody(`{"methods": ["magic"]}`, ""), want: 400},
		{name: "sign-in by no method", do: do, as: "nobody", body: signInBody(`{"methods": []}`, ""), want: 401},
		{name: "sign-in with an empty body", do: do, as: "nobody", body: `{}`, want: 400},
		{name: "sign-in with junk", do: do, as: "nobody", body: `junk`, want: 400},
		{name: "sign-in to no project", do: do, as: "nobody", body: signInBody(demo, `{"project": {"name": "nowhere", "domain": {"id": "default"}}}`), want: 401},
		{name: "sign-in to another's project", do: do, as: "nobody", body: signInBody(demo, `{"project": {"id": "{admin project}"}}`), want: 401},
		{name: "sign-in to a project without its domain", do: do, as: "nobody", body: signInBody(demo, `{"project": {"name": "{demo name}"}}`), want: 400},
		{name: "sign-in to a domain", do: do, as: "nobody", body: signInBody(demo, `{"domain": {"id": "default"}}`), want: 401},
		{name: "sign-in of an administrator to a domain", do: do, as: "nobody", body: signInBody(admin, `{"domain": {"name": "Default"}}`), want: 401},
		{name: "sign-in to the system", do: do, as: "nobody", body: signInBody(demo, `{"system": {"all": true}}`), want: 401},
		{name: "sign-in of an administrator to the system", do: do, as: "admin", body: signInBody(admin, `{"system": {"all": true}}`), loose: true, want: 201},
		{name: "sign-in of an administrator", do: do, as: "admin", body: signInBody(admin, `{"project": {"id": "{admin project}"}}`), loose: true, want: 201},
		{name: "sign-in by a token", do: do, as: "nobody", body: signInBody(`{"methods": ["token"], "token": {"id": "{demo token}"}}`, ""), want: 201},
		{name: "sign-in by a token to a project", do: do, as: "nobody", body: signInBody(`{"methods": ["token"], "token": {"id": "{unscoped token}"}}`, `{"project": {"id": "{demo project}"}}`), loose: true, want: 201, keep: "second token=header:X-Subject-Token"},
		{name: "sign-in by junk as token", do: do, as: "nobody", body: signInBody(`{"methods": ["token"], "token": {"id": "junk"}}`, ""), want: 404},

		{name: "check of one's own token", do: "GET keystone:/auth/tokens", subject: "{demo token}", loose: true, want: 200},
		{name: "check of a token without the catalogue", do: "GET keystone:/auth/tokens?nocatalog", subject: "{demo token}", want: 200},
		{name: "check of an unscoped token", do: "GET keystone:/auth/tokens", subject: "{unscoped token}", want: 200},
		{name: "check of another's token", do: "GET keystone:/auth/tokens", subject: "{admin token}", want: 403},
		{name: "an administrator's check of another's token", do: "GET keystone:/auth/tokens", as: "admin", subject: "{demo token}", loose: true, want: 200},
		{name: "check of junk", do: "GET keystone:/auth/tokens", subject: "junk", want: 404},
		{name: "check of no token", do: "GET keystone:/auth/tokens", want: 403},
		{name: "check without a token", do: "GET keystone:/auth/tokens", as: "nobody", subject: "{demo token}", want: 401},
		{name: "check with a token that never was", do: "GET keystone:/auth/tokens", as: "stranger", subject: "{demo token}", want: 401},
		{name: "PUT of a token", do: "PUT keystone:/auth/tokens", want: 405},
		{name: "the catalogue", do: "GET keystone:/auth/catalog", loose: true, want: 200},
		{name: "the catalogue of an unscoped token", do: "GET keystone:/auth/catalog", as: "{unscoped token}", want: 403},
		{name: "one's own projects", do: "GET keystone:/auth/projects", want: 200},
		{name: "one's own projects unscoped", do: "GET keystone:/auth/projects", as: "{unscoped token}", want: 200},
		{name: "one's own domains", do: "GET keystone:/auth/domains", want: 200},
		{name: "one's own rights in the system", do: "GET keystone:/auth/system", want: 200},
		{name: "an administrator's rights in the system", do: "GET keystone:/auth/system", as: "admin", want: 200},
		{name: "one's own project", do: "GET keystone:/projects/{demo project}", want: 200},
		{name: "another's project", do: "GET keystone:/projects/{admin project}", want: 403},
		{name: "all projects", do: "GET keystone:/projects", want: 403},
		{name: "a project by name for an administrator", do: "GET keystone:/projects?name=DEMO", as: "admin", want: 200},
		{name: "no such project for an administrator", do: "GET keystone:/projects/nowhere", as: "admin", want: 404},
		{name: "oneself", do: "GET keystone:/users/{demo user}", want: 200},
		{name: "one's own projects by user", do: "GET keystone:/users/{demo user}/projects", want: 200},
		{name: "another user", do: "GET keystone:/users/{admin user}", want: 403},
		{name: "all users", do: "GET keystone:/users", want: 403},
		{name: "all users for an administrator", do: "GET keystone:/users", as: "admin", loose: true, want: 200},
		{name: "no such user for an administrator", do: "GET keystone:/users/nobody", as: "admin", want: 404},
		{name: "all domains", do: "GET keystone:/domains", want: 403},
		{name: "all domains for an administrator", do: "GET keystone:/domains", as: "admin", want: 200},
		{name: "all roles", do: "GET keystone:/roles", want: 403},
		{name: "all roles for an administrator", do: "GET keystone:/roles", as: "admin", loose: true, want: 200},
		{name: "all regions", do: "GET keystone:/regions", want: 200},
		{name: "no such path at Keystone", do: "GET keystone:/nowhere", want: 404},
		{name: "Keystone's v2", do: "GET keystone:../v2.0", want: 404},

		{name: "Cinder with an unscoped token", do: "GET /snapshots", as: "{unscoped token}", want: 400},
		{name: "Cinder with an unscoped token and no project", do: "GET cinder:/v3/snapshots", as: "{unscoped token}", want: 403},
		{name: "revoke a token", do: "DELETE keystone:/auth/tokens", as: "{second token}", subject: "{second token}", want: 204},
		{name: "Cinder with a revoked token", do: "GET /snapshots?limit=0", as: "{second token}", want: 401},
		{name: "Keystone with a revoked token", do: "GET keystone:/auth/projects", as: "{second token}", want: 401},
		{name: "check of a revoked token", do: "GET keystone:/auth/tokens", subject: "{second token}", want: 404},
		{name: "revoke a token again", do: "DELETE keystone:/auth/tokens", subject: "{second token}", want: 404},
		{name: "sign-in by a revoked token", do: do, as: "nobody", body: signInBody(`{"methods": ["token"], "token": {"id": "{second token}"}}`, ""), want: 404},
	}
	return rows
}

func volumeExchanges() []exchange {
	return []exchange{
		{name: "create a volume", do: "POST /volumes", body: `{"volume": {"size": 1, "name": " fidelity ", "description": " d\n ", "volume_type": "fake", "metadata": {"k": "v"}}}`, want: 202, keep: "volume=volume.id"},
		{name: "the volume is available", do: "GET /volumes/{volume}", until: "placed", want: 200},
		{name: "show a volume at 3.0", do: "GET /volumes/{volume}", at: "3.0", want: 200},
		{name: "show a volume at 3.47", do: "GET /volumes/{volume}", at: "3.47", want: 200},
		{name: "show a volume at 3.62", do: "GET /volumes/{volume}", at: "3.62", want: 200},
		{name: "show a volume to an administrator", do: "GET /volumes/{volume}", as: "admin", want: 200},
		{name: "show a volume to an administrator at 3.0", do: "GET /volumes/{volume}", as: "admin", at: "3.0", want: 200},
		{name: "show no volume", do: "GET /volumes/nothing", want: 404},
		{name: "create a volume without a size", do: "POST /volumes", body: `{"volume": {}}`, want: 400},
		{name: "create a volume of no size", do: "POST /volumes", body: `{"volume": {"size": 0}}`, want: 400},
		{name: "create a volume of an odd size", do: "POST /volumes", body: `{"volume": {"size": "x"}}`, want: 400},
		{name: "create a volume of half a size", do: "POST /volumes", body: `{"volume": {"size": 1.5}}`, want: 400},
		{name: "create a volume of too much", do: "POST /volumes", body: `{"volume": {"size": 2147483648}}`, want: 400},
		{name: "create a volume of no type", do: "POST /volumes", body: `{"volume": {"size": 1, "volume_type": "none"}}`, want: 404},
		{name: "create a volume with something unknown", do: "POST /volumes", body: `{"volume": {"size": 1, "foo": 1, "bar": null}}`, want: 400},
		{name: "create a volume of no snapshot", do: "POST /volumes", body: `{"volume": {"snapshot_id": "{volume}"}}`, want: 404},
		{name: "create a volume with a long name", do: "POST /volumes", body: `{"volume": {"size": 1, "name": "{x256}"}}`, want: 400},
		{name: "create a volume with a long description", do: "POST /volumes", body: `{"volume": {"size": 1, "description": "{x256}"}}`, want: 400},
		{name: "rename a volume", do: "PUT /volumes/{volume}", body: `{"volume": {"name": " renamed "}}`, want: 200},
		{name: "rename a volume to what is no name", do: "PUT /volumes/{volume}", body: `{"volume": {"name": 1}}`, want: 400},
		{name: "change nothing of a volume", do: "PUT /volumes/{volume}", body: `{"volume": {}}`, want: 400},
		{name: "change a volume's metadata", do: "PUT /volumes/{volume}", body: `{"volume": {"metadata": {"a": "b"}}}`, want: 200},
		{name: "change the size of a volume", do: "PUT /volumes/{volume}", body: `{"volume": {"size": 2}}`, want: 400},
		{name: "the volume by name", do: "GET /volumes?name=RENAMED", want: 200},
		{name: "the volume by name in detail", do: "GET /volumes/detail?name=renamed", want: 200},
		{name: "the volume by name and something else", do: "GET /volumes/detail?name=renamed&foo=1", want: 400},
		{name: "the volume by name with all_tenants", do: "GET /volumes/detail?name=renamed&all_tenants=1", at: "-", want: 200},
		{name: "an odd action on a volume", do: "POST /volumes/{volume}/action", body: `{"nothing": {}}`, want: 400},
		{name: "two actions on a volume", do: "POST /volumes/{volume}/action", body: `{"a": {}, "b": {}}`, want: 400},
		{name: "no action on a volume", do: "POST /volumes/{volume}/action", want: 400},
		{name: "reset a volume as a member", do: "POST /volumes/{volume}/action", body: `{"os-reset_status": {"status": "error"}}`, want: 403},
		{name: "force the deletion of a volume as a member", do: "POST /volumes/{volume}/action", body: `{"os-force_delete": {}}`, want: 403},
		{name: "reset a volume to no status", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-reset_status": {"status": "none"}}`, want: 400},
		{name: "reset nothing of a volume", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-reset_status": {}}`, want: 400},
		{name: "reset a volume to in-use", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-reset_status": {"status": "in-use"}}`, want: 400},
		{name: "reset a volume to deleting", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-reset_status": {"status": "deleting"}}`, want: 400},
		{name: "reset a volume to available", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-reset_status": {"status": "available", "attach_status": "detached"}}`, want: 202},
		{name: "reset no volume", do: "POST /volumes/nothing/action", as: "admin", body: `{"os-reset_status": {"status": "error"}}`, want: 404},
		{name: "delete no volume", do: "DELETE /volumes/nothing", want: 404},
		{name: "volume types", do: "GET /types", loose: true, want: 200},
		{name: "volume types for an administrator", do: "GET /types", as: "admin", loose: true, want: 200},
		{name: "the default volume type", do: "GET /types/default", want: 200},
		{name: "a volume type by its name", do: "GET /types/fake", want: 404},
		{name: "limits", do: "GET /limits", loose: true, want: 200},
	}
}

func createExchanges() []exchange {
	do := "POST /snapshots"
	with := func(members string) string { return `{"snapshot": {"volume_id": "{volume}"` + members + `}}` }
	return []exchange{
		{name: "create with everything", do: do, body: with(`, "name": "  sp  ", "description": " é d ", "metadata": {"k": " v ", "e": "", "a.b:c_d-e f/g": "1"}, "force": "true"`), want: 202, keep: "snap=snapshot.id"},
		{name: "the snapshot is available", do: "GET /snapshots/{snap}", until: "available", want: 200},
		{name: "create with nothing", do: do, body: with(""), want: 202, keep: "snap nothing=snapshot.id"},
		{name: "the snapshot with nothing is available", do: "GET /snapshots/{snap nothing}", until: "available", want: 200},
		{name: "create with nulls", do: do, body: with(`, "name": null, "description": null, "metadata": null, "force": null`), want: 400},
		{name: "create with nulls but force", do: do, body: with(`, "name": null, "description": null, "metadata": null`), want: 202, keep: "snap nulls=snapshot.id"},
		{name: "create with empty texts", do: do, body: with(`, "name": "", "description": "", "metadata": {}`), want: 202, keep: "snap empty=snapshot.id"},
		{name: "create with longest texts", do: do, body: with(`, "name": "{x255}", "description": "{x255}", "metadata": {"{x255}": "{x255}"}`), want: 202, keep: "snap longest=snapshot.id"},
		{name: "create with control characters in the name", do: do, body: with(`, "name": "a\u0001b\tc\nd"`), want: 202, keep: "snap control=snapshot.id"},
		{name: "create with control characters in a value", do: do, body: with(`, "metadata": {"k": "a\u0001b\tc\nd"}`), want: 202, keep: "snap value=snapshot.id"},
		{name: "create with spaces only", do: do, body: with(`, "name": "   ", "description": " \n "`), want: 400},
		{name: "create with a space as name", do: do, body: with(`, "name": "   ", "description": "   "`), want: 202, keep: "snap space=snapshot.id"},
		{name: "create with display_name", do: do, body: with(`, "display_name": " shown ", "name": "named"`), want: 202, keep: "snap shown=snapshot.id"},
		{name: "create at 3.0", do: do, at: "3.0", body: with(`, "name": "old", "force": false`), want: 202, keep: "snap old=snapshot.id"},
		{name: "create at 3.13", do: do, at: "3.13", body: with(""), want: 202, keep: "snap a=snapshot.id"},
		{name: "create at 3.14", do: do, at: "3.14", body: with(""), want: 202, keep: "snap b=snapshot.id"},
		{name: "create at 3.41", do: do, at: "3.41", body: with(""), want: 202, keep: "snap c=snapshot.id"},
		{name: "create at 3.65", do: do, at: "3.65", body: with(""), want: 202, keep: "snap d=snapshot.id"},
		{name: "create without a microversion", do: do, at: "-", body: with(""), want: 202, keep: "snap e=snapshot.id"},
		{name: "create with the volume in capitals", do: do, body: `{"snapshot": {"volume_id": "{volume upper}"}}`, want: 202, keep: "snap capitals=snapshot.id"},
		{name: "create with 129 keys", do: do, body: with(`, "metadata": ` + manyKeys(129)), want: 202, keep: "snap many=snapshot.id"},
		{name: "create with keys that differ in case", do: do, body: with(`, "metadata": {"Key": "1", "key": "2"}`), want: 202, keep: "snap case=snapshot.id"},
		{name: "create with a key twice", do: do, body: with(`, "metadata": {"k": "1", "k": "2"}`), want: 202, keep: "snap twice=snapshot.id"},
		{name: "create with force true in 3.66", do: do, at: "3.66", body: with(`, "force": true`), want: 202, keep: "snap forced=snapshot.id"},
		{name: "create in the project of none", do: "POST cinder:/v3/snapshots", body: with(""), want: 202, keep: "snap projectless=snapshot.id"},

		{name: "create of no volume", do: do, body: `{"snapshot": {"volume_id": "00000000-0000-4000-8000-000000000000"}}`, want: 404},
		{name: "create of a null volume", do: do, body: `{"snapshot": {"volume_id": null}}`, want: 404},
		{name: "create of a volume without dashes", do: do, body: `{"snapshot": {"volume_id": "00000000000040008000000000000000"}}`, want: 404},
		{name: "create of a word", do: do, body: `{"snapshot": {"volume_id": "word"}}`, want: 400},
		{name: "create of a number", do: do, body: `{"snapshot": {"volume_id": 5}}`, want: 400},
		{name: "create of nothing", do: do, body: `{"snapshot": {"name": "x", "metadata": {"a": "b"}}}`, want: 400},
		{name: "create with an unknown member", do: do, body: with(`, "size": 5`), want: 400},
		{name: "create with two unknown members", do: do, body: with(`, "size": 5.0, "foo": [1, "a'b", null, true, 1e20]`), want: 400},
		{name: "create with an unknown member beside", do: do, body: `{"snapshot": {"volume_id": "{volume}"}, "foo": 1}`, want: 400},
		{name: "create with a type beside", do: do, body: `{"snapshot": {"volume_id": "{volume}"}, "type": "x"}`, want: 500},
		{name: "create without a snapshot", do: do, body: `{}`, want: 400},
		{name: "create a null snapshot", do: do, body: `{"snapshot": null}`, want: 400},
		{name: "create a list", do: do, body: `[]`, want: 400},
		{name: "create a text", do: do, body: `"text"`, want: 400},
		{name: "create a null", do: do, body: `null`, want: 400},
		{name: "create from junk", do: do, body: `{"snapshot"`, want: 400},
		{name: "create from two texts", do: do, body: `{} {}`, want: 400},
		{name: "create from no body", do: do, want: 500},
		{name: "create from no content type", do: do, body: with(""), sends: "-", want: 500},
		{name: "create from plain text", do: do, body: with(""), sends: "text/plain", want: 415},
		{name: "create from too much", do: do, body: with(`, "name": "{x120000}"`), want: 413},
		{name: "create from too much for JSON", do: do, accept: "application/json", body: with(`, "name": "{x120000}"`), want: 413},
		{name: "create from too much without a token", do: do, as: "nobody", body: with(`, "name": "{x120000}"`), want: 413},
		{name: "create with a charset", do: do, body: `{}`, sends: "application/json; charset=utf-8", want: 400},
		{name: "create from what is not UTF-8", do: do, body: "{\"snapshot\": {\"name\": \"\xff\"}}", want: 400},
		{name: "create with a long name", do: do, body: with(`, "name": "{x256}"`), want: 400},
		{name: "create with a long name of spaces", do: do, body: with(`, "name": " {x255} "`), want: 400},
		{name: "create with a long description", do: do, body: with(`, "description": "{x256}"`), want: 400},
		{name: "create with a number as name", do: do, body: with(`, "name": 5`), want: 400},
		{name: "create with an object as name", do: do, body: with(`, "name": {"a": 1}`), want: 400},
		{name: "create with a line break in the description", do: do, body: with(`, "description": "a\nb"`), want: 400},
		{name: "create with a line break at the end of the description", do: do, body: with(`, "description": "a\n"`), want: 202, keep: "snap break=snapshot.id"},
		{name: "create with a tab in the description", do: do, body: with(`, "description": "a\tb"`), want: 400},
		{name: "create with an emoji in the description", do: do, body: with(`, "description": "😀"`), want: 400},
		{name: "create with a line separator in the description", do: do, body: with(`, "description": "a\u2028b"`), want: 400},
		{name: "create with a no-break space in the description", do: do, body: with(`, "description": "a\u00a0b"`), want: 202, keep: "snap space inside=snapshot.id"},
		{name: "create with an emoji in the name", do: do, body: with(`, "name": "😀"`), want: 500},
		{name: "create with an emoji in a value", do: do, body: with(`, "metadata": {"k": "😀"}`), want: 500},
		{name: "create with an empty key", do: do, body: with(`, "metadata": {"": "v"}`), want: 400},
		{name: "create with a long key", do: do, body: with(`, "metadata": {"{x256}": "v"}`), want: 400},
		{name: "create with a foreign key", do: do, body: with(`, "metadata": {"é": "v"}`), want: 400},
		{name: "create with two foreign keys", do: do, body: with(`, "metadata": {"ü": "v", "é": "v"}`), want: 400},
		{name: "create with a long value", do: do, body: with(`, "metadata": {"k": "{x256}"}`), want: 400},
		{name: "create with a number as value", do: do, body: with(`, "metadata": {"k": 1}`), want: 400},
		{name: "create with a boolean as value", do: do, body: with(`, "metadata": {"k": true}`), want: 400},
		{name: "create with a null as value", do: do, body: with(`, "metadata": {"k": null}`), want: 400},
		{name: "create with a list as metadata", do: do, body: with(`, "metadata": ["k"]`), want: 400},
		{name: "create with force maybe", do: do, body: with(`, "force": "maybe"`), want: 400},
		{name: "create with force 1", do: do, body: with(`, "force": 1`), want: 400},
		{name: "create with force false in 3.66", do: do, at: "3.66", body: with(`, "force": false`), want: 400},
		{name: "create with force false as text in 3.70", do: do, body: with(`, "force": "off"`), want: 400},
		{name: "create with force true as text in 3.65", do: do, at: "3.65", body: with(`, "force": "YES"`), want: 202, keep: "snap yes=snapshot.id"},
	}
}

func manyKeys(n int) string {
	s := "{"
	for i := range n {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf(`"k%03d": "%d"`, i, i)
	}
	return s + "}"
}

func readExchanges() []exchange {
	rows := []exchange{
		{name: "show no snapshot", do: "GET /snapshots/00000000-0000-4000-8000-000000000000", want: 404},
		{name: "show a word", do: "GET /snapshots/word", want: 404},
		{name: "show a word of odd letters", do: "GET /snapshots/%C3%A9", want: 404},
		{name: "show a snapshot as .json", do: "GET /snapshots/{snap}.json", want: 200},
		{name: "show a snapshot in capitals", do: "GET /snapshots/{snap upper}", want: 200},
		{name: "show a snapshot with a space behind", do: "GET /snapshots/{snap}%20", want: 200},
		{name: "show a snapshot with a space before", do: "GET /snapshots/%20{snap}", want: 404},
		{name: "show a snapshot with a slash behind", do: "GET /snapshots/{snap}/", want: 404},
		{name: "show a new snapshot", do: "GET /snapshots/new", want: 404},
		{name: "edit a snapshot", do: "GET /snapshots/{snap}/edit", want: 404},
		{name: "something below a snapshot", do: "GET /snapshots/{snap}/nothing", want: 404},
		{name: "show a snapshot of another project to an administrator", do: "GET /snapshots/{snap}", as: "admin", want: 200},
		{name: "show a snapshot without a project in the path", do: "GET cinder:/v3/snapshots/{snap}", want: 200},
	}
	for _, v := range []string{"-", "3.0", "3.13", "3.14", "3.40", "3.41", "3.64", "3.65", "3.69"} {
		rows = append(rows, exchange{name: "show a snapshot at " + v, do: "GET /snapshots/{snap}", at: v, want: 200})
	}
	for _, name := range []string{"nulls", "empty", "longest", "control", "value", "space", "shown", "many", "case", "twice", "break"} {
		rows = append(rows, exchange{name: "show the snapshot " + name, do: "GET /snapshots/{snap " + name + "}", until: "available", want: 200})
	}
	return rows
}

func updateExchanges() []exchange {
	do := "PUT /snapshots/{snap}"
	with := func(members string) string { return `{"snapshot": {` + members + `}}` }
	return []exchange{
		{name: "rename", do: do, body: with(`"name": " renamed "`), want: 200},
		{name: "shown after renaming", do: "GET /snapshots/{snap}", want: 200},
		{name: "describe", do: do, body: with(`"description": " described "`), want: 200},
		{name: "name and describe", do: do, body: with(`"name": "n", "description": "d"`), want: 200},
		{name: "name as null", do: do, body: with(`"name": null, "description": null`), want: 200},
		{name: "shown after naming as null", do: "GET /snapshots/{snap}", want: 200},
		{name: "name as empty", do: do, body: with(`"name": "", "description": ""`), want: 200},
		{name: "shown after naming as empty", do: "GET /snapshots/{snap}", want: 200},
		{name: "name as display_name", do: do, body: with(`"display_name": " x ", "display_description": " y "`), want: 200},
		{name: "rename at 3.0", do: do, at: "3.0", body: with(`"name": "old"`), want: 200},
		{name: "rename as another project", do: do, as: "admin", body: with(`"name": "by admin"`), want: 200},
		{name: "change nothing", do: do, body: with(``), want: 400},
		{name: "change nothing at all", do: do, body: `{}`, want: 400},
		{name: "change without a body", do: do, want: 500},
		{name: "change metadata by an update", do: do, body: with(`"name": "x", "metadata": {}`), want: 400},
		{name: "change the volume", do: do, body: with(`"volume_id": "{volume}"`), want: 400},
		{name: "rename to something long", do: do, body: with(`"name": "{x256}"`), want: 400},
		{name: "describe with a line break", do: do, body: with(`"description": "a\nb"`), want: 400},
		{name: "rename to an emoji", do: do, body: with(`"name": "😀"`), want: 500},
		{name: "rename to a number", do: do, body: with(`"name": 5`), want: 400},
		{name: "rename no snapshot", do: "PUT /snapshots/nothing", body: with(`"name": "x"`), want: 404},
		{name: "rename no snapshot to nothing", do: "PUT /snapshots/nothing", body: with(``), want: 400},
		{name: "rename the list", do: "PUT /snapshots/detail", body: with(`"name": "x"`), want: 404},
	}
}

func metadataExchanges() []exchange {
	all := "/snapshots/{snap}/metadata"
	return []exchange{
		{name: "metadata replaced", do: "PUT " + all, body: `{"metadata": {"a": "1", "b": " 2 "}}`, want: 200},
		{name: "metadata listed", do: "GET " + all, want: 200},
		{name: "metadata listed as .json", do: "GET " + all + ".json", want: 200},
		{name: "metadata merged", do: "POST " + all, body: `{"metadata": {"b": "3", "c": ""}}`, want: 200},
		{name: "metadata merged with nothing", do: "POST " + all, body: `{"metadata": {}}`, want: 200},
		{name: "metadata merged at 3.0", do: "POST " + all, at: "3.0", body: `{"metadata": {"d": "4"}}`, want: 200},
		{name: "metadata with something beside", do: "POST " + all, body: `{"metadata": {"d": "5"}, "foo": 1}`, want: 200},
		{name: "metadata without the member", do: "POST " + all, body: `{"foo": {}}`, want: 400},
		{name: "metadata of an empty body", do: "POST " + all, body: `{}`, want: 400},
		{name: "metadata null", do: "PUT " + all, body: `{"metadata": null}`, want: 400},
		{name: "metadata as a list", do: "PUT " + all, body: `{"metadata": ["a"]}`, want: 400},
		{name: "metadata without a body", do: "POST " + all, want: 400},
		{name: "metadata from junk", do: "PUT " + all, body: `{`, want: 400},
		{name: "metadata with a long key", do: "POST " + all, body: `{"metadata": {"{x256}": "v"}}`, want: 413},
		{name: "metadata with a long value", do: "POST " + all, body: `{"metadata": {"k": "{x256}"}}`, want: 413},
		{name: "metadata replaced with a long value", do: "PUT " + all, body: `{"metadata": {"k": "{x256}"}}`, want: 413},
		{name: "metadata with an empty key", do: "POST " + all, body: `{"metadata": {"": "v"}}`, want: 400},
		{name: "metadata with a number", do: "POST " + all, body: `{"metadata": {"k": 1}}`, want: 400},
		{name: "metadata with a null", do: "POST " + all, body: `{"metadata": {"k": null}}`, want: 400},
		{name: "metadata with an object", do: "POST " + all, body: `{"metadata": {"k": {}}}`, want: 400},
		{name: "metadata with an emoji", do: "POST " + all, body: `{"metadata": {"k": "😀"}}`, want: 500},
		{name: "metadata with an emoji as key", do: "POST " + all, body: `{"metadata": {"😀": "v"}}`, want: 500},
		{name: "metadata after all that", do: "GET " + all, want: 200},
		{name: "metadata with odd keys", do: "PUT " + all, body: `{"metadata": {"é": "e", "p/q": "1", "a b": "2", "t": "3", "x.json": "4", "y.xml": "5", "pct%20": "6", "line\nbreak": "7"}}`, want: 200},
		{name: "metadata of 200 keys", do: "PUT /snapshots/{snap many}/metadata", body: `{"metadata": ` + manyKeys(200) + `}`, want: 200},
		{name: "metadata of no snapshot", do: "GET /snapshots/nothing/metadata", want: 404},
		{name: "metadata merged of no snapshot", do: "POST /snapshots/nothing/metadata", body: `{"metadata": {}}`, want: 404},
		{name: "metadata replaced of no snapshot", do: "PUT /snapshots/nothing/metadata", body: `{"metadata": {}}`, want: 404},
		{name: "metadata null of no snapshot", do: "PUT /snapshots/nothing/metadata", body: `{"metadata": null}`, want: 400},
		{name: "metadata deleted whole", do: "DELETE " + all, want: 404},

		{name: "key shown", do: "GET " + all + "/t", want: 200},
		{name: "key shown in capitals", do: "GET " + all + "/T", want: 404},
		{name: "key with a space shown", do: "GET " + all + "/a%20b", want: 200},
		{name: "key with a dot shown", do: "GET " + all + "/y.xml", want: 200},
		{name: "key with .json shown", do: "GET " + all + "/x.json", want: 404},
		{name: "key with .json shown as .json", do: "GET " + all + "/x.json.json", want: 200},
		{name: "key with a percent sign shown", do: "GET " + all + "/pct%2520", want: 200},
		{name: "key with a line break shown", do: "GET " + all + "/line%0Abreak", want: 200},
		{name: "key with a line break at its end shown", do: "GET " + all + "/t%0A", want: 404},
		{name: "key with .json and a line break shown", do: "GET " + all + "/t.json%0A", want: 200},
		{name: "foreign key shown", do: "GET " + all + "/%C3%A9", want: 404},
		{name: "key with a slash shown", do: "GET " + all + "/p%2Fq", want: 404},
		{name: "no key shown", do: "GET " + all + "/nothing", want: 404},
		{name: "new key shown", do: "GET " + all + "/new", want: 404},
		{name: "empty key shown", do: "GET " + all + "/", want: 404},
		{name: "key of no snapshot shown", do: "GET /snapshots/nothing/metadata/k", want: 404},
		{name: "key set", do: "PUT " + all + "/t", body: `{"meta": {"t": "new"}}`, want: 200},
		{name: "key made", do: "PUT " + all + "/fresh", body: `{"meta": {"fresh": "1"}}`, want: 200},
		{name: "key set in other case", do: "PUT " + all + "/FRESH", body: `{"meta": {"FRESH": "2"}}`, want: 200},
		{name: "key after setting in other case", do: "GET " + all, want: 200},
		{name: "key set with another in the body", do: "PUT " + all + "/t", body: `{"meta": {"u": "v"}}`, want: 400},
		{name: "key set with two in the body", do: "PUT " + all + "/t", body: `{"meta": {"t": "v", "u": "v"}}`, want: 400},
		{name: "key set with none in the body", do: "PUT " + all + "/t", body: `{"meta": {}}`, want: 400},
		{name: "key set without meta", do: "PUT " + all + "/t", body: `{"metadata": {"t": "v"}}`, want: 400},
		{name: "key set without a body", do: "PUT " + all + "/t", want: 400},
		{name: "key set to something long", do: "PUT " + all + "/t", body: `{"meta": {"t": "{x256}"}}`, want: 413},
		{name: "key set to a number", do: "PUT " + all + "/t", body: `{"meta": {"t": 1}}`, want: 400},
		{name: "key set of no snapshot", do: "PUT /snapshots/nothing/metadata/t", body: `{"meta": {"t": "v"}}`, want: 404},
		{name: "key deleted", do: "DELETE " + all + "/t", want: 200},
		{name: "key deleted again", do: "DELETE " + all + "/t", want: 404},
		{name: "key with a space deleted", do: "DELETE " + all + "/a%20b", want: 200},
		{name: "key with a slash deleted", do: "DELETE " + all + "/p%2Fq", want: 404},
		{name: "foreign key deleted", do: "DELETE " + all + "/%C3%A9", want: 404},
		{name: "key with .json deleted", do: "DELETE " + all + "/x.json", want: 404},
		{name: "key of no snapshot deleted", do: "DELETE /snapshots/nothing/metadata/k", want: 404},
		{name: "key as another project deleted", do: "DELETE " + all + "/fresh", as: "admin", want: 200},
		{name: "metadata after the keys", do: "GET " + all, want: 200},
		{name: "metadata emptied", do: "PUT " + all, body: `{"metadata": {}}`, want: 200},
		{name: "snapshot with emptied metadata", do: "GET /snapshots/{snap}", want: 200},

		// Keys that the database takes for equal.
		{name: "equal keys merged", do: "POST /snapshots/{snap case}/metadata", body: `{"metadata": {"n": "0"}}`, want: 200},
		{name: "equal keys replaced", do: "PUT " + all, body: `{"metadata": {"A": "1", "a": "2", "Á": "3", "b ": "4", "b": "5"}}`, want: 200},
		{name: "equal key merged", do: "POST " + all, body: `{"metadata": {"a": "9"}}`, want: 200},
		{name: "equal key replaced", do: "PUT " + all, body: `{"metadata": {"a": "8", "B": "7"}}`, want: 200},
		{name: "equal keys twice", do: "PUT /snapshots/{snap twice}/metadata", body: `{"metadata": {"K": "8"}}`, want: 200},
		{name: "keys that differ in case deleted", do: "POST /snapshots", body: `{"snapshot": {"volume_id": "{volume}", "metadata": {"Key": "1", "key": "2", "other": "3"}}}`, want: 202, keep: "snap key=snapshot.id"},
		{name: "the key snapshot is available", do: "GET /snapshots/{snap key}", until: "available", want: 200},
		{name: "one of the keys deleted", do: "DELETE /snapshots/{snap key}/metadata/key", want: 200},
		{name: "what is left of the keys", do: "GET /snapshots/{snap key}/metadata", want: 200},

		// What changes the time of update, and what it says at once.
		{name: "update time before", do: "PUT " + all, body: `{"metadata": {}}`, want: 200},
		{name: "update time kept", do: "GET /snapshots/{snap}", want: 200, keep: "time first=snapshot.updated_at"},
		{name: "update time after nothing was merged", do: "POST " + all, body: `{"metadata": {}}`, after: second, want: 200},
		{name: "update time kept again", do: "GET /snapshots/{snap}", want: 200, keep: "time second=snapshot.updated_at"},
		{name: "update time in the answer to a PUT", do: "PUT /snapshots/{snap}", body: `{"snapshot": {"name": "x"}}`, after: second, want: 200},
		{name: "update time after a PUT", do: "GET /snapshots/{snap}", want: 200, keep: "time third=snapshot.updated_at"},
		{name: "update time after a key was set", do: "PUT " + all + "/k", body: `{"meta": {"k": "v"}}`, after: second, want: 200},
		{name: "update time kept a third time", do: "GET /snapshots/{snap}", want: 200, keep: "time fourth=snapshot.updated_at"},
		{name: "update time after a key was deleted", do: "DELETE " + all + "/k", after: second, want: 200},
		{name: "update time at last", do: "GET /snapshots/{snap}", want: 200},
	}
}

func statusExchanges() []exchange {
	reset := func(kind, id, status string) exchange {
		return exchange{
			name: kind + " " + id + " becomes " + status, do: "POST /" + kind + "/{" + id + "}/action", as: "admin",
			body: `{"os-reset_status": {"status": "` + status + `"}}`, want: 202,
		}
	}
	rows := []exchange{
		{name: "reset a snapshot as a member", do: "POST /snapshots/{snap}/action", body: `{"os-reset_status": {"status": "error"}}`, want: 403},
		{name: "force the deletion of a snapshot as a member", do: "POST /snapshots/{snap}/action", body: `{"os-force_delete": {}}`, want: 403},
		{name: "reset no snapshot as a member", do: "POST /snapshots/nothing/action", body: `{"os-reset_status": {"status": "error"}}`, want: 404},
		{name: "force the deletion of no snapshot", do: "POST /snapshots/nothing/action", as: "admin", body: `{"os-force_delete": {}}`, want: 404},
		{name: "reset a snapshot to no status", do: "POST /snapshots/{snap}/action", as: "admin", body: `{"os-reset_status": {"status": "none"}}`, want: 400},
		{name: "reset a snapshot to null", do: "POST /snapshots/{snap}/action", as: "admin", body: `{"os-reset_status": {"status": null}}`, want: 400},
		{name: "reset a snapshot to nothing", do: "POST /snapshots/{snap}/action", as: "admin", body: `{"os-reset_status": {}}`, want: 400},
		{name: "an odd action on a snapshot", do: "POST /snapshots/{snap}/action", body: `{"nothing": {}}`, want: 400},
		{name: "no action on a snapshot", do: "POST /snapshots/{snap}/action", want: 400},
	}
	for _, status := range []string{"creating", "deleting", "error_deleting", "backing-up", "restoring", "unmanaging", "updating"} {
		rows = append(rows,
			reset("snapshots", "snap", status),
			exchange{name: "delete a snapshot that is " + status, do: "DELETE /snapshots/{snap}", as: "admin", want: 400},
			exchange{name: "rename a snapshot that is " + status, do: "PUT /snapshots/{snap}", as: "admin", body: `{"snapshot": {"name": "x"}}`, want: 200},
			exchange{name: "set metadata of a snapshot that is " + status, do: "POST /snapshots/{snap}/metadata", as: "admin", body: `{"metadata": {"a": "1"}}`, want: 200},
		)
	}
	rows = append(rows, reset("snapshots", "snap", "AVAILABLE"),
		exchange{name: "snapshot after the resets", do: "GET /snapshots/{snap}", want: 200})
	for _, status := range []string{"creating", "reserved", "attaching", "downloading", "backing-up", "restoring-backup", "error", "maintenance", "extending"} {
		rows = append(rows,
			reset("volumes", "volume", status),
			exchange{name: "create of a volume that is " + status, do: "POST /snapshots", as: "admin", body: `{"snapshot": {"volume_id": "{volume}"}}`, want: 400},
			exchange{name: "create by force of a volume that is " + status, do: "POST /snapshots", as: "admin", at: "3.0", body: `{"snapshot": {"volume_id": "{volume}", "force": true}}`, want: 400},
			exchange{name: "create at 3.65 of a volume that is " + status, do: "POST /snapshots", as: "admin", at: "3.65", body: `{"snapshot": {"volume_id": "{volume}"}}`, want: 400},
			exchange{name: "delete a volume that is " + status, do: "DELETE /volumes/{volume}", as: "admin", want: 400},
		)
	}
	return append(rows, reset("volumes", "volume", "available"))
}

func attachmentExchanges() []exchange {
	do := "POST /attachments"
	snapshot := `{"snapshot": {"volume_id": "{volume attached}"}}`
	return []exchange{
		{name: "a volume to attach", do: "POST /volumes", body: `{"volume": {"size": 1, "volume_type": "fake"}}`, want: 202, keep: "volume attached=volume.id"},
		{name: "a volume to attach is available", do: "GET /volumes/{volume attached}", until: "placed", want: 200},
		{name: "attach at 3.26", do: do, at: "3.26", body: `{"attachment": {"volume_uuid": "{volume attached}"}}`, want: 404},
		{name: "attach no volume", do: do, body: `{"attachment": {"volume_uuid": "00000000-0000-4000-8000-000000000000"}}`, want: 404},
		{name: "attach a word", do: do, body: `{"attachment": {"volume_uuid": "word"}}`, want: 400},
		{name: "attach nothing", do: do, body: `{"attachment": {}}`, want: 400},
		{name: "attach with an odd mode", do: do, body: `{"attachment": {"volume_uuid": "{volume attached}", "mode": "x"}}`, want: 400},
		{name: "attach", do: do, at: "3.54", body: `{"attachment": {"volume_uuid": "{volume attached}"}}`, want: 200, keep: "attachment=attachment.id"},
		{name: "attach again", do: do, body: `{"attachment": {"volume_uuid": "{volume attached}"}}`, want: 400},
		{name: "volume reserved", do: "GET /volumes/{volume attached}", want: 200},
		{name: "create of a reserved volume", do: "POST /snapshots", body: snapshot, want: 400},
		{name: "attachment shown", do: "GET /attachments/{attachment}", want: 200},
		{name: "attachment shown at 3.27", do: "GET /attachments/{attachment}", at: "3.27", want: 200},
		{name: "attachments listed", do: "GET /attachments?volume_id={volume attached}", want: 200},
		{name: "attachments listed in detail", do: "GET /attachments/detail?volume_id={volume attached}", want: 200},
		{name: "no attachment shown", do: "GET /attachments/nothing", want: 404},
		{name: "no attachment connected", do: "PUT /attachments/nothing", body: `{"attachment": {"connector": {"host": "h"}}}`, want: 404},
		{name: "attachment connected to nothing", do: "PUT /attachments/{attachment}", body: `{"attachment": {"connector": {}}}`, want: 400},
		{name: "attachment connected", do: "PUT /attachments/{attachment}", body: `{"attachment": {"connector": {"host": "h", "initiator": "iqn", "ip": "192.0.2.1", "platform": "x", "os_type": "linux", "mountpoint": "/dev/vdb", "multipath": false}}}`, want: 200},
		{name: "attachment after connecting", do: "GET /attachments/{attachment}", want: 200},
		{name: "volume attaching", do: "GET /volumes/{volume attached}", want: 200},
		{name: "attachment completed at 3.43", do: "POST /attachments/{attachment}/action", at: "3.43", body: `{"os-complete": {}}`, want: 404},
		{name: "attachment completed", do: "POST /attachments/{attachment}/action", body: `{"os-complete": {}}`, want: 204},
		{name: "no attachment completed", do: "POST /attachments/nothing/action", body: `{"os-complete": {}}`, want: 404},
		{name: "attachment after completing", do: "GET /attachments/{attachment}", want: 200},
		{name: "volume in use", do: "GET /volumes/{volume attached}", want: 200},
		{name: "volume in use for an administrator", do: "GET /volumes/{volume attached}", as: "admin", want: 200},
		{name: "delete a volume in use", do: "DELETE /volumes/{volume attached}", want: 400},
		{name: "create of a volume in use at 3.0", do: "POST /snapshots", at: "3.0", body: snapshot, want: 400},
		{name: "create of a volume in use at 3.65", do: "POST /snapshots", at: "3.65", body: snapshot, want: 400},
		{name: "create of a volume in use at 3.65 without force", do: "POST /snapshots", at: "3.65", body: `{"snapshot": {"volume_id": "{volume attached}", "force": false}}`, want: 400},
		{name: "create of a volume in use at 3.0 by force", do: "POST /snapshots", at: "3.0", body: `{"snapshot": {"volume_id": "{volume attached}", "force": true}}`, want: 202, keep: "snap used=snapshot.id"},
		{name: "create of a volume in use at 3.66", do: "POST /snapshots", at: "3.66", body: snapshot, want: 202, keep: "snap used again=snapshot.id"},
		{name: "create of a volume in use at 3.70 by force", do: "POST /snapshots", body: `{"snapshot": {"volume_id": "{volume attached}", "force": true}}`, want: 202, keep: "snap used by force=snapshot.id"},
		{name: "snapshot of a volume in use", do: "GET /snapshots/{snap used}", until: "available", want: 200},
		{name: "snapshot of a volume in use again", do: "GET /snapshots/{snap used again}", until: "available", want: 200},
		{name: "snapshot of a volume in use by force", do: "GET /snapshots/{snap used by force}", until: "available", want: 200},
		{name: "attachment deleted", do: "DELETE /attachments/{attachment}", want: 200},
		{name: "attachment deleted again", do: "DELETE /attachments/{attachment}", want: 404},
		{name: "volume after detaching", do: "GET /volumes/{volume attached}", want: 200},
	}
}

// attachExchanges attach volumes as the API v2 does, by an action.
func attachExchanges() []exchange {
	attach := `{"os-attach": {"instance_uuid": "11111111-1111-4111-8111-111111111111", "mountpoint": "/dev/vdb"}}`
	action, snapshot := "POST /volumes/{volume taken}/action", `{"snapshot": {"volume_id": "{volume taken}"}}`
	return []exchange{
		{name: "a volume to take", do: "POST /volumes", body: `{"volume": {"size": 1, "volume_type": "fake"}}`, want: 202, keep: "volume taken=volume.id"},
		{name: "a volume to take is available", do: "GET /volumes/{volume taken}", until: "placed", want: 200},
		{name: "take to no server", do: action, body: `{"os-attach": {"mountpoint": "/dev/vdb"}}`, want: 400},
		{name: "take nothing", do: action, body: `{"os-attach": {}}`, want: 400},
		{name: "take", do: action, body: attach, want: 202},
		{name: "volume taken", do: "GET /volumes/{volume taken}", until: "in-use", want: 200},
		{name: "take again", do: action, body: attach, want: 500},
		{name: "create of a volume taken at 3.0", do: "POST /snapshots", at: "3.0", body: snapshot, want: 400},
		{name: "create of a volume taken without force", do: "POST /snapshots", at: "3.0", body: `{"snapshot": {"volume_id": "{volume taken}", "force": false}}`, want: 400},
		{name: "create of a volume taken by force", do: "POST /snapshots", at: "3.0", body: `{"snapshot": {"volume_id": "{volume taken}", "force": true}}`, want: 202, keep: "snap taken=snapshot.id"},
		{name: "snapshot of a volume taken", do: "GET /snapshots/{snap taken}", until: "available", want: 200},
		{name: "release", do: action, body: `{"os-detach": {}}`, want: 202},
		{name: "volume released", do: "GET /volumes/{volume taken}", until: "available", want: 200},
		{name: "release again", do: action, body: `{"os-detach": {}}`, want: 202},

		// The NFS driver wants Nova for an attached volume, and so the snapshot fails.
		{name: "a volume to fail on", do: "POST /volumes", body: `{"volume": {"size": 1, "volume_type": "nfs"}}`, want: 202, keep: "volume failing=volume.id"},
		{name: "a volume to fail on is available", do: "GET /volumes/{volume failing}", until: "placed", want: 200},
		{name: "take the volume to fail on", do: "POST /volumes/{volume failing}/action", body: attach, want: 202},
		{name: "volume to fail on taken", do: "GET /volumes/{volume failing}", until: "in-use", want: 200},
		{name: "create what fails", do: "POST /snapshots", body: `{"snapshot": {"volume_id": "{volume failing}", "name": "failing", "force": true}}`, want: 202, keep: "snap failing=snapshot.id"},
		{name: "snapshot in error", do: "GET /snapshots/{snap failing}", until: "error", want: 200},
		{name: "message of the failure", do: "GET /messages?resource_uuid={snap failing}", until: "told", want: 200, keep: "message=messages.id"},
		{name: "message of the failure at 3.5", do: "GET /messages?resource_uuid={snap failing}", at: "3.5", want: 200},
		{name: "messages of a page", do: "GET /messages?resource_uuid={snap failing}&limit=1", want: 200},
		{name: "message of another thing", do: "GET /messages?resource_uuid={volume failing}", want: 200},
		{name: "messages by something odd", do: "GET /messages?foo=1", want: 400},
		{name: "messages by something odd at 3.30", do: "GET /messages?foo=1", at: "3.30", want: 200},
		{name: "messages at 3.2", do: "GET /messages", at: "3.2", want: 404},
		{name: "messages in detail", do: "GET /messages/detail", want: 404},
		{name: "message shown", do: "GET /messages/{message}", want: 200},
		{name: "message shown at 3.2", do: "GET /messages/{message}", at: "3.2", want: 404},
		{name: "no message shown", do: "GET /messages/nothing", want: 404},
		{name: "message deleted", do: "DELETE /messages/{message}", want: 204},
		{name: "message deleted again", do: "DELETE /messages/{message}", want: 404},
		{name: "delete what failed", do: "DELETE /snapshots/{snap failing}", want: 202},
		{name: "what failed is gone", do: "GET /snapshots/{snap failing}", until: "gone", want: 404},
		{name: "release the volume to fail on", do: "POST /volumes/{volume failing}/action", body: `{"os-detach": {}}`, want: 202},

		{name: "reserve the volume to fail on", do: "POST /attachments", body: `{"attachment": {"volume_uuid": "{volume failing}"}}`, want: 200, keep: "attachment failing=attachment.id"},
		{name: "volume with a reservation reset to in-use", do: "POST /volumes/{volume failing}/action", as: "admin", body: `{"os-reset_status": {"status": "in-use"}}`, want: 202},
		{name: "connect the volume to fail on", do: "PUT /attachments/{attachment failing}", body: `{"attachment": {"connector": {"host": "h"}}}`, want: 200},
		{name: "complete the volume to fail on", do: "POST /attachments/{attachment failing}/action", body: `{"os-complete": {}}`, want: 204},
		{name: "volume to fail on in use", do: "GET /volumes/{volume failing}", want: 200},
		{name: "detach the volume to fail on", do: "DELETE /attachments/{attachment failing}", want: 200},
		{name: "volume to fail on reset to available", do: "POST /volumes/{volume failing}/action", as: "admin", body: `{"os-reset_status": {"status": "available", "attach_status": "detached"}}`, want: 202},
	}
}

func listExchanges() []exchange {
	rows := []exchange{
		{name: "a volume to list by", do: "POST /volumes", body: `{"volume": {"size": 1, "volume_type": "fake"}}`, want: 202, keep: "volume listed=volume.id"},
		{name: "a volume to list by is available", do: "GET /volumes/{volume listed}", until: "placed", want: 200},
	}
	for i, members := range []string{
		`"name": "alpha", "metadata": {"n": "1", "kind": "x"}`,
		`"name": "Beta", "description": "second", "metadata": {"n": "2", "kind": "x"}`,
		`"name": "gämma", "metadata": {"n": "3"}`,
		`"description": "no name"`,
		`"name": "alpha"`,
	} {
		name := fmt.Sprintf("snap listed%d", i+1)
		rows = append(rows,
			exchange{name: "create " + name, do: "POST /snapshots", after: second, body: `{"snapshot": {"volume_id": "{volume listed}", ` + members + `}}`, want: 202, keep: name + "=snapshot.id"},
			exchange{name: name + " is available", do: "GET /snapshots/{" + name + "}", until: "available", want: 200},
		)
	}
	list := func(name, query string, want int) exchange {
		return exchange{name: "list " + name, do: "GET /snapshots?volume_id={volume listed}" + query, want: want}
	}
	at := func(x exchange, version string) exchange {
		x.name += " at " + version
		x.at = version
		return x
	}
	asAdmin := func(x exchange) exchange {
		x.name += " as admin"
		x.as = "admin"
		return x
	}
	detail := func(name, query string) exchange {
		return exchange{name: "list in detail " + name, do: "GET /snapshots/detail?volume_id={volume listed}" + query, want: 200}
	}
	odd := func(name, query string, want int) exchange {
		return exchange{name: "list " + name, do: "GET /snapshots?" + query, want: want}
	}
	rows = append(rows,
		exchange{name: "one of them in error", do: "POST /snapshots/{snap listed2}/action", as: "admin", body: `{"os-reset_status": {"status": "error"}}`, after: second, want: 202},
		exchange{name: "one of them renamed", do: "PUT /snapshots/{snap listed1}", body: `{"snapshot": {"description": "first"}}`, after: second, want: 200},
		list("all", "", 200), at(list("all", "", 200), "3.0"), at(list("all", "", 200), "-"),
		detail("all", ""), at(detail("all", ""), "3.0"), at(detail("all", ""), "3.14"),
		at(detail("all", ""), "3.41"), at(detail("all", ""), "3.65"),
		asAdmin(detail("all of another project", "")),
		asAdmin(detail("all of all projects", "&all_tenants=1")),
		asAdmin(detail("all of no other project", "&all_tenants=0")),
		list("all of all projects", "&all_tenants=1", 200),
		at(list("all of all projects", "&all_tenants=1", 200), "3.0"),

		list("a page of two", "&limit=2", 200),
		list("a page of two after the second", "&limit=2&marker={snap listed4}", 200),
		list("a page of two after the fourth", "&limit=2&marker={snap listed2}", 200),
		list("a page of two after the last", "&limit=2&marker={snap listed1}", 200),
		list("a full page", "&limit=5", 200),
		list("a page of more than all", "&limit=6", 200),
		list("a page of plenty", "&limit=100000", 200),
		list("a page of none", "&limit=0", 200),
		list("a page of less than none", "&limit=-1", 400),
		list("a page of an odd size", "&limit=x", 400),
		list("a page of a spaced size", "&limit=+2", 200),
		list("a page of half a size", "&limit=1.5", 400),
		list("from the second", "&offset=1&limit=2", 200),
		list("from beyond the end", "&offset=10", 200),
		list("from before the beginning", "&offset=-1", 400),
		list("from an odd place", "&offset=x", 400),
		list("from very far", "&offset=99999999999", 400),
		list("from the second after the first", "&offset=1&marker={snap listed5}", 200),
		list("after nothing", "&marker=nothing", 404),
		list("after the volume", "&marker={volume listed}", 404),
		list("after the empty marker", "&marker=", 404),
		list("after a marker of another volume", "&marker={snap}", 200),
		detail("a page", "&limit=2&name=alpha"),
		detail("a page with odd characters kept", "&limit=1&name=alpha&sort=name:asc,created_at:desc"),
		exchange{name: "list a page without a project in the path", do: "GET cinder:/v3/snapshots?volume_id={volume listed}&limit=2", want: 200},

		list("with a count", "&with_count=true", 200),
		list("with a count of a page", "&with_count=1&limit=2", 200),
		list("with a count of the last page", "&with_count=true&limit=3&marker={snap listed3}", 200),
		list("with a count of none", "&with_count=true&name=nothing", 200),
		list("with a count and no page", "&with_count=true&limit=0", 200),
		list("without a count", "&with_count=false", 200),
		list("with an odd count", "&with_count=maybe", 400),
		at(list("with a count", "&with_count=true", 200), "3.45"),
		at(list("with a count", "&with_count=true", 400), "3.44"),
		at(list("with a count", "&with_count=true", 200), "3.30"),
		asAdmin(list("with a count of all projects", "&with_count=true&all_tenants=1", 200)),
		asAdmin(list("with a count of no other project", "&with_count=true&all_tenants=0", 200)),

		list("by name", "&name=alpha", 200),
		list("by name in other case", "&name=ALPHA", 200),
		list("by name with other accents", "&name=gamma", 200),
		list("by name with a space behind", "&name=alpha%20", 200),
		list("by name with a space before", "&name=%20alpha", 200),
		list("by a part of the name", "&name=alph", 200),
		list("by no name", "&name=", 200),
		list("by an emoji", "&name=%F0%9F%98%80", 200),
		list("by what is not UTF-8", "&name=%FF", 400),
		at(list("by name", "&name=alpha", 200), "3.0"),
		list("by status", "&status=error", 200),
		list("by status in other case", "&status=ERROR", 200),
		list("by no status", "&status=nothing", 200),
		list("by availability zone", "&availability_zone=nova", 500),
		exchange{name: "volumes by availability zone", do: "GET /volumes?name=renamed&availability_zone=nova", want: 200},
		exchange{name: "volumes by size", do: "GET /volumes?name=renamed&size=1", want: 200},
		list("by quota", "&consumes_quota=true", 200),
		list("by no quota", "&consumes_quota=false", 200),
		list("by odd quota", "&consumes_quota=x", 400),
		odd("by volume in capitals", "volume_id={volume listed upper}", 200),
		odd("by no volume", "volume_id=nothing", 200),
		list("by metadata", "&metadata=%7B%27kind%27%3A%27x%27%7D", 200),
		list("by metadata as JSON", "&metadata=%7B%22n%22%3A+%222%22%7D", 200),
		list("by two pairs of metadata", "&metadata=%7B%27kind%27%3A%27x%27%2C%27n%27%3A%271%27%7D", 200),
		list("by metadata in other case", "&metadata=%7B%27KIND%27%3A%27X%27%7D", 200),
		list("by a number in metadata", "&metadata=%7B%27n%27%3A2%7D", 200),
		list("by no metadata", "&metadata=%7B%7D", 200),
		list("by metadata that is junk", "&metadata=junk", 200),
		list("by metadata that is a list", "&metadata=%5B%5D", 200),
		at(list("by metadata", "&metadata=%7B%27n%27%3A%271%27%7D", 200), "3.22"),
		at(list("by metadata", "&metadata=%7B%27n%27%3A%271%27%7D", 200), "3.21"),
		at(list("by metadata", "&metadata=%7B%27n%27%3A%271%27%7D", 200), "3.0"),
		list("by id", "&id={snap listed1}", 400),
		list("by two odd things", "&foo=1&bar=2", 400),
		list("by something like a name", "&name~=alph", 400),
		list("by the words of the project", "&project_id={demo project}", 400),
		at(list("by id", "&id={snap listed1}", 200), "3.30"),
		at(list("by something like a name", "&name~=alph", 200), "3.30"),
		at(list("by something like a name", "&name~=alph", 400), "3.31"),
		list("by an odd letter", "&%C3%A9=1", 400),
		asAdmin(list("by something like a name", "&all_tenants=1&name~=alph", 200)),
		asAdmin(list("by id", "&all_tenants=1&id={snap listed1}", 200)),
		asAdmin(list("by nothing known", "&all_tenants=1&foo=1", 200)),
		at(list("by the words of the project", "&project_id={demo project}", 200), "3.30"),
		asAdmin(list("by project", "&all_tenants=1&project_id={demo project}", 200)),
		asAdmin(at(list("by project", "&all_tenants=1&project_id={demo project}", 200), "3.0")),
		asAdmin(list("by another project", "&all_tenants=1&project_id={admin project}", 200)),
		asAdmin(list("by project with a count", "&all_tenants=1&project_id={demo project}&with_count=true&limit=2", 200)),
		asAdmin(list("by project among its own", "&project_id={demo project}", 200)),

		list("sorted by name", "&sort=name:asc", 200),
		list("sorted by name downwards", "&sort=name", 200),
		list("sorted by name after a nameless one", "&sort=name:asc&marker={snap listed4}", 200),
		list("sorted by name after the first", "&sort=name:asc&limit=2&marker={snap listed1}", 200),
		list("sorted by name downwards after the last", "&sort=name:desc&marker={snap listed3}", 200),
		list("sorted by name downwards after a nameless one", "&sort=name:desc&marker={snap listed4}", 200),
		list("sorted by two keys", "&sort=name:asc,created_at:desc", 200),
		list("sorted by status and name", "&sort=status:desc,name:asc", 200),
		list("sorted by birth", "&sort=created_at:asc", 200),
		list("sorted by birth after the second", "&sort=created_at:asc&marker={snap listed2}&limit=2", 200),
		list("sorted by update", "&sort=updated_at:desc", 200),
		list("sorted by size", "&sort=volume_size:asc", 200),
		list("sorted by volume", "&sort=volume_id:asc", 200),
		list("sorted by sort_key", "&sort_key=name&sort_dir=asc", 200),
		list("sorted by sort_dir", "&sort_dir=asc", 200),
		list("sorted by both", "&sort=name&sort_key=name", 400),
		list("sorted by nothing known", "&sort=foo", 400),
		list("sorted by description", "&sort=description", 400),
		list("sorted by nothing", "&sort=", 400),
		list("sorted by size as the API says it", "&sort=size", 400),
		list("sorted in an odd direction", "&sort=name:up", 400),
		at(list("sorted by name", "&sort=name:asc", 200), "3.30"),
		at(list("sorted by name", "&sort=name:asc", 400), "3.29"),
		at(list("sorted by display_name", "&sort=display_name:asc", 200), "3.0"),

		exchange{name: "list of another project", do: "GET /snapshots?volume_id={volume listed}", as: "admin", want: 200},
		exchange{name: "list in detail as .json", do: "GET /snapshots/detail.json?volume_id={volume listed}&limit=1", want: 200},
		exchange{name: "POST of the detailed list", do: "POST /snapshots/detail", body: `{}`, want: 404},
		exchange{name: "delete a volume with snapshots", do: "DELETE /volumes/{volume listed}", want: 400},
		exchange{name: "volumes by a page", do: "GET /volumes?name=renamed&limit=1", want: 200},
		exchange{name: "volumes in detail by a page", do: "GET /volumes/detail?name=renamed&limit=1&sort=name:asc", want: 200},
		exchange{name: "volumes that can boot", do: "GET /volumes?name=renamed&bootable=true", want: 200},
		exchange{name: "volumes that cannot boot", do: "GET /volumes?name=renamed&bootable=false", want: 200},
		exchange{name: "volumes that cannot boot in capitals", do: "GET /volumes?name=renamed&bootable=FALSE", want: 200},
		exchange{name: "volumes that boot oddly", do: "GET /volumes?name=renamed&bootable=x", want: 400},
		exchange{name: "volumes by metadata", do: "GET /volumes?name=renamed&metadata=%7B%27a%27%3A%27b%27%7D", want: 200},
		exchange{name: "volumes by status", do: "GET /volumes?name=renamed&status=AVAILABLE", want: 200},
		exchange{name: "volumes by quota", do: "GET /volumes?name=renamed&consumes_quota=true", want: 200},
		exchange{name: "volumes by no quota", do: "GET /volumes?name=renamed&consumes_quota=0", want: 200},
		exchange{name: "volumes by odd quota", do: "GET /volumes?name=renamed&consumes_quota=x", want: 400},
		exchange{name: "volumes by group", do: "GET /volumes?name=renamed&group_id={volume}", want: 200},
		exchange{name: "volumes by migration", do: "GET /volumes?name=renamed&migration_status=none", want: 200},
		exchange{name: "volumes born after", do: "GET /volumes?name=renamed&created_at=gt:1999-12-31T00:00:00", want: 200},
		exchange{name: "volumes born before", do: "GET /volumes?name=renamed&created_at=lt:1999-12-31T00:00:00", want: 200},
		exchange{name: "volumes born between", do: "GET /volumes?name=renamed&created_at=gte:1999-12-31T00:00:00,lt:2099-01-01T00:00:00Z", want: 200},
		exchange{name: "volumes born not then", do: "GET /volumes?name=renamed&created_at=neq:1999-12-31T00:00:00", want: 200},
		exchange{name: "volumes born then", do: "GET /volumes?name=renamed&created_at=eq:1999-12-31", want: 200},
		exchange{name: "volumes born oddly", do: "GET /volumes?name=renamed&created_at=since:1999-12-31T00:00:00", want: 400},
		exchange{name: "volumes born at no time", do: "GET /volumes?name=renamed&created_at=gt:x", want: 400},
		exchange{name: "volumes born at a time", do: "GET /volumes?name=renamed&created_at=1999-12-31", want: 400},
		exchange{name: "volumes updated after", do: "GET /volumes?name=renamed&updated_at=gt:1999-12-31T00:00:00", want: 200},
		exchange{name: "volumes by an odd size", do: "GET /volumes?name=renamed&size=x", want: 200},
		exchange{name: "volumes by an availability zone elsewhere", do: "GET /volumes?name=renamed&availability_zone=elsewhere", want: 200},
		exchange{name: "volumes that boot oddly at 3.1", do: "GET /volumes?name=renamed&bootable=x", at: "3.1", want: 200},
		exchange{name: "volumes born after at 3.30", do: "GET /volumes?name=renamed&created_at=lt:1999-12-31T00:00:00", at: "3.30", want: 200},
		exchange{name: "volumes born after at 3.31", do: "GET /volumes?name=renamed&created_at=lt:1999-12-31T00:00:00", at: "3.31", want: 200},
		exchange{name: "volumes after nothing", do: "GET /volumes?marker=nothing", want: 404},
		exchange{name: "volumes with a count", do: "GET /volumes?name=renamed&with_count=true", want: 200},
	)
	return rows
}

func revertExchanges() []exchange {
	do := "POST /volumes/{volume listed}/action"
	return []exchange{
		{name: "revert at 3.39", do: do, at: "3.39", body: `{"revert": {"snapshot_id": "{snap listed5}"}}`, want: 404},
		{name: "revert to an older snapshot", do: do, body: `{"revert": {"snapshot_id": "{snap listed1}"}}`, want: 400},
		{name: "revert to nothing", do: do, body: `{"revert": {}}`, want: 400},
		{name: "revert to no object", do: do, body: `{"revert": null}`, want: 400},
		{name: "revert no volume", do: "POST /volumes/nothing/action", body: `{"revert": {"snapshot_id": "{snap listed1}"}}`, want: 404},
		{name: "revert a volume without snapshots", do: "POST /volumes/{volume failing}/action", body: `{"revert": {"snapshot_id": "{snap listed1}"}}`, want: 400},
		{name: "latest snapshot in error", do: "POST /snapshots/{snap listed5}/action", as: "admin", body: `{"os-reset_status": {"status": "error"}}`, want: 202},
		{name: "volume of the latest snapshot maintained", do: "POST /volumes/{volume listed}/action", as: "admin", body: `{"os-reset_status": {"status": "maintenance"}}`, want: 202},
		{name: "revert a volume in maintenance", do: do, as: "admin", body: `{"revert": {"snapshot_id": "{snap listed5}"}}`, want: 409},
		{name: "volume of the latest snapshot available", do: "POST /volumes/{volume listed}/action", as: "admin", body: `{"os-reset_status": {"status": "available"}}`, want: 202},
		{name: "latest snapshot available", do: "POST /snapshots/{snap listed5}/action", as: "admin", body: `{"os-reset_status": {"status": "available"}}`, want: 202},
		{name: "a snapshot to revert to", do: "POST /snapshots", body: `{"snapshot": {"volume_id": "{volume failing}"}}`, want: 202, keep: "snap reverted=snapshot.id"},
		{name: "a snapshot to revert to is available", do: "GET /snapshots/{snap reverted}", until: "available", want: 200},
		{name: "revert", do: "POST /volumes/{volume failing}/action", at: "3.40", body: `{"revert": {"snapshot_id": "{snap reverted}"}}`, want: 202},
		{name: "reverted volume", do: "GET /volumes/{volume failing}", until: "placed", want: 200},
		{name: "snapshot reverted to", do: "GET /snapshots/{snap reverted}", until: "available", want: 200},
		{name: "volume of a snapshot", do: "POST /volumes", body: `{"volume": {"snapshot_id": "{snap listed1}"}}`, want: 202, keep: "volume made=volume.id"},
		{name: "volume of a snapshot is available", do: "GET /volumes/{volume made}", until: "placed", want: 200},
		{name: "volume of a snapshot deleted", do: "DELETE /volumes/{volume made}", want: 202},
		{name: "volume of a snapshot is gone", do: "GET /volumes/{volume made}", until: "gone", want: 404},
	}
}

// quotaExchanges change the quotas of the administrator's own project only.
func quotaExchanges() []exchange {
	own, set := "/os-quota-sets/{admin project}", "PUT /os-quota-sets/{admin project}"
	snapshot := `{"snapshot": {"volume_id": "{volume of admin}"}}`
	rows := []exchange{
		{name: "one's own quota", do: "GET /os-quota-sets/{demo project}", loose: true, want: 200},
		{name: "one's own quota with usage", do: "GET /os-quota-sets/{demo project}?usage=true", loose: true, want: 200},
		{name: "one's own quota with odd usage", do: "GET /os-quota-sets/{demo project}?usage=x", want: 400},
		{name: "another's quota", do: "GET " + own, want: 403},
		{name: "another's default quota", do: "GET " + own + "/defaults", want: 403},
		{name: "another's quota changed", do: set, body: `{"quota_set": {"snapshots": 5}}`, want: 403},
		{name: "one's own quota changed", do: "PUT /os-quota-sets/{demo project}", body: `{"quota_set": {"snapshots": 5}}`, want: 403},
		{name: "one's own quota deleted", do: "DELETE /os-quota-sets/{demo project}", want: 403},
		{name: "default quota", do: "GET " + own + "/defaults", as: "admin", loose: true, want: 200},
		{name: "quota of nobody", do: "GET /os-quota-sets/nobody", as: "admin", loose: true, want: 200},
		{name: "quota of an unknown thing", do: set, as: "admin", body: `{"quota_set": {"foo": 5}}`, want: 400},
		{name: "quota of a word", do: set, as: "admin", body: `{"quota_set": {"snapshots": "x"}}`, want: 400},
		{name: "quota of less than none", do: set, as: "admin", body: `{"quota_set": {"snapshots": -2}}`, want: 400},
		{name: "quota of nothing", do: set, as: "admin", body: `{"quota_set": {}}`, want: 400},
		{name: "quota of no set", do: set, as: "admin", body: `{}`, want: 400},

		{name: "an administrator's volume", do: "POST /volumes", as: "admin", body: `{"volume": {"size": 1, "volume_type": "fake"}}`, want: 202, keep: "volume of admin=volume.id"},
		{name: "an administrator's volume is available", do: "GET /volumes/{volume of admin}", as: "admin", until: "placed", want: 200},
		{name: "an administrator's snapshot", do: "POST /snapshots", as: "admin", body: snapshot, want: 202, keep: "snap of admin=snapshot.id"},
		{name: "an administrator's snapshot is available", do: "GET /snapshots/{snap of admin}", as: "admin", until: "available", want: 200},
		{name: "quota of one snapshot", do: set, as: "admin", body: `{"quota_set": {"snapshots": 1}}`, loose: true, want: 200},
		{name: "create beyond the snapshots", do: "POST /snapshots", as: "admin", body: snapshot, want: 413},
		{name: "create beyond the snapshots at 3.0", do: "POST /snapshots", as: "admin", at: "3.0", body: snapshot, want: 413},
		{name: "quota below what is used", do: set, as: "admin", body: `{"quota_set": {"snapshots": 0}}`, want: 400},
		{name: "quota as text", do: set, as: "admin", body: `{"quota_set": {"snapshots": "10"}}`, want: 400},
		{name: "quota of two gigabytes", do: set, as: "admin", body: `{"quota_set": {"snapshots": 10, "gigabytes": 2}}`, loose: true, want: 200},
		{name: "create beyond the gigabytes", do: "POST /snapshots", as: "admin", body: snapshot, want: 413},
		{name: "create a volume beyond the gigabytes", do: "POST /volumes", as: "admin", body: `{"volume": {"size": 1}}`, want: 413},
		{name: "quota of one volume", do: set, as: "admin", body: `{"quota_set": {"gigabytes": -1, "volumes": 1}}`, loose: true, want: 200},
		{name: "create a volume beyond the volumes", do: "POST /volumes", as: "admin", body: `{"volume": {"size": 1}}`, want: 413},
		{name: "quota of small volumes", do: set, as: "admin", body: `{"quota_set": {"per_volume_gigabytes": 1}}`, loose: true, want: 200},
		{name: "create a volume beyond its size", do: "POST /volumes", as: "admin", body: `{"volume": {"size": 2}}`, want: 413},
		{name: "quota of one snapshot of a type", do: set, as: "admin", body: `{"quota_set": {"volumes": -1, "per_volume_gigabytes": -1, "snapshots_fake": 1}}`, loose: true, want: 200},
		{name: "create beyond the snapshots of a type", do: "POST /snapshots", as: "admin", body: snapshot, want: 413},
		{name: "quota of one gigabyte of a type", do: set, as: "admin", body: `{"quota_set": {"gigabytes_fake": 2, "snapshots_fake": -1}}`, loose: true, want: 200},
		{name: "create beyond the gigabytes of a type", do: "POST /snapshots", as: "admin", body: snapshot, want: 413},
		{name: "quota with usage", do: "GET " + own + "?usage=true", as: "admin", loose: true, want: 200},
		{name: "quota reset", do: "DELETE " + own, as: "admin", want: 200},
		{name: "create within the quota again", do: "POST /snapshots", as: "admin", body: snapshot, want: 202, keep: "snap of admin again=snapshot.id"},
		{name: "an administrator's snapshot again is available", do: "GET /snapshots/{snap of admin again}", as: "admin", until: "available", want: 200},

		{name: "show a snapshot of another project", do: "GET /snapshots/{snap of admin}", want: 404},
		{name: "rename a snapshot of another project", do: "PUT /snapshots/{snap of admin}", body: `{"snapshot": {"name": "x"}}`, want: 404},
		{name: "delete a snapshot of another project", do: "DELETE /snapshots/{snap of admin}", want: 404},
		{name: "metadata of another project", do: "GET /snapshots/{snap of admin}/metadata", want: 404},
		{name: "metadata set in another project", do: "POST /snapshots/{snap of admin}/metadata", body: `{"metadata": {}}`, want: 404},
		{name: "create of a volume of another project", do: "POST /snapshots", body: snapshot, want: 404},
		{name: "show a volume of another project", do: "GET /volumes/{volume of admin}", want: 404},
		{name: "attach a volume of another project", do: "POST /attachments", body: `{"attachment": {"volume_uuid": "{volume of admin}"}}`, want: 404},
		{name: "list after a marker of another project", do: "GET /snapshots?marker={snap of admin}", want: 404},
		{name: "reset a snapshot of another project", do: "POST /snapshots/{snap of admin}/action", body: `{"os-reset_status": {"status": "error"}}`, want: 404},
	}
	return rows
}

func deleteExchanges() []exchange {
	return []exchange{
		{name: "delete a snapshot", do: "DELETE /snapshots/{snap}", want: 202},
		{name: "the snapshot is gone", do: "GET /snapshots/{snap}", until: "gone", want: 404},
		{name: "delete a snapshot again", do: "DELETE /snapshots/{snap}", want: 404},
		{name: "rename a deleted snapshot", do: "PUT /snapshots/{snap}", body: `{"snapshot": {"name": "x"}}`, want: 404},
		{name: "metadata of a deleted snapshot", do: "GET /snapshots/{snap}/metadata", want: 404},
		{name: "list after a deleted marker", do: "GET /snapshots?marker={snap}", want: 404},
		{name: "delete no snapshot", do: "DELETE /snapshots/nothing", want: 404},
		{name: "delete the detailed list", do: "DELETE /snapshots/detail", want: 404},
		{name: "delete a snapshot as .json", do: "DELETE /snapshots/{snap nothing}.json", want: 202},
		{name: "the snapshot deleted as .json is gone", do: "GET /snapshots/{snap nothing}", until: "gone", want: 404},
		{name: "delete a snapshot at 3.0", do: "DELETE /snapshots/{snap old}", at: "3.0", want: 202},
		{name: "the snapshot deleted at 3.0 is gone", do: "GET /snapshots/{snap old}", until: "gone", want: 404},
		{name: "a snapshot in error to delete", do: "POST /snapshots/{snap a}/action", as: "admin", body: `{"os-reset_status": {"status": "error"}}`, want: 202},
		{name: "delete a snapshot in error", do: "DELETE /snapshots/{snap a}", as: "admin", want: 202},
		{name: "the snapshot in error is gone", do: "GET /snapshots/{snap a}", until: "gone", want: 404},
		{name: "a snapshot stuck in deleting", do: "POST /snapshots/{snap b}/action", as: "admin", body: `{"os-reset_status": {"status": "error_deleting"}}`, want: 202},
		{name: "force the deletion of a snapshot", do: "POST /snapshots/{snap b}/action", as: "admin", body: `{"os-force_delete": {}}`, want: 202},
		{name: "the forced snapshot is gone", do: "GET /snapshots/{snap b}", as: "admin", until: "gone", want: 404},
		{name: "force the deletion of a volume with snapshots", do: "POST /volumes/{volume}/action", as: "admin", body: `{"os-force_delete": {}}`, want: 400},
		{name: "delete a volume by force as a member", do: "DELETE /volumes/{volume}?force=true", want: 403},
		{name: "delete a volume with an odd cascade", do: "DELETE /volumes/{volume}?cascade=x", want: 400},
		{name: "delete a volume with all its snapshots", do: "DELETE /volumes/{volume listed}?cascade=true", want: 202},
		{name: "the volume is gone", do: "GET /volumes/{volume listed}", until: "gone", want: 404},
		{name: "its snapshots are gone", do: "GET /snapshots/{snap listed1}", want: 404},
		{name: "delete a volume again", do: "DELETE /volumes/{volume listed}", want: 404},
		{name: "create of a deleted volume", do: "POST /snapshots", body: `{"snapshot": {"volume_id": "{volume listed}"}}`, want: 404},
	}
}

func credentialExchanges() []exchange {
	own := "keystone:/users/{demo user}/application_credentials"
	do := "POST keystone:/auth/tokens"
	by := func(given string) string {
		return signInBody(`{"methods": ["application_credential"], "application_credential": `+given+`}`, "")
	}
	return []exchange{
		{name: "create a credential", do: "POST " + own, body: `{"application_credential": {"name": "fidelity", "secret": "s", "description": "d", "roles": [{"name": "member"}]}}`, want: 201, keep: "credential=application_credential.id"},
		{name: "create a credential without a secret", do: "POST " + own, body: `{"application_credential": {"name": "fidelity secret", "unrestricted": true, "expires_at": "2099-01-01T00:00:00.000000Z"}}`, loose: true, want: 201, keep: "credential without secret=application_credential.id"},
		{name: "create a credential again", do: "POST " + own, body: `{"application_credential": {"name": "fidelity"}}`, want: 409},
		{name: "create a credential with a role that one lacks", do: "POST " + own, body: `{"application_credential": {"name": "fidelity admin", "roles": [{"name": "admin"}]}}`, want: 400},
		{name: "create a credential for another", do: "POST keystone:/users/{admin user}/application_credentials", body: `{"application_credential": {"name": "fidelity"}}`, want: 403},
		{name: "credentials by name", do: "GET " + own + "?name=fidelity", want: 200},
		{name: "credentials of another", do: "GET keystone:/users/{admin user}/application_credentials", want: 403},
		{name: "credential shown", do: "GET " + own + "/{credential}", want: 200},
		{name: "no credential shown", do: "GET " + own + "/nothing", want: 404},
		{name: "no credential deleted", do: "DELETE " + own + "/nothing", want: 404},
		{name: "sign-in by credential", do: do, as: "nobody", body: by(`{"id": "{credential}", "secret": "s"}`), loose: true, want: 201, keep: "credential token=header:X-Subject-Token"},
		{name: "sign-in by a credential's name", do: do, as: "nobody", body: by(`{"name": "fidelity", "user": {"name": "{demo name}", "domain": {"id": "default"}}, "secret": "s"}`), loose: true, want: 201},
		{name: "sign-in by a credential's name and user id", do: do, as: "nobody", body: by(`{"name": "fidelity", "user": {"id": "{demo user}"}, "secret": "s"}`), loose: true, want: 201},
		{name: "sign-in by a credential's name alone", do: do, as: "nobody", body: by(`{"name": "fidelity", "secret": "s"}`), want: 400},
		{name: "sign-in by no credential's name", do: do, as: "nobody", body: by(`{"name": "nothing", "user": {"id": "{demo user}"}, "secret": "s"}`), want: 401},
		{name: "sign-in by a credential of nobody", do: do, as: "nobody", body: by(`{"name": "fidelity", "user": {"id": "nobody"}, "secret": "s"}`), want: 401},
		{name: "sign-in by a credential without id and name", do: do, as: "nobody", body: by(`{"secret": "s"}`), want: 400},
		{name: "sign-in by credential with a wrong secret", do: do, as: "nobody", body: by(`{"id": "{credential}", "secret": "wrong"}`), want: 401},
		{name: "sign-in by no credential", do: do, as: "nobody", body: by(`{"id": "nothing", "secret": "s"}`), want: 404},
		{name: "sign-in by credential with a scope", do: do, as: "nobody", body: signInBody(`{"methods": ["application_credential"], "application_credential": {"id": "{credential}", "secret": "s"}}`, `{"project": {"id": "{demo project}"}}`), want: 401},
		{name: "Cinder by credential", do: "GET /snapshots?limit=0", as: "{credential token}", want: 200},
		{name: "credential by credential", do: "POST " + own, as: "{credential token}", body: `{"application_credential": {"name": "fidelity second"}}`, want: 403},
		{name: "check of a credential's token", do: "GET keystone:/auth/tokens?nocatalog", subject: "{credential token}", want: 200},
		{name: "delete a credential", do: "DELETE " + own + "/{credential}", want: 204},
		{name: "delete a credential again", do: "DELETE " + own + "/{credential}", want: 404},
		{name: "sign-in by a deleted credential", do: do, as: "nobody", body: by(`{"id": "{credential}", "secret": "s"}`), want: 404},
		{name: "Keystone by a deleted credential's token", do: "GET keystone:/auth/projects", as: "{credential token}", until: "gone", want: 404},
		{name: "check of a deleted credential's token", do: "GET keystone:/auth/tokens", subject: "{credential token}", want: 404},
		{name: "delete the other credential", do: "DELETE " + own + "/{credential without secret}", want: 204},
	}
}
