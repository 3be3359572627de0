package recipe

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver, pure Go
)

// remembered is how long an event that has ended is known: events can be delivered again for 30 days.
const remembered = 40 * 24 * time.Hour

const inboxName = "inbox.db"

// The states of an event. Its body, which names people, goes with the state done.
const (
	waiting = "waiting"
	done    = "done"
	failed  = "failed"
)

const schema = `CREATE TABLE IF NOT EXISTS events (
	id          TEXT PRIMARY KEY,
	type        TEXT NOT NULL,
	body        BLOB,
	received_at INTEGER NOT NULL,            -- times are Unix milliseconds
	state       TEXT NOT NULL,
	attempts    INTEGER NOT NULL DEFAULT 0,
	next_at     INTEGER NOT NULL,
	ended_at    INTEGER,
	problem     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS events_due ON events (next_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS steps (
	event_id TEXT NOT NULL,
	name     TEXT NOT NULL,
	PRIMARY KEY (event_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS once (
	name TEXT PRIMARY KEY                    -- kept for ever
) STRICT, WITHOUT ROWID;`

// inbox holds events from before they are answered until after they are done, in a file of the recipe's folder.
type inbox struct {
	db   *sql.DB
	lock *sql.Conn // what only one worker has
	held *sql.DB
}

// openInbox opens or makes the file.
func openInbox(ctx context.Context, folder string) (*inbox, error) {
	db, err := openFile(ctx, filepath.Join(folder, inboxName))
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("inbox: %w", err), db.Close())
	}
	return &inbox{db: db}, nil
}

// openFile makes the file first, for its owner alone: SQLite would make it as the umask says.
func openFile(ctx context.Context, path string) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	db, err := sql.Open("sqlite", name.String()+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, db.PingContext(ctx)
}

// claim makes this process the only one that works on the folder, until close. The lock is a transaction that never ends
// on a file of its own: the operating system gives it back however the process dies.
func (b *inbox) claim(ctx context.Context, folder string) (err error) {
	if b.held, err = openFile(ctx, filepath.Join(folder, "worker.lock")); err != nil {
		return err
	}
	if b.lock, err = b.held.Conn(ctx); err != nil {
		return err
	}
	for _, statement := range []string{"PRAGMA busy_timeout = 0", "BEGIN EXCLUSIVE"} {
		if _, err := b.lock.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("another process works on %s, or it cannot be locked: %w", folder, err)
		}
	}
	return nil
}

// close gives the files back. Twice is once.
func (b *inbox) close() error {
	var errs []error
	if b.lock != nil {
		errs = append(errs, b.lock.Close())
	}
	if b.held != nil {
		errs = append(errs, b.held.Close())
	}
	return errors.Join(append(errs, b.db.Close())...)
}

// put stores an event unless it is there already. It is on the disk when put returns.
func (b *inbox) put(ctx context.Context, id, kind string, body []byte, now time.Time) error {
	_, err := b.db.ExecContext(ctx, `INSERT INTO events (id, type, body, received_at, state, next_at) VALUES (?, ?, ?, ?, 'waiting', ?)
		ON CONFLICT (id) DO NOTHING`, id, kind, body, now.UnixMilli(), now.UnixMilli())
	return err
}

// entry is an event as it is stored.
type entry struct {
	id, kind string
	body     []byte
	attempts int
}

// begin gives the event that is due longest. It counts the attempt and sets the time of the next one before this one is
// made: an event that kills the process waits like any that fails, and lets the others pass. Without an event it tells
// when the next is due; zero means none is.
func (b *inbox) begin(ctx context.Context, now time.Time) (e entry, found bool, next time.Time, err error) {
	var due int64
	err = b.db.QueryRowContext(ctx, `SELECT id, type, body, attempts, next_at FROM events WHERE state = 'waiting'
		ORDER BY next_at, rowid LIMIT 1`).Scan(&e.id, &e.kind, &e.body, &e.attempts, &due)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return entry{}, false, time.Time{}, nil
	case err != nil:
		return entry{}, false, time.Time{}, err
	case due > now.UnixMilli():
		return entry{}, false, time.UnixMilli(due), nil
	}
	e.attempts++
	_, err = b.db.ExecContext(ctx, `UPDATE events SET attempts = ?, next_at = ? WHERE id = ?`,
		e.attempts, now.Add(delayAfter(e.attempts)).UnixMilli(), e.id)
	return e, err == nil, time.Time{}, err
}

// end notes that an event is done or failed for good.
func (b *inbox) end(ctx context.Context, id, state, problem string, now time.Time) error {
	_, err := b.db.ExecContext(ctx, `UPDATE events SET state = ?1, problem = ?2, ended_at = ?3,
		body = CASE ?1 WHEN 'done' THEN NULL ELSE body END WHERE id = ?4`, state, problem, now.UnixMilli(), id)
	return err
}

// postpone notes why an attempt failed and when the next one is.
func (b *inbox) postpone(ctx context.Context, id, problem string, next time.Time) error {
	_, err := b.db.ExecContext(ctx, `UPDATE events SET problem = ?, next_at = ? WHERE id = ?`, problem, next.UnixMilli(), id)
	return err
}

// stepped tells whether a part of an event's work is done.
func (b *inbox) stepped(ctx context.Context, id, name string) (found bool, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM steps WHERE event_id = ? AND name = ?)`, id, name).Scan(&found)
	return found, err
}

// step notes that a part of an event's work is done.
func (b *inbox) step(ctx context.Context, id, name string) error {
	_, err := b.db.ExecContext(ctx, `INSERT INTO steps (event_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, name)
	return err
}

// wasDone tells whether something that is done once is done.
func (b *inbox) wasDone(ctx context.Context, name string) (found bool, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM once WHERE name = ?)`, name).Scan(&found)
	return found, err
}

// noteDone notes that it is.
func (b *inbox) noteDone(ctx context.Context, name string) error {
	_, err := b.db.ExecContext(ctx, `INSERT INTO once (name) VALUES (?) ON CONFLICT DO NOTHING`, name)
	return err
}

// forget removes what has ended long ago: the ids of what was done, and with their bodies, which name people, events that
// failed and nobody cared for.
func (b *inbox) forget(ctx context.Context, now time.Time) error {
	_, err := b.db.ExecContext(ctx, `DELETE FROM events WHERE state <> 'waiting' AND ended_at < ?`, now.Add(-remembered).UnixMilli())
	if err == nil {
		_, err = b.db.ExecContext(ctx, `DELETE FROM steps WHERE event_id NOT IN (SELECT id FROM events)`)
	}
	return err
}

// again makes failed events wait anew, with all their attempts before them, and waiting ones due now.
func (b *inbox) again(ctx context.Context, now time.Time) (int64, error) {
	result, err := b.db.ExecContext(ctx, `UPDATE events SET state = 'waiting', next_at = ?,
		attempts = CASE state WHEN 'failed' THEN 0 ELSE attempts END WHERE state <> 'done'`, now.UnixMilli())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
