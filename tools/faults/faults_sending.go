package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

const (
	// gatherLimit is how long a fault waits for the moment that it needs.
	gatherLimit = 3 * time.Second
	// many is how many deliveries are to be under way for a kill in mid-completion.
	many = 100
)

// killBefore kills a server right after it has acknowledged a change, most often before it has told anybody.
func (r *run) killBefore(ctx context.Context, rng *rand.Rand) error {
	server, err := r.perform(ctx, rng, makeStudent(r.world, rng, r.now()), false)
	if err != nil {
		return err
	}
	return r.end(ctx, faultKillBefore, server, rng)
}

// killSending holds deliveries at the receiver until there are enough, and kills their sender: while it waits, when
// it has just been answered, or when it records the answers of many.
func (r *run) killSending(ctx context.Context, kind string, rng *rand.Rand) error {
	gate := r.receiver.hold()
	held := map[string]int{}
	enough := 1
	if kind == faultKillMany {
		enough = many
		if err := r.burst(ctx, rng, 3); err != nil {
			return err
		}
	}
	last := gather(ctx, gate, held, enough)
	server := r.holder(last)
	if kind == faultKillDuring {
		defer r.receiver.release(gate, 0)
		return r.end(ctx, kind, server, rng)
	}
	r.receiver.release(gate, 0)
	if err := pause(ctx, time.Duration(rng.IntN(12_000))*time.Microsecond); err != nil {
		return err
	}
	return r.end(ctx, kind, server, rng)
}

// burst makes many events at once.
func (r *run) burst(ctx context.Context, rng *rand.Rand, batches int) error {
	for range batches {
		op := batchOf(r.world, rng, 20, r.now())
		if op == nil {
			op = makeStudent(r.world, rng, r.now())
		}
		if _, err := r.perform(ctx, rng, op, true); err != nil {
			return err
		}
	}
	return nil
}

// gather waits until a gate holds so many requests, or for a while, and returns the sender of the last one.
func gather(ctx context.Context, gate *gate, held map[string]int, enough int) (last string) {
	timer := time.NewTimer(gatherLimit)
	defer timer.Stop()
	for total := 0; total < enough; total++ {
		select {
		case last = <-gate.arrived:
			held[last]++
		case <-timer.C:
			return last
		case <-ctx.Done():
			return last
		}
	}
	return last
}

// stopPastLease stops a server with deliveries under way, lets their receivers answer it, waits until its leases have
// run out and others have had time to take them, and lets it go on: all that it then says comes too late.
func (r *run) stopPastLease(ctx context.Context, rng *rand.Rand) error {
	gate := r.receiver.hold()
	if err := r.burst(ctx, rng, 1); err != nil {
		return err
	}
	life := gather(ctx, gate, map[string]int{}, 1+rng.IntN(20))
	server := r.holder(life)
	life = server.life()
	f := fault{kind: faultStop, life: life, from: r.now()}
	server.signal(syscall.SIGSTOP, replicaStopped)
	r.receiver.release(gate, oneOf(rng, 0, 500, 200))
	err := pause(ctx, r.lease+time.Duration(500+rng.IntN(1500))*time.Millisecond)
	server.signal(syscall.SIGCONT, replicaRunning)
	f.to = r.now()
	r.faults.add(f)
	return err
}

// cutConnection breaks one connection between a server and PostgreSQL.
func (r *run) cutConnection(ctx context.Context, rng *rand.Rand) error {
	p := oneOf(rng, r.proxies...)
	how := oneOf(rng, cutBeforeCommit, cutAfterCommit, cutAtByte, cutHalfOpen)
	f := fault{kind: faultCut + " " + how, from: r.now()}
	armed := p.arm(how, rng.IntN(20_000), time.Duration(1000+rng.IntN(4000))*time.Millisecond)
	timer := time.NewTimer(gatherLimit)
	defer timer.Stop()
	select {
	case <-armed.fired:
	case <-timer.C:
		p.disarm()
		return fmt.Errorf("nothing passed the proxy for %s", gatherLimit)
	case <-ctx.Done():
		return ctx.Err()
	}
	if how == cutHalfOpen {
		if err := pause(ctx, armed.long); err != nil {
			return err
		}
	}
	f.to = r.now()
	r.faults.add(f)
	return nil
}
