package volumesnapshot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/acctest"
)

// What one snapshot costs on the wire, each command being a process of its own.
func TestAccVolumeSnapshot_requests(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	config := func(attributes string) string { return snapshotConfig(c, volume, attributes) }
	cli := acctest.NewCLI(t, config(`name = "one"
		metadata = { a = "1" }`))
	// Each command must sign in exactly once, or not at all.
	run := func(signIns int, args ...string) []acctest.Request {
		t.Helper()
		c.Forget()
		cli.Run(append(args, "-no-color")...)
		if n := len(c.SignIns()); n != signIns {
			t.Errorf("%v: %d sign-ins, want %d", args, n, signIns)
		}
		return c.Requests()
	}
	expect := func(what string, got []acctest.Request, want ...string) {
		t.Helper()
		if lines := methods(got); !slices.Equal(lines, want) {
			t.Errorf("%s: the requests were %v, want %v", what, lines, want)
		}
	}

	expect("plan of a create", run(0, "plan"))

	create := run(1, "apply", "-auto-approve")
	if len(create) == 0 || create[0].Method != "POST" {
		t.Fatalf("a create began with %v", methods(create))
	}
	// Whatever the backend takes: at most two looks in the first second, and
	// then a look at most about every second.
	answered := create[0].At.Add(create[0].Took)
	early := slices.DeleteFunc(slices.Clone(create[1:]), func(r acctest.Request) bool { return r.At.After(answered.Add(time.Second)) })
	if len(early) > 2 {
		t.Errorf("create: %d looks at the status in the first second: %v", len(early), methods(create))
	}
	if last := create[len(create)-1]; last.At.Before(answered.Add(1200*time.Millisecond)) && len(create) > 3 {
		t.Errorf("create: the snapshot was there after about a second, and it took %d requests: %v", len(create), methods(create))
	}

	expect("refresh", run(1, "plan"), "GET")

	cli.Configure(config(`name = "two"
		metadata = { a = "1" }`))
	expect("rename", run(1, "apply", "-auto-approve", "-refresh=false"), "PUT")

	cli.Configure(config(`name = "two"
		metadata = { a = "2", b = "3" }`))
	expect("metadata keys set", run(1, "apply", "-auto-approve", "-refresh=false"), "POST")

	cli.Configure(config(`name = "two"
		metadata = { a = "2" }`))
	expect("metadata key removed", run(1, "apply", "-auto-approve", "-refresh=false"), "DELETE")

	cli.Configure(config(`name = "three"
		metadata = { c = "4" }`))
	expect("name, keys set and keys removed at once", run(1, "apply", "-auto-approve", "-refresh=false"), "PUT", "DELETE", "POST")
	cli.Configure(config(`name = "two"
		metadata = { a = "2" }`))
	cli.Run("apply", "-auto-approve", "-no-color")

	cli.Configure(config(`name = "two"
		metadata = { a = "2" }
		timeouts = { create = "5m" }
		force = true`))
	expect("change of intent alone", run(0, "apply", "-auto-approve", "-refresh=false"))

	destroy := run(1, "destroy", "-auto-approve", "-refresh=false")
	if destroy[0].Method != "DELETE" || destroy[len(destroy)-1].Status != 404 {
		t.Errorf("a destroy was %v", destroy)
	}
	if last := destroy[len(destroy)-1]; last.At.Before(destroy[0].At.Add(1300*time.Millisecond)) && len(destroy) > 3 {
		t.Errorf("destroy: the snapshot was gone after about a second, and it took %d requests: %v", len(destroy), destroy)
	}
}

func methods(requests []acctest.Request) []string {
	var lines []string
	for _, r := range requests {
		lines = append(lines, r.Method)
	}
	return lines
}

// Many resources of one process share one sign-in.
func TestAccVolumeSnapshot_signInOnce(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `count = 10
		name = "number ${count.index}"`))
	cli.Apply()
	if n := len(c.SignIns()); n != 1 {
		t.Errorf("an apply of ten creates signed in %d times", n)
	}
	c.Forget()
	cli.Run("plan", "-no-color", "-detailed-exitcode")
	if n := len(c.SignIns()); n != 1 {
		t.Errorf("a plan of ten resources signed in %d times", n)
	}
	cli.Run("destroy", "-auto-approve", "-no-color")
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// However many operations Terraform has under way, the cloud sees no more
// requests at a time than the provider block allows, and all get their turn.
func TestAccVolumeSnapshot_maxConcurrentRequests(t *testing.T) {
	t.Parallel()
	acctest.DecidedByProxy(t)
	c := acctest.New(t)
	volume := c.Volume()
	ten := func(provider ...string) string {
		return snapshotConfig(c, volume, `count = 10
		name = "number ${count.index}"`, provider...)
	}
	cli := acctest.NewCLI(t, ten("max_concurrent_requests = 2"))
	cli.Attach()
	// Each request takes long enough for others to come.
	c.Instead(func(http.ResponseWriter, acctest.Request, func(http.ResponseWriter)) bool {
		time.Sleep(50 * time.Millisecond)
		return false
	})
	for _, row := range []struct {
		args         []string
		least, after int
	}{
		{[]string{"apply", "-auto-approve"}, 2, 10},
		{[]string{"plan", "-detailed-exitcode"}, 1, 10}, // reads may share one request
		{[]string{"destroy", "-auto-approve"}, 2, 0},
	} {
		c.Forget()
		cli.Run(append(row.args, "-no-color")...)
		if n := c.AtOnce(); n > 2 || n < row.least {
			t.Errorf("%v: %d requests at once", row.args, n)
		}
		if n := len(c.Snapshots(volume)); n != row.after {
			t.Errorf("%v: there are %d snapshots, want %d", row.args, n, row.after)
		}
	}

	// Without the limit there would have been more.
	c.Forget()
	cli.Configure(ten())
	cli.Apply()
	if n := c.AtOnce(); n <= 2 {
		t.Errorf("by default: %d requests at once", n)
	}
}

// A request that is held back until the time of its operation is over is not put
// on the cloud.
func TestAccVolumeSnapshot_requestsPerSecond(t *testing.T) {
	t.Parallel()
	c := acctest.New(t)
	volume := c.Volume()
	cli := acctest.NewCLI(t, snapshotConfig(c, volume, `timeouts = { create = "4s" }`, "requests_per_second = 0.1"))
	cli.Attach()
	out, err := cli.Try("apply", "-auto-approve", "-no-color", "-input=false")
	for _, want := range []string{"never sent: timed out after", "requests_per_second is 0.1", "The provider itself holds its requests back"} {
		if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "), want) {
			t.Errorf("%v: it does not say %q:\n%s", err, want, out)
		}
	}
	if left := c.Snapshots(volume); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	cli.Configure(snapshotConfig(c, volume, "", "requests_per_second = 5"))
	cli.Apply()
	if n := len(c.Snapshots(volume)); n != 1 {
		t.Errorf("there are %d snapshots", n)
	}
}
