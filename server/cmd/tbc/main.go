// Command tbc serves The Big Class API and looks after its data.
package main

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default handling is back: a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args, system{
		lookup: os.LookupEnv,
		stdout: os.Stdout,
		stderr: os.Stderr,
		now:    time.Now,
		random: rand.Reader,
	}))
}

// system is the world outside as the commands see it.
type system struct {
	lookup         func(string) (string, bool) // the environment
	stdout, stderr io.Writer
	now            func() time.Time
	random         io.Reader
}
