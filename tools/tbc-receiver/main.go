// Command tbc-receiver takes webhooks of The Big Class on this machine: it
// verifies them, prints them readably, and can store, forward, delay and refuse
// them. See README.md, or tbc-receiver --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{
		out: os.Stdout, errs: os.Stderr, getenv: os.Getenv, now: time.Now,
	})
	stop()
	os.Exit(code)
}
