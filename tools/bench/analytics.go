package main

import (
	"context"
	"errors"
	"slices"
	"time"
)

// analyticsCalls is how often one run asks for each summary.
const analyticsCalls = 200

// analytics compares the summary of a workspace of 1,000 orders with that of one of 1,000,000, the same
// students and courses, in one database and through one server, asked in turn.
func (b *bench) analytics(ctx context.Context, kind string) (err error) {
	db, err := b.open(ctx, kind, "analytics")
	if err != nil {
		return err
	}
	if _, err := b.tbc(ctx, db, "migrate"); err != nil {
		return err
	}
	for _, orders := range []int{1_000, 1_000_000} {
		if err := b.seed(ctx, db, plan{workspaces: 1, courses: 20, students: 1_000, orders: orders}); err != nil {
			return err
		}
	}
	tokens, err := b.tokens(ctx, db, 2)
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	path, err := lastYear(ctx, server.addr, tokens[0])
	if err != nil {
		return err
	}
	few, many, err := b.tellApart(ctx, server.addr, path, tokens)
	if err != nil {
		return err
	}
	for range runs {
		if err := b.analyticsRun(ctx, kind, server.addr, [2][]byte{request(path, few, nil), request(path, many, nil)}); err != nil {
			return err
		}
	}
	return server.alive()
}

// analyticsRun asks for the two summaries in turn and records the ratio of their median times.
func (b *bench) analyticsRun(ctx context.Context, kind, addr string, requests [2][]byte) error {
	batch := make([][]byte, 0, 2*analyticsCalls)
	for range analyticsCalls {
		batch = append(batch, requests[0], requests[1])
	}
	took, err := latencies(ctx, addr, batch)
	if err != nil {
		return err
	}
	var times [2][]time.Duration
	for i, t := range took {
		times[i%2] = append(times[i%2], t)
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	few, many := times[0][analyticsCalls/2], times[1][analyticsCalls/2]
	b.progress("analytics %s: %v over 1,000 orders, %v over 1,000,000", kind, few, many)
	b.results.add("analytics", "orders", kind, many.Seconds()/few.Seconds())
	return nil
}
