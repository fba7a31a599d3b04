package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// The test is a program of this platform.
const (
	platform    = runtime.GOOS + "_" + runtime.GOARCH
	archiveName = "terraform-provider-istack_1.2.3_" + platform + ".zip"
)

// release makes a folder as GoReleaser does, with this test as the program.
func release(t *testing.T) (folder string, seal func()) {
	t.Helper()
	folder = t.TempDir()
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(folder, archiveName)
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	// Stored as it is: packing it takes the race detector a minute.
	inside, err := writer.CreateHeader(&zip.FileHeader{Name: "terraform-provider-istack_v1.2.3", Method: zip.Store})
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
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			sum, err := sha256Of(filepath.Join(folder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			lines += sum + "  " + entry.Name() + "\n"
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
	const archive = archiveName
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
		"another platform": {func(t *testing.T, f string) {
			for _, extension := range []string{"", ".spdx.json"} {
				if err := os.Rename(filepath.Join(f, archive+extension), filepath.Join(f, "terraform-provider-istack_1.2.3_plan9_mips.zip"+extension)); err != nil {
					t.Fatal(err)
				}
			}
		}, false, "has a program for " + platform},
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
			err := verify(folder, expected{})
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(fmt.Sprint(err), row.want) {
				t.Errorf("%v, want %q", err, row.want)
			}
		})
	}
}

// Of an archive's files, an engine runs the first whose name begins as the program's.
func TestAnArchiveHasNoOtherProgram(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"terraform-provider-istack", "terraform-provider-istack_a", "terraform-provider-istack.exe", "x"} {
		archive := filepath.Join(t.TempDir(), "archive.zip")
		file, err := os.Create(archive)
		if err != nil {
			t.Fatal(err)
		}
		writer := zip.NewWriter(file)
		_, err = writer.Create("LICENSE")
		if err == nil {
			_, err = writer.Create(name)
		}
		if err != nil || writer.Close() != nil || file.Close() != nil {
			t.Fatal(err)
		}
		if _, _, err := program(archive); err == nil || !strings.Contains(err.Error(), name+" in it") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func remove(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

// A release is checked as a whole. A test has no commit stamped in; make
// release-check verifies a build that has one.
func TestVerifyRelease(t *testing.T) {
	t.Parallel()
	folder, seal := release(t)
	seal()
	write(t, filepath.Join(folder, "stray.txt"), "")
	remove(t, folder, "terraform-provider-istack_1.2.3_manifest.json")
	err := fmt.Sprint(verify(folder, expected{"1.2.4", "c0ffee", []string{platform, "plan9_mips"}}))
	for _, want := range []string{
		"want the version 1.2.4",
		`is built of the commit "", modified: ""; want c0ffee`,
		"terraform-provider-istack_1.2.3_plan9_mips.zip is not in the checksums",
		"there is no terraform-provider-istack_1.2.3_plan9_mips.zip\n",
		"there is no terraform-provider-istack_1.2.3_plan9_mips.zip.spdx.json",
		"there is no terraform-provider-istack_1.2.3_SHA256SUMS.sig",
		"terraform-provider-istack_1.2.3_manifest.json: the checksum is \"\"",
		"there is no terraform-provider-istack_1.2.3_manifest.json",
		"stray.txt is not of the release",
	} {
		if !strings.Contains(err, want) {
			t.Errorf("%s\nwant %q", err, want)
		}
	}
	if n := strings.Count(err, "\n") + 1; n != 9 {
		t.Errorf("%d problems: %s", n, err)
	}
}

// The bill, read as any reader of JSON would, names each module of the program, and what is
// built in the place of one.
func TestSBOMNamesEachModule(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(billOf("a.zip", "c0ffee", &debug.BuildInfo{
		GoVersion: "go1.99.1",
		Deps: []*debug.Module{
			{Path: "example.com/one", Version: "v1.2.3"},
			{Path: "example.com/two", Version: "v0.1.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v0.1.1"}},
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		Packages []struct{ Name, VersionInfo string }
	}
	if err := json.Unmarshal(data, &bill); err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, p := range bill.Packages {
		named[p.Name] = p.VersionInfo
	}
	want := map[string]string{"a.zip": "", "example.com/one": "v1.2.3", "example.com/fork": "v0.1.1", "stdlib": "1.99.1"}
	if !maps.Equal(named, want) {
		t.Errorf("%v, want %v", named, want)
	}
}
