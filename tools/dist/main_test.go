package main

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// release makes a folder as GoReleaser does, with this test as the program.
func release(t *testing.T) (folder string, seal func()) {
	t.Helper()
	folder = t.TempDir()
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(folder, "terraform-provider-istack_1.2.3_linux_amd64.zip")
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	inside, err := writer.Create("terraform-provider-istack_v1.2.3")
	if err == nil {
		_, err = inside.Write(program)
	}
	if err != nil || writer.Close() != nil || file.Close() != nil {
		t.Fatal(err)
	}
	if err := writeSBOM(archive, archive+".spdx.json"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "terraform-provider-istack_1.2.3_manifest.json"), "{}")
	return folder, func() {
		lines := ""
		for _, name := range []string{filepath.Base(archive), filepath.Base(archive) + ".spdx.json", "terraform-provider-istack_1.2.3_manifest.json"} {
			if sum, err := sha256Of(filepath.Join(folder, name)); err == nil {
				lines += sum + "  " + name + "\n"
			}
		}
		write(t, filepath.Join(folder, "terraform-provider-istack_1.2.3_SHA256SUMS"), lines)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const archive = "terraform-provider-istack_1.2.3_linux_amd64.zip"
	for name, row := range map[string]struct {
		spoil func(t *testing.T, folder string)
		after bool // the checksums were made
		want  string
	}{
		"whole":        {func(*testing.T, string) {}, false, ""},
		"another bill": {func(t *testing.T, f string) { write(t, filepath.Join(f, archive+".spdx.json"), "{}") }, false, "it is not that of the archive"},
		"no bill":      {func(t *testing.T, f string) { remove(t, f, archive+".spdx.json") }, false, "has no bill of materials in the checksums"},
		"no manifest":  {func(t *testing.T, f string) { remove(t, f, "terraform-provider-istack_1.2.3_manifest.json") }, false, "the manifest is not in the checksums"},
		"no archive":   {func(t *testing.T, f string) { remove(t, f, archive) }, false, "there is no archive"},
		"a changed manifest": {func(t *testing.T, f string) {
			write(t, filepath.Join(f, "terraform-provider-istack_1.2.3_manifest.json"), "{ }")
		}, true, "manifest.json: "},
		"a changed archive": {func(t *testing.T, f string) { write(t, filepath.Join(f, archive), "PK") }, true, archive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, seal := release(t)
			if row.after {
				seal()
			}
			row.spoil(t, folder)
			if !row.after {
				seal()
			}
			err := verify(folder)
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(fmt.Sprint(err), row.want) {
				t.Errorf("%v, want %q", err, row.want)
			}
		})
	}
}

func remove(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}
