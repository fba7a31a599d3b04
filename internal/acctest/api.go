package acctest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// account is who signs in where.
type account struct {
	AuthURL, Region, User, Password, Project, Domain, ProjectDomain string
}

// session is a sign-in of the tests' own, with nothing of the client in it: it
// sets the scene and is the independent witness.
type session struct {
	account   account
	token     string
	userID    string
	projectID string
	// endpoint is the block storage API, with version and project.
	endpoint string
}

func signIn(t testing.TB, a account) *session {
	t.Helper()
	type named struct {
		Name   string `json:"name"`
		Domain any    `json:"domain"`
	}
	domain := func(name string) any { return map[string]string{"name": name} }
	body := map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":  []string{"password"},
			"password": map[string]any{"user": map[string]any{"name": a.User, "domain": domain(a.Domain), "password": a.Password}},
		},
		"scope": map[string]any{"project": named{a.Project, domain(a.ProjectDomain)}},
	}}
	var answer struct {
		Token struct {
			User, Project struct{ ID string }
			Catalog       []struct {
				Type      string
				Endpoints []struct{ Interface, Region, URL string }
			}
		}
	}
	header, status := exchange(t, http.MethodPost, a.AuthURL+"/auth/tokens", nil, body, &answer)
	if status != http.StatusCreated {
		t.Fatalf("signing in as %s: %d", a.User, status)
	}
	s := &session{account: a, token: header.Get("X-Subject-Token"), userID: answer.Token.User.ID, projectID: answer.Token.Project.ID}
	for _, wanted := range []string{"block-storage", "volumev3", "volumev2"} {
		for _, entry := range answer.Token.Catalog {
			for _, e := range entry.Endpoints {
				if s.endpoint == "" && entry.Type == wanted && e.Interface == "public" && (a.Region == "" || a.Region == e.Region) {
					s.endpoint = strings.TrimSuffix(e.URL, "/")
				}
			}
		}
	}
	if s.endpoint == "" {
		t.Fatal("the catalogue has no block storage endpoint")
	}
	return s
}

// network is not the default transport: each [httptest.Server] that is closed closes that one's
// idle connections, also one that a request has just taken.
var network = http.DefaultTransport.(*http.Transport).Clone()

func exchange(t testing.TB, method, url string, header map[string]string, body, answer any) (http.Header, int) {
	t.Helper()
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(data)
	}
	// Not t.Context(): it has ended when a cleanup runs.
	req, err := http.NewRequest(method, url, content) //nolint:noctx // see above
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := (&http.Client{Transport: network}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 400 && resp.StatusCode != http.StatusNotFound {
		t.Logf("%s %s: %d: %s", method, url, resp.StatusCode, data)
	}
	if answer != nil && len(data) > 0 && resp.StatusCode < 300 {
		if err := json.Unmarshal(data, answer); err != nil {
			t.Fatalf("%s %s: %v: %s", method, url, err, data)
		}
	}
	return resp.Header, resp.StatusCode
}

// call asks Cinder behind the proxy's back and wants one of these statuses.
func (s *session) call(t testing.TB, method, path string, body, answer any, statuses ...int) int {
	t.Helper()
	header := map[string]string{"X-Auth-Token": s.token}
	switch collection, _, _ := strings.Cut(path, "/"); collection {
	// What came later; everything else is in each cloud.
	case "attachments":
		header["OpenStack-API-Version"] = "volume 3.27"
	case "volume-transfers":
		header["OpenStack-API-Version"] = "volume 3.55"
	case "group_types", "groups", "group_snapshots":
		header["OpenStack-API-Version"] = "volume 3.14"
	}
	_, status := exchange(t, method, s.endpoint+"/"+path, header, body, answer)
	if status == http.StatusUnauthorized {
		*s = *signIn(t, s.account)
		header["X-Auth-Token"] = s.token
		_, status = exchange(t, method, s.endpoint+"/"+path, header, body, answer)
	}
	for _, wanted := range statuses {
		if status == wanted {
			return status
		}
	}
	t.Fatalf("%s %s: %d, wanted one of %v", method, path, status, statuses)
	return 0
}

// Microversion is the highest N of the 3.N that the cloud's block storage
// speaks, or -1 where it speaks the API v2.
func (c *Cloud) Microversion() int {
	c.t.Helper()
	root := strings.TrimSuffix(c.user.endpoint, c.user.projectID)
	if strings.HasSuffix(root, "/v2/") {
		return -1
	}
	var answer struct{ Versions []struct{ Version string } }
	exchange(c.t, http.MethodGet, root, map[string]string{"X-Auth-Token": c.user.token}, nil, &answer)
	highest := 0
	if _, err := fmt.Sscanf(answer.Versions[0].Version, "3.%d", &highest); err != nil {
		c.t.Fatalf("the microversions at %s: %v", root, err)
	}
	return highest
}

// MicroversionSince skips a test of what came with microversion 3.minor, where the API is older.
func (c *Cloud) MicroversionSince(what string, minor int) {
	c.t.Helper()
	if c.Microversion() < minor {
		c.t.Skipf("%s came with microversion 3.%d", what, minor)
	}
}

// Snapshot is a snapshot as Cinder shows it.
type Snapshot struct {
	ID, Name, Description, Status string
	VolumeID                      string `json:"volume_id"`
	Metadata                      map[string]string
	CreatedAt                     string `json:"created_at"`
}

// Volume makes a volume of 1 GiB that goes away with the test, and all
// snapshots of it before.
func (c *Cloud) Volume() string {
	c.t.Helper()
	kind := ""
	if OnCloud() {
		kind = environment()["ISTACK_ACC_VOLUME_TYPE"]
	}
	return c.volumeOf(kind)
}

// NFSVolume is a volume on the NFS backend of the test cloud.
func (c *Cloud) NFSVolume() string {
	c.t.Helper()
	return c.volumeOf("nfs")
}

func (c *Cloud) volumeOf(kind string) string {
	c.t.Helper()
	var made struct{ Volume struct{ ID string } }
	volume := map[string]any{"size": 1, "name": "tf-acc-" + c.t.Name()}
	if kind != "" {
		volume["volume_type"] = kind
	}
	c.user.call(c.t, http.MethodPost, "volumes", map[string]any{"volume": volume}, &made, http.StatusAccepted)
	id := made.Volume.ID
	c.t.Cleanup(func() { c.removeVolume(id) })
	c.Until("volume "+id+" to be available", func() bool {
		status := c.VolumeStatus(id)
		if status == "error" {
			c.t.Fatal("volume " + id + " is in status error")
		}
		return status == "available"
	})
	return id
}

// Transfer gives a volume to the project of another, without its snapshots if they are to stay, and
// returns what brings it back.
func (c *Cloud) Transfer(other *Cloud, volumeID string, snapshotsStay bool) (back func()) {
	c.t.Helper()
	give := func(from, to *Cloud) {
		if c.simulator != nil {
			c.simulator.Transfer(volumeID, to.user.account.User, snapshotsStay)
			return
		}
		var offered struct {
			Transfer struct {
				ID  string
				Key string `json:"auth_key"`
			}
		}
		from.user.call(c.t, http.MethodPost, "volume-transfers", map[string]any{
			"transfer": map[string]any{"volume_id": volumeID, "no_snapshots": snapshotsStay},
		}, &offered, http.StatusAccepted)
		to.user.call(c.t, http.MethodPost, "volume-transfers/"+offered.Transfer.ID+"/accept", map[string]any{
			"accept": map[string]any{"auth_key": offered.Transfer.Key},
		}, nil, http.StatusAccepted)
		to.Until("volume "+volumeID+" to be there", func() bool { return to.VolumeStatus(volumeID) == "available" })
	}
	give(c, other)
	return func() { give(other, c) }
}

// GroupSnapshot makes a group snapshot of a volume, and returns the volume, its snapshot, the group
// snapshot, and what deletes that with its member. It skips a test where the API has no groups.
func (c *Cloud) GroupSnapshot() (volumeID, memberID, id string, remove func()) {
	c.t.Helper()
	c.MicroversionSince("a group snapshot", 14)
	volumeID = c.Volume()
	if c.simulator != nil {
		memberID = c.CreateSnapshot(volumeID, "", nil)
		id = c.simulator.Group(memberID)
		remove = func() {
			c.simulator.Ungroup(memberID)
			c.DeleteSnapshot(memberID)
		}
		c.t.Cleanup(func() { c.simulator.Ungroup(memberID) })
		return volumeID, memberID, id, remove
	}
	c.NeedsAdministrator()
	type made struct{ ID string }
	var volume struct {
		Volume struct {
			Type string `json:"volume_type"`
		}
	}
	c.user.call(c.t, http.MethodGet, "volumes/"+volumeID, nil, &volume, http.StatusOK)
	var kind struct {
		Type made `json:"group_type"`
	}
	c.admin.call(c.t, http.MethodPost, "group_types", map[string]any{"group_type": map[string]string{"name": "tf-acc-" + volumeID}}, &kind, http.StatusAccepted)
	c.t.Cleanup(func() {
		c.admin.call(c.t, http.MethodDelete, "group_types/"+kind.Type.ID, nil, nil, http.StatusAccepted)
	})
	var group struct{ Group made }
	c.user.call(c.t, http.MethodPost, "groups", map[string]any{
		"group": map[string]any{"group_type": kind.Type.ID, "volume_types": []string{volume.Volume.Type}},
	}, &group, http.StatusAccepted)
	path := "groups/" + group.Group.ID
	c.t.Cleanup(func() {
		c.user.call(c.t, http.MethodPut, path, map[string]any{"group": map[string]string{"remove_volumes": volumeID}}, nil, http.StatusAccepted)
		c.untilStatus(path, "available")
		c.user.call(c.t, http.MethodPost, path+"/action", map[string]any{"delete": map[string]bool{"delete-volumes": false}}, nil, http.StatusAccepted)
		c.untilStatus(path, "")
	})
	c.untilStatus(path, "available")
	c.user.call(c.t, http.MethodPut, path, map[string]any{"group": map[string]string{"add_volumes": volumeID}}, nil, http.StatusAccepted)
	c.untilStatus(path, "available")
	var taken struct {
		Snapshot made `json:"group_snapshot"`
	}
	c.user.call(c.t, http.MethodPost, "group_snapshots", map[string]any{"group_snapshot": map[string]string{"group_id": group.Group.ID}}, &taken, http.StatusAccepted)
	id = taken.Snapshot.ID
	remove = func() {
		c.user.call(c.t, http.MethodDelete, "group_snapshots/"+id, nil, nil, http.StatusAccepted, http.StatusNotFound)
		c.untilStatus("group_snapshots/"+id, "")
	}
	c.t.Cleanup(remove)
	c.untilStatus("group_snapshots/"+id, "available")
	return volumeID, c.Snapshots(volumeID)[0].ID, id, remove
}

// untilStatus waits until an object has a status, or with "" is gone.
func (c *Cloud) untilStatus(path, wanted string) {
	c.t.Helper()
	c.Until(path+" to be "+cmp.Or(wanted, "gone"), func() bool {
		var answer map[string]struct{ Status string }
		status := c.user.call(c.t, http.MethodGet, path, nil, &answer, http.StatusOK, http.StatusNotFound)
		for _, object := range answer {
			return object.Status == wanted
		}
		return wanted == "" && status == http.StatusNotFound
	})
}

// VolumeStatus is the status of a volume.
func (c *Cloud) VolumeStatus(id string) string {
	c.t.Helper()
	var answer struct{ Volume struct{ Status string } }
	c.user.call(c.t, http.MethodGet, "volumes/"+id, nil, &answer, http.StatusOK)
	return answer.Volume.Status
}

func (c *Cloud) removeVolume(id string) {
	for _, s := range c.Snapshots(id) {
		c.DeleteSnapshot(s.ID)
	}
	if c.VolumeStatus(id) == "in-use" {
		c.SetVolumeStatus(id, "available")
	}
	c.user.call(c.t, http.MethodDelete, "volumes/"+id, nil, nil, http.StatusAccepted)
}

// Snapshots are those of a volume, the newest first.
func (c *Cloud) Snapshots(volumeID string) []Snapshot {
	c.t.Helper()
	var answer struct{ Snapshots []Snapshot }
	c.user.call(c.t, http.MethodGet, "snapshots/detail?volume_id="+volumeID, nil, &answer, http.StatusOK)
	return answer.Snapshots
}

// Snapshot reads one, and tells whether it exists.
func (c *Cloud) Snapshot(id string) (Snapshot, bool) {
	c.t.Helper()
	var answer struct{ Snapshot Snapshot }
	status := c.user.call(c.t, http.MethodGet, "snapshots/"+id, nil, &answer, http.StatusOK, http.StatusNotFound)
	return answer.Snapshot, status == http.StatusOK
}

// CreateSnapshot makes one behind Terraform's back and waits until it is
// available.
func (c *Cloud) CreateSnapshot(volumeID, name string, metadata map[string]string) string {
	c.t.Helper()
	var made struct{ Snapshot Snapshot }
	c.user.call(c.t, http.MethodPost, "snapshots", map[string]any{"snapshot": map[string]any{
		"volume_id": volumeID, "name": name, "metadata": metadata,
	}}, &made, http.StatusAccepted)
	c.Until("snapshot "+made.Snapshot.ID+" to be available", func() bool {
		s, _ := c.Snapshot(made.Snapshot.ID)
		return s.Status == "available"
	})
	return made.Snapshot.ID
}

// Stores reports whether the cloud's database takes a text, as a name.
func (c *Cloud) Stores(volumeID, text string) bool {
	c.t.Helper()
	var made struct{ Snapshot Snapshot }
	status := c.user.call(c.t, http.MethodPost, "snapshots", map[string]any{"snapshot": map[string]any{"volume_id": volumeID, "name": text}},
		&made, http.StatusAccepted, http.StatusBadRequest, http.StatusInternalServerError)
	if status != http.StatusAccepted {
		return false
	}
	c.DeleteSnapshot(made.Snapshot.ID)
	return true
}

// DeleteSnapshot deletes one behind Terraform's back and waits until it is gone.
func (c *Cloud) DeleteSnapshot(id string) {
	c.t.Helper()
	c.Until("snapshot "+id+" to be gone", func() bool {
		s, exists := c.Snapshot(id)
		switch {
		case !exists:
			return true
		case s.Status == "available" || s.Status == "error":
			c.user.call(c.t, http.MethodDelete, "snapshots/"+id, nil, nil, http.StatusAccepted, http.StatusNotFound)
		case s.Status != "creating" && s.Status != "deleting" && c.admin != nil:
			c.SetSnapshotStatus(id, "available")
		}
		return false
	})
}

// Describe gives a snapshot a description behind Terraform's back.
func (c *Cloud) Describe(id, description string) {
	c.t.Helper()
	c.user.call(c.t, http.MethodPut, "snapshots/"+id, map[string]any{"snapshot": map[string]any{"description": description}}, nil, http.StatusOK)
}

// UpdateMetadata writes metadata behind Terraform's back.
func (c *Cloud) UpdateMetadata(id string, metadata map[string]string) {
	c.t.Helper()
	c.user.call(c.t, http.MethodPost, "snapshots/"+id+"/metadata", map[string]any{"metadata": metadata}, nil, http.StatusOK)
}

// RemoveMetadata takes a key away behind Terraform's back.
func (c *Cloud) RemoveMetadata(id, key string) {
	c.t.Helper()
	c.user.call(c.t, http.MethodDelete, "snapshots/"+id+"/metadata/"+key, nil, nil, http.StatusOK)
}

// SetSnapshotStatus sets the status of a snapshot, as an administrator.
func (c *Cloud) SetSnapshotStatus(id, status string) {
	c.t.Helper()
	c.NeedsAdministrator()
	c.admin.call(c.t, http.MethodPost, "snapshots/"+id+"/action",
		map[string]any{"os-reset_status": map[string]string{"status": status}}, nil, http.StatusAccepted)
}

// SetVolumeStatus sets the status of a volume, as an administrator.
func (c *Cloud) SetVolumeStatus(id, status string) {
	c.t.Helper()
	c.NeedsAdministrator()
	c.admin.call(c.t, http.MethodPost, "volumes/"+id+"/action",
		map[string]any{"os-reset_status": map[string]string{"status": status}}, nil, http.StatusAccepted)
}

// Reserve sets the status of a volume to in-use, as an administrator, without a
// complete attachment, which its backend would notice. It goes away with the test.
func (c *Cloud) Reserve(volumeID string) {
	c.t.Helper()
	c.NeedsAdministrator()
	// Newer releases of Cinder set this status only for a volume with an
	// attachment. Those before Cinder 18 make none without a server (400), the
	// API v2 makes none at all (404), and neither asks for it.
	var made struct{ Attachment struct{ ID string } }
	status := c.user.call(c.t, http.MethodPost, "attachments", map[string]any{"attachment": map[string]any{"volume_uuid": volumeID}},
		&made, http.StatusOK, http.StatusBadRequest, http.StatusNotFound)
	if status == http.StatusOK {
		c.t.Cleanup(func() {
			c.user.call(c.t, http.MethodDelete, "attachments/"+made.Attachment.ID, nil, nil, http.StatusOK)
		})
	}
	c.SetVolumeStatus(volumeID, "in-use")
}

// Attach attaches a volume to a server that does not exist. The NFS backend
// then fails to make snapshots of it, since it asks Nova for that server. The
// attachment goes away with the test.
func (c *Cloud) Attach(volumeID string) {
	c.t.Helper()
	c.user.call(c.t, http.MethodPost, "volumes/"+volumeID+"/action", map[string]any{"os-attach": map[string]string{
		"instance_uuid": "6e6f7768-6572-4520-8e6f-776865726500", "mountpoint": "/dev/vdb",
	}}, nil, http.StatusAccepted)
	c.t.Cleanup(func() {
		c.user.call(c.t, http.MethodPost, "volumes/"+volumeID+"/action", map[string]any{"os-detach": map[string]any{}}, nil, http.StatusAccepted)
	})
}

// AccessRule allows requests with an application credential: those of a method whose path fits,
// in which * stands for one segment.
type AccessRule struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Path    string `json:"path"`
}

// ApplicationCredential makes one for the user; it goes away with the test. It is limited to
// the requests of rules, if there are any; the simulator does not have these.
func (c *Cloud) ApplicationCredential(rules ...AccessRule) (id, name, secret string) {
	c.t.Helper()
	wanted := map[string]any{"name": "tf-acc-" + c.t.Name()}
	if len(rules) > 0 {
		wanted["access_rules"] = rules
	}
	var made struct {
		ApplicationCredential struct{ ID, Name, Secret string } `json:"application_credential"`
	}
	url := fmt.Sprintf("%s/users/%s/application_credentials", c.user.account.AuthURL, c.user.userID)
	header := map[string]string{"X-Auth-Token": c.user.token}
	c.Until("an application credential", func() bool {
		// Keystone 22 now and then does not find the user's roles while others sign in, and says 400.
		_, status := exchange(c.t, http.MethodPost, url, header, map[string]any{"application_credential": wanted}, &made)
		return status == http.StatusCreated
	})
	credential := made.ApplicationCredential
	c.t.Cleanup(func() { exchange(c.t, http.MethodDelete, url+"/"+credential.ID, header, nil, nil) })
	return credential.ID, credential.Name, credential.Secret
}

// Token is a token of the user.
func (c *Cloud) Token() string { return c.user.token }

// UserID is the id of the user.
func (c *Cloud) UserID() string { return c.user.userID }

// Until waits until something is so.
func (c *Cloud) Until(what string, done func() bool) {
	c.t.Helper()
	// A cloud that shares the machine is not to be kept from its work by being
	// asked for it.
	end, pause := time.Now().Add(2*time.Minute), 100*time.Millisecond
	for ; !done(); pause = min(pause*3/2, time.Second) {
		if time.Now().After(end) {
			c.t.Fatal("waited in vain for " + what)
		}
		time.Sleep(pause)
	}
}
