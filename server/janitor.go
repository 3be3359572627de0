package server

import (
	"context"
	"time"
)

const (
	// sweepInterval is how often kept answers past their 24 hours are looked for.
	sweepInterval = 10 * time.Minute
	// sweepBatch is how many go in one statement, so that locks are short.
	sweepBatch = 500
)

// sweep removes answers that nobody may replay any more, until ctx ends. Any
// number of processes may sweep at once; what one misses another or the next
// round takes.
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

// sweepOnce removes batch after batch until one is not full.
func (a *API) sweepOnce(ctx context.Context) {
	for {
		removed, err := a.store.RemoveOldAnswers(ctx, sweepBatch)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "old answers not removed", "error", err.Error())
		}
		if err != nil || removed < sweepBatch {
			return
		}
	}
}
