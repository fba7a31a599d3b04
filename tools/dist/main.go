// Command dist makes and checks what belongs to a release beside the programs.
//
//	dist sbom ARCHIVE FILE   writes the bill of materials of an archive, in SPDX 2.3
//	dist verify FOLDER       checks what GoReleaser has put into a folder, before it is published
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	err := errors.New("usage: dist sbom ARCHIVE FILE, or dist verify FOLDER")
	switch {
	case len(os.Args) == 4 && os.Args[1] == "sbom":
		err = writeSBOM(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "verify":
		err = verify(os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// document is what is used of SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/).
type document struct {
	SPDXVersion       string         `json:"spdxVersion"`
	DataLicense       string         `json:"dataLicense"`
	ID                string         `json:"SPDXID"`
	Name              string         `json:"name"`
	DocumentNamespace string         `json:"documentNamespace"`
	CreationInfo      creation       `json:"creationInfo"`
	Packages          []part         `json:"packages"`
	Relationships     []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type part struct {
	ID               string        `json:"SPDXID"`
	Name             string        `json:"name"`
	Version          string        `json:"versionInfo"`
	DownloadLocation string        `json:"downloadLocation"`
	FilesAnalyzed    bool          `json:"filesAnalyzed"`
	Checksums        []checksum    `json:"checksums,omitempty"`
	ExternalRefs     []externalRef `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type externalRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// program is the only program in an archive, and what it says of its build.
func program(archive string) (name string, info *buildinfo.BuildInfo, err error) {
	opened, err := zip.OpenReader(archive)
	if err != nil {
		return "", nil, err
	}
	defer opened.Close()
	for _, file := range opened.File {
		if !strings.HasPrefix(file.Name, "terraform-provider-istack_v") {
			continue
		}
		if info != nil {
			return "", nil, fmt.Errorf("%s has several programs", archive)
		}
		content, err := file.Open()
		if err != nil {
			return "", nil, err
		}
		data, err := io.ReadAll(content)
		if err == nil {
			info, err = buildinfo.Read(bytes.NewReader(data))
		}
		if err != nil {
			return "", nil, err
		}
		name = file.Name
	}
	if info == nil {
		return "", nil, fmt.Errorf("%s has no program", archive)
	}
	return name, info, nil
}

func newSBOM(archive string) (document, error) {
	_, info, err := program(archive)
	if err != nil {
		return document{}, err
	}
	sum, err := sha256Of(archive)
	if err != nil {
		return document{}, err
	}
	// The time of the commit, if that is known: the same build has the same bill.
	created := time.Unix(0, 0).UTC().Format(time.RFC3339)
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			created = setting.Value
		}
	}
	name := filepath.Base(archive)
	d := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: name,
		DocumentNamespace: "https://github.com/istack/terraform-provider-istack/sbom/" + name + "/" + sum,
		CreationInfo:      creation{created, []string{"Tool: terraform-provider-istack-dist"}},
		Packages: []part{{
			ID: "SPDXRef-archive", Name: name, Version: info.Main.Version, DownloadLocation: "NOASSERTION",
			Checksums: []checksum{{"SHA256", sum}},
		}},
		Relationships: []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-archive"}},
	}
	add := func(id, name, version string) {
		d.Packages = append(d.Packages, part{
			ID: id, Name: name, Version: version, DownloadLocation: "NOASSERTION",
			ExternalRefs: []externalRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + name + "@" + version}},
		})
		d.Relationships = append(d.Relationships, relationship{"SPDXRef-archive", "CONTAINS", id})
	}
	for i, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		add(fmt.Sprintf("SPDXRef-module-%d", i), module.Path, module.Version)
	}
	add("SPDXRef-go", "stdlib", strings.TrimPrefix(info.GoVersion, "go"))
	return d, nil
}

func writeSBOM(archive, file string) error {
	bill, err := newSBOM(archive)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(bill, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644) //nolint:gosec // it is published
}

// verify checks that the checksums name every archive, each with its bill, and the manifest, and that
// all of them are what they say.
func verify(folder string) error {
	lists, err := filepath.Glob(filepath.Join(folder, "*_SHA256SUMS"))
	if err != nil || len(lists) != 1 {
		return fmt.Errorf("%d files of checksums, %w", len(lists), err)
	}
	list, err := os.ReadFile(lists[0])
	if err != nil {
		return err
	}
	prefix := strings.TrimSuffix(filepath.Base(lists[0]), "_SHA256SUMS")
	version := strings.TrimPrefix(prefix, "terraform-provider-istack_")
	sums := map[string]string{}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			return fmt.Errorf("%s has the line %q", lists[0], line)
		}
		sums[name] = sum
	}
	var problems []error
	complain := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	archives := 0
	for name, want := range sums {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && name == prefix+"_manifest.json" {
			// GoReleaser uploads it from where it is.
			path = "terraform-registry-manifest.json"
		}
		if got, err := sha256Of(path); err != nil || got != want {
			complain("%s: %s, want %s, %w", name, got, want, err)
		}
		if filepath.Ext(name) != ".zip" {
			continue
		}
		archives++
		bill := name + ".spdx.json"
		if _, ok := sums[bill]; !ok {
			complain("%s has no bill of materials in the checksums", name)
			continue
		}
		inside, _, err := program(path)
		if err != nil || strings.TrimSuffix(inside, ".exe") != "terraform-provider-istack_v"+version {
			complain("%s has the program %q, %w", name, inside, err)
		}
		if err := sameBill(path, filepath.Join(folder, bill)); err != nil {
			complain("%s: %w", bill, err)
		}
	}
	if _, ok := sums[prefix+"_manifest.json"]; !ok {
		complain("the manifest is not in the checksums")
	}
	if archives == 0 {
		complain("there is no archive")
	}
	if len(problems) == 0 {
		fmt.Printf("%s: %d archives with their bills of materials, and the manifest, are in the checksums and are what they say\n", folder, archives)
	}
	return errors.Join(problems...)
}

// sameBill compares a bill with that of the archive.
func sameBill(archive, bill string) error {
	is, err := os.ReadFile(bill)
	if err != nil {
		return err
	}
	want, err := newSBOM(archive)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		return err
	}
	if !bytes.Equal(bytes.TrimSpace(is), data) {
		return errors.New("it is not that of the archive")
	}
	return nil
}

func sha256Of(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
