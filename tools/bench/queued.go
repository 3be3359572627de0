package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// queuedDeliveries wait while the server's memory is read, as many for each endpoint.
	queuedDeliveries = 100_000
	// queuedTime is longer than the ten seconds after which the server gives up on an answer, so that a run also has the
	// moment when all attempts under way fail at once.
	queuedTime = 12 * time.Second
)

// queued reads the memory of a server, delivering and answering, whose endpoints all hang, so that as many attempts are
// under way as it allows itself. The most of what was seen counts.
func (b *bench) queued(ctx context.Context, kind string) (err error) {
	f, err := b.fleet(ctx, kind, "queued", shape{queued: queuedDeliveries / fleetEndpoints, hangs: func(int) bool { return true }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	for run := range runs {
		most, err := b.queuedRun(ctx, f)
		if err != nil {
			return err
		}
		b.progress("queued %s run %d: %.1f MB with %d deliveries queued", kind, run+1, most, queuedDeliveries)
		b.results.add("queued", "resident", kind, most)
	}
	return b.drop(ctx, f.db)
}

func (b *bench) queuedRun(ctx context.Context, f *fleet) (most float64, err error) {
	db, err := b.copied(ctx, f.db, "waiting")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.drop(ctx, db)) }()
	server, _, err := b.serve(ctx, db, loopbackHooks...)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.alive(), server.stop()) }()
	for began := time.Now(); time.Since(began) < queuedTime && ctx.Err() == nil; wait(ctx, 100*time.Millisecond) {
		resident, err := server.residentMB()
		if err != nil {
			return 0, err
		}
		most = max(most, resident)
	}
	tried, err := b.count(ctx, db, "webhook_attempts")
	if err != nil {
		return 0, err
	}
	left, err := b.count(ctx, db, "webhook_queue")
	if err == nil && (left != queuedDeliveries || tried == 0) {
		err = fmt.Errorf("%d deliveries are queued after %d attempts, want %d after some", left, tried, queuedDeliveries)
	}
	return most, err
}
