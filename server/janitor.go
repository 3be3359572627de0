package server

import (
	"context"
	"time"
)

const (
	// sweepInterval is how often to look for what has passed its time: kept answers
	// after 24 hours; events, deliveries, recoveries and e-mails after 30 days.
	sweepInterval = 10 * time.Minute
	// sweepBatch is how many rows go in one transaction, so that locks are short.
	sweepBatch = 500
)

// sweep removes what has passed its time, until ctx ends. Any number of
// processes may sweep at once; what one misses another or the next round takes.
func (a *API) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			a.sweepOnce(ctx)
		}
	}
}

func (a *API) sweepOnce(ctx context.Context) {
	a.removeAll(ctx, "answers", a.store.RemoveOldAnswers)
	a.removeAll(ctx, "events and deliveries", a.store.RemoveOldEvents)
	a.removeAll(ctx, "recoveries", a.store.RemoveOldRecoveries)
	a.removeAll(ctx, "e-mails", a.store.RemoveOldEmails)
}

// removeAll removes batch after batch until nothing is left.
func (a *API) removeAll(ctx context.Context, what string, remove func(context.Context, int) (int64, error)) {
	for ctx.Err() == nil {
		removed, err := remove(ctx, sweepBatch)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "old rows not removed", "what", what, "error", err.Error())
		}
		if err != nil || removed == 0 {
			return
		}
	}
}
