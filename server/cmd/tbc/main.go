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
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		// The default handling is back before anything learns of the stop: a second
		// signal ends the process at once.
		signal.Stop(signals)
		cancel()
	}()
	os.Exit(run(ctx, os.Args, system{
		lookup: os.LookupEnv,
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		now:    time.Now,
		random: rand.Reader,
	}))
}

// system is the world outside as the commands see it.
type system struct {
	lookup         func(string) (string, bool) // the environment
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	random         io.Reader
}
