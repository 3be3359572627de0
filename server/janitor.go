package server

import (
	"context"
	"time"
)

const (
	// sweepInterval is how often to look for what has passed its time: kept answers
	// after 24 hours; events, deliveries, recoveries, e-mails and requests after 30
	// days, their counts a little later; what belongs to people who sign in, each
	// after its own time.
	sweepInterval = 10 * time.Minute
	// sweepBatch is how many rows go in one transaction. While it runs, SQLite
	// writes nothing else: it has to be shorter than anybody notices.
	sweepBatch = 50
	// sweepRest is how many times as long as a batch took to wait after it, so
	// that deliveries and calls have most of the database to themselves;
	// maxSweepRest is the longest of these waits.
	sweepRest    = 3
	maxSweepRest = time.Second
)

// sweep removes what has passed its time, until ctx ends: at the start, since a
// process may never get as old as the interval, and then again and again. Any
// number of processes may sweep at once; what one misses another or the next
// round takes.
func (a *API) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		a.sweepOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (a *API) sweepOnce(ctx context.Context) {
	old := a.store.Retention()
	a.removeAll(ctx, "answers", a.store.RemoveOldAnswers)
	a.removeAll(ctx, "deliveries", old.RemoveDeliveries)
	a.removeAll(ctx, "events", old.RemoveEvents)
	a.removeAll(ctx, "recoveries", a.store.RemoveOldRecoveries)
	a.removeAll(ctx, "e-mails", a.store.RemoveOldEmails)
	a.removeAll(ctx, "requests", a.store.RemoveOldRequests)
	a.removeAll(ctx, "request counts", a.store.RemoveOldRequestCounts)
	a.removeAll(ctx, "sessions", a.store.RemoveOldSessions)
	a.removeAll(ctx, "invitations", a.store.RemoveOldInvitations)
	a.removeAll(ctx, "resets", a.store.RemoveOldResets)
	a.removeAll(ctx, "guesses", a.store.RemoveOldGuesses)
	a.removeAll(ctx, "secrets", a.store.ForgetSecrets)
	a.removeAll(ctx, "links", a.store.ForgetLinks)
	a.removeAll(ctx, "forms", a.store.RemoveOldForms)
	a.removeAll(ctx, "delivery counts", a.store.RemoveOldDeliveryCounts)
	a.removeAll(ctx, "parts of delivery counts", a.store.FoldDeliveryCounts) // what goes is in a sum
}

// removeAll removes batch after batch until nothing is left.
func (a *API) removeAll(ctx context.Context, what string, remove func(context.Context, int) (int64, error)) {
	var total int64
	defer func() {
		if total > 0 {
			a.log.InfoContext(ctx, "old rows removed", "what", what, "rows", total)
		}
	}()
	for ctx.Err() == nil {
		began := a.now()
		removed, err := remove(ctx, sweepBatch)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "old rows not removed", "what", what, "error", err.Error())
		}
		if err != nil || removed == 0 {
			return
		}
		total += removed
		rest := time.NewTimer(min(maxSweepRest, sweepRest*a.now().Sub(began)))
		select {
		case <-rest.C:
		case <-ctx.Done():
		}
		rest.Stop()
	}
}
