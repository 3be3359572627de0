package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// followers are those in this process who follow the feed of a workspace. Other processes' commits reach them by
// polling alone.
type followers struct {
	mu sync.Mutex
	of map[string]map[chan struct{}]bool // by workspace
}

// wake leaves a signal for every follower of the workspace that has none yet.
func (f *followers) wake(workspaceID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for follower := range f.of[workspaceID] {
		select {
		case follower <- struct{}{}:
		default:
		}
	}
}

func (f *followers) join(workspaceID string) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]map[chan struct{}]bool{}
	}
	if f.of[workspaceID] == nil {
		f.of[workspaceID] = map[chan struct{}]bool{}
	}
	follower := make(chan struct{}, 1)
	f.of[workspaceID][follower] = true
	return follower
}

func (f *followers) leave(workspaceID string, follower chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.of[workspaceID], follower)
	if len(f.of[workspaceID]) == 0 {
		delete(f.of, workspaceID)
	}
}

// Follow returns a channel that has a signal after commits in this process that added events to the feed. It may come
// too often, never too seldom. The caller must call leave.
func (w *Workspace) Follow() (woken <-chan struct{}, leave func()) {
	follower := w.store.followers.join(w.ID())
	return follower, func() { w.store.followers.leave(w.ID(), follower) }
}

// EventsAfter reads at most limit events of the feed that come after the sequence number, in its order. The numbers
// have no gaps, so that a reader notices if what came next is gone already.
func (w *Workspace) EventsAfter(ctx context.Context, seq int64, limit int) ([]StoredEvent, error) {
	events, err := scanAll(ctx, w.scope, sqlQuery{ // by index events_seq
		text: `SELECT ` + eventColumns + ` FROM events e WHERE e.workspace_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`,
		args: []any{seq, limit},
	}, scanEvent)
	if err != nil {
		return nil, fmt.Errorf("events after %d: %w", seq, err)
	}
	return events, nil
}

// FeedPosition is the sequence number of an event. ErrNotFound if it is in no feed, or is of an age at which events
// are removed, whether it has been or not.
func (w *Workspace) FeedPosition(ctx context.Context, eventID string) (int64, error) {
	seq, err := scanOne(ctx, w.scope, w.store.clocked(`SELECT e.seq FROM events e
		WHERE e.workspace_id = $1 AND e.id = $2 AND e.seq IS NOT NULL AND e.created_at > {clock} - $3`,
		eventID, EventAge.Microseconds()), func(row *sql.Rows, seq *int64) error { return row.Scan(seq) })
	if err != nil {
		return 0, fmt.Errorf("position of event %s: %w", eventID, err)
	}
	return seq, nil
}

// FeedEnd is the sequence number of the newest event, 0 if there never was one, and its id, "" if FeedPosition would
// not find it.
func (w *Workspace) FeedEnd(ctx context.Context) (seq int64, eventID string, err error) {
	end, err := scanOne(ctx, w.scope, w.store.clocked(`SELECT w.last_event, coalesce(e.id, '')
		FROM workspaces w LEFT JOIN events e ON e.workspace_id = w.id AND e.seq = w.last_event AND e.created_at > {clock} - $2
		WHERE w.id = $1`, EventAge.Microseconds()), func(row *sql.Rows, end *StoredEvent) error { return row.Scan(&end.Seq, &end.ID) })
	if err != nil {
		return 0, "", fmt.Errorf("end of the feed: %w", err)
	}
	return end.Seq, end.ID, nil
}

// clocked is a statement that compares with the clock, {clock}. On SQLite that is one more argument, since statements
// are kept prepared by their text.
func (s *Store) clocked(text string, args ...any) sqlQuery {
	clock := "(SELECT tbc_now())"
	if s.dialect == SQLite {
		args = append(args, micros(s.now()))
		clock = "$" + strconv.Itoa(len(args)+1)
	}
	return sqlQuery{text: strings.ReplaceAll(text, "{clock}", clock), args: args, capacity: 1}
}

// FeedView is what whoever follows a feed with a key sees of both at one moment.
type FeedView struct {
	Last   int64    // the sequence number of the newest event
	Scopes []string // of the key
}

// ViewFeed looks at the feed and at the key in one statement by two primary keys, and counts no call.
// ErrUnauthorized if the key is revoked or expired by now.
func (w *Workspace) ViewFeed(ctx context.Context, keyID string) (FeedView, error) {
	view, err := scanOne(ctx, w.scope, w.store.clocked(`SELECT w.last_event, k.scopes
		FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id
		WHERE k.workspace_id = $1 AND k.id = $2 AND k.revoked_at IS NULL
			AND (k.expires_at IS NULL OR k.expires_at > {clock})`, keyID), func(row *sql.Rows, view *FeedView) error {
		var scopes string
		err := row.Scan(&view.Last, &scopes)
		view.Scopes = strings.Fields(scopes)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = ErrUnauthorized
	}
	if err != nil {
		return FeedView{}, fmt.Errorf("view the feed: %w", err)
	}
	return view, nil
}
