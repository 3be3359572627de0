// Command testenv runs a command, the tests or the fuzz targets with a private PostgreSQL beside them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `testenv runs something with a private PostgreSQL beside it.

  testenv -- COMMAND [ARGUMENT…]    run COMMAND and pass on its exit code
  testenv test [GO TEST ARGUMENT…]  go test -race, and a summary by database. Without arguments all
                                    packages, and then each database must have had tests
  testenv drift [GO TEST ARGUMENT…] the same, and then what these tests have seen is held against the contract by
                                    redocly drift, as after all packages. Without arguments the server's tests
  testenv fuzz [-time 1m]           every fuzz target for an equal share of the time

The cluster listens on a free port of loopback and is removed at the end, also on Ctrl-C. As root it runs
as an unprivileged user. TBC_TEST_POSTGRES_URL holds its address; where that is already set, the server it
names is used and none is started. A missing PostgreSQL is installed with apt-get when run as root.
`

// errUsage marks a wrong call, which exits with 2.
var errUsage = errors.New("wrong usage; see testenv --help")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
	}
	stop()
	os.Exit(code)
}

// run reads the arguments and returns the exit code: the command's own, 1 for a failure of ours, 2 for a wrong call.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	if len(args) == 0 {
		return 2, errUsage
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		_, err := io.WriteString(stdout, usage)
		return 0, err
	case "test":
		return withPostgres(ctx, stderr, func(env []string) (int, error) {
			return testRun{env: env, args: args[1:], stdout: stdout, stderr: stderr}.run(ctx)
		})
	case "drift":
		return withPostgres(ctx, stderr, func(env []string) (int, error) {
			packages := append([]string{"-count=1"}, args[1:]...)
			if len(args) == 1 {
				packages = append(packages, driftTests...)
			}
			return testRun{env: env, args: packages, judged: true, stdout: stdout, stderr: stderr}.run(ctx)
		})
	case "fuzz":
		total, err := fuzzTime(args[1:])
		if err != nil {
			return 2, err
		}
		return withPostgres(ctx, stderr, func(env []string) (int, error) {
			return fuzz(ctx, env, total, stdout, stderr)
		})
	case "--":
		if len(args) < 2 {
			return 2, errUsage
		}
		return withPostgres(ctx, stderr, func(env []string) (int, error) {
			return command{args: args[1:], env: env, stdout: stdout, stderr: stderr}.run(ctx)
		})
	}
	return 2, errUsage
}

// fuzzTime reads the flags of the subcommand fuzz.
func fuzzTime(args []string) (time.Duration, error) {
	flags := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	total := flags.Duration("time", time.Minute, "time over all targets")
	if err := flags.Parse(args); err != nil {
		return 0, fmt.Errorf("%w: %w", errUsage, err)
	}
	if *total <= 0 || flags.NArg() > 0 {
		return 0, errUsage
	}
	return *total, nil
}
