package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openstackClient is the real python-openstackclient, which speaks to the simulator.
type openstackClient struct {
	t           *testing.T
	environment []string
	commands    *json.Encoder
	answers     *json.Decoder
}

// Debian's own, which has Debian's packages.
const interpreter = "/usr/bin/python3"

func newOpenstackClient(t *testing.T, options Options, user string) *openstackClient {
	t.Helper()
	if testing.Short() {
		t.Skip("python-openstackclient takes seconds")
	}
	if exec.CommandContext(t.Context(), interpreter, "-c", "import openstackclient").Run() != nil {
		t.Skip("python3-openstackclient is not installed")
	}
	s := New(options)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	var environment []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "OS_") && !strings.Contains(strings.ToLower(variable), "_proxy=") {
			environment = append(environment, variable)
		}
	}
	for name, value := range s.Environment(web.URL, user) {
		environment = append(environment, name+"="+value)
	}
	return startOpenstackClient(t, environment)
}

func startOpenstackClient(t *testing.T, environment []string) *openstackClient {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "commands.py"))
	cmd.Env, cmd.Stderr = environment, t.Output()
	commands, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = commands.Close()
		_ = cmd.Wait() // what it has to say is in its answers
	})
	return &openstackClient{t, environment, json.NewEncoder(commands), json.NewDecoder(answers)}
}

// run returns what a command prints as JSON; a command that prints nothing gives nil.
func (c *openstackClient) run(words ...string) any {
	c.t.Helper()
	out, message, err := c.try(words...)
	if err != nil {
		c.t.Fatalf("openstack %s: %v\n%s", strings.Join(words, " "), err, message)
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil
	}
	var value any
	if err := json.Unmarshal(out, &value); err != nil {
		c.t.Fatalf("openstack %s: %v\n%s", strings.Join(words, " "), err, out)
	}
	return value
}

func (c *openstackClient) try(words ...string) (out []byte, message string, err error) {
	c.t.Helper()
	var answer struct {
		Out, Err string
		Code     int
	}
	err = c.commands.Encode(words)
	if err == nil {
		err = c.answers.Decode(&answer)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.Code != 0 {
		err = fmt.Errorf("exit status %d", answer.Code)
	}
	return []byte(answer.Out), answer.Err, err
}

// one is the value of a field of a command that shows one object.
func (c *openstackClient) one(field string, words ...string) any {
	c.t.Helper()
	o, _ := c.run(append(words, "-f", "json")...).(map[string]any)
	return o[field]
}

// names is the Name column of a list.
func (c *openstackClient) names(words ...string) string {
	c.t.Helper()
	list, _ := c.run(append(words, "-f", "json")...).([]any)
	var names []string
	for _, item := range list {
		row, _ := item.(map[string]any)
		name, _ := row["Name"].(string)
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func (c *openstackClient) expect(got, want any, what string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestOpenstackClient(t *testing.T) {
	c := newOpenstackClient(t, Options{CreateTime: time.Millisecond, DeleteTime: time.Millisecond}, "demo")

	if id, _ := c.one("id", "token", "issue").(string); !strings.HasPrefix(id, "gAAAAA") {
		t.Errorf("token %q", id)
	}
	c.expect(c.names("catalog", "list"), "glance cinder cinder-block-storage keystone", "catalogue")

	c.expect(c.one("status", "volume", "create", "--size", "1", "--type", "fake", "--property", "a=b", "vol"), "creating", "new volume")
	c.expect(c.names("volume", "list"), "vol", "volumes")
	c.expect(c.one("status", "volume", "show", "vol"), "available", "volume")

	c.expect(c.one("status", "volume", "snapshot", "create", "--volume", "vol", "--description", "first", "--property", "k=v", "snap"), "creating", "new snapshot")
	c.expect(c.one("description", "volume", "snapshot", "show", "snap"), "first", "description")
	c.run("volume", "snapshot", "set", "--name", "renamed", "--description", "second", "--property", "l=w", "snap")
	c.expect(c.one("name", "volume", "snapshot", "show", "renamed"), "renamed", "name")
	properties, _ := c.one("properties", "volume", "snapshot", "show", "renamed").(map[string]any)
	c.expect(len(properties), 2, "properties after set")
	c.run("volume", "snapshot", "unset", "--property", "k", "renamed")
	properties, _ = c.one("properties", "volume", "snapshot", "show", "renamed").(map[string]any)
	c.expect(len(properties), 1, "properties after unset")
	c.run("volume", "snapshot", "create", "--volume", "vol", "other", "-f", "json")
	c.expect(c.names("volume", "snapshot", "list", "--sort-column", "Name"), "other renamed", "snapshots by name")
	c.expect(c.names("volume", "snapshot", "list", "--name", "other", "--limit", "1"), "other", "snapshots of a name")
	c.expect(c.names("volume", "snapshot", "list", "--status", "error"), "", "snapshots in error")

	if _, message, err := c.try("volume", "delete", "vol"); err == nil || !strings.Contains(message, "have snapshots") {
		t.Errorf("deletion of a volume with snapshots: %v\n%s", err, message)
	}
	if _, message, err := c.try("volume", "snapshot", "show", "nothing"); err == nil || !strings.Contains(message, "No snapshot with a name or ID") {
		t.Errorf("no such snapshot: %v\n%s", err, message)
	}
	c.run("volume", "create", "--snapshot", "renamed", "--size", "1", "copy", "-f", "json")
	c.run("volume", "snapshot", "delete", "renamed", "other")
	c.expect(c.names("volume", "snapshot", "list"), "", "snapshots after deletion")
	c.run("volume", "delete", "vol", "copy")
	c.expect(c.names("volume", "list"), "", "volumes after deletion")
}

func TestOpenstackClientAsAdministrator(t *testing.T) {
	c := newOpenstackClient(t, Options{CreateTime: time.Millisecond, DeleteTime: time.Millisecond}, "admin")
	c.run("volume", "create", "--size", "1", "vol", "-f", "json")
	c.run("volume", "snapshot", "create", "--volume", "vol", "snap", "-f", "json")
	c.run("volume", "snapshot", "set", "--state", "error", "snap")
	c.expect(c.one("status", "volume", "snapshot", "show", "snap"), "error", "status")
	c.expect(c.names("volume", "snapshot", "list", "--all-projects", "--status", "error"), "snap", "snapshots of all projects")
	c.expect(c.names("project", "list"), "demo demo2 admin", "projects")
	c.expect(c.names("user", "list"), "demo demo2 admin", "users")
	c.run("volume", "snapshot", "delete", "--force", "snap")
	c.expect(c.names("volume", "snapshot", "list"), "", "snapshots after deletion")
}

func TestOpenstackClientOnTheSecondRegion(t *testing.T) {
	c := newOpenstackClient(t, Options{CreateTime: time.Millisecond, Regions: []string{"north", "south"}}, "demo")
	c.run("--os-region-name", "south", "volume", "create", "--size", "1", "vol", "-f", "json")
	c.expect(c.names("--os-region-name", "south", "volume", "list"), "vol", "volumes in the south")
	c.expect(c.names("--os-region-name", "north", "volume", "list"), "", "volumes in the north")
}

func TestOpenstackClientWithAnApplicationCredential(t *testing.T) {
	c := newOpenstackClient(t, Options{}, "demo")
	created, _ := c.run("application", "credential", "create", "program", "-f", "json").(map[string]any)
	id, _ := created["id"].(string)
	secret, _ := created["secret"].(string)
	if id == "" || secret == "" {
		t.Fatalf("no credential in %v", created)
	}
	c.expect(c.names("application", "credential", "list"), "program", "credentials")

	var environment []string
	for _, variable := range c.environment {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME":
		default:
			environment = append(environment, variable)
		}
	}
	program := startOpenstackClient(t, append(environment, "OS_AUTH_TYPE=v3applicationcredential",
		"OS_APPLICATION_CREDENTIAL_ID="+id, "OS_APPLICATION_CREDENTIAL_SECRET="+secret))
	c.expect(program.names("volume", "list"), "", "volumes with the credential")
	c.run("application", "credential", "delete", "program")
	if _, _, err := program.try("volume", "list"); err == nil {
		t.Error("the deleted credential still works")
	}
}
