package delivery

import (
	"context"
	"time"

	"github.com/thebigclass/api/store"
)

const (
	// Attempts are recorded in groups: a commit costs as much as many rows. A group is closed when it is full or
	// when nothing more came for that long.
	groupSize = 256
	groupWait = 3 * time.Millisecond

	// recordTimeout bounds one try to store a group, recordTries the tries. Together they stay below the lease:
	// after that, others have the deliveries.
	recordTimeout = 5 * time.Second
	recordTries   = 7
)

// recordAll stores results until there are no more. stopping is closed when the engine is to stop.
func (e *Engine) recordAll(ctx context.Context, stopping <-chan struct{}) {
	for first := range e.results {
		group := e.gather(first)
		e.record(ctx, stopping, group)
		e.take(-len(group))
		signal(e.freed)
	}
}

func (e *Engine) gather(first finished) []finished {
	group := append(make([]finished, 0, groupSize), first)
	timer := time.NewTimer(groupWait)
	defer timer.Stop()
	for len(group) < groupSize {
		select {
		case next, ok := <-e.results:
			if !ok {
				return group
			}
			group = append(group, next)
		case <-timer.C:
			return group
		}
	}
	return group
}

// record stores a group, patiently: a group that cannot be stored is sent again after its lease.
func (e *Engine) record(ctx context.Context, stopping <-chan struct{}, group []finished) {
	var outcomes []store.Outcome
	var unsent []store.Claim
	for _, f := range group {
		if f.result.cut && !f.result.succeeded {
			unsent = append(unsent, f.claim)
			continue
		}
		outcomes = append(outcomes, e.outcome(f))
	}
	delay := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := e.keep(ctx, outcomes, unsent)
		if err == nil {
			return
		}
		e.log.ErrorContext(ctx, "record webhook attempts", "error", err, "attempts", len(group), "try", try)
		if try == recordTries {
			return
		}
		select {
		case <-stopping: // one more try, at once
			try = recordTries - 1
		case <-time.After(delay):
			delay *= 2
		}
	}
}

func (e *Engine) keep(ctx context.Context, outcomes []store.Outcome, unsent []store.Claim) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if err := e.queue.CompleteDeliveries(ctx, outcomes); err != nil {
		return err
	}
	return e.queue.ReleaseDeliveries(ctx, unsent)
}

// outcome turns a result into what is to be recorded: whether and when to try again.
func (e *Engine) outcome(f finished) store.Outcome {
	out := store.Outcome{
		Claim: f.claim, Attempt: f.result.attempt, Succeeded: f.result.succeeded, Reordered: f.result.reordered,
		DisableAfter: e.disable,
	}
	if f.result.succeeded || !f.result.retryable {
		return out
	}
	if delay, ok := e.schedule.next(f.claim.Tries, f.result.retryAfter); ok {
		out.RetryIn = &delay
	}
	return out
}
