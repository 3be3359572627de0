package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"
)

const (
	// outboxRounds is how often outbox kills everything; in each, most writers are within a call.
	outboxRounds  = 5
	outboxWriters = 8
)

// outbox kills all servers while many calls are under way, again and again: whatever a call writes in more than one
// transaction is torn apart.
func (r *run) outbox(ctx context.Context) error {
	if err := r.manager.create(ctx, "steady", []string{"*"}); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(r.seed, 5))
	for range outboxRounds {
		if err := r.outboxRound(ctx, rng); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) outboxRound(ctx context.Context, rng *rand.Rand) error {
	over := make(chan struct{})
	var writing sync.WaitGroup
	errs := make([]error, outboxWriters)
	for i := range outboxWriters {
		own := rand.New(rand.NewPCG(rng.Uint64(), 0))
		writing.Go(func() { errs[i] = r.write(ctx, own, over) })
	}
	err := pause(ctx, time.Duration(200+rng.IntN(300))*time.Millisecond)
	f := fault{kind: faultKill, from: r.now()}
	for _, server := range r.replicas {
		server.signal(syscall.SIGKILL, replicaDown)
	}
	close(over)
	f.to = r.now()
	r.faults.add(f)
	for _, server := range r.replicas {
		if startErr := server.start(ctx); err == nil {
			err = startErr
		}
	}
	writing.Wait()
	return errors.Join(append(errs, err)...)
}

// write makes students without a pause. Those that are not answered stay so.
func (r *run) write(ctx context.Context, rng *rand.Rand, over <-chan struct{}) error {
	for {
		select {
		case <-over:
			return nil
		default:
		}
		if _, err := r.perform(ctx, rng, makeStudent(r.world, rng, r.now()), false); err != nil {
			return err
		}
	}
}
