// Command bench measures the built server and prints every promised figure beside its floor.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	cluster "github.com/thebigclass/api/tools/testenv/postgres"
)

const usage = `bench measures the built tbc and prints every promised figure beside its floor.

  bench [-only list,growth,…] [-database sqlite|postgres]

Run it from the root of the repository, on a machine that does nothing else. Everything is measured three
times and the median counts. A row that could not be measured is missed. The exit code is 1 only if
something could not run at all. Groups:

  list        requests per second of lists as a share of a bare echo handler's
  validation  the generated validators beside kin-openapi
  growth      pages of 10,000, 100,000 and 1,000,000 rows; queries of the student list
  analytics   the summary over 1,000 and 1,000,000 orders
  events      what an event costs its call, commit to receipt, statements of a batch
  drain       deliveries a second of a full queue, and their processor time
  history     the same with a million finished deliveries in the log
  hanging     commit to receipt while half of the endpoints hang
  retention   commit to receipt while a million old deliveries are removed
  dashboard   queries and time of the dashboard's pages in a full workspace
  docs        the reference in Chromium: first paint, movement, weight
  export      tbc-export: time outside waiting for the server, peak memory
  queued      resident memory with 100,000 queued deliveries
  start       start to ready, resident memory idle
  memory      resident memory after a million requests

`

// bench is one run: what it built, where it works, and what it has found so far.
type bench struct {
	binary  string
	folder  string
	cluster *cluster.Cluster // nil where PostgreSQL takes no part
	main    map[string]database
	results *results
	log     io.Writer
	began   time.Time
}

// group measures the rows of one group on one database, "" where none takes part.
type group struct {
	name string
	run  func(b *bench, ctx context.Context, kind string) error
}

var groups = []group{
	{"validation", (*bench).validation},
	{"start", (*bench).starts},
	{"list", (*bench).lists},
	{"growth", (*bench).growth},
	{"analytics", (*bench).analytics},
	{"events", (*bench).events},
	{"drain", (*bench).drain},
	{"history", (*bench).history},
	{"hanging", (*bench).hanging},
	{"retention", (*bench).retention},
	{"queued", (*bench).queued},
	{"dashboard", (*bench).dashboard},
	{"docs", (*bench).docs},
	{"export", (*bench).exports},
	{"memory", (*bench).memory},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == "yardstick" { // how bench starts its own yardstick
		exit(yardstick(ctx, os.Args[2], os.Stdin))
	}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stdout, usage); flags.SetOutput(os.Stdout); flags.PrintDefaults() }
	only := flags.String("only", "", "groups to run, separated by commas (default all)")
	kind := flags.String("database", "", "sqlite or postgres (default both)")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	names, kinds, err := choice(*only, *kind)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	exit(measure(ctx, names, kinds, os.Stdout, os.Stderr))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// choice checks the flags.
func choice(only, kind string) (names, kinds []string, err error) {
	for _, g := range groups {
		names = append(names, g.name)
	}
	if only != "" {
		known := names
		names = strings.Split(only, ",")
		for _, name := range names {
			if !slices.Contains(known, name) {
				return nil, nil, fmt.Errorf("no group %q: use some of %s", name, strings.Join(known, ", "))
			}
		}
	}
	kinds = []string{sqlite, postgres}
	if kind != "" && !slices.Contains(kinds, kind) {
		return nil, nil, fmt.Errorf("no database %q: use sqlite or postgres", kind)
	}
	if kind != "" {
		kinds = []string{kind}
	}
	return names, kinds, nil
}

// measure prepares, runs the groups and prints the table.
func measure(ctx context.Context, names, kinds []string, out, log io.Writer) (err error) {
	b := &bench{main: map[string]database{}, results: newResults(), log: log, began: time.Now()}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.prepare(ctx, slices.Contains(kinds, postgres)); err != nil {
		return err
	}
	var faults []error
	for _, g := range groups {
		if !slices.Contains(names, g.name) {
			continue
		}
		on := kinds
		if g.name == "validation" || g.name == "docs" {
			on = []string{""}
		}
		for _, kind := range on {
			b.progress("%s %s", g.name, kind)
			if err := g.run(b, ctx, kind); err != nil {
				faults = append(faults, fmt.Errorf("%s %s: %w", g.name, kind, err))
				b.progress("could not measure: %v", err)
			}
		}
	}
	missed, err := b.results.print(out, chosenRows(names, kinds))
	fmt.Fprintf(out, "%d of %d rows missed, %s\n", missed, len(chosenRows(names, kinds)), time.Since(b.began).Round(time.Second))
	return errors.Join(append(faults, err)...)
}

func chosenRows(names, kinds []string) []row {
	var chosen []row
	for _, r := range allRows() {
		if slices.Contains(names, r.group) && (r.database == "" || slices.Contains(kinds, r.database)) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

// prepare builds the binary and starts the cluster. Its settings are the server's defaults, durability
// included, but for the memory of a small production machine, and auto_explain, which is loaded and silent.
func (b *bench) prepare(ctx context.Context, withPostgres bool) (err error) {
	if b.folder, err = os.MkdirTemp("", "tbc-bench-"); err != nil {
		return err
	}
	if b.binary, err = b.build(ctx, "tbc", "./server/cmd/tbc"); err != nil {
		return err
	}
	if !withPostgres {
		return nil
	}
	b.progress("starting PostgreSQL")
	b.cluster, err = cluster.Start(ctx, cluster.Options{Log: b.log, Settings: map[string]string{
		"shared_buffers": "1GB", "max_wal_size": "4GB",
		"track_commit_timestamp":   "on",           // for sinceCommit
		"shared_preload_libraries": "auto_explain", // silent until explained turns it on
		"auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on", "auto_explain.log_format": "json",
	}})
	return err
}

// build builds a program as a user would.
func (b *bench) build(ctx context.Context, name, from string) (path string, err error) {
	path = filepath.Join(b.folder, name)
	b.progress("building %s", name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, from)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return path, fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}

func (b *bench) close() (err error) {
	if b.cluster != nil {
		err = b.cluster.Stop()
	}
	return errors.Join(err, os.RemoveAll(b.folder))
}

// progress says what is going on; a whole run takes many minutes.
func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(b.log, "%6s  %s\n", time.Since(b.began).Round(time.Second), fmt.Sprintf(format, args...))
}
