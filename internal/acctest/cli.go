package acctest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// CLI is a working directory for the real command line with the real provider
// binary: for what plugin-testing hides, such as processes and their requests.
type CLI struct {
	t        testing.TB
	dir      string
	home     string // of the CLI's configuration
	provider string // the folder of the built one
	env      []string
	// overrides has the folder of each provider, by address.
	overrides map[string]string
	detach    func() // ends the one process of the provider; nil without one
}

// binary is the folder of the built provider: the one that ISTACK_ACC_PROVIDER
// names, as tools/acctest does, which builds it anew at each start and once for
// all packages. Without it the provider is built here, once for all tests of a
// package, into a folder of that package below build/.
var binary = sync.OnceValues(func() (string, error) {
	if folder := os.Getenv("ISTACK_ACC_PROVIDER"); folder != "" {
		return folder, nil
	}
	return build("terraform-provider-istack", "github.com/istack/terraform-provider-istack")
})

// oldBinary builds the stand-in for the provider of others; see oldprovider.
var oldBinary = sync.OnceValues(func() (string, error) {
	return build("oldprovider", "github.com/istack/terraform-provider-istack/internal/acctest/oldprovider")
})

func build(program, source string) (folder string, err error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output() //nolint:noctx // once for all tests
	if err != nil {
		return "", err
	}
	folder = filepath.Join(strings.TrimSpace(string(module)), "build", "acctest", filepath.Base(here))
	build := exec.Command("go", "build", "-o", filepath.Join(folder, program), source) //nolint:noctx,gosec // once for all tests; the arguments are those above
	// As for a release, and as make build has compiled it already.
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return folder, nil
}

// Executable is the Terraform or OpenTofu to run.
func Executable(t testing.TB) string {
	t.Helper()
	path, err := findExecutable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func findExecutable() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		return "", errors.New("neither TF_ACC_TERRAFORM_PATH nor a terraform on PATH")
	}
	return path, nil
}

// NewCLI makes a directory with this configuration. It is skipped, like
// plugin-testing's tests, where TF_ACC is not set.
func NewCLI(t testing.TB, configuration string) *CLI {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1")
	}
	provider, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &CLI{t: t, dir: dir, home: dir, provider: provider}
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+c.use(provider), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	c.Configure(configuration)
	return c
}

// use has the provider taken from a folder, and gives the CLI's configuration
// that says so.
func (c *CLI) use(folder string) string {
	c.t.Helper()
	c.overrides = map[string]string{"istack/istack": folder}
	return c.writeOverrides()
}

func (c *CLI) writeOverrides() string {
	c.t.Helper()
	lines := ""
	for address, folder := range c.overrides {
		lines += fmt.Sprintf("    %q = %q\n", address, folder)
	}
	rc := filepath.Join(c.home, "cli.tfrc")
	write(c.t, rc, "provider_installation {\n  dev_overrides {\n"+lines+"  }\n  direct {}\n}\n")
	return rc
}

// AddProvider installs a stand-in for the provider of others at an address, with one resource type
// and its attributes; see oldprovider. An empty resource type installs this provider there.
func (c *CLI) AddProvider(address, resourceType string, attributes ...string) {
	c.t.Helper()
	program, environment := filepath.Join(c.provider, "terraform-provider-istack"), ""
	if resourceType != "" {
		folder, err := oldBinary()
		if err != nil {
			c.t.Fatal(err)
		}
		program = filepath.Join(folder, "oldprovider")
		environment = fmt.Sprintf("export OLD_ADDRESS='registry.terraform.io/%s' OLD_TYPE='%s' OLD_ATTRIBUTES='%s'\n", address, resourceType, strings.Join(attributes, " "))
	}
	folder := c.t.TempDir()
	_, name, _ := strings.Cut(address, "/")
	script := filepath.Join(folder, "terraform-provider-"+filepath.Base(name))
	write(c.t, script, "#!/bin/sh\n"+environment+"exec '"+program+"' \"$@\"\n")
	if err := os.Chmod(script, 0o700); err != nil { //nolint:gosec // to be run by its owner
		c.t.Fatal(err)
	}
	c.overrides[address] = folder
	c.writeOverrides()
}

// Overhear returns what the provider's processes have written to their log from
// here on, which Terraform hides or filters.
func (c *CLI) Overhear() (written func() string) {
	c.t.Helper()
	folder := c.t.TempDir()
	log := filepath.Join(folder, "log")
	program := "terraform-provider-istack"
	write(c.t, filepath.Join(folder, program), "#!/bin/sh\nexec '"+filepath.Join(c.provider, program)+"' \"$@\" 2>>'"+log+"'\n")
	if err := os.Chmod(filepath.Join(folder, program), 0o700); err != nil { //nolint:gosec // to be run by its owner
		c.t.Fatal(err)
	}
	c.use(folder)
	return func() string {
		data, err := os.ReadFile(log)
		if err != nil {
			c.t.Fatal(err)
		}
		return string(data)
	}
}

// Attach lets one process of the provider serve all commands from here on, as under a
// debugger: each takes half the CPU then. It is for tests of what a configuration comes to, with
// one provider block, and not of processes or their log.
func (c *CLI) Attach() {
	c.t.Helper()
	program := exec.Command(filepath.Join(c.provider, "terraform-provider-istack"), "-debug") //nolint:noctx,gosec // ended below; the program is the tests' own
	program.Env = append(slices.Clone(c.env), "TF_LOG=off")
	reattach, stop := Debug(c.t, program)
	c.Setenv("TF_REATTACH_PROVIDERS", reattach)
	c.detach = stop
}

// Debug starts a provider that was told to wait for a debugger. It gives what is to be in
// TF_REATTACH_PROVIDERS, for Terraform and for OpenTofu, and what ends it before the test does.
func Debug(t testing.TB, program *exec.Cmd) (reattach string, stop func()) {
	t.Helper()
	out, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = program.Process.Signal(os.Interrupt)
		if err := program.Wait(); err != nil {
			t.Errorf("after an interrupt: %v", err)
		}
	})
	t.Cleanup(stop)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, value, ok := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='"); ok {
			terraform := strings.TrimSuffix(value, "'")
			// Each engine takes the part of it that it knows.
			tofu := strings.Replace(terraform, "registry.terraform.io", "registry.opentofu.org", 1)
			return strings.TrimSuffix(terraform, "}") + "," + strings.TrimPrefix(tofu, "{"), stop
		}
	}
	t.Fatal("it does not say how to attach to it")
	return "", nil
}

// In is the same in a folder below the working directory.
func (c *CLI) In(folder string) *CLI {
	below := *c
	below.dir = filepath.Join(c.dir, folder)
	return &below
}

// Dir is the working directory.
func (c *CLI) Dir() string { return c.dir }

// Configure writes the configuration anew, with the providers that there are.
func (c *CLI) Configure(configuration string) {
	c.t.Helper()
	providers := ""
	for address := range c.overrides {
		if name := filepath.Base(address); name != "istack" || address == "istack/istack" {
			providers += fmt.Sprintf("    %s = { source = %q }\n", name, address)
		}
	}
	write(c.t, filepath.Join(c.dir, "main.tf"), "terraform {\n  required_providers {\n"+providers+"  }\n}\n"+configuration)
}

// Write puts a further file into the directory.
func (c *CLI) Write(name, content string) {
	c.t.Helper()
	write(c.t, filepath.Join(c.dir, name), content)
}

// Setenv sets a variable for all later runs.
func (c *CLI) Setenv(name, value string) {
	c.env = append(c.env, name+"="+value)
	// Those of the CLI are none of the provider's.
	if c.detach != nil && !strings.HasPrefix(name, "TF_") {
		c.detach()
		c.Attach()
	}
}

// Command makes a command without running it.
func (c *CLI) Command(args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := exec.Command(Executable(c.t), args...) //nolint:noctx,gosec // the caller may signal it; the program is the tests' own
	cmd.Dir, cmd.Env = c.dir, c.env
	return cmd
}

// Try runs a command and gives what it printed, on both outputs, and its error.
func (c *CLI) Try(args ...string) (string, error) {
	c.t.Helper()
	var out bytes.Buffer
	cmd := c.Command(args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// Run runs a command that must succeed.
func (c *CLI) Run(args ...string) string {
	c.t.Helper()
	out, err := c.Try(args...)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// Apply applies without a question. A failing test leaves nothing behind.
func (c *CLI) Apply(args ...string) string {
	c.t.Helper()
	return c.Run(append([]string{"apply", "-auto-approve", "-no-color", "-input=false"}, args...)...)
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
