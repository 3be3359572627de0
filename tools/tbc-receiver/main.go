// Command tbc-receiver takes webhooks of The Big Class on this machine: it
// verifies them, prints them readably, and can store, forward, delay and refuse
// them. Its command listen brings the events of a workspace here without an
// endpoint. See README.md, or tbc-receiver --help.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{
		out: os.Stdout, errs: os.Stderr, getenv: os.Getenv, now: time.Now,
		sleep: cli.Sleep, random: rand.Reader,
	})
	stop()
	os.Exit(code)
}
