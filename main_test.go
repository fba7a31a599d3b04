package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// TestMain lets a test run the program itself, as another process.
func TestMain(m *testing.M) {
	if os.Getenv("ISTACK_TEST_RUN_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The level that is set where none was wanted.
const off = "OFF"

func TestQuietLogs(t *testing.T) {
	for name, row := range map[string]struct {
		set      map[string]string
		debugger bool
		quiet    bool
		// The levels afterwards, of the framework's log and our own.
		sdk, own string
	}{
		"nothing asked for":     {nil, false, true, off, off},
		"an empty level":        {map[string]string{"TF_LOG": ""}, false, true, off, off},
		"off":                   {map[string]string{"TF_LOG": "off"}, false, true, off, off},
		"OFF":                   {map[string]string{"TF_LOG": "OFF"}, false, true, off, off},
		"all logs":              {map[string]string{"TF_LOG": "TRACE"}, false, false, "", ""},
		"all logs, lower case":  {map[string]string{"TF_LOG": "debug"}, false, false, "", ""},
		"JSON":                  {map[string]string{"TF_LOG": "json"}, false, false, "", ""},
		"no level that exists":  {map[string]string{"TF_LOG": "1"}, false, false, "", ""}, // Terraform takes it for TRACE.
		"all but providers'":    {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "Off"}, false, true, off, off},
		"only providers'":       {map[string]string{"TF_LOG": "off", "TF_LOG_PROVIDER": "info"}, false, false, "", ""},
		"the provider's":        {map[string]string{"TF_LOG_PROVIDER_ISTACK": "DEBUG"}, false, false, "", "DEBUG"},
		"not the provider's":    {map[string]string{"TF_LOG_PROVIDER_ISTACK": "off"}, false, true, off, "off"},
		"all, not our own":      {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER_ISTACK": "off"}, false, false, "", "off"},
		"the framework's":       {map[string]string{"TF_LOG_SDK_FRAMEWORK": "DEBUG"}, false, false, "", ""},
		"not the framework's":   {map[string]string{"TF_LOG_SDK": "off"}, false, true, "off", off},
		"a file and no level":   {map[string]string{"TF_LOG_PATH": "x"}, false, true, off, off},
		"the core's, to a file": {map[string]string{"TF_LOG_CORE": "INFO", "TF_LOG_PATH": "x"}, false, true, off, off},
		"raw protocol data":     {map[string]string{"TF_LOG_SDK_PROTO_DATA_DIR": "x"}, false, true, off, off},
		"under a debugger":      {nil, true, false, "", ""},
		"a level, and debugger": {map[string]string{"TF_LOG_PROVIDER_ISTACK": "off"}, true, false, "", "off"},
		"off, and debugger":     {map[string]string{"TF_LOG": "off"}, true, true, off, off},
	} {
		t.Run(name, func(t *testing.T) {
			for _, entry := range os.Environ() {
				if variable, _, _ := strings.Cut(entry, "="); strings.HasPrefix(variable, "TF_LOG") {
					t.Setenv(variable, "")
				}
			}
			// So that what the function sets is taken back.
			t.Setenv("TF_LOG_SDK", "")
			t.Setenv("TF_LOG_PROVIDER_ISTACK", "")
			for variable, value := range row.set {
				t.Setenv(variable, value)
			}
			if quiet := quietLogs(row.debugger); quiet != row.quiet {
				t.Errorf("quiet is %t", quiet)
			}
			for variable, want := range map[string]string{"TF_LOG_SDK": row.sdk, "TF_LOG_PROVIDER_ISTACK": row.own} {
				if got := os.Getenv(variable); got != want {
					t.Errorf("%s is %q, want %q", variable, got, want)
				}
			}
		})
	}
}

// Under a debugger one process serves many commands, and writes its log to its
// own standard error.
func TestAccDebugger(t *testing.T) {
	for name, row := range map[string]struct {
		level string
		logs  bool
	}{"by default": {"", true}, "without logs": {"off", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.New(t)
			cli := acctest.NewCLI(t, c.ProviderConfig()+"data \"istack_volume_snapshots\" \"test\" {\n name = \"none has this name\"\n}\n")
			reattach, written := debugger(t, row.level)
			cli.Setenv("TF_REATTACH_PROVIDERS", reattach)
			for range 2 {
				cli.Run("plan", "-no-color", "-input=false")
			}
			if n := len(c.SignIns()); n != 2 {
				t.Errorf("%d sign-ins in two commands", n)
			}
			logs := written()
			for _, want := range []string{"API request", `"@module":"sdk.`} {
				if strings.Contains(logs, want) != row.logs {
					t.Errorf("%q in the log: %t, want %t\n%s", want, !row.logs, row.logs, logs)
				}
			}
		})
	}
}

// debugger starts this program with -debug. It gives what Terraform needs to
// find it, and stops it to tell what it has written.
func debugger(t *testing.T, level string) (reattach string, written func() string) {
	t.Helper()
	program := exec.Command(os.Args[0], "-debug") //nolint:noctx,gosec // ended below; this very program
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_LOG") {
			program.Env = append(program.Env, entry)
		}
	}
	program.Env = append(program.Env, "ISTACK_TEST_RUN_MAIN=1", "TF_LOG="+level)
	var errors bytes.Buffer
	program.Stderr = &errors
	reattach, stop := acctest.Debug(t, program)
	return reattach, func() string { stop(); return errors.String() }
}

// What make install has put there, init finds without any configuration of the CLI.
func TestAccInstall(t *testing.T) {
	t.Parallel()
	acctest.AsksNoCloud(t)
	cli := acctest.NewCLI(t, "provider \"istack\" {}\n")
	home := t.TempDir()
	goEnv := func(name string) string {
		out, err := exec.Command("go", "env", name).Output() //nolint:noctx,gosec // of the test itself
		if err != nil {
			t.Fatal(err)
		}
		return name + "=" + strings.TrimSpace(string(out))
	}
	env := append(os.Environ(), goEnv("GOCACHE"), goEnv("GOMODCACHE"), "CGO_ENABLED=0", "HOME="+home)
	run := func(program, argument string) string {
		t.Helper()
		command := exec.Command(program, argument) //nolint:noctx,gosec // of the test itself
		command.Env = env
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", program, argument, err, out)
		}
		return string(out)
	}
	run("tools/install", "0.0.1")
	// One for each engine, whichever the tests run with.
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		programs, _ := filepath.Glob(filepath.Join(home, ".terraform.d/plugins", host, "istack/istack/0.0.1/*/terraform-provider-istack_v0.0.1"))
		if len(programs) != 1 {
			t.Fatalf("of %s there are %v", host, programs)
		}
		if out := run(programs[0], "-version"); !strings.HasPrefix(out, "terraform-provider-istack 0.0.1 ") {
			t.Error(out)
		}
	}
	cli.Setenv("HOME", home)
	cli.Write("cli.tfrc", "")
	out := cli.Run("init", "-no-color")
	if !strings.Contains(out, "Installed istack/istack v0.0.1") && !strings.Contains(out, "Installing istack/istack v0.0.1") {
		t.Error(out)
	}
	cli.Run("validate", "-no-color")

	// Whatever the version, make takes it away again.
	run("tools/install", "0.0.2")
	if out := cli.Run("init", "-no-color", "-upgrade"); !strings.Contains(out, "istack/istack v0.0.2") {
		t.Error(out)
	}
	run("make", "uninstall")
	if left, _ := filepath.Glob(filepath.Join(home, ".terraform.d/plugins/*/istack/istack")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// The version is in a form that a person and a script can read.
func TestVersion(t *testing.T) {
	t.Parallel()
	run := exec.Command(os.Args[0], "-version") //nolint:noctx,gosec // the program of the test itself
	run.Env = append(os.Environ(), "ISTACK_TEST_RUN_MAIN=1")
	out, err := run.Output()
	if want := "terraform-provider-istack dev (" + runtime.Version() + ")\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
}
