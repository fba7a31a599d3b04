package volumesnapshot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/acctest"
	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// Whatever is planned, and whatever somebody else does to the snapshot before
// and after each request of the apply: the apply returns what was planned, the
// next read shows just what somebody else did, and no key of somebody else's is
// touched. Time is virtual.
func TestWritesReturnWhatWasPlanned(t *testing.T) {
	acctest.OnSimulator(t)
	lives := 120
	if testing.Short() {
		lives = 20
	}
	for seed := range lives {
		if t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newLife(t, uint64(seed)).run() }) //nolint:gosec // not negative
		}); t.Failed() {
			t.Fatal("the first seed that fails is enough")
		}
	}
}

// life is that of one snapshot: random configurations, applied one after the
// other, while somebody else has access to it too.
type life struct {
	t      *testing.T
	random *rand.Rand
	cloud  *simulator.Server
	pipes  *pipes
	volume string

	resource, provider tftypes.Object
	unchanged          bool // since the import

	mu       sync.Mutex
	token    string // somebody else's
	project  string
	meddling bool
	touched  map[string]bool // "name", "description", "metadata KEY": by somebody else, during an apply
	requests []string        // to Cinder
}

func newLife(t *testing.T, seed uint64) *life {
	t.Helper()
	l := &life{t: t, random: rand.New(rand.NewPCG(seed, 1)), touched: map[string]bool{}} //nolint:gosec // to be repeated
	l.cloud = simulator.New(simulator.Options{CreateTime: time.Duration(1+l.random.IntN(3000)) * time.Millisecond})
	l.volume = l.cloud.SeedVolume("v", 1)
	l.pipes = serveInMemory(http.HandlerFunc(l.serve))
	schemas := schemasOf(t, newServer(t))
	l.provider = schemas.Provider.ValueType().(tftypes.Object)
	l.resource = schemas.ResourceSchemas[kind].ValueType().(tftypes.Object)
	return l
}

const kind = "istack_volume_snapshot"

// serve lets somebody else act before and after each request.
func (l *life) serve(w http.ResponseWriter, r *http.Request) {
	cinder := strings.HasPrefix(r.URL.Path, "/volume/")
	if cinder {
		l.mu.Lock()
		l.requests = append(l.requests, r.Method)
		l.mu.Unlock()
		l.meddle() //nolint:contextcheck // no part of this request
	}
	l.cloud.ServeHTTP(w, r)
	if cinder {
		l.meddle() //nolint:contextcheck // no part of this request
	}
}

// config is what a configuration says, and what the provider block does.
type config struct {
	name, description *string
	metadata          map[string]string // nil for none
	defaults          map[string]string
	ignored           []string
}

func (l *life) newConfig() config {
	text := func() *string {
		return []*string{nil, new(string), ptr("one"), ptr("two")}[l.random.IntN(4)]
	}
	some := func(least int) map[string]string {
		m := map[string]string{}
		for range least + l.random.IntN(4) {
			m[l.key()] = fmt.Sprint(l.random.IntN(3))
		}
		return m
	}
	c := config{name: text(), description: text(), defaults: some(0)}
	if l.random.IntN(4) > 0 {
		c.metadata = some(0)
	}
	if l.random.IntN(3) == 0 {
		ignored := l.key()
		delete(c.metadata, ignored)
		delete(c.defaults, ignored)
		c.ignored = []string{ignored}
	}
	return c
}

// key is one of few, so that owners meet; one of them can only be removed by
// writing the whole map.
func (l *life) key() string { return []string{"a", "b", "c", "d", "e", "x/y"}[l.random.IntN(6)] }

func ptr(s string) *string { return &s }

// desired is what the configuration wants on the snapshot.
func (c config) desired() map[string]string {
	all := maps.Clone(c.defaults)
	maps.Copy(all, c.metadata)
	return all
}

func (l *life) run() {
	l.t.Helper()
	defer l.pipes.close()
	var state tftypes.Value
	var private []byte
	if l.random.IntN(3) == 0 {
		state, private = l.imported()
	} else {
		state = tftypes.NewValue(l.resource, nil)
	}
	for range 4 + l.random.IntN(4) {
		if l.t.Failed() {
			return
		}
		state, private = l.apply(l.newConfig(), state, private)
	}
}

// imported takes a snapshot over that somebody else has made.
func (l *life) imported() (state tftypes.Value, private []byte) {
	made := l.somebody(http.MethodPost, "snapshots", map[string]any{"snapshot": map[string]any{
		"volume_id": l.volume, "name": "by hand", "metadata": map[string]string{"a": "0", "b": "0", "c": "0"},
	}})
	time.Sleep(5 * time.Second)
	l.unchanged = true
	id, _ := made["snapshot"].(map[string]any)["id"].(string)
	first := l.newConfig()
	server := l.server(first.defaults, first.ignored)
	resp, err := server.ImportResourceState(l.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	l.check(err, resp.Diagnostics)
	object := resp.ImportedResources[0]
	state, private = l.refresh(server, l.decode(object.State), object.Private)
	return state, private
}

// apply plans and applies a configuration, and checks what comes of it.
func (l *life) apply(c config, state tftypes.Value, private []byte) (tftypes.Value, []byte) {
	l.t.Helper()
	server := l.server(c.defaults, c.ignored)
	if !state.IsNull() && l.random.IntN(3) > 0 { // otherwise as with -refresh=false
		state, private = l.refresh(server, state, private)
	}
	configured := l.configured(c)
	planned, err := server.PlanResourceChange(l.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: dynamic(l.t, state), PriorPrivate: private,
		ProposedNewState: dynamic(l.t, l.proposed(configured, state)), Config: dynamic(l.t, configured),
	})
	l.check(err, planned.Diagnostics)
	plan := l.decode(planned.PlannedState)
	if l.t.Failed() || plan.Equal(state) {
		return state, private
	}
	others := metadataOf(object(state)["other_metadata"])
	owned := l.owned(state)

	l.begin()
	applied, err := server.ApplyResourceChange(l.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: dynamic(l.t, state), PlannedState: dynamic(l.t, plan), Config: dynamic(l.t, configured), PlannedPrivate: planned.PlannedPrivate,
	})
	touched, requests := l.end()
	l.check(err, applied.Diagnostics)
	if l.t.Failed() {
		return state, private
	}
	after := l.decode(applied.NewState)
	if problem := inconsistent(plan, after); problem != "" {
		l.t.Fatalf("Terraform would say \"Provider produced inconsistent result after apply\": %s", problem)
	}
	if !state.IsNull() && slices.Contains(requests, http.MethodGet) && len(touched) == 0 && !wholeMap(state, owned, c) {
		l.t.Errorf("an update read what nobody has touched: %v", requests)
	}

	defer func() { l.unchanged = false }()
	refreshed, privateAfter := l.refresh(server, after, applied.Private)
	l.compare(after, refreshed, touched)
	server2 := l.onServer()
	for key, value := range others {
		if _, wanted := c.desired()[key]; !wanted && !touched["metadata "+key] && server2.Metadata[key] != value {
			l.t.Errorf("%q was somebody else's, and is now %q", key, server2.Metadata[key])
		}
	}
	for key := range owned {
		_, there := server2.Metadata[key]
		if _, wanted := c.desired()[key]; !wanted && !touched["metadata "+key] && there != (l.unchanged || slices.Contains(c.ignored, key)) {
			if _, was := metadataOf(object(state)["metadata"])[key]; was || there {
				l.t.Errorf("%q left the configuration, and there is %t (just imported: %t)", key, there, l.unchanged)
			}
		}
	}
	if len(touched) == 0 {
		again, err := server.PlanResourceChange(l.t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: kind, PriorState: dynamic(l.t, refreshed), PriorPrivate: privateAfter,
			ProposedNewState: dynamic(l.t, l.proposed(configured, refreshed)), Config: dynamic(l.t, configured),
		})
		l.check(err, again.Diagnostics)
		if plan := l.decode(again.PlannedState); !plan.Equal(refreshed) {
			l.t.Errorf("the plan after the apply is not empty: %s", difference(refreshed, plan))
		}
	}
	return refreshed, privateAfter
}

// owned are the keys that the state says are ours.
func (l *life) owned(state tftypes.Value) map[string]string {
	ours := metadataOf(object(state)["default_metadata"])
	maps.Copy(ours, metadataOf(object(state)["metadata"]))
	return ours
}

// wholeMap reports whether a key has to go that only goes with the whole map.
func wholeMap(state tftypes.Value, owned map[string]string, c config) bool {
	_, was := owned["x/y"]
	_, wanted := c.desired()["x/y"]
	return !state.IsNull() && was && !wanted
}

// compare checks that a read after an apply shows what somebody else did, and
// nothing else, and that the three maps are the metadata of the snapshot.
func (l *life) compare(after, refreshed tftypes.Value, touched map[string]bool) {
	l.t.Helper()
	before, now, cloud := object(after), object(refreshed), l.onServer()
	for name := range before {
		switch name {
		case "name", "description":
			if !touched[name] && !before[name].Equal(now[name]) {
				l.t.Errorf("%s became %s by itself, from %s", name, now[name], before[name])
			}
		case "metadata", "default_metadata", "other_metadata":
			was, is := metadataOf(before[name]), metadataOf(now[name])
			for key := range cloud.Metadata {
				if !touched["metadata "+key] && was[key] != is[key] {
					l.t.Errorf("%s[%q] became %q by itself, from %q", name, key, is[key], was[key])
				}
			}
		default:
			if !before[name].Equal(now[name]) {
				l.t.Errorf("%s became %s by itself, from %s", name, now[name], before[name])
			}
		}
	}
	if got := textOf(now["name"]); got != cloud.Name {
		l.t.Errorf("the name is %q and was read as %q", cloud.Name, got)
	}
	union, count := map[string]string{}, 0
	for _, name := range []string{"metadata", "default_metadata", "other_metadata"} {
		part := metadataOf(now[name])
		maps.Copy(union, part)
		count += len(part)
	}
	if !maps.Equal(union, cloud.Metadata) || count != len(union) {
		l.t.Errorf("the cloud has %v, and the three maps are %v", cloud.Metadata, now)
	}
}

// inconsistent does what Terraform does with the answer to an apply: what was
// known in the plan must come back.
func inconsistent(plan, after tftypes.Value) string {
	var problems []string
	planned, got := object(plan), object(after)
	for name, value := range planned {
		switch {
		case !value.IsKnown():
		case value.IsFullyKnown():
			if !value.Equal(got[name]) {
				problems = append(problems, fmt.Sprintf("%s was planned as %s and is %s", name, value, got[name]))
			}
		default:
			problems = append(problems, name+" is known in part")
		}
	}
	for name, value := range got {
		if !value.IsFullyKnown() {
			problems = append(problems, name+" is not known after the apply")
		}
	}
	return strings.Join(problems, "; ")
}

func difference(one, other tftypes.Value) string {
	var differences []string
	others := object(other)
	for name, value := range object(one) {
		if !value.Equal(others[name]) {
			differences = append(differences, fmt.Sprintf("%s: %s, %s", name, value, others[name]))
		}
	}
	return strings.Join(differences, "; ")
}

// Somebody else.

// begin lets somebody else act, end ends that.
func (l *life) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meddling, l.touched, l.requests = l.random.IntN(2) > 0, map[string]bool{}, nil
}

func (l *life) end() (touched map[string]bool, requests []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meddling = false
	return l.touched, l.requests
}

// meddle changes something about the snapshot, or not.
func (l *life) meddle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.meddling || l.random.IntN(3) > 0 {
		return
	}
	id := l.onServer().ID
	if id == "" {
		return
	}
	key := l.key()
	switch l.random.IntN(4) {
	case 0:
		l.somebody(http.MethodPut, "snapshots/"+id, map[string]any{"snapshot": map[string]any{"name": "theirs"}})
		l.touched["name"] = true
	case 1:
		l.somebody(http.MethodPut, "snapshots/"+id, map[string]any{"snapshot": map[string]any{"description": "theirs"}})
		l.touched["description"] = true
	case 2:
		l.somebody(http.MethodPost, "snapshots/"+id+"/metadata", map[string]any{"metadata": map[string]string{key: "theirs"}})
		l.touched["metadata "+key] = true
	case 3:
		metadata := l.onServer().Metadata
		delete(metadata, key)
		l.somebody(http.MethodPut, "snapshots/"+id+"/metadata", map[string]any{"metadata": metadata})
		l.touched["metadata "+key] = true
	}
}

// somebody sends a request of somebody else's, which the cloud must take.
func (l *life) somebody(method, path string, body any) map[string]any {
	if l.token == "" {
		l.signIn()
	}
	w := l.request(method, "/volume/v3/"+l.project+"/"+path, body)
	if w.Code >= http.StatusMultipleChoices {
		l.t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	var answer map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	return answer
}

func (l *life) signIn() {
	env := l.cloud.Environment("http://"+host, "demo")
	domain := map[string]string{"name": env["OS_USER_DOMAIN_NAME"]}
	w := l.request(http.MethodPost, "/identity/v3/auth/tokens", map[string]any{"auth": map[string]any{
		"identity": map[string]any{
			"methods":  []string{"password"},
			"password": map[string]any{"user": map[string]any{"name": env["OS_USERNAME"], "domain": domain, "password": env["OS_PASSWORD"]}},
		},
		"scope": map[string]any{"project": map[string]any{"name": env["OS_PROJECT_NAME"], "domain": domain}},
	}})
	var answer struct {
		Token struct{ Project struct{ ID string } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		l.t.Error(err)
	}
	l.token, l.project = w.Header().Get("X-Subject-Token"), answer.Token.Project.ID
}

func (l *life) request(method, path string, body any) *httptest.ResponseRecorder {
	data, err := json.Marshal(body)
	if err != nil {
		l.t.Error(err)
	}
	r := httptest.NewRequestWithContext(context.Background(), method, "http://"+host+path, bytes.NewReader(data))
	r.Header.Set("Content-Type", "application/json")
	if l.token != "" {
		r.Header.Set("X-Auth-Token", l.token)
	}
	w := httptest.NewRecorder()
	l.cloud.ServeHTTP(w, r)
	return w
}

// onServer is the one snapshot as the cloud has it.
func (l *life) onServer() acctest.Snapshot {
	data, err := json.Marshal(l.somebody(http.MethodGet, "snapshots/detail", nil))
	var listed struct{ Snapshots []acctest.Snapshot }
	if err == nil {
		err = json.Unmarshal(data, &listed)
	}
	if err != nil || len(listed.Snapshots) > 1 {
		l.t.Errorf("%v: %s", err, data)
	}
	if len(listed.Snapshots) == 0 {
		return acctest.Snapshot{}
	}
	return listed.Snapshots[0]
}

// The provider as Terraform speaks to it.

// newServer is a provider that has just been started.
func newServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := acctest.Factories()["istack"]()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func schemasOf(t *testing.T, server tfprotov6.ProviderServer) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return schemas
}

// server is a provider that has just been started, as for each command, with
// these defaults and ignored keys.
func (l *life) server(defaults map[string]string, ignored []string) tfprotov6.ProviderServer {
	l.t.Helper()
	block := credentials(l.cloud.Environment("http://"+host, "demo"))
	block["default_metadata"] = stringMap(defaults)
	if ignored != nil {
		var keys []tftypes.Value
		for _, key := range ignored {
			keys = append(keys, tftypes.NewValue(tftypes.String, key))
		}
		set := tftypes.Set{ElementType: tftypes.String}
		block["ignore_metadata"] = tftypes.NewValue(l.provider.AttributeTypes["ignore_metadata"], map[string]tftypes.Value{
			"keys": tftypes.NewValue(set, keys), "key_prefixes": tftypes.NewValue(set, nil),
		})
	}
	server := newServer(l.t)
	resp, err := server.ConfigureProvider(l.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(l.t, filled(l.provider, block))})
	l.check(err, resp.Diagnostics)
	return server
}

func (l *life) refresh(server tfprotov6.ProviderServer, state tftypes.Value, private []byte) (tftypes.Value, []byte) {
	l.t.Helper()
	resp, err := server.ReadResource(l.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: dynamic(l.t, state), Private: private})
	l.check(err, resp.Diagnostics)
	return l.decode(resp.NewState), resp.Private
}

func (l *life) check(err error, diagnostics []*tfprotov6.Diagnostic) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			l.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// configured is a configuration as Terraform decodes it.
func (l *life) configured(c config) tftypes.Value {
	values := map[string]tftypes.Value{
		"volume_id": tftypes.NewValue(tftypes.String, l.volume),
		"metadata":  stringMap(c.metadata),
	}
	for name, value := range map[string]*string{"name": c.name, "description": c.description} {
		if value != nil {
			values[name] = tftypes.NewValue(tftypes.String, *value)
		}
	}
	return filled(l.resource, values)
}

// proposed merges configuration and state as Terraform does: what a provider
// computes and nobody has configured stays.
func (l *life) proposed(configured, state tftypes.Value) tftypes.Value {
	values := object(configured)
	if !state.IsNull() {
		for name, before := range object(state) {
			switch name {
			case "name", "description", "metadata", "volume_id", "triggers", "timeouts":
			default:
				values[name] = before
			}
		}
	}
	return tftypes.NewValue(l.resource, values)
}

// credentials are the settings of a provider block that an environment names.
func credentials(env map[string]string) map[string]tftypes.Value {
	block := map[string]tftypes.Value{}
	for attribute, variable := range map[string]string{
		"auth_url": "OS_AUTH_URL", "region": "OS_REGION_NAME", "user_name": "OS_USERNAME", "password": "OS_PASSWORD", "project_name": "OS_PROJECT_NAME",
		"user_domain_name": "OS_USER_DOMAIN_NAME", "project_domain_name": "OS_PROJECT_DOMAIN_NAME",
	} {
		block[attribute] = tftypes.NewValue(tftypes.String, env[variable])
	}
	return block
}

func filled(kind tftypes.Object, known map[string]tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	maps.Copy(values, known)
	return tftypes.NewValue(kind, values)
}

func stringMap(m map[string]string) tftypes.Value {
	kind := tftypes.Map{ElementType: tftypes.String}
	if m == nil {
		return tftypes.NewValue(kind, nil)
	}
	values := map[string]tftypes.Value{}
	for key, value := range m {
		values[key] = tftypes.NewValue(tftypes.String, value)
	}
	return tftypes.NewValue(kind, values)
}

func dynamic(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	sent, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &sent
}

func (l *life) decode(dynamic *tfprotov6.DynamicValue) tftypes.Value {
	value, err := dynamic.Unmarshal(l.resource)
	if err != nil {
		l.t.Fatal(err)
	}
	return value
}

// object is the attributes of an object, none for null.
func object(value tftypes.Value) map[string]tftypes.Value {
	attributes := map[string]tftypes.Value{}
	if !value.IsNull() {
		_ = value.As(&attributes)
	}
	return attributes
}

// metadataOf is a map of strings, empty for null.
func metadataOf(value tftypes.Value) map[string]string {
	m := map[string]string{}
	for key, element := range object(value) {
		m[key] = textOf(element)
	}
	return m
}

// textOf is a string, "" for null.
func textOf(value tftypes.Value) string {
	var s *string
	if value.As(&s) != nil || s == nil {
		return ""
	}
	return *s
}
