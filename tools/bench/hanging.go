package main

import (
	"context"
	"errors"
	"time"
)

const (
	// hangingQueued wait for each endpoint that hangs.
	hangingQueued = 1000
	// hangingTime is longer than the ten seconds after which the server gives up on an answer, so that a run also has
	// the moment when all attempts under way fail at once.
	hangingTime = 12 * time.Second
)

// hanging measures receipts at healthy endpoints while every second endpoint of the fleet takes requests and never
// answers. Every event goes to all five endpoints of its workspace, so the queues of those that hang grow. Every run
// has a copy of the same database, since the server remembers who fails.
func (b *bench) hanging(ctx context.Context, kind string) (err error) {
	f, err := b.fleet(ctx, kind, "hanging", shape{queued: hangingQueued, hangs: func(i int) bool { return i%2 == 1 }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	for run := range runs {
		ages, err := b.hangingRun(ctx, f)
		if err != nil {
			return err
		}
		p99 := percentile(ages, 99)
		b.progress("hanging %s run %d: %d receipts after %v, p99 %v, last %v", kind, run+1, len(ages),
			percentile(ages, 50), p99, percentile(ages, 100))
		b.results.add("hanging", "receipt p99", kind, milliseconds(p99))
	}
	return b.drop(ctx, f.db)
}

func (b *bench) hangingRun(ctx context.Context, f *fleet) (ages []time.Duration, err error) {
	db, err := b.copied(ctx, f.db, "hung")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.drop(ctx, db)) }()
	server, _, err := b.serve(ctx, db, loopbackHooks...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.alive(), server.stop()) }()
	if _, err := f.receipts(ctx, server.addr, warmTime); err != nil {
		return nil, err
	}
	return f.receipts(ctx, server.addr, hangingTime)
}
