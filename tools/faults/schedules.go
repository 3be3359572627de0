package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	scheduleRandom  = "random"
	scheduleFencing = "fencing"
	scheduleOutbox  = "outbox"
	scheduleRotate  = "rotate"
)

// schedules are what can happen in a run. The directed ones bring about one situation for sure, so that a test can
// show that the ledger finds what goes wrong in it.
var schedules = map[string]func(*run, context.Context) error{
	scheduleRandom:  (*run).random,
	scheduleFencing: (*run).fencing,
	scheduleOutbox:  (*run).outbox,
	scheduleRotate:  (*run).rotate,
}

func scheduleNames() []string { return slices.Sorted(maps.Keys(schedules)) }

const (
	// heldLimit is how long the receiver can hold a request before the sender gives up.
	heldLimit = 9 * time.Second
	// recordWait is ample for a completion to be stored, or to be refused.
	recordWait = 1500 * time.Millisecond
)

// fencing lets an answer come after the lease of its attempt has run out and the delivery was claimed anew: on
// PostgreSQL because the sender was stopped meanwhile, on SQLite because the receiver took so long. What the first
// is told must change nothing; what the second is told counts.
func (r *run) fencing(ctx context.Context) error {
	if r.lease >= heldLimit {
		return fmt.Errorf("the schedule fencing needs a lease under %s", heldLimit)
	}
	if err := r.manager.create(ctx, "steady", []string{"student.created"}); err != nil {
		return err
	}
	first := r.receiver.hold()
	rng := rand.New(rand.NewPCG(r.seed, 4))
	if _, err := r.perform(ctx, rng, makeStudent(r.world, rng, r.now()), true); err != nil {
		return err
	}
	life, err := await(ctx, first, startLimit)
	if err != nil {
		return err
	}
	second := r.receiver.hold()
	f := fault{kind: faultLate, life: life, from: r.now()}
	server := r.holder(life)
	if len(r.replicas) > 1 {
		f.kind = faultStop
		server.signal(syscall.SIGSTOP, replicaStopped)
	}
	_, err = await(ctx, second, r.lease+heldLimit)
	r.receiver.release(first, http.StatusGone)
	server.signal(syscall.SIGCONT, replicaRunning)
	f.to = r.now()
	r.faults.add(f)
	if err != nil {
		return fmt.Errorf("nobody took over what %s holds: %w", life, err)
	}
	err = pause(ctx, recordWait)
	r.receiver.release(second, http.StatusNoContent)
	return err
}

// holder is the replica in which a life lives; the first one for the life of none.
func (r *run) holder(life string) *replica {
	for _, server := range r.replicas {
		if server.life() == life {
			return server
		}
	}
	return r.replicas[0]
}

// await returns the sender of the next request that a gate holds.
func await(ctx context.Context, g *gate, limit time.Duration) (string, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case life := <-g.arrived:
		return life, nil
	case <-timer.C:
		return "", fmt.Errorf("no request came within %s", limit)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// rotate replaces the secret of a busy endpoint again and again, while its receiver changes over at once. Nothing else
// happens: no event may fail for it.
func (r *run) rotate(ctx context.Context) error {
	if err := r.manager.create(ctx, temperPage, []string{"*"}); err != nil {
		return err
	}
	over := make(chan struct{})
	var writing sync.WaitGroup
	errs := make([]error, outboxWriters)
	for i := range outboxWriters {
		writing.Go(func() { errs[i] = r.write(ctx, rand.New(rand.NewPCG(r.seed, uint64(200+i))), over) })
	}
	for end := r.now().Add(r.drive); r.now().Before(end); {
		r.progress("another secret")
		if err := errors.Join(r.manager.rotate(ctx, r.manager.list[0]), pause(ctx, time.Second)); err != nil {
			return err
		}
	}
	close(over)
	writing.Wait()
	return errors.Join(errs...)
}
