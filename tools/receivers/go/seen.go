package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver
)

// seen is the memory of which events have been worked on, a table of SQLite, and a webhooks.Dedupe. With another driver
// it is the same on PostgreSQL, where ON CONFLICT waits for the transaction that holds the id.
type seen struct{ db *sql.DB }

func openSeen(ctx context.Context, path string) (*seen, error) {
	// Each transaction takes the write lock when it begins: deliveries wait for each other, at most eight of the ten
	// seconds that the sender waits for an answer.
	const options = "?_txlock=immediate&_pragma=busy_timeout(8000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+options)
	if err != nil {
		return nil, err
	}
	const table = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"
	if _, err := db.ExecContext(ctx, table); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &seen{db: db}, nil
}

// Once implements webhooks.Dedupe. The work and the memory of it are one transaction, which the work may write in too.
// Work that takes long should only put a row into a table for another program, since deliveries wait meanwhile.
func (s *seen) Once(ctx context.Context, id string, do func(context.Context) error) (ran bool, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	result, err := tx.ExecContext(ctx, "INSERT INTO seen (id) VALUES (?) ON CONFLICT DO NOTHING", id)
	if err != nil {
		return false, err
	}
	if added, err := result.RowsAffected(); added == 0 || err != nil {
		return false, err
	}
	if err := do(context.WithValue(ctx, transactionKey{}, tx)); err != nil {
		return true, err
	}
	return true, tx.Commit()
}

func (s *seen) close() { _ = s.db.Close() }

type transactionKey struct{}

// transaction is the one that remembers the event whose work has this context. It comes this way because a
// webhooks.Dedupe knows no database.
func transaction(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(transactionKey{}).(*sql.Tx)
	return tx
}
