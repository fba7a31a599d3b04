// Package checkout finds what tools need of the checkout that they run in.
package checkout

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root returns the folder of the module.
func Root(ctx context.Context) (string, error) {
	return lastLine(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}"))
}

// CLI returns the path of the Terraform or OpenTofu that tests run on.
func CLI(ctx context.Context, root string) (string, error) {
	path := exec.CommandContext(ctx, filepath.Join(root, "tools", "terraform", "path")) //nolint:gosec // a script of the checkout
	path.Dir = root
	return lastLine(path)
}

// lastLine runs a command and returns the last line that it prints.
func lastLine(cmd *exec.Cmd) (string, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", cmd, err)
	}
	printed := strings.TrimSpace(string(out))
	return printed[strings.LastIndexByte(printed, '\n')+1:], nil
}
