package main

import (
	"context"
	"encoding/json"
	"net/url"
	"sync"
	"time"
)

// follower reads the feed while the run goes on, as an incremental client does, and remembers what it saw in which
// order.
type follower struct {
	run *run

	mu  sync.Mutex
	ids []string
}

func (f *follower) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.ids...)
}

// follow reads page after page until the drive is over. At the end of the feed it asks again for the last page.
func (f *follower) follow(ctx context.Context, over <-chan struct{}) error {
	cursor, taken := "", 0
	for {
		select {
		case <-over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		query := url.Values{"limit": {"100"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		addr := f.run.replicas[0].at()
		if addr == "" {
			continue
		}
		var p page[json.RawMessage]
		if err := f.run.client.get(ctx, addr, "/events?"+query.Encode(), &p); err != nil {
			continue // whatever is broken just now
		}
		if err := f.take(p.Data, taken); err != nil {
			return err
		}
		taken = len(p.Data)
		if p.Pagination.HasMore && p.Pagination.NextCursor != nil {
			cursor, taken = *p.Pagination.NextCursor, 0
		}
	}
}

// take adds the ids of a page behind those that were taken of it before.
func (f *follower) take(events []json.RawMessage, taken int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, text := range events[min(taken, len(events)):] {
		var e struct{ ID string }
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		f.ids = append(f.ids, e.ID)
	}
	return nil
}
