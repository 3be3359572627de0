package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/thebigclass/api/tools/internal/cli"
	"github.com/thebigclass/api/webhooks"
)

// receiver does the work for an event. An event is printed last: whoever sees a
// line knows that the event has been stored and forwarded.
type receiver struct {
	now       func() time.Time
	journal   *journal   // nil without --store
	forwarder *forwarder // nil without --forward-to

	mu  sync.Mutex // deliveries arrive side by side
	out io.Writer
}

// work is called once for each event, and again if it has failed.
func (r *receiver) work(ctx context.Context, d webhooks.Delivery) error {
	if r.forwarder != nil {
		if err := r.forwarder.send(ctx, d); err != nil {
			return fmt.Errorf("forward: %w", err)
		}
	}
	if r.journal != nil {
		if err := r.journal.write(d.Body); err != nil {
			return err
		}
	}
	r.print(d)
	return nil
}

func (r *receiver) print(d webhooks.Delivery) {
	note := ""
	if d.Attempt > 1 {
		note = fmt.Sprintf(" (attempt %d)", d.Attempt)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, "%s  %-20s  %s  %s%s\n", r.now().Format(time.TimeOnly),
		cli.Printable(d.Event.Type), cli.Printable(d.Event.ID), about(d.Event), note)
}
