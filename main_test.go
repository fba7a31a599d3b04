package main

import (
	"os"
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
			t.Setenv("TF_LOG_PROVIDER", "")
			for variable, value := range row.set {
				t.Setenv(variable, value)
			}
			quietLogs()
			for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER"} {
				if got := os.Getenv(variable); got != row.want {
					t.Errorf("%s is %q, want %q", variable, got, row.want)
				}
			}
		})
	}
}
