package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// drainLimit is how long the queue may take to drain beyond the lease, once all is well.
	drainLimit = 2 * time.Minute
	// driveShare is which part of a run's time goes to operations and faults, in per cent.
	driveShare = 55
)

// all makes the binary and runs on one database after the other.
func all(ctx context.Context, opts options, now func() time.Time, out io.Writer) (good bool, err error) {
	folder, err := os.MkdirTemp("", "tbc-faults-")
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "seed %d, schedule %s, leases of %s, schedules of %d attempts (%s)\n", opts.seed, opts.schedule, opts.lease, attemptsOf, retries)
	good = true
	defer func() {
		if opts.discard || good && err == nil && !opts.keep {
			err = errors.Join(err, os.RemoveAll(folder))
			return
		}
		fmt.Fprintf(out, "journal, operations and logs: %s\n", folder)
	}()
	if opts.binary == "" {
		if opts.binary, err = buildServer(ctx, opts.source, folder, opts.lease); err != nil {
			return false, err
		}
	}
	if opts.binary, err = filepath.Abs(opts.binary); err != nil {
		return false, err
	}
	for _, kind := range opts.databases {
		r := &run{
			options: opts, kind: kind, folder: filepath.Join(folder, kind), now: now, out: out,
			drive: opts.time / time.Duration(len(opts.databases)) * driveShare / 100,
		}
		l, err := r.whole(ctx)
		if err != nil {
			return false, fmt.Errorf("%s: %w", kind, err)
		}
		good = l.report() && good
	}
	return good, nil
}

// whole is a run from an empty database to its ledger.
func (r *run) whole(ctx context.Context) (l *ledger, err error) {
	r.began = r.now()
	if err := os.MkdirAll(r.folder, 0o755); err != nil { // PostgreSQL's account reads nothing here
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	if err := schedules[r.schedule](r, ctx); err != nil {
		return nil, err
	}
	if err := r.heal(ctx); err != nil {
		return nil, err
	}
	if err := r.drain(ctx); err != nil {
		return nil, err
	}
	return r.check(ctx)
}

// random drives with random operations while faults come one after the other.
func (r *run) random(ctx context.Context) error {
	for _, p := range plans {
		if err := r.manager.create(ctx, p.temper, p.events); err != nil {
			return err
		}
	}
	over := make(chan struct{})
	timer := time.AfterFunc(r.drive, func() { close(over) })
	defer timer.Stop()
	var running sync.WaitGroup
	var errs [4]error
	running.Go(func() { errs[0] = r.workers(ctx, over) })
	running.Go(func() { errs[1] = r.manager.work(ctx, over) })
	running.Go(func() { errs[2] = r.follower.follow(ctx, over) })
	running.Go(func() { errs[3] = r.inflict(ctx, over, plan(r.kind, r.seed)) })
	running.Wait()
	return errors.Join(errs[:]...)
}

// heal makes all well: receivers answer, servers run, and a process that ended without being told is a finding.
func (r *run) heal(ctx context.Context) error {
	r.progress("receivers heal")
	r.receiver.heal()
	for _, p := range r.proxies {
		p.disarm()
	}
	for _, server := range r.replicas {
		if server.crashed() {
			return fmt.Errorf("%s ended by itself: see its log", server.life())
		}
		server.signal(syscall.SIGCONT, replicaRunning)
		if server.at() == "" {
			if err := server.start(ctx); err != nil {
				return err
			}
		}
	}
	select {
	case err := <-r.receiver.faults:
		return err
	default:
		return nil
	}
}

// drain waits until nothing is pending. What still is when the time is up is for the ledger to find.
func (r *run) drain(ctx context.Context) error {
	end := r.now().Add(drainLimit + r.lease)
	for r.now().Before(end) {
		var pending page[delivery]
		err := r.client.get(ctx, r.replicas[0].at(), "/webhook-deliveries?limit=100&status=pending", &pending)
		if err != nil {
			return fmt.Errorf("the API does not answer after all is well: %w", err)
		}
		if len(pending.Data) == 0 {
			return nil
		}
		r.progress("draining, %d or more pending", len(pending.Data))
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// progress says what is going on.
func (r *run) progress(format string, args ...any) {
	fmt.Fprintf(r.out, "%6.1fs %-8s %5d operations %6d requests  %s\n", r.now().Sub(r.began).Seconds(), r.kind, r.ops.len(),
		r.receiver.journal.len(), fmt.Sprintf(format, args...))
}
