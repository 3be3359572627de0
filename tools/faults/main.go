// Command faults kills servers, databases and connections under a running service, and then holds what it was told
// against what is left: nothing that was acknowledged may be lost, and nothing may be told that did not happen.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

const usage = `faults drives the built tbc with random operations, kills it, its database and their connections, and checks
that every acknowledged change was told to everybody who subscribed to it.

  faults [-time 3m] [-seed N] [-database sqlite|postgres]

Run it from the root of the repository. The exit code is 1 if anything is lost or wrong, 2 for wrong usage.

`

// options are what a caller decides.
type options struct {
	seed      uint64
	time      time.Duration // in all
	databases []string
	lease     time.Duration
	source    string
	binary    string // built before; "" builds one
	schedule  string
	keep      bool
	discard   bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runFaults(ctx, os.Args[1:], time.Now, os.Stdout))
}

// runFaults is the program: it returns its exit code.
func runFaults(ctx context.Context, args []string, now func() time.Time, out io.Writer) int {
	opts, err := readOptions(args, now, out)
	if err != nil {
		fmt.Fprintln(out, "faults:", err)
		return 2
	}
	good, err := all(ctx, opts, now, out)
	if err != nil {
		fmt.Fprintln(out, "faults:", err)
	}
	if err != nil || !good {
		return 1
	}
	return 0
}

func readOptions(args []string, now func() time.Time, out io.Writer) (options, error) {
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	var opts options
	var kind string
	flags.Uint64Var(&opts.seed, "seed", 0, "of operations and faults (default: another one every time)")
	flags.DurationVar(&opts.time, "time", 3*time.Minute, "how long to take in all, the build apart")
	flags.StringVar(&kind, "database", "", "sqlite or postgres (default both, one after the other)")
	flags.DurationVar(&opts.lease, "lease", 12*time.Second, "how long a claim lasts in the binary that is built; 1m0s is the product's own")
	flags.StringVar(&opts.source, "source", ".", "the source tree to build tbc from")
	flags.StringVar(&opts.binary, "tbc", "", "a tbc that was built with that lease, instead of building one")
	flags.StringVar(&opts.schedule, "schedule", scheduleRandom, "what happens: "+strings.Join(scheduleNames(), ", "))
	flags.BoolVar(&opts.keep, "keep", false, "keep the folder with journal, operations and logs, which is kept anyway after a fault")
	flags.BoolVar(&opts.discard, "discard", false, "remove that folder in any case")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if opts.seed == 0 {
		opts.seed = uint64(now().UnixNano()) % 1_000_000_000
	}
	opts.databases = []string{kindSQLite, kindPostgres}
	if kind != "" && !slices.Contains(opts.databases, kind) {
		return opts, fmt.Errorf("no database %q: use sqlite or postgres", kind)
	}
	if kind != "" {
		opts.databases = []string{kind}
	}
	if !slices.Contains(scheduleNames(), opts.schedule) {
		return opts, fmt.Errorf("no schedule %q: use one of %s", opts.schedule, strings.Join(scheduleNames(), ", "))
	}
	return opts, nil
}
