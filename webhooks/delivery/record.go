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
		if f.cut {
			unsent = append(unsent, f.outcome.Claim)
			continue
		}
		outcomes = append(outcomes, f.outcome)
	}
	delay := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := e.keep(ctx, outcomes)
		if err == nil {
			outcomes = nil // if only giving back fails, they are not recorded again
			err = e.giveBack(ctx, unsent)
		}
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

func (e *Engine) keep(ctx context.Context, outcomes []store.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	began := e.now()
	fenced, err := e.queue.CompleteDeliveries(ctx, outcomes)
	if err != nil {
		return err
	}
	e.observer.Completed(ctx, len(outcomes), fenced, e.now().Sub(began))
	if fenced > 0 {
		e.log.WarnContext(ctx, "webhook attempts came too late to be recorded", "fenced", fenced, "attempts", len(outcomes))
	}
	return nil
}

func (e *Engine) giveBack(ctx context.Context, unsent []store.Claim) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	return e.queue.ReleaseDeliveries(ctx, unsent)
}

// outcome turns a result into what is to be recorded: whether and when to try again.
func (e *Engine) outcome(claim store.Claim, r result) store.Outcome {
	out := store.Outcome{
		Claim: claim, Attempt: r.attempt, Succeeded: r.succeeded, Reordered: r.reordered, DisableAfter: e.disable,
	}
	if r.succeeded || !r.retryable {
		return out
	}
	if delay, ok := e.schedule.next(claim.Tries, r.retryAfter); ok {
		out.RetryIn = &delay
	}
	return out
}
