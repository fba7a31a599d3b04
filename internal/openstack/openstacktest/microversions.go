package openstacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Ranged is a Cinder that takes only these microversions, and records which
// were asked for and what the creates said of force.
type Ranged struct {
	Min, Max int
	Volume   string // status of every volume

	mu    sync.Mutex
	Asked []string
	Force []string
}

func (r *Ranged) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if strings.HasSuffix(req.URL.Path, "/v3/") {
		fmt.Fprintf(w, `{"versions": [{"id": "v3.0", "version": "3.%d", "min_version": "3.%d"}]}`, r.Max, r.Min)
		return
	}
	version := req.Header.Get("OpenStack-API-Version")
	r.mu.Lock()
	r.Asked = append(r.Asked, strings.TrimPrefix(version, "volume "))
	r.mu.Unlock()
	var minor int
	if _, err := fmt.Sscanf(version, "volume 3.%d", &minor); err == nil && (minor > r.Max || minor < r.Min) {
		Fault(w, http.StatusNotAcceptable, "computeFault", "Version "+version+" is not supported by the API.")
		return
	}
	if strings.Contains(req.URL.Path, "/volumes/") {
		fmt.Fprintf(w, `{"volume": {"status": %q}}`, r.Volume)
		return
	}
	if req.Method == http.MethodPost {
		body, _ := io.ReadAll(req.Body)
		if minor >= 66 && strings.Contains(string(body), `"force":false`) {
			Fault(w, http.StatusBadRequest, "badRequest", "Since microversion 3.66 the 'force' flag is invalid for this request.")
			return
		}
		var made struct {
			Snapshot map[string]json.RawMessage `json:"snapshot"`
		}
		_ = json.Unmarshal(body, &made)
		r.mu.Lock()
		r.Force = append(r.Force, string(made.Snapshot["force"]))
		r.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}
	fmt.Fprint(w, `{"snapshot": {"id": "`+path.Base(req.URL.Path)+`", "status": "creating"}}`)
}
