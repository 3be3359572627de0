package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// retentionTime is how long receipts are timed in each run, with and without.
const retentionTime = 10 * time.Second

// retention measures receipts while the server removes a log of a million deliveries that are over thirty days old,
// against receipts on a database without them, in turn. Every event goes to one endpoint. The server begins to remove
// when it starts; a run counts only if it has removed rows while receipts were timed.
func (b *bench) retention(ctx context.Context, kind string) (err error) {
	f, err := b.fleet(ctx, kind, "retention", shape{events: func(i int) string {
		if i%perWorkspace == 0 {
			return everyEvent
		}
		return batchedEvent
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	aged, err := b.copied(ctx, f.db, "aged")
	if err != nil {
		return err
	}
	now := time.Now()
	if err := b.loadHistory(ctx, aged, now.AddDate(0, 0, -60), now.AddDate(0, 0, -31)); err != nil {
		return err
	}
	for run := range runs {
		var p99 [2]time.Duration
		var removed int
		for i, db := range []database{f.db, aged} {
			var ages []time.Duration
			if ages, removed, err = b.retentionRun(ctx, f, db); err != nil {
				return err
			}
			p99[i] = percentile(ages, 99)
			b.progress("retention %s run %d: receipt after %v, p99 %v, with %d old deliveries removed meanwhile", kind, run+1,
				percentile(ages, 50), p99[i], removed)
		}
		if removed == 0 {
			return errors.New("nothing was removed while receipts were timed")
		}
		b.results.add("retention", "receipt p99", kind, p99[1].Seconds()/p99[0].Seconds())
	}
	left, err := b.count(ctx, aged, oldDeliveries)
	b.progress("retention %s: %d of %d old deliveries are left", kind, left, historyDeliveries)
	return errors.Join(err, b.drop(ctx, aged), b.drop(ctx, f.db))
}

// oldDeliveries are those of the history: the ids of others begin with a later time.
const oldDeliveries = "webhook_deliveries WHERE id < 'evd_0100001'"

// retentionRun returns the ages at receipt, and how many old deliveries went meanwhile.
func (b *bench) retentionRun(ctx context.Context, f *fleet, db database) (ages []time.Duration, removed int, err error) {
	server, _, err := b.serve(ctx, db, loopbackHooks...)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, server.alive(), server.stop()) }()
	if _, err := f.receipts(ctx, server.addr, warmTime); err != nil {
		return nil, 0, err
	}
	before, err := b.count(ctx, db, oldDeliveries)
	if err != nil {
		return nil, 0, err
	}
	if ages, err = f.receipts(ctx, server.addr, retentionTime); err != nil {
		return nil, 0, err
	}
	after, err := b.count(ctx, db, oldDeliveries)
	if err != nil {
		return nil, 0, fmt.Errorf("count old deliveries: %w", err)
	}
	return ages, before - after, nil
}
