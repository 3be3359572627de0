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

// logAttempt tells of every attempt, with the ids by which the log of requests, the delivery log and the receiver's
// own log go on, and never the URL, a body or what the receiver said.
func (e *Engine) logAttempt(ctx context.Context, claim store.Claim, r Result) {
	if !e.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := []slog.Attr{
		slog.String("workspaceId", claim.WorkspaceID), slog.String("eventId", claim.EventID),
		slog.String("eventType", claim.EventType), slog.String("deliveryId", claim.DeliveryID),
		slog.String("endpointId", claim.EndpointID), slog.Int("attempt", claim.Attempt),
		slog.String("trigger", claim.Trigger), slog.String("outcome", r.Class), slog.Int("status", r.Status),
		slog.Int64("microseconds", r.Duration.Microseconds()),
	}
	if r.Err != "" {
		attrs = append(attrs, slog.String("error", r.Err))
	}
	if len(claim.Trace) == traceparentLength {
		attrs = append(attrs, slog.String("traceId", claim.Trace[3:35]))
	}
	e.log.LogAttrs(ctx, slog.LevelInfo, "webhook attempt", attrs...)
}

// traceparentLength is that of version 00, of which characters 3 to 34 are the id of the trace.
const traceparentLength = 55
