package openstack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Cloud is an entry of clouds.yaml as openstacksdk reads it: completed from
// secure.yaml and a profile, with the values of one region.
type Cloud struct {
	// Name is that of the entry, File the path of the clouds.yaml.
	Name, File string
	// Region is the one that was asked for, or else the first that the entry, or
	// its profile, lists; "" where none does.
	Region string
	// MissingProfile is the profile that the entry names and that no
	// clouds-public.yaml has.
	MissingProfile string

	settings section
}

// section is a mapping of a file. Its values are text as it is written, section
// or []any; what is null is not in it.
type section map[string]any

// ReadCloud reads the entry of that name and the values of a region, "" for the
// first. Each of clouds.yaml, secure.yaml and clouds-public.yaml is the first that is in
// the working directory, the user's folder for the configuration of OpenStack,
// ~/.config/openstack, one of the machine's such folders or /etc/openstack, and may
// end in .yml or .json; OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE name
// another one. An error names files, entries and lines, and quotes nothing
// else.
//
// Source: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html.
func ReadCloud(name, region string) (*Cloud, error) {
	clouds, err := readFile("clouds", "OS_CLIENT_CONFIG_FILE")
	if err != nil {
		return nil, err
	}
	secure, err := readFile("secure", "OS_CLIENT_SECURE_FILE")
	if err != nil {
		return nil, err
	}
	own, known, err := clouds.entry("clouds", name)
	if err != nil {
		return nil, err
	}
	secret, knownToo, err := secure.entry("clouds", name)
	if err != nil {
		return nil, err
	}
	if own == nil && secret == nil {
		return nil, missingEntry(clouds, secure, name, append(known, knownToo...))
	}
	own = own.merged(secret)
	cloud := &Cloud{Name: name, File: clouds.path}
	if cloud.File == "" {
		cloud.File = secure.path
	}
	profile, err := cloud.readProfile(own)
	if err != nil {
		return nil, err
	}
	regions, err := own.regions()
	if err == nil && len(regions) == 0 {
		regions, err = profile.regions()
	}
	if err != nil {
		return nil, cloud.unusable(err)
	}
	cloud.settings, cloud.Region = profile.merged(own), region
	for _, r := range regions {
		if region == "" || r.name == region {
			cloud.settings, cloud.Region = cloud.settings.merged(r.values), r.name
			break
		}
	}
	switch cloud.settings["auth"].(type) {
	case nil, section:
		return cloud, nil
	}
	return nil, cloud.unusable(errors.New("auth is not a mapping of settings"))
}

// readProfile reads what an entry's profile says, from clouds-public.yaml.
func (c *Cloud) readProfile(own section) (section, error) {
	name, _ := own["profile"].(string)
	if name == "" {
		name, _ = own["cloud"].(string)
	}
	if name == "" {
		return nil, nil
	}
	public, err := readFile("clouds-public", "")
	if err != nil {
		return nil, err
	}
	profile, _, err := public.entry("public-clouds", name)
	if profile == nil {
		c.MissingProfile = name
	}
	return profile, err
}

func (c *Cloud) unusable(err error) error {
	return fmt.Errorf("the entry %q of %s is unusable: %w", c.Name, c.File, err)
}

// Text returns the first of these settings that the entry has, in its auth section
// or outside, and its name. In a URL, {region_name} is the region.
func (c *Cloud) Text(names ...string) (value, name string) {
	auth, _ := c.settings["auth"].(section)
	for _, name := range names {
		for _, place := range []section{auth, c.settings} {
			if text, _ := place[name].(string); text != "" {
				if name == "auth_url" || strings.Contains(name, "_endpoint") {
					text = strings.ReplaceAll(text, "{region_name}", c.Region)
				}
				return text, name
			}
		}
	}
	return "", ""
}

// IsList reports whether a setting outside auth is a list.
func (c *Cloud) IsList(name string) bool {
	_, list := c.settings[name].([]any)
	return list
}

// Insecure reports whether certificates are not to be verified.
func (c *Cloud) Insecure() bool {
	insecure, _ := c.Text("insecure")
	verify, _ := c.Text("verify")
	yes, _ := truth(insecure)
	verified, ok := truth(verify)
	return yes || ok && !verified
}

// CACert returns the path of the CA certificates and the name of its setting:
// cacert, or verify with something else than a truth value.
func (c *Cloud) CACert() (value, name string) {
	if value, name := c.Text("cacert"); value != "" {
		return value, name
	}
	if value, name := c.Text("verify"); value != "" {
		if _, ok := truth(value); !ok {
			return value, name
		}
	}
	return "", ""
}

// truth reads a truth value of YAML 1.1, in which clouds.yaml is written.
func truth(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, true
	case "false", "no", "off", "0":
		return false, true
	}
	return false, false
}

// merged returns the section with the settings of another in its place or beside
// it. What the other has beside its auth has precedence over what this one has in auth.
func (s section) merged(over section) section {
	merged := section{}
	maps.Copy(merged, s)
	for name, value := range over {
		inner, isSection := value.(section)
		outer, wasSection := merged[name].(section)
		if isSection && wasSection {
			value = outer.merged(inner)
		}
		merged[name] = value
	}
	if auth, ok := merged["auth"].(section); ok {
		own, _ := over["auth"].(section)
		auth = maps.Clone(auth)
		maps.DeleteFunc(auth, func(name string, _ any) bool {
			beside, _ := over[name].(string)
			return beside != "" && own[name] == nil
		})
		merged["auth"] = auth
	}
	return merged
}

type cloudRegion struct {
	name   string
	values section
}

// regions returns the regions that an entry lists: regions, or else region_name,
// which may be several too.
func (s section) regions() ([]cloudRegion, error) {
	list, listed := s["regions"].([]any)
	if !listed {
		if s["regions"] != nil {
			return nil, errors.New("regions is not a list")
		}
		switch names := s["region_name"].(type) {
		case string:
			for name := range strings.SplitSeq(names, ",") {
				if name != "" {
					list = append(list, name)
				}
			}
		case []any:
			list = names
		}
	}
	var regions []cloudRegion
	for i, element := range list {
		region := cloudRegion{}
		switch element := element.(type) {
		case string:
			region.name = element
		case section:
			region.name, _ = element["name"].(string)
			region.values, _ = element["values"].(section)
		}
		if region.name == "" {
			return nil, fmt.Errorf("element %d of regions has no name", i+1)
		}
		regions = append(regions, region)
	}
	return regions, nil
}

// cloudsFile is one of the files that hold entries.
type cloudsFile struct {
	// path is "" where there is none; looked then says where it was looked for.
	path, looked string
	sections     map[string]yaml.Node
}

// readFile reads the file that the variable names, or else the first of that
// name that can be read.
func readFile(name, variable string) (file cloudsFile, err error) {
	data := []byte(nil)
	if named := os.Getenv(variable); named != "" {
		file.path = named
		if data, err = os.ReadFile(expandHome(named)); err != nil {
			return file, fmt.Errorf("%s names %s, which cannot be read: %w", variable, named, withoutPath(err))
		}
	} else {
		folders := configFolders(runtime.GOOS)
		file.looked = fmt.Sprintf("%s.yaml, .yml or .json in %s", name, strings.Join(folders, ", "))
	search:
		for _, folder := range folders {
			for _, suffix := range []string{".yaml", ".yml", ".json"} {
				path := filepath.Join(folder, name+suffix)
				if data, err = os.ReadFile(path); err == nil {
					file.path = path
					break search
				}
			}
		}
	}
	if err := parse(file.path, data, &file.sections); err != nil {
		return file, fmt.Errorf("%s is not %w", file.path, err)
	}
	return file, nil
}

// configFolders are those that openstacksdk looks into on an operating system: the
// user's and the site's are those of Python's platformdirs.
func configFolders(goos string) []string {
	var user string
	var site []string
	switch goos {
	case "windows":
		user = filepath.Join(os.Getenv("LOCALAPPDATA"), "OpenStack", "openstack")
		site = []string{filepath.Join(os.Getenv("PROGRAMDATA"), "OpenStack", "openstack")}
	case "darwin":
		user = expandHome("~/Library/Application Support/openstack")
		site = []string{"/Library/Application Support/openstack"}
	default:
		user = filepath.Join(cmp.Or(os.Getenv("XDG_CONFIG_HOME"), expandHome("~/.config")), "openstack")
		for _, folder := range filepath.SplitList(cmp.Or(os.Getenv("XDG_CONFIG_DIRS"), "/etc/xdg")) {
			site = append(site, filepath.Join(folder, "openstack"))
		}
	}
	folders := slices.Concat([]string{user, expandHome("~/.config/openstack")}, site, []string{"/etc/openstack"})
	if working, err := os.Getwd(); err == nil {
		folders = slices.Insert(folders, 0, working)
	}
	return slices.Compact(folders)
}

// expandHome puts the user's home in the place of a leading ~.
func expandHome(path string) string {
	if len(path) > 1 && path[0] == '~' && os.IsPathSeparator(path[1]) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, path[2:])
		}
	}
	return path
}

// withoutPath is the error of a file without its path.
func withoutPath(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// entry returns an element of a section, nil where there is none, and the names of
// all.
func (f cloudsFile) entry(in, name string) (entry section, known []string, err error) {
	node, ok := f.sections[in]
	if !ok {
		return nil, nil, nil
	}
	var entries map[string]yaml.Node
	if node.Decode(&entries) != nil {
		return nil, nil, fmt.Errorf("%s of %s is not a mapping of entries (line %d)", in, f.path, node.Line)
	}
	known = slices.Sorted(maps.Keys(entries))
	if node, ok = entries[name]; !ok {
		return nil, known, nil
	}
	var whole value
	if err := node.Decode(&whole); err != nil {
		return nil, known, fmt.Errorf("the entry %q of %s is not %w", name, f.path, yamlFault(err))
	}
	entry, ok = whole.any.(section)
	if !ok && whole.any != nil {
		return nil, known, fmt.Errorf("the entry %q of %s is not a mapping of settings (line %d)", name, f.path, node.Line)
	}
	if entry == nil {
		entry = section{}
	}
	return entry, known, nil
}

// missingEntry says where the entry was looked for.
func missingEntry(clouds, secure cloudsFile, name string, known []string) error {
	var read []string
	for _, file := range []cloudsFile{clouds, secure} {
		if file.path != "" {
			read = append(read, file.path)
		}
	}
	if len(read) == 0 {
		return fmt.Errorf("there is no file that could have an entry %q: looked for %s", name, clouds.looked)
	}
	text := fmt.Sprintf("%s has no entry %q", strings.Join(read, " with "), name)
	if len(known) > 0 {
		slices.Sort(known)
		text += "; it has " + strings.Join(slices.Compact(known), ", ")
	}
	if clouds.path == "" {
		text += "; looked for " + clouds.looked
	}
	return errors.New(text)
}

// parse reads YAML, or JSON from a file of that name.
func parse(path string, data []byte, into *map[string]yaml.Node) error {
	if strings.HasSuffix(path, ".json") {
		// JSON may have tabs where YAML may not.
		var compact bytes.Buffer
		if json.Compact(&compact, data) != nil {
			return errors.New("JSON that can be read")
		}
		data = compact.Bytes()
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		return yamlFault(err)
	}
	return nil
}

var faultyLine = regexp.MustCompile(`line (\d+)`)

// yamlFault keeps the line of an error of the parser, whose text quotes the file.
func yamlFault(err error) error {
	if line := faultyLine.FindStringSubmatch(err.Error()); line != nil {
		return fmt.Errorf("YAML that can be read, near line %s", line[1])
	}
	return errors.New("YAML that can be read")
}

// value reads any YAML, and scalars as they are written.
type value struct{ any }

// UnmarshalYAML is for the parser, which calls it for everything but null. With
// the function that it passes, unlike with a node, the parser finds an alias of
// itself.
func (v *value) UnmarshalYAML(decode func(any) error) error {
	var text string
	if decode(&text) == nil {
		v.any = text
		return nil
	}
	var items []value
	if decode(&items) == nil {
		list := []any{}
		for _, item := range items {
			list = append(list, item.any)
		}
		v.any = list
		return nil
	}
	var fields map[string]value
	if err := decode(&fields); err != nil {
		return err
	}
	s := section{}
	for name, field := range fields {
		if field.any != nil {
			s[strings.ReplaceAll(name, "-", "_")] = field.any
		}
	}
	v.any = s
	return nil
}
