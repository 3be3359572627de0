package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/thebigclass/api/store"
)

// Observer hears what an Engine does, for metrics and traces. Its methods are called from several goroutines, and the
// engine waits for them: they must be quick.
type Observer interface {
	// Claimed is called after each claim, those that found nothing included. expired is how many of the n deliveries
	// had been leased by a process that died or stalled.
	Claimed(ctx context.Context, n, expired int, took time.Duration)
	// Attempt is called before an attempt. The request is made under the context that it returns; done is called
	// once, when the attempt is over and before it is recorded.
	Attempt(ctx context.Context, claim store.Claim) (attempt context.Context, done func(Result))
	// Completed is called after a group of n attempts was recorded. fenced is how many of them nobody listened to,
	// because their lease had run out or their delivery was canceled meanwhile.
	Completed(ctx context.Context, n, fenced int, took time.Duration)
}

// The classes of a Result.
const (
	Succeeded = "succeeded"
	Retry     = "retry"  // failed, and will be made again
	Failed    = "failed" // for good
	Cut       = "cut"    // off by the stop of the engine: the lease is given back, and nothing is recorded
)

// Result is how an attempt ended.
type Result struct {
	Class    string
	Status   int // of the answer; 0 if none came
	Duration time.Duration
	Err      string // in words for the endpoint's owner; empty after a 2xx
}

// unobserved is the Observer of an engine that has none.
type unobserved struct{}

// Claimed implements Observer.
func (unobserved) Claimed(context.Context, int, int, time.Duration) {}

// Attempt implements Observer.
func (unobserved) Attempt(ctx context.Context, _ store.Claim) (context.Context, func(Result)) {
	return ctx, func(Result) {}
}

// Completed implements Observer.
func (unobserved) Completed(context.Context, int, int, time.Duration) {}

// attempt makes one attempt and decides what follows from it.
func (e *Engine) attempt(ctx context.Context, claim store.Claim) finished {
	observed, done := e.observer.Attempt(ctx, claim)
	made := e.contain(observed, claim)
	f := finished{outcome: e.outcome(claim, made), cut: made.cut && !made.succeeded}
	result := f.result()
	done(result)
	e.logAttempt(observed, claim, result)
	return f
}

func (f finished) result() Result {
	attempt := f.outcome.Attempt
	r := Result{Class: Failed, Duration: attempt.Duration}
	switch {
	case f.cut:
		r.Class = Cut
	case f.outcome.Succeeded:
		r.Class = Succeeded
	case f.outcome.RetryIn != nil:
		r.Class = Retry
	}
	if attempt.StatusCode != nil {
		r.Status = *attempt.StatusCode
	}
	if attempt.Error != nil {
		r.Err = *attempt.Error
	}
	return r
}

// logAttempt tells of attempts that did not succeed. An endpoint that is down makes many, so only the last of a
// delivery is told by default.
func (e *Engine) logAttempt(ctx context.Context, claim store.Claim, r Result) {
	level := slog.LevelDebug
	switch r.Class {
	case Succeeded:
		return
	case Failed:
		level = slog.LevelInfo
	}
	e.log.LogAttrs(ctx, level, "webhook attempt failed", slog.String("event", claim.EventID),
		slog.String("delivery", claim.DeliveryID), slog.String("endpoint", claim.EndpointID),
		slog.Int("attempt", claim.Attempt), slog.String("class", r.Class), slog.Int("status", r.Status),
		slog.Duration("duration", r.Duration), slog.String("reason", r.Err))
}
