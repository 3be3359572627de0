package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// idleTime lets a started server settle before its memory is read.
	idleTime = 2 * time.Second
	// million is how many requests the loaded server has answered.
	million = 1_000_000
)

// starts measures start to ready on the main database, and the memory of the server that then does nothing.
func (b *bench) starts(ctx context.Context, kind string) error {
	db, err := b.mainDatabase(ctx, kind)
	if err != nil {
		return err
	}
	for range runs {
		server, took, err := b.serve(ctx, db)
		if err != nil {
			return err
		}
		wait(ctx, idleTime)
		resident, err := server.residentMB()
		if err := errors.Join(err, server.alive(), server.stop()); err != nil {
			return err
		}
		b.progress("start %s: ready after %v, %.1f MB idle", kind, took.Round(time.Millisecond), resident)
		b.results.add("start", "ready", kind, float64(took.Microseconds())/1000)
		b.results.add("start", "idle", kind, resident)
	}
	return nil
}

// memory reads a server's memory after a million requests. Of sixteen, one is a page of courses and
// one a page of students that no cache has seen, six are a page again and eight are 304: enough of each to
// fill whatever can fill.
func (b *bench) memory(ctx context.Context, kind string) error {
	db, err := b.mainDatabase(ctx, kind)
	if err != nil {
		return err
	}
	tokens, err := b.tokens(ctx, db, connections)
	if err != nil {
		return err
	}
	for run := range runs {
		resident, err := b.loadedMB(ctx, db, tokens)
		if err != nil {
			return err
		}
		b.progress("memory %s run %d: %.1f MB after a million requests", kind, run+1, resident)
		b.results.add("memory", "loaded", kind, resident)
	}
	return nil
}

func (b *bench) loadedMB(ctx context.Context, db database, tokens []string) (resident float64, err error) {
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	loads, err := listLoads(ctx, server.addr, tokens)
	if err != nil {
		return 0, err
	}
	shares := []struct {
		id   string
		part int // of a million
	}{{"uncached", million / 16}, {"students", million / 16}, {"again", million * 3 / 8}, {"304", million / 2}}
	for _, share := range shares {
		if err := loads[share.id].total(ctx, share.part); err != nil {
			return 0, fmt.Errorf("%s: %w", share.id, err)
		}
	}
	resident, err = server.residentMB()
	return resident, errors.Join(err, server.alive())
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
