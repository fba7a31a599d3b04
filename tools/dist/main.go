// Command dist makes and checks what belongs to a release beside the programs.
//
//	dist sbom ARCHIVE FILE                                   writes the bill of materials of an archive, in SPDX 2.3
//	dist verify FOLDER                                       checks what GoReleaser has put into a folder
//	dist verify -version V -commit C [-platforms P,P] FOLDER checks the files of a release, downloaded into a folder of
//	                                                         their own: that all are there, of that commit, and no others
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	err := errors.New("usage: dist sbom ARCHIVE FILE, or dist verify [-version V -commit C [-platforms P,P]] FOLDER")
	switch {
	case len(os.Args) == 4 && os.Args[1] == "sbom":
		err = writeSBOM(os.Args[2], os.Args[3])
	case len(os.Args) > 2 && os.Args[1] == "verify":
		var want expected
		flags := flag.NewFlagSet("dist verify", flag.ExitOnError)
		flags.StringVar(&want.version, "version", "", "the version of the release")
		flags.StringVar(&want.commit, "commit", "", "the commit that it is built of")
		platforms := flags.String("platforms", allPlatforms, "the platforms that it has")
		// It exits by itself.
		_ = flags.Parse(os.Args[2:])
		want.platforms = strings.Split(*platforms, ",")
		if flags.NArg() == 1 && (want.version == "") == (want.commit == "") {
			err = verify(flags.Arg(0), want)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// allPlatforms is what a release has. It is written twice on purpose: .goreleaser.yml makes them.
const allPlatforms = "darwin_amd64,darwin_arm64,freebsd_386,freebsd_amd64,freebsd_arm,freebsd_arm64," +
	"linux_386,linux_amd64,linux_arm,linux_arm64,windows_386,windows_amd64,windows_arm64"

// expected is what a release must be. Without a version, any build will do.
type expected struct {
	version, commit string
	platforms       []string
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

// texts are what an archive may have beside its program.
var texts = []string{"LICENSE", "README.md", "CHANGELOG.md"}

// program is the only program in an archive, and what it says of its build.
func program(archive string) (name string, info *buildinfo.BuildInfo, err error) {
	opened, err := zip.OpenReader(archive)
	if err != nil {
		return "", nil, err
	}
	defer opened.Close()
	for _, file := range opened.File {
		if slices.Contains(texts, file.Name) {
			continue
		}
		// Of several, an engine takes any that begins with the provider's name.
		if !strings.HasPrefix(file.Name, "terraform-provider-istack_v") {
			return "", nil, fmt.Errorf("%s has %s in it, which is neither the program nor a text of the release", archive, file.Name)
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
	return billOf(filepath.Base(archive), sum, info), err
}

// billOf is the bill of materials of an archive with this sum, whose program says this of its
// build.
func billOf(name, sum string, info *buildinfo.BuildInfo) document {
	// The time of the commit, if that is known: the same build has the same bill.
	created := time.Unix(0, 0).UTC().Format(time.RFC3339)
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			created = setting.Value
		}
	}
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
	return d
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
func verify(folder string, want expected) error {
	lists, err := filepath.Glob(filepath.Join(folder, "*_SHA256SUMS"))
	if err != nil || len(lists) != 1 {
		return fmt.Errorf("%d files of checksums in %s", len(lists), folder)
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
	for name, sum := range sums {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && name == prefix+"_manifest.json" && want.version == "" {
			// GoReleaser uploads it from where it is.
			path = "terraform-registry-manifest.json"
		}
		if got, err := sha256Of(path); err != nil || got != sum {
			complain("%s: the checksum is %q, want %s (%v)", name, got, sum, err)
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
		inside, info, err := program(path)
		if err != nil {
			complain("%s: %w", name, err)
			continue
		}
		if strings.TrimSuffix(inside, ".exe") != "terraform-provider-istack_v"+version {
			complain("%s has the program %q", name, inside)
		}
		built := map[string]string{}
		for _, setting := range info.Settings {
			built[setting.Key] = setting.Value
		}
		if platform := built["GOOS"] + "_" + built["GOARCH"]; name != prefix+"_"+platform+".zip" {
			complain("%s has a program for %s", name, platform)
		}
		if want.commit != "" && (built["vcs.revision"] != want.commit || built["vcs.modified"] != "false") {
			complain("%s is built of the commit %q, modified: %q; want %s", name, built["vcs.revision"], built["vcs.modified"], want.commit)
		}
		if err := sameBill(path, filepath.Join(folder, bill)); err != nil {
			complain("%s: %w", bill, err)
		}
	}
	if _, ok := sums[prefix+"_manifest.json"]; !ok {
		complain("the manifest is not in the checksums")
	}
	if want.version != "" {
		problems = append(problems, whole(folder, prefix, sums, want)...)
	}
	if archives == 0 {
		complain("there is no archive")
	}
	if len(problems) == 0 {
		fmt.Printf("%s: %d archives with their bills of materials, and the manifest, are in the checksums and are what they say\n", folder, archives)
	}
	return errors.Join(problems...)
}

// whole complains of what a release lacks, and of what it has beside that.
func whole(folder, prefix string, sums map[string]string, want expected) (problems []error) {
	if prefix != "terraform-provider-istack_"+want.version {
		problems = append(problems, fmt.Errorf("the checksums are of %s, want the version %s", prefix, want.version))
	}
	is := map[string]bool{prefix + "_SHA256SUMS": true, prefix + "_SHA256SUMS.sig": true, prefix + "_manifest.json": true}
	for _, platform := range want.platforms {
		archive := prefix + "_" + platform + ".zip"
		is[archive], is[archive+".spdx.json"] = true, true
		if _, ok := sums[archive]; !ok {
			problems = append(problems, fmt.Errorf("%s is not in the checksums", archive))
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return append(problems, err)
	}
	for _, entry := range entries {
		if !is[entry.Name()] {
			problems = append(problems, fmt.Errorf("%s is not of the release", entry.Name()))
		}
		delete(is, entry.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		problems = append(problems, fmt.Errorf("there is no %s", name))
	}
	return problems
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
