package main

import (
	"context"
	"fmt"
	"time"
)

// receipts causes events at eventRate for so long, in all workspaces in turn, and returns how old each was when it
// arrived at each healthy endpoint that wants it. Age counts from the event's created_at, which is before its commit.
func (f *fleet) receipts(ctx context.Context, addr string, during time.Duration) ([]time.Duration, error) {
	f.forget()
	requests := make([][]byte, int(eventRate*during/time.Second))
	want := 0
	for i := range requests {
		workspace := i % len(f.tokens)
		f.made++
		requests[i] = post(studentsPath, f.tokens[workspace],
			fmt.Sprintf(`{"email":"fleet%d@example.com","displayName":"Student %d"}`, f.made, f.made))
		for _, s := range f.sinks[workspace*perWorkspace : (workspace+1)*perWorkspace] {
			if !s.hangs && s.events == everyEvent {
				want++
			}
		}
	}
	if err := paced(ctx, addr, requests); err != nil {
		return nil, err
	}
	if _, err := f.await(ctx, want); err != nil {
		return nil, err
	}
	ages := make([]time.Duration, 0, want)
	for _, s := range f.sinks {
		s.mu.Lock()
		for _, r := range s.seen {
			ages = append(ages, r.age)
		}
		s.mu.Unlock()
	}
	return ages, nil
}
