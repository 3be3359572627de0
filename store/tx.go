package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Workspace reads the rows of one workspace. It holds nothing but the id: making one costs no query, and whether
// the workspace exists shows in what is read.
type Workspace struct {
	store *Store
	scope scope
}

// Workspace is the door to one tenant. An empty id is a fault of the program: no tenant filter may ever be empty.
func (s *Store) Workspace(id string) *Workspace {
	if id == "" {
		panic("store: a workspace needs an id")
	}
	return &Workspace{store: s, scope: scope{db: s.reader, workspaceID: id}}
}

// ID is the workspace's id, org_….
func (w *Workspace) ID() string { return w.scope.workspaceID }

// Tx reads and writes the rows of one workspace. While it is open it is the only one of its workspace.
type Tx struct {
	store *Store
	scope scope
	now   time.Time
	rand  io.Reader // of ids, where a seed must give the same ones every time; nil is the store's

	timeZone, money string // the time zone and the currency of the workspace: the lock reads them for nothing

	span    trace.Span     // of the transaction; while traces are off, one that is none
	emitted []pendingEvent // what Emit added and flush has yet to write
	told    bool           // whether flush added events to the feed
	queued  bool           // whether deliveries became due
}

// Now is the time of the transaction: that of the database's clock, but always later than every Tx of the
// workspace before it. All that the Tx writes carries it.
func (tx *Tx) Now() time.Time { return tx.now }

// WorkspaceID is the id of the workspace that the Tx holds.
func (tx *Tx) WorkspaceID() string { return tx.scope.workspaceID }

// Tx runs do while it holds the workspace. Transactions of one workspace run one after the other, on any number of
// processes, so that updatedAt grows in the order of commits and an incremental reader can never skip a row.
// It rolls back when do fails, and also when do changed no row: then the version of the workspace stays too.
// ErrNotFound if the workspace does not exist. Never make a network call inside do.
func (w *Workspace) Tx(ctx context.Context, do func(tx *Tx) error) (err error) {
	span := startSpan(ctx, "tx")
	defer func() { endSpan(span, err) }()
	leave, err := w.store.lines.enter(ctx, w.ID())
	if err != nil {
		return fmt.Errorf("wait for workspace %s: %w", w.ID(), err)
	}
	defer leave()
	begun, err := w.store.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if begun != nil {
			_ = begun.Rollback() // also after a panic in do; the connection is unusable if this fails
		}
	}()
	conn := &session{Tx: begun, workspaceID: w.ID()}
	tx, err := w.store.lock(ctx, conn)
	if err != nil {
		return err
	}
	tx.span = span
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.flush(ctx); err != nil || !conn.changed {
		return err
	}
	begun = nil
	if err := conn.Commit(); err != nil {
		return noun(err)
	}
	if tx.told {
		w.store.followers.wake(w.ID())
	}
	if tx.queued {
		w.store.wake()
	}
	return nil
}

// begin opens a transaction on the writer. READ COMMITTED, whatever the server's default: the workspace row is
// locked first, so every later statement must see what the predecessor committed.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	writer, err := s.writer.DB()
	if err != nil {
		return nil, err
	}
	if s.dialect == SQLite {
		return writer.BeginTx(ctx, nil) // immediate, by the connection's _txlock
	}
	return writer.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
}

// The lock is a NO KEY lock on PostgreSQL, so that foreign-key checks of others do not wait for it.
// changed_at never goes back, not even with the clock: one microsecond is the least step.
const (
	lockSQLite = `UPDATE workspaces SET changed_at = max($2, changed_at + 1) WHERE id = $1
		RETURNING changed_at, time_zone, currency`
	// The timeouts are set for this transaction only, which also holds behind PgBouncer in transaction mode. The last one
	// ends the transaction of a process that was stopped, or cut off without a word, in the middle of it: without it
	// nobody could write in the workspace until that process came back.
	lockPostgres = `WITH bounds AS MATERIALIZED (
			SELECT set_config('lock_timeout', '5s', true), set_config('statement_timeout', '30s', true),
				set_config('idle_in_transaction_session_timeout', '30s', true)
		)
		UPDATE workspaces SET changed_at = greatest(tbc_now(), changed_at + 1)
		FROM bounds WHERE id = $1 RETURNING changed_at, time_zone, currency`
)

// lock makes conn the only transaction of its workspace and reads the time that the transaction bears.
func (s *Store) lock(ctx context.Context, conn *session) (*Tx, error) {
	text, args := lockPostgres, []any{conn.workspaceID}
	if s.dialect == SQLite {
		text, args = lockSQLite, append(args, micros(s.now()))
	}
	found, err := conn.Tx.QueryContext(ctx, text, args...) // not through session: the lock itself is no change
	if err != nil {
		return nil, fmt.Errorf("lock workspace %s: %w", conn.workspaceID, err)
	}
	defer found.Close()
	tx := &Tx{store: s}
	var changedAt int64
	for found.Next() { // to the end: an undrained RETURNING keeps SQLite's write-ahead log from shrinking
		if err := found.Scan(&changedAt, &tx.timeZone, &tx.money); err != nil {
			return nil, err
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("lock workspace %s: %w", conn.workspaceID, err)
	}
	if changedAt == 0 {
		return nil, fmt.Errorf("workspace %s: %w", conn.workspaceID, ErrNotFound)
	}
	db := s.writer.WithContext(ctx)
	db.Statement.ConnPool = conn
	tx.scope, tx.now = scope{db: db, workspaceID: conn.workspaceID}, fromMicros(changedAt)
	return tx, nil
}
