package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// The kinds of faults.
const (
	faultKill         = "server killed"
	faultKillBefore   = "server killed before a send"
	faultKillDuring   = "server killed during a send"
	faultKillAfter    = "server killed after a send"
	faultKillMany     = "server killed in mid-completion"
	faultTerminate    = "server terminated"
	faultStop         = "server stopped past its leases"
	faultLate         = "receiver answered past the lease"
	faultFast         = "PostgreSQL restarted"
	faultImmediate    = "PostgreSQL restarted at once"
	faultKillDatabase = "PostgreSQL killed"
	faultCut          = "connection cut"
)

// planned is a fault that is to come.
type planned struct {
	kind  string
	after time.Duration // of the fault before
	seed  uint64        // for what the fault itself draws
}

// faultKinds are what can be done to a database's servers, with weights.
var faultKinds = map[string][]struct {
	kind   string
	weight int
}{
	kindSQLite: {
		{faultKill, 4}, {faultKillBefore, 2}, {faultKillDuring, 2}, {faultKillAfter, 2}, {faultKillMany, 3}, {faultTerminate, 1}, {faultStop, 1},
	},
	kindPostgres: {
		{faultKill, 3}, {faultKillBefore, 2}, {faultKillDuring, 2}, {faultKillAfter, 2}, {faultKillMany, 3}, {faultTerminate, 1},
		{faultStop, 2}, {faultFast, 1}, {faultImmediate, 2}, {faultKillDatabase, 2}, {faultCut, 8},
	},
}

// plan draws the faults of a run, more than it will have time for. Every kind comes once, in any order, before the
// rest is drawn by weight.
func plan(kind string, seed uint64) []planned {
	rng := rand.New(rand.NewPCG(seed, 1))
	var kinds []string
	for _, k := range faultKinds[kind] {
		kinds = append(kinds, k.kind)
	}
	rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	var bag []string
	for _, k := range faultKinds[kind] {
		for range k.weight {
			bag = append(bag, k.kind)
		}
	}
	for len(kinds) < 1000 {
		kinds = append(kinds, oneOf(rng, bag...))
	}
	list := make([]planned, len(kinds))
	for i, k := range kinds {
		list[i] = planned{kind: k, after: time.Duration(200+rng.IntN(2000)) * time.Millisecond, seed: rng.Uint64()}
	}
	return list
}

// inflict does one thing after the other to the run until the drive is over.
func (r *run) inflict(ctx context.Context, over <-chan struct{}, list []planned) error {
	for _, next := range list {
		timer := time.NewTimer(next.after)
		select {
		case <-over:
			timer.Stop()
			return nil
		case <-timer.C:
		}
		r.progress("%s", next.kind)
		if err := r.strike(ctx, next.kind, rand.New(rand.NewPCG(next.seed, 0))); err != nil {
			return fmt.Errorf("%s: %w", next.kind, err)
		}
	}
	return nil
}

// strike does one fault, and what an operator or supervisor does about it.
func (r *run) strike(ctx context.Context, kind string, rng *rand.Rand) error {
	server := oneOf(rng, r.replicas...)
	switch kind {
	case faultKill, faultTerminate:
		return r.end(ctx, kind, server, rng)
	case faultKillBefore:
		return r.killBefore(ctx, rng)
	case faultKillDuring, faultKillAfter, faultKillMany:
		return r.killSending(ctx, kind, rng)
	case faultStop:
		return r.stopPastLease(ctx, rng)
	case faultCut:
		return r.cutConnection(ctx, rng)
	case faultFast:
		return r.endDatabase(ctx, kind, syscall.SIGINT, rng)
	case faultImmediate:
		return r.endDatabase(ctx, kind, syscall.SIGQUIT, rng)
	case faultKillDatabase:
		return r.endDatabase(ctx, kind, syscall.SIGKILL, rng)
	}
	return fmt.Errorf("nobody knows this fault")
}

// end ends a server, by force unless it is only to terminate, and starts it again after a while.
func (r *run) end(ctx context.Context, kind string, server *replica, rng *rand.Rand) error {
	signal := syscall.SIGKILL
	if kind == faultTerminate {
		signal = syscall.SIGTERM
	}
	f := fault{kind: kind, life: server.life(), from: r.now()}
	if err := server.end(ctx, signal); err != nil {
		return err
	}
	f.to = r.now()
	r.faults.add(f)
	if err := pause(ctx, time.Duration(rng.IntN(500))*time.Millisecond); err != nil {
		return err
	}
	return server.start(ctx)
}

// endDatabase ends PostgreSQL and starts it again after a while.
func (r *run) endDatabase(ctx context.Context, kind string, signal syscall.Signal, rng *rand.Rand) error {
	f := fault{kind: kind, from: r.now()}
	if err := r.db.cluster.End(ctx, signal); err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(rng.IntN(1500))*time.Millisecond); err != nil {
		return err
	}
	err := r.db.cluster.Restart(ctx)
	f.to = r.now()
	r.faults.add(f)
	return err
}
