package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// drainDeliveries are queued before a drain begins, as many for each endpoint.
	drainDeliveries = 50_000
	// drainLimit is how long a drain may take before the run counts as not measured: a tenth of the promised rate.
	drainLimit = 100 * time.Second
)

// drained is how a drain went.
type drained struct {
	rate      float64       // deliveries a second
	server    time.Duration // processor time
	database  time.Duration // the same of PostgreSQL; SQLite is in the server
	receiver  time.Duration // the same of this process, for the record: it has the same processors
	repeated  int
	deliverAt float64 // rate up to the last arrival, for the record
}

// drain measures how fast a queue empties, and what that costs.
func (b *bench) drain(ctx context.Context, kind string) (err error) {
	f, err := b.fleet(ctx, kind, "drain", shape{queued: drainDeliveries / fleetEndpoints})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	for run := range runs {
		d, err := b.drainCopy(ctx, f, f.db, drainDeliveries)
		if err != nil {
			return err
		}
		each := (d.server + d.database).Seconds() * 1000 / drainDeliveries
		b.progress("drain %s run %d: %.0f a second (%.0f until the last arrived), %.3f CPU-ms each (server %v, database %v, receiver %v), %d repeated",
			kind, run+1, d.rate, d.deliverAt, each, d.server, d.database, d.receiver, d.repeated)
		b.results.add("drain", "rate", kind, d.rate)
		b.results.add("drain", "processor", kind, each)
	}
	return b.drop(ctx, f.db)
}

// drainCopy drains a copy of a database of the fleet that has so many deliveries queued, so that every run begins
// with the same rows.
func (b *bench) drainCopy(ctx context.Context, f *fleet, from database, queued int) (d drained, err error) {
	db, err := b.copied(ctx, from, "drained")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, b.drop(ctx, db)) }()
	return b.drainOnce(ctx, f, db, queued)
}

// drainOnce starts a server that only delivers. The clock runs from the first connection to an endpoint, which
// follows the first claim, until the queue is empty: by then all is sent, answered and logged. Processor time counts
// from the start of the server, start included.
func (b *bench) drainOnce(ctx context.Context, f *fleet, db database, queued int) (d drained, err error) {
	logged, err := b.count(ctx, db, "webhook_attempts")
	if err != nil {
		return d, err
	}
	idle, err := b.databaseTime(db)
	if err != nil {
		return d, err
	}
	f.forget()
	before := ownTime()
	server, _, err := b.serve(ctx, db, append(loopbackHooks, "TBC_ROLES=delivery")...)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	arrived, err := f.await(ctx, queued)
	if err != nil {
		return d, err
	}
	ended, err := b.emptied(ctx, db)
	if err != nil {
		return d, err
	}
	used, err := b.databaseTime(db)
	if err != nil {
		return d, err
	}
	d.database, d.receiver = used-idle, ownTime()-before
	if d.server, err = processorTimeOf(server.cmd.Process.Pid); err != nil {
		return d, err
	}
	d.rate = float64(queued) / ended.Sub(f.began()).Seconds()
	d.deliverAt = float64(queued) / arrived.Sub(f.began()).Seconds()
	if d.repeated, err = f.check(queued); err != nil {
		return d, err
	}
	return d, errors.Join(b.checkLog(ctx, db, logged+queued), server.alive())
}

// databaseTime is the processor time that PostgreSQL has used, all of its processes together.
func (b *bench) databaseTime(db database) (time.Duration, error) {
	if db.kind == sqlite {
		return 0, nil
	}
	return processorTimeOf(b.cluster.PID())
}

// await returns when n deliveries have arrived.
func (f *fleet) await(ctx context.Context, n int) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	for {
		arrived, err := f.arrived()
		if err != nil {
			return time.Time{}, err
		}
		if arrived >= n {
			return time.Now(), nil
		}
		if wait(ctx, 2*time.Millisecond); ctx.Err() != nil {
			return time.Time{}, fmt.Errorf("%d of %d deliveries arrived: %w", arrived, n, ctx.Err())
		}
	}
}

// emptied returns when nothing is queued any more.
func (b *bench) emptied(ctx context.Context, db database) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, receiptLimit)
	defer cancel()
	opened, err := connect(db)
	if err != nil {
		return time.Time{}, err
	}
	defer opened.Close()
	for {
		var left int
		if err := opened.QueryRowContext(ctx, "SELECT count(*) FROM webhook_queue").Scan(&left); err != nil {
			return time.Time{}, fmt.Errorf("%d deliveries are still queued: %w", left, err)
		}
		if left == 0 {
			return time.Now(), nil
		}
		wait(ctx, 2*time.Millisecond)
	}
}

// checkLog makes sure that every delivery succeeded, at its only attempt.
func (b *bench) checkLog(ctx context.Context, db database, want int) error {
	for _, rows := range []string{"webhook_deliveries WHERE status = 'succeeded'", "webhook_attempts WHERE status_code = 204"} {
		n, err := b.count(ctx, db, rows)
		if err != nil {
			return err
		}
		if n != want {
			return fmt.Errorf("the log has %d %s, want %d", n, rows, want)
		}
	}
	return nil
}
