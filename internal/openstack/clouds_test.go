package openstack

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The folders for the configuration of OpenStack are other ones on each operating system.
func TestConfigFolders(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_CONFIG_DIRS", "")
	t.Setenv("LOCALAPPDATA", "/local")
	t.Setenv("APPDATA", "/roaming")
	t.Setenv("PROGRAMDATA", "/machine")
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for goos, want := range map[string][]string{
		"linux":   {"/home/me/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"},
		"freebsd": {"/home/me/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"},
		"darwin": {
			"/home/me/Library/Application Support/openstack", "/home/me/.config/openstack",
			"/Library/Application Support/openstack", "/etc/openstack",
		},
		"windows": {"/local/OpenStack/openstack", "/home/me/.config/openstack", "/machine/OpenStack/openstack", "/etc/openstack"},
	} {
		t.Run(goos, func(t *testing.T) {
			if got := configFolders(goos); !slices.Equal(got, append([]string{working}, want...)) {
				t.Errorf("%q", got)
			}
		})
	}
	if got := expandHome("~" + string(filepath.Separator) + "clouds.yaml"); got != filepath.Join("/home/me", "clouds.yaml") {
		t.Errorf("~ stands for %q", got)
	}
}
