// Istack-simulator serves a simulated Keystone and Cinder, to try things out and to show them.
//
// It prints the environment with which OpenStack clients find it, as lines for a shell, and runs until it is
// interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "istack-simulator:", err)
		os.Exit(1)
	}
}

// patience is how long requests that are under way may still take after an interrupt.
const patience = 5 * time.Second

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("istack-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		options    simulator.Options
		listen     = flags.String("listen", "127.0.0.1:0", "address to listen at; port 0 takes any that is free")
		catalog    = flags.String("catalog", "volumev3,block-storage", "types of Cinder in the catalogue, by comma")
		regions    = flags.String("regions", "RegionOne", "names of the regions, by comma")
		user       = flags.String("user", "demo", "whose environment to print: demo, demo2 or admin")
		envFile    = flags.String("env-file", "", "file to write the environment to as well")
		seedVolume = flags.Int("seed-volume", 0, "begin with a volume of so many gigabytes in the project demo")
		seedCount  = flags.Int("seed-snapshots", 0, "begin with so many snapshots of that volume")
	)
	flags.DurationVar(&options.CreateTime, "create-time", 150*time.Millisecond, "how long an object stays creating")
	flags.DurationVar(&options.DeleteTime, "delete-time", 100*time.Millisecond, "how long an object stays deleting")
	flags.DurationVar(&options.Latency, "latency", 0, "time added before every answer")
	flags.DurationVar(&options.TokenLife, "token-life", time.Hour, "how long a token is valid")
	flags.IntVar(&options.PageLimit, "page-limit", 1000, "most items in a page")
	flags.IntVar(&options.SnapshotQuota, "snapshot-quota", 100000, "most snapshots of a project")
	flags.StringVar(&options.Release, "release", "", "whose Keystone and Cinder it is: Debian's "+strings.Join(simulator.Releases(), ", ")+
		"; 12 if not named, or 11 with volumev2 in the catalogue")
	flags.StringVar(&options.MaxMicroversion, "max-microversion", "", "highest microversion of Cinder, from 3.0; the release's own if not named")
	flags.StringVar(&options.Password, "password", "secret", "password of all users")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if !slices.Contains([]string{"demo", "demo2", "admin"}, *user) {
		return fmt.Errorf("no user %q", *user)
	}
	if options.Release != "" && !slices.Contains(simulator.Releases(), options.Release) {
		return fmt.Errorf("no release %q", options.Release)
	}
	options.CatalogTypes = strings.Split(*catalog, ",")
	options.Regions = strings.Split(*regions, ",")

	server := simulator.New(options)
	if *seedCount > 0 && *seedVolume == 0 {
		*seedVolume = 1
	}
	seeded := ""
	if *seedVolume > 0 {
		seeded = server.SeedVolume("seed", *seedVolume)
		if err := server.SeedSnapshots(seeded, *seedCount, "seed"); err != nil {
			return err
		}
	}

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	variables := server.Environment("http://"+listener.Addr().String(), *user)
	if seeded != "" {
		// What a configuration with the variable "volume_id" reads.
		variables["TF_VAR_volume_id"] = seeded
	}
	environment := exports(variables)
	if *envFile != "" {
		if err := os.WriteFile(*envFile, []byte(environment), 0o600); err != nil {
			_ = listener.Close()
			return err
		}
	}
	if _, err := io.WriteString(stdout, environment); err != nil {
		_ = listener.Close()
		return err
	}
	return serve(ctx, listener, server)
}

// serve runs the server, and lets it finish what it is doing when the context ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	web := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return web.Shutdown(last)
}

// exports writes variables as a shell reads them, in order.
func exports(variables map[string]string) string {
	names := make([]string, 0, len(variables))
	for name := range variables {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "export %s='%s'\n", name, strings.ReplaceAll(variables[name], "'", `'\''`))
	}
	return b.String()
}
