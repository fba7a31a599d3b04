package main

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

func TestQuietLogs(t *testing.T) {
	for name, row := range map[string]struct {
		set  map[string]string
		want string
	}{
		"nothing asked for":     {nil, "ERROR"},
		"an empty level":        {map[string]string{"TF_LOG": ""}, "ERROR"},
		"all logs":              {map[string]string{"TF_LOG": "TRACE"}, ""},
		"the provider's":        {map[string]string{"TF_LOG_PROVIDER_ISTACK": "DEBUG"}, ""},
		"the framework's":       {map[string]string{"TF_LOG_SDK_FRAMEWORK": "DEBUG"}, ""},
		"the core's, to a file": {map[string]string{"TF_LOG_CORE": "INFO", "TF_LOG_PATH": "x"}, ""},
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
			if quiet := quietLogs(); quiet != (row.want != "") {
				t.Errorf("quiet is %t", quiet)
			}
			for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ISTACK"} {
				if got := os.Getenv(variable); got != row.want && got != row.set[variable] {
					t.Errorf("%s is %q, want %q", variable, got, row.want)
				}
			}
		})
	}
}

func TestSpareCollections(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	t.Setenv("GOGC", "50")
	spareCollections()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("GOGC was set, and became %d", got)
	}
	t.Setenv("GOGC", "")
	spareCollections()
	if got := debug.SetGCPercent(100); got != 400 {
		t.Errorf("it became %d", got)
	}
}
