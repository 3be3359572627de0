package delivery

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/thebigclass/api/store"
)

// contain makes the attempt and turns a panic into a failed one. It is a fault of ours with this one delivery: the
// schedule ends it like any other, and nothing else waits for it or goes down with it.
func (e *Engine) contain(ctx context.Context, claim store.Claim) (made result) {
	started := e.sender.now()
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		e.log.ErrorContext(ctx, "webhook attempt panicked", "delivery", claim.DeliveryID, "event", claim.EventID,
			"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
		text := "the request could not be made"
		made = result{retryable: true, attempt: store.Attempt{
			At: started, Duration: e.sender.now().Sub(started), Error: &text,
		}}
	}()
	return e.sender.send(ctx, claim)
}
