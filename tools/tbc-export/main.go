// Command tbc-export writes all that a key of The Big Class may read into a
// folder: as JSON lines, CSV or an SQLite database, with a manifest. It keeps
// within the key's rate limits and goes on where it was interrupted. See
// README.md, or tbc-export --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/thebigclass/api/tools/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{
		out: os.Stdout, errs: os.Stderr, getenv: os.Getenv,
		clock:    clock{now: time.Now, sleep: cli.Sleep},
		terminal: term.IsTerminal(int(os.Stderr.Fd())),
	})
	stop()
	os.Exit(code)
}
