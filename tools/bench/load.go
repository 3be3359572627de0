package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// connections is how many requests are in flight, as the figures promise.
const connections = 32

// requester yields the n-th request of one connection. It is called by that connection alone, and what it
// returns is used only until the next call.
type requester func(n int) []byte

// load keeps every connection busy and counts the answers.
type load struct {
	addr      string
	requests  []requester // one for each connection
	status    int         // that every answer must have
	minLength int64       // that every body must have, so that an empty list is no success
}

// throughput runs the load for a while and returns answers per second. One wrong answer fails the run.
func (l load) throughput(ctx context.Context, duration time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	start := time.Now()
	n, err := l.each(ctx, 0)
	return float64(n) / time.Since(start).Seconds(), err
}

// total sends n requests over all connections.
func (l load) total(ctx context.Context, n int) error {
	_, err := l.each(ctx, n/len(l.requests))
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// each runs every connection until ctx ends, or for limit requests each unless limit is 0.
func (l load) each(ctx context.Context, limit int) (int, error) {
	counts := make([]int, len(l.requests))
	errs := make([]error, len(l.requests))
	var running sync.WaitGroup
	for i := range l.requests {
		running.Go(func() { counts[i], errs[i] = l.one(ctx, i, limit) })
	}
	running.Wait()
	var sum int
	for _, n := range counts {
		sum += n
	}
	return sum, errors.Join(errs...)
}

// one is the loop of one connection.
func (l load) one(ctx context.Context, index, limit int) (int, error) {
	conn, err := dial(ctx, l.addr)
	if err != nil {
		return 0, err
	}
	defer conn.close()
	for n := 0; ; n++ {
		if ctx.Err() != nil || limit > 0 && n >= limit {
			return n, nil
		}
		got, err := conn.roundTrip(l.requests[index](n))
		if err != nil {
			return n, err
		}
		if got.status != l.status || got.length < l.minLength {
			return n, fmt.Errorf("connection %d: status %d with %d bytes, want %d with at least %d",
				index, got.status, got.length, l.status, l.minLength)
		}
	}
}

// latencies sends the requests one after the other on one connection and returns how long each took.
func latencies(ctx context.Context, addr string, requests [][]byte) ([]time.Duration, error) {
	conn, err := dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer conn.close()
	took := make([]time.Duration, 0, len(requests))
	for _, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := time.Now()
		got, err := conn.roundTrip(r)
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
		if got.status != 200 {
			return nil, fmt.Errorf("status %d for %q", got.status, r)
		}
	}
	return took, nil
}

// same repeats one request.
func same(r []byte) requester { return func(int) []byte { return r } }

// respell returns the n-th spelling of a raw query: the bits of n say which of its first letters and digits
// are percent-encoded. All spellings mean the same, and a cache that is keyed by the raw query has seen none
// of them, so that every request does its whole work. There are 2^(letters and digits), at most 2^24.
func respell(query []byte, n int, into []byte) []byte {
	const hex = "0123456789ABCDEF"
	bit := 0
	for _, b := range query {
		alphanumeric := b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
		if alphanumeric && bit < 24 {
			if n>>bit&1 == 1 {
				into = append(into, '%', hex[b>>4], hex[b&15])
				bit++
				continue
			}
			bit++
		}
		into = append(into, b)
	}
	return into
}
