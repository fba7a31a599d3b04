package simulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// An exchange is one request and what is to be compared of its answer. The answers of real Keystones and Cinders are
// kept in testdata; the simulator must give the same, but for ids, times and addresses.
type exchange struct {
	name string
	// do is the method and the path: below the API with the project's id if it begins with a slash, below the
	// root of Cinder or the v3 of Keystone with "cinder:" or "keystone:" (and "keystone:.." is above that).
	do   string // a path at Cinder has v3 for the API, whichever it is
	body string
	as   string // demo (""), admin, nobody, stranger (a token that never was), or {NAME} of a kept token
	at   string // the microversion: "" for the cloud's usual, "-" for none, with "=" a whole header
	// sends is the Content-Type: "" for JSON where there is a body, "-" for none.
	sends   string
	accept  string
	subject string // X-Subject-Token
	want    int    // status on the cloud of all answers
	keep    string // what later exchanges need: NAME=path.in.body or NAME=header:Name
	until   string // ask again until the object has this status, or is "gone", is "placed" (a volume all of whose fields are there), or is "told" (there is a message)
	loose   bool   // compare types only: the values depend on what else is in the cloud
	after   time.Duration
}

var record = flag.Bool("record", false, "write what the real cloud answers to testdata")

// recorded is a cloud whose answers were recorded, each under the name that tools/cinder has for it.
type recorded struct {
	name string
	api  string // "v3" or "v2"
	at   string // the microversion usually asked for
	// base is the cloud from which this one's record tells the differences only; "" where it has all answers.
	base string
	// options are those of the simulator as this cloud; nil where it cannot be that.
	options *Options
}

var recordings = []recorded{
	{"12", "v3", "3.70", "", &Options{}},
	{"11", "v3", "3.62", "12", &Options{Release: "11"}},
	{"11-v2", "v2", "-", "11", &Options{Release: "11", CatalogTypes: []string{"volumev2"}}},
	{"13", "v3", "3.71", "12", &Options{Release: "13"}},
	{"12-postgresql", "v3", "3.70", "12", nil},
}

func recording(name string) (recorded, bool) {
	i := slices.IndexFunc(recordings, func(r recorded) bool { return r.name == name })
	if i < 0 {
		return recorded{}, false
	}
	return recordings[i], true
}

// cloud is what an exchange runs against.
type cloud struct {
	recorded
	cinder, keystone string // roots: above the version of Cinder, at /v3 of Keystone
	send             func(*http.Request) (*http.Response, error)
	tokens           map[string]string
	projects         map[string]string
	kept             map[string]string
	keptNames        []string
	patience         time.Duration
}

// TestFidelity compares the simulator with the recorded answers. With ISTACK_ACC_TARGET=cloud and the OS_*
// variables of an ordinary user (and ISTACK_ACC_ADMIN_USERNAME, _PASSWORD and _PROJECT_NAME of an
// administrator) it compares a real cloud with them too, the one that ISTACK_ACC_CLOUD names; it must have the volume
// types nfs and fake, with the drivers that the simulator speaks of.
func TestFidelity(t *testing.T) {
	rows := exchanges()
	names := map[string]bool{}
	for _, x := range rows {
		if names[x.name] {
			t.Fatalf("two exchanges named %q", x.name)
		}
		names[x.name] = true
	}

	if os.Getenv("ISTACK_ACC_TARGET") == "cloud" {
		t.Run("cloud", func(t *testing.T) { compareCloud(t, rows) })
	}
	for _, r := range recordings {
		if r.options == nil {
			continue
		}
		t.Run("simulator/"+r.name, func(t *testing.T) {
			record := readAnswers(t, r)
			synctest.Test(t, func(t *testing.T) {
				answers := simulatedCloud(t, r).run(t, rows, true)
				compare(t, rows, answers, record)
			})
		})
	}
}

func compareCloud(t *testing.T, rows []exchange) {
	c := realCloud(t)
	hasAdmin := c.tokens["admin"] != ""
	t.Cleanup(func() { c.cleanUp(t) })
	begin := time.Now()
	answers := c.run(t, rows, hasAdmin)
	t.Logf("%d of %d exchanges in %s", len(answers), len(rows), time.Since(begin).Round(time.Second))
	if !hasAdmin {
		t.Logf("no administrator is known (ISTACK_ACC_ADMIN_*): %d exchanges were left out", len(rows)-len(answers))
	}
	if *record {
		writeAnswers(t, c.recorded, rows, answers)
	}
	compare(t, rows, answers, readAnswers(t, c.recorded))
}

func compare(t *testing.T, rows []exchange, answers, recorded map[string]string) {
	t.Helper()
	same := 0
	for _, x := range rows {
		got, ran := answers[x.name]
		if !ran {
			continue
		}
		if want := recorded[x.name]; got != want {
			t.Errorf("%s\n%s %s at %s as %s\n--- recorded\n%s\n--- now\n%s",
				x.name, x.do, x.body, cmp.Or(x.at, "the usual"), cmp.Or(x.as, "demo"), want, got)
			continue
		}
		same++
	}
	t.Logf("%d of %d answers as recorded", same, len(answers))
}

// simulatedCloud runs without a network, so that time can be that of synctest.
func simulatedCloud(t *testing.T, r recorded) *cloud {
	t.Helper()
	s := New(*r.options)
	time.Sleep(123456 * time.Microsecond) // the time of synctest begins with a whole second
	const base = "http://cloud.test"
	c := &cloud{
		recorded: r,
		cinder:   base + "/volume", keystone: base + "/identity/v3",
		send: func(r *http.Request) (*http.Response, error) {
			if r.Body == nil {
				r.Body = http.NoBody
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if r.Method == http.MethodHead {
				w.Body.Reset()
			}
			return w.Result(), nil
		},
	}
	c.prepare()
	for _, user := range []string{"demo", "admin"} {
		e := s.Environment(base, user)
		c.signIn(t, user, e["OS_USERNAME"], e["OS_PASSWORD"], e["OS_PROJECT_NAME"], "Default", "Default")
	}
	return c
}

func realCloud(t *testing.T) *cloud {
	t.Helper()
	client := &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	name := os.Getenv("ISTACK_ACC_CLOUD")
	r, known := recording(name)
	if !known {
		t.Fatalf("ISTACK_ACC_CLOUD: no cloud %q", name)
	}
	c := &cloud{recorded: r, keystone: strings.TrimRight(os.Getenv("OS_AUTH_URL"), "/"), send: client.Do}
	c.prepare()
	userDomain := cmp.Or(os.Getenv("OS_USER_DOMAIN_NAME"), "Default")
	projectDomain := cmp.Or(os.Getenv("OS_PROJECT_DOMAIN_NAME"), "Default")
	c.signIn(t, "demo", os.Getenv("OS_USERNAME"), os.Getenv("OS_PASSWORD"), os.Getenv("OS_PROJECT_NAME"),
		userDomain, projectDomain)
	if name := os.Getenv("ISTACK_ACC_ADMIN_USERNAME"); name != "" {
		c.signIn(t, "admin", name, os.Getenv("ISTACK_ACC_ADMIN_PASSWORD"), os.Getenv("ISTACK_ACC_ADMIN_PROJECT_NAME"),
			userDomain, projectDomain)
	}
	return c
}

func (c *cloud) prepare() {
	c.tokens, c.projects, c.kept = map[string]string{}, map[string]string{}, map[string]string{}
	c.patience = time.Minute
}

// signIn keeps a user's token, project, name and password, and finds Cinder.
func (c *cloud) signIn(t *testing.T, who, user, password, project, userDomain, projectDomain string) {
	t.Helper()
	body := fmt.Sprintf(`{"auth": {"identity": {"methods": ["password"], "password": {"user":
		{"name": %q, "password": %q, "domain": {"name": %q}}}},
		"scope": {"project": {"name": %q, "domain": {"name": %q}}}}}`, user, password, userDomain, project, projectDomain)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.keystone+"/auth/tokens", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.send(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Token struct {
			User    struct{ ID string }
			Project struct{ ID string }
			Catalog []struct {
				Type      string
				Endpoints []struct{ Interface, Region, URL string }
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("sign-in of %s: %d %v", user, resp.StatusCode, err)
	}
	c.tokens[who] = resp.Header.Get("X-Subject-Token")
	c.projects[who] = answer.Token.Project.ID
	c.set(who+" name", user)
	c.set(who+" password", password)
	c.set(who+" user", answer.Token.User.ID)
	c.set(who+" project", answer.Token.Project.ID)
	c.set(who+" token", c.tokens[who])
	region := os.Getenv("OS_REGION_NAME")
	for _, entry := range answer.Token.Catalog {
		for _, e := range entry.Endpoints {
			if c.cinder == "" && entry.Type == "volume"+c.api && e.Interface == "public" && (region == "" || region == e.Region) {
				c.cinder = strings.TrimSuffix(e.URL, "/"+c.api+"/"+answer.Token.Project.ID)
			}
		}
	}
}

func (c *cloud) set(name, value string) {
	if _, known := c.kept[name]; !known {
		c.keptNames = append(c.keptNames, name)
	}
	c.kept[name] = value
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9 ]*\}`)

// fill puts in what was kept, and {xN} as N times x.
func (c *cloud) fill(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(hold string) string {
		name := hold[1 : len(hold)-1]
		if value, ok := c.kept[name]; ok {
			return value
		}
		if value, ok := c.kept[strings.TrimSuffix(name, " upper")]; ok && strings.HasSuffix(name, " upper") {
			return strings.ToUpper(value)
		}
		var n int
		if _, err := fmt.Sscanf(name, "x%d", &n); err == nil {
			return strings.Repeat("x", n)
		}
		return hold
	})
}

// run sends every exchange and returns what came, made comparable.
func (c *cloud) run(t *testing.T, rows []exchange, withAdmin bool) map[string]string {
	t.Helper()
	answers := map[string]string{}
	for _, x := range rows {
		if x.as == "admin" && !withAdmin {
			continue
		}
		if placeholder.MatchString(c.fill(x.do + x.body + x.as)) {
			// It is about something that this cloud did not make.
			answers[x.name] = notAsked
			continue
		}
		time.Sleep(x.after)
		deadline := time.Now().Add(c.patience)
		for {
			status, header, body := c.exchange(t, x)
			if x.until != "" && !c.arrived(x.until, status, body) {
				if time.Now().Before(deadline) {
					time.Sleep(100 * time.Millisecond)
					continue
				}
				t.Logf("%s: it never was %s", x.name, x.until)
			}
			if status != x.want && c.base == "" {
				t.Errorf("%s: %s %s: status %d, want %d: %s", x.name, x.do, x.body, status, x.want, body[:min(len(body), 500)])
			}
			c.remember(t, x, header, body)
			answers[x.name] = c.comparable(x, status, header, body)
			break
		}
	}
	return answers
}

// notAsked stands for the answer to what could not be asked.
const notAsked = "not asked"

func (c *cloud) arrived(until string, status int, body []byte) bool {
	switch until {
	case "gone":
		return status == http.StatusNotFound
	case "told":
		// The message comes a moment after the status. The API v2 has none.
		var o struct{ Messages []any }
		return status == http.StatusNotFound || json.Unmarshal(body, &o) == nil && len(o.Messages) > 0
	}
	var o map[string]struct {
		Status  string
		Service *string `json:"service_uuid"`
	}
	_ = json.Unmarshal(body, &o)
	for _, inner := range o {
		if until == "placed" {
			// The volume service notes itself a moment after it says available. The API v2 does not tell.
			return inner.Status == "available" && (inner.Service != nil || c.api == "v2")
		}
		return inner.Status == until
	}
	return false
}

func (c *cloud) exchange(t *testing.T, x exchange) (int, http.Header, []byte) {
	t.Helper()
	method, path, _ := strings.Cut(c.fill(x.do), " ")
	as := cmp.Or(x.as, "demo")
	if name, isKept := strings.CutPrefix(as, "{"); isKept {
		c.tokens[as] = c.kept[strings.TrimSuffix(name, "}")]
		c.projects[as] = c.projects["demo"]
	}
	url := ""
	switch {
	case strings.HasPrefix(path, "cinder:/v3"):
		url = c.cinder + "/" + c.api + strings.TrimPrefix(path, "cinder:/v3")
	case strings.HasPrefix(path, "cinder:"):
		url = c.cinder + strings.TrimPrefix(path, "cinder:")
	case strings.HasPrefix(path, "keystone:.."):
		url = strings.TrimSuffix(c.keystone, "/v3") + strings.TrimPrefix(path, "keystone:..")
	case strings.HasPrefix(path, "keystone:"):
		url = c.keystone + strings.TrimPrefix(path, "keystone:")
	default:
		url = c.cinder + "/" + c.api + "/" + cmp.Or(c.projects[as], c.projects["demo"]) + path
	}
	var body io.Reader
	if x.body != "" {
		body = strings.NewReader(c.fill(x.body))
	}
	r, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		t.Fatalf("%s: %v", x.name, err)
	}
	switch as {
	case "nobody":
	case "stranger":
		r.Header.Set("X-Auth-Token", "gAAAAABstranger")
	default:
		r.Header.Set("X-Auth-Token", c.tokens[as])
	}
	switch at := cmp.Or(x.at, c.at); {
	case at == "-" || strings.HasPrefix(path, "keystone:"):
	case strings.HasPrefix(at, "="):
		r.Header.Set("OpenStack-API-Version", at[1:])
	default:
		r.Header.Set("OpenStack-API-Version", "volume "+at)
	}
	if x.body != "" && x.sends != "-" {
		r.Header.Set("Content-Type", cmp.Or(x.sends, "application/json"))
	}
	if x.accept != "" {
		r.Header.Set("Accept", x.accept)
	}
	if x.subject != "" {
		r.Header.Set("X-Subject-Token", c.fill(x.subject))
	}
	resp, err := c.send(r)
	for range 20 {
		// A body that is too large is refused before it has been read, and the answer is lost when the writing
		// notices that first.
		if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
			break
		}
		if r.Body, err = r.GetBody(); err != nil {
			break
		}
		resp, err = c.send(r)
	}
	if err != nil {
		t.Fatalf("%s: %v", x.name, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", x.name, err)
	}
	return resp.StatusCode, resp.Header, data
}

func (c *cloud) remember(t *testing.T, x exchange, header http.Header, body []byte) {
	t.Helper()
	if x.keep == "" {
		return
	}
	name, path, _ := strings.Cut(x.keep, "=")
	if h, ok := strings.CutPrefix(path, "header:"); ok {
		c.set(name, header.Get(h))
		return
	}
	var value any
	_ = json.Unmarshal(body, &value)
	for part := range strings.SplitSeq(path, ".") {
		if list, isList := value.([]any); isList && len(list) > 0 {
			value = list[0]
		}
		o, _ := value.(map[string]any)
		value = o[part]
	}
	text, ok := value.(string)
	if !ok && c.base == "" {
		t.Fatalf("%s: no %s in %s", x.name, path, body)
	}
	if ok {
		c.set(name, text)
	}
}

// comparable makes a text of an answer that is equal on all clouds.
func (c *cloud) comparable(x exchange, status int, header http.Header, body []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", status)
	if c.usual(x, status, header) {
		b.WriteString("\nat the usual version")
		header = header.Clone()
		header.Del("OpenStack-API-Version")
		header.Del("Vary")
	}
	for _, name := range []string{
		"Content-Type", "OpenStack-API-Version", "Vary", "Location", "Retry-After", "WWW-Authenticate",
	} {
		if value := header.Get(name); value != "" {
			fmt.Fprintf(&b, "\n%s: %s", name, c.normal(value))
		}
	}
	for _, name := range []string{"X-Openstack-Request-Id", "X-Compute-Request-Id", "X-Subject-Token"} {
		if header.Get(name) != "" {
			fmt.Fprintf(&b, "\n%s: given", name)
		}
	}
	var value any
	switch {
	case len(body) == 0:
	case json.Unmarshal(body, &value) != nil:
		fmt.Fprintf(&b, "\n%s", c.normal(strings.TrimSpace(string(body))))
	case x.loose:
		fmt.Fprintf(&b, "\ntypes: %s", types(value))
	default:
		var line bytes.Buffer
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		_ = e.Encode(c.normalValue(value))
		b.WriteString("\n" + strings.TrimSpace(line.String()))
	}
	return b.String()
}

// usual reports whether an answer of the API tells the microversion that was asked for as usual. An API without
// microversions tells none, as the front of Cinder does that answers for itself: 401, or 404 without a request id.
func (c *cloud) usual(x exchange, status int, header http.Header) bool {
	_, path, _ := strings.Cut(x.do, " ")
	if x.at != "" || !strings.HasPrefix(path, "/") {
		return false
	}
	version, vary := header.Get("OpenStack-API-Version"), header.Get("Vary")
	if c.api == "v2" {
		front := status == http.StatusUnauthorized || status == http.StatusNotFound && header.Get("X-Compute-Request-Id") == ""
		return version == "" && vary == "" && !front
	}
	return version == "volume "+c.at && vary == "OpenStack-API-Version"
}

var unstable = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`req-[0-9a-f-]{36}`), "REQUEST"},
	{regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`), "ID"},
	{regexp.MustCompile(`\b[0-9a-fA-F]{32}\b`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}`), "TIME WITH MICROSECONDS"},
	{regexp.MustCompile(`gAAAAAB[\w-]{80,}`), "TOKEN"},
	{regexp.MustCompile(`^[\w-]{22}$`), "AUDIT"},
	{regexp.MustCompile(`x{200,}`), "x..."},
	// Which characters are printable is what its Python says.
	{regexp.MustCompile(`does not match '\^\[\\\\ -.*?\]\*\$'`), "does not match 'PRINTABLE'"},
}

// unexpected are the unknown members that a message names, in an order that is not always the same.
var unexpected = regexp.MustCompile(`\('\w+', '\w+' were unexpected\)`)

// normal takes out of a text what differs from cloud to cloud. What was kept stands under its name.
func (c *cloud) normal(s string) string {
	for _, name := range c.keptNames {
		if value := c.kept[name]; len(value) > 20 && !strings.HasSuffix(name, "password") {
			s = strings.ReplaceAll(s, value, "{"+name+"}")
			s = strings.ReplaceAll(s, strings.ReplaceAll(value, "-", ""), "{"+name+" bare}")
		}
	}
	if c.cinder != "" {
		s = strings.ReplaceAll(s, c.cinder+"/"+c.api+"/", "API/")
		s = strings.ReplaceAll(s, c.cinder, "CINDER")
	}
	s = strings.ReplaceAll(s, c.keystone, "KEYSTONE")
	s = unexpected.ReplaceAllStringFunc(s, func(names string) string {
		words := strings.Fields(strings.NewReplacer("(", "", ",", "").Replace(names))
		slices.Sort(words[:2])
		return "(" + words[0] + ", " + words[1] + " were unexpected)"
	})
	for _, u := range unstable {
		s = u.pattern.ReplaceAllString(s, u.stands)
	}
	return s
}

func (c *cloud) normalValue(value any) any {
	switch v := value.(type) {
	case string:
		return c.normal(v)
	case []any:
		for i := range v {
			v[i] = c.normalValue(v[i])
		}
	case map[string]any:
		for key, inner := range v {
			v[key] = c.normalValue(inner)
		}
		// Keystone keeps these in sets, whose order is another in each of its processes.
		for _, key := range []string{"methods", "roles"} {
			if set, ok := v[key].([]any); ok {
				slices.SortFunc(set, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
		}
		// Where a driver keeps its mounts is its own business.
		if _, ok := v["mount_point_base"]; ok {
			v["mount_point_base"] = "PATH"
		}
	}
	return value
}

// types describes a value by its keys and kinds only.
func types(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case []any:
		var kinds []string
		for _, inner := range v {
			if kind := types(inner); !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
		slices.Sort(kinds)
		return "[" + strings.Join(kinds, " ") + "]"
	case map[string]any:
		parts := []string{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+":"+types(v[key]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprintf("%T", value)
}

const answerMark = "=== "

func (r recorded) file() string { return filepath.Join("testdata", "answers-"+r.name+".golden") }

// readAnswers reads what a cloud answered.
func readAnswers(t *testing.T, r recorded) map[string]string {
	t.Helper()
	answers := map[string]string{}
	if base, there := recording(r.base); there {
		answers = readAnswers(t, base)
	}
	data, err := os.ReadFile(r.file())
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq("\n"+string(data), "\n"+answerMark) {
		name, answer, _ := strings.Cut(part, "\n")
		answers[name] = strings.TrimRight(answer, "\n")
	}
	return answers
}

// writeAnswers writes a cloud's record: its answers, but for those that its base gave too.
func writeAnswers(t *testing.T, r recorded, rows []exchange, answers map[string]string) {
	t.Helper()
	known := map[string]string{}
	if base, there := recording(r.base); there {
		known = readAnswers(t, base)
	}
	var b strings.Builder
	for _, x := range rows {
		if answer, ok := answers[x.name]; ok && answer != known[x.name] {
			fmt.Fprintf(&b, "%s%s\n%s\n", answerMark, x.name, answer)
		}
	}
	if err := os.WriteFile(r.file(), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// cleanUp takes away what the exchanges left, whatever state it is in.
func (c *cloud) cleanUp(t *testing.T) {
	for _, name := range c.keptNames {
		id := c.kept[name]
		for _, who := range []string{"demo", "admin"} {
			switch {
			case c.tokens[who] == "":
			case strings.HasPrefix(name, "credential"):
				c.quietly(t, who, "DELETE keystone:/users/"+c.kept[who+" user"]+"/application_credentials/"+id, "")
			case strings.HasPrefix(name, "attachment"):
				c.quietly(t, who, "DELETE /attachments/"+id, "")
			case strings.HasPrefix(name, "snap"):
				c.quietly(t, "admin", "POST /snapshots/"+id+"/action", `{"os-force_delete": {}}`)
			}
		}
	}
	if c.tokens["admin"] != "" {
		c.quietly(t, "admin", "DELETE /os-quota-sets/"+c.projects["admin"], "")
	}
	for _, name := range c.keptNames {
		if !strings.HasPrefix(name, "volume") {
			continue
		}
		id := c.kept[name]
		if c.tokens["admin"] != "" {
			c.quietly(t, "admin", "POST /volumes/"+id+"/action", `{"os-reset_status": {"status": "available", "attach_status": "detached"}}`)
		}
		for range 50 {
			status := c.quietly(t, "demo", "DELETE /volumes/"+id+"?cascade=true", "")
			if status == http.StatusNotFound && c.tokens["admin"] != "" {
				status = c.quietly(t, "admin", "DELETE /volumes/"+id+"?cascade=true", "")
			}
			if status == http.StatusNotFound {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}

func (c *cloud) quietly(t *testing.T, as, do, body string) int {
	status, _, _ := c.exchange(t, exchange{name: "clean up", as: as, do: do, body: body})
	return status
}
