// Package recipe is what all recipes share: a receiver that stores each event before it answers, a worker that takes
// them from there until each is done, and the commands around the two. A recipe adds what to do with one event.
//
// What it guarantees: an event that was answered 2xx is on the disk; it is worked on until the work returns nil or a
// Permanent error, across restarts; once that has happened it is never worked on again, however often it is delivered.
// A crash between the work's effect and the note of it repeats the work: effects should be such that twice is once.
package recipe

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// Recipe is a program that reacts to some types of events.
type Recipe struct {
	Name    string        // of the command, and of the folder with its state
	Short   string        // one line for --help
	Long    string        // what it does, and its environment variables
	Addr    string        // where it listens unless told otherwise: a port of its own, so that all recipes run side by side
	Events  []string      // the types to subscribe to; others are taken and forgotten
	Timeout time.Duration // of one attempt of one event; 0 is two minutes

	// Open reads the recipe's own settings and returns what to do with each event. It reports what is missing through
	// the settings, so that all faults are printed together; an error is for what cannot be opened.
	Open func(ctx context.Context, s *Settings) (Work, error)
}

// Work does what a recipe does for one event. nil means done for ever. An error means to be tried again later, at a time
// of the worker's choice or, with After, of its own; Permanent means never. It must return soon after ctx has ended.
type Work func(ctx context.Context, task Task) error

// Task is an event to work on.
type Task struct {
	webhooks.Event

	// Attempt counts from 1. Over 1, an earlier one has failed or was cut off, perhaps after its effect.
	Attempt int

	inbox *inbox
}

// Step does a part of the work unless an earlier attempt has finished it, so that an event with two effects does not have
// the first one again because the second failed. The name is the recipe's own.
func (t Task) Step(ctx context.Context, name string, do func() error) error {
	if finished, err := t.inbox.stepped(ctx, t.ID, name); err != nil || finished {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return t.inbox.step(context.WithoutCancel(ctx), t.ID, name)
}

// Once does something unless it has been done for any event, however long ago. It is for effects that several events may
// ask for, such as a refund that is in every later event of its order.
func (t Task) Once(ctx context.Context, name string, do func() error) error {
	if finished, err := t.inbox.wasDone(ctx, name); err != nil || finished {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return t.inbox.noteDone(context.WithoutCancel(ctx), name)
}

// Console is what a recipe has of the world around it.
type Console struct {
	Out, Errs io.Writer

	Getenv func(string) string
	Now    func() time.Time
	HTTP   *http.Client
	Log    *slog.Logger
}

// defaultTimeout is for one attempt of one event.
const defaultTimeout = 2 * time.Minute

func (r Recipe) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return defaultTimeout
}
