package recipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thebigclass/api/webhooks"
)

// delays are between one attempt of an event and the next. After the last one it is put aside for a person: in all, a
// service may be away for three days.
var delays = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
	12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

// delayAfter is what follows the attempt of that number.
func delayAfter(attempt int) time.Duration { return delays[min(attempt, len(delays))-1] }

// errEnded is what is known of an event whose last attempt never came back.
var errEnded = Permanent(errors.New("the program ended in the middle of every attempt"))

// worker takes events out of the inbox, one at a time, the oldest due first. One that fails waits for its next attempt
// and lets the others pass.
type worker struct {
	recipe Recipe
	work   Work
	inbox  *inbox
	wake   chan struct{} // something was put into the inbox
	Console
}

// run works until ctx ends. An attempt that ctx cut off is made again at the next start.
func (w *worker) run(ctx context.Context) error {
	if err := w.inbox.forget(context.WithoutCancel(ctx), w.Now()); err != nil {
		return err
	}
	for {
		task, found, next, err := w.inbox.begin(ctx, w.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("inbox: %w", err)
		case found:
			if err := w.attempt(ctx, task); err != nil {
				return fmt.Errorf("inbox: %w", err)
			}
		default:
			w.pause(ctx, next)
		}
	}
}

// longestPause is how soon the command retry, which is another process, is noticed.
const longestPause = time.Second

// pause waits for an event, or until one is due.
func (w *worker) pause(ctx context.Context, next time.Time) {
	wait := longestPause
	if !next.IsZero() {
		wait = min(wait, max(next.Sub(w.Now()), time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-w.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// attempt works on one event and notes how it ended. An error is one of the inbox.
func (w *worker) attempt(ctx context.Context, e entry) error {
	worked := errEnded
	if e.attempts <= len(delays)+1 {
		worked = w.try(ctx, e)
	}
	log := w.Log.With("event", e.id, "type", e.kind, "attempt", e.attempts)
	// What has been done is noted, although the program is being stopped.
	noting := context.WithoutCancel(ctx)
	switch {
	case worked == nil:
		log.InfoContext(ctx, "done")
		return w.inbox.end(noting, e.id, done, "", w.Now())
	case ctx.Err() != nil:
		return w.inbox.postpone(noting, e.id, "cut off by a stop", w.Now())
	case IsPermanent(worked) || e.attempts > len(delays):
		log.ErrorContext(ctx, "put aside; see the command status", "error", forLog(worked))
		return w.inbox.end(noting, e.id, failed, worked.Error(), w.Now())
	}
	wait := delayAfter(e.attempts)
	if said := (later{}); errors.As(worked, &said) {
		wait = max(wait, said.wait)
	}
	log.WarnContext(ctx, "to be tried again", "in", wait, "error", forLog(worked))
	return w.inbox.postpone(noting, e.id, worked.Error(), w.Now().Add(wait))
}

// try calls the work. A panic is an attempt that failed, not the end of the program.
func (w *worker) try(ctx context.Context, e entry) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	event, err := webhooks.ParseEvent(e.body)
	if err != nil {
		return Permanent(err)
	}
	limited, cancel := context.WithTimeout(ctx, w.recipe.timeout())
	defer cancel()
	return w.work(limited, Task{Event: event, Attempt: e.attempts, inbox: w.inbox})
}
