package acctest

import (
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// engine is the product and the version of the executable.
var engine = sync.OnceValues(func() (string, *version.Version) {
	path, err := findExecutable()
	if err != nil {
		return err.Error(), nil
	}
	out, err := exec.Command(path, "version").Output() //nolint:noctx,gosec // once for all tests; the program is the tests' own
	if err != nil {
		return err.Error(), nil
	}
	line, _, _ := strings.Cut(string(out), "\n")
	product, number, _ := strings.Cut(line, " v")
	parsed, err := version.NewVersion(number)
	if err != nil {
		return err.Error(), nil
	}
	return product, parsed.Core()
})

// Since skips a test of what came with a version of both Terraform and OpenTofu.
func Since(t testing.TB, what, least string) {
	t.Helper()
	product, is := engine()
	if is == nil {
		t.Fatal(product)
	}
	if is.LessThan(version.Must(version.NewVersion(least))) {
		t.Skipf("%s came with %s, and this is %s %s (TF_ACC_TERRAFORM_PATH names another)", what, least, product, is)
	}
}

// TerraformSince skips a test of what came with a version of Terraform, and OpenTofu does not have.
func TerraformSince(t testing.TB, what, least string) {
	t.Helper()
	product, is := engine()
	if is == nil {
		t.Fatal(product)
	}
	if product != "Terraform" || is.LessThan(version.Must(version.NewVersion(least))) {
		t.Skipf("%s came with Terraform %s, and this is %s %s (TF_ACC_TERRAFORM_PATH names another)", what, least, product, is)
	}
}

// OpenTofu reports whether the engine is that.
func OpenTofu() bool {
	product, _ := engine()
	return product == "OpenTofu"
}
