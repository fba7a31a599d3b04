package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

// prefix is that of the names of all snapshots here.
const prefix = "bench"

// The kinds of clouds.
const (
	simulatedCloud = "simulated cloud"
	realCloud      = "real cloud" // whose sign-ins do not pass here
)

// cloud is what the provider speaks to, with a counter before it.
type cloud struct {
	counter counter
	server  *http.Server
	// env are the variables with which the provider signs in.
	env map[string]string
	// endpoint leads to Cinder past the catalogue, where it is set.
	endpoint string
	volumeID string
	region   string
	// snapshots are those that are there from the start, by name.
	snapshots []snapshot
	// seeded says that they are named PREFIX-00001 and so on.
	seeded bool
}

// simulate makes a cloud with one volume that has so many snapshots.
func simulate(ctx context.Context, options simulator.Options, snapshots int) (*cloud, error) {
	sim := simulator.New(options)
	c := &cloud{volumeID: sim.SeedVolume(prefix, 1), seeded: true}
	if err := sim.SeedSnapshots(c.volumeID, snapshots, prefix); err != nil {
		return nil, err
	}
	address, err := c.serve(ctx, sim)
	if err != nil {
		return nil, err
	}
	c.env = sim.Environment(address, "demo")
	return c, c.look(ctx)
}

// reach makes a cloud of the one that OS_* names, with a volume that is there already.
func reach(ctx context.Context, volumeID string) (*cloud, error) {
	c := &cloud{volumeID: volumeID, env: map[string]string{}}
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OS_") {
			c.env[name] = value
		}
	}
	known, err := signIn(ctx, c.env)
	if err != nil {
		return nil, err
	}
	to, err := url.Parse(known.volume)
	if err != nil {
		return nil, err
	}
	address, err := c.serve(ctx, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, to.Host
	}})
	if err != nil {
		return nil, err
	}
	c.endpoint = address + to.Path
	return c, c.look(ctx)
}

// serve listens, with the counter before the handler.
func (c *cloud) serve(ctx context.Context, handler http.Handler) (address string, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	c.counter.next = handler
	c.server = &http.Server{Handler: &c.counter, ReadHeaderTimeout: time.Minute}
	go func() { _ = c.server.Serve(listener) }()
	return "http://" + listener.Addr().String(), nil
}

// look notes what there is, and forgets the requests that this took.
func (c *cloud) look(ctx context.Context) error {
	known, err := signIn(ctx, c.env)
	if err == nil {
		c.region = known.region
		c.snapshots, err = known.snapshots(ctx, c.volumeID)
	}
	if err != nil {
		c.close()
	}
	c.counter.take()
	return err
}

func (c *cloud) close() { _ = c.server.Close() }

// spread returns so many of the snapshots, evenly out of all.
func (c *cloud) spread(count int) ([]snapshot, error) {
	if count > len(c.snapshots) {
		return nil, fmt.Errorf("volume %s has %d available snapshots, not %d", c.volumeID, len(c.snapshots), count)
	}
	picked := make([]snapshot, count)
	for i := range picked {
		picked[i] = c.snapshots[i*len(c.snapshots)/count]
	}
	return picked, nil
}
