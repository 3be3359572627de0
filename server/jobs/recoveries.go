package jobs

import (
	"context"
	"time"

	"github.com/thebigclass/api/store"
)

// busy is the pause between two rounds of recoveries while they move. In it a fast
// receiver empties most of the window that a step fills, so that thousands of
// events a second can be recovered without a word from the engine, which may run
// in another process.
const busy = 20 * time.Millisecond

// FeedRecoveries goes on with recoveries until ctx ends: round after round while
// some of them move, ever more seldom, up to Interval, while none does.
func (j *Jobs) FeedRecoveries(ctx context.Context) {
	pause := Interval
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if j.StepRecoveries(ctx) {
			pause = busy
		} else {
			pause = min(2*pause, Interval)
		}
		timer.Reset(pause)
	}
}

// StepRecoveries takes a step of each recovery that can go on, and reports whether
// any did.
func (j *Jobs) StepRecoveries(ctx context.Context) bool {
	return j.do(ctx, job{name: "recover", due: j.store.DueRecoveries, change: stepRecovery}) > 0
}

func stepRecovery(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.StepRecovery(ctx, id)
	return err
}
