package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// sql fills the few places in which one statement differs between the two dialects:
//
//	{rows $1}  the elements of the JSON array in $1, as r.value; r.value->>'x' is member x of one
//	{now}      the database's clock, read once in a statement
//	{lock}     locks the rows read until the transaction ends, in the way that foreign-key checks do not wait for
//	{least}    the function for the smaller of two values
//
// SQLite has one writer at a time and needs no row locks.
func (s *Store) sql(text string) string {
	if s.dialect == PostgreSQL {
		return postgresPlaces.Replace(text)
	}
	text = strings.ReplaceAll(text, "{now}", strconv.FormatInt(micros(s.now()), 10))
	return sqlitePlaces.Replace(text)
}

var (
	postgresPlaces = strings.NewReplacer("{rows $1}", "jsonb_array_elements(CAST($1 AS jsonb)) AS r(value)",
		"{rows $2}", "jsonb_array_elements(CAST($2 AS jsonb)) AS r(value)",
		"{now}", "(SELECT tbc_now())", "{lock}", "FOR NO KEY UPDATE", "{least}", "least")
	sqlitePlaces = strings.NewReplacer("{rows $1}", "json_each($1) AS r", "{rows $2}", "json_each($2) AS r",
		"{lock}", "", "{least}", "min")
)

// connection is a database, a transaction or the session of a Tx.
type connection interface {
	querier
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
}

// jsonRows is the argument of {rows}. What it holds are the store's own structs, which always marshal.
func jsonRows[T any](list []T) (string, error) {
	text, err := compact(list)
	return string(text), err
}

// writeRows runs a statement of the Tx's workspace over many rows at once: $1 is the workspace, {rows $2} the list.
// One text for any number of rows is prepared once, and SQLite takes time by the square of a number of parameters.
func writeRows[T any](ctx context.Context, tx *Tx, text string, list []T) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := jsonRows(list)
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, tx.store.sql(text), rows)
	return err
}

// readAll reads the rows of hand-written SQL that crosses tenants, to the end.
func readAll[T any](ctx context.Context, db querier, q sqlQuery, scan func(*sql.Rows, *T) error) ([]T, error) {
	found, err := db.QueryContext(ctx, q.text, q.args...)
	if err != nil {
		return nil, noun(err)
	}
	list, err := appendRows(make([]T, 0, q.capacity), found, scan)
	return list, noun(err)
}

// only is the one row of those that were found. ErrNotFound if there is none.
func only[T any](found []T, err error) (row T, _ error) {
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return row, err
	}
	return found[0], nil
}

// byIndex makes PostgreSQL look up each of the few rows of a statement by index. Left alone it reads a backlog of
// some ten thousand rows whole, since its statistics never know how long a queue is at the moment.
const byIndex = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
	set_config('enable_mergejoin', 'off', true), set_config('lock_timeout', '5s', true),
	set_config('idle_in_transaction_session_timeout', '30s', true)`

// forgettable is byIndex for a transaction that may be lost when the database crashes. A claim is one: what is lost with
// it are leases, so that the deliveries are due at once and sent twice, never lost; whoever held the lost lease is not
// heard. It spares every event the wait for the disk on its way to the receiver. Completions wait for it.
const forgettable = byIndex + `, set_config('synchronous_commit', 'off', true)`

// planByIndex does the same for the rest of a Tx.
func (tx *Tx) planByIndex(ctx context.Context) error {
	if tx.store.dialect == SQLite {
		return nil
	}
	_, err := readAll(ctx, tx.scope.db.Statement.ConnPool, sqlQuery{text: byIndex},
		func(*sql.Rows, *struct{}) error { return nil })
	return err
}

// inTx runs do in a transaction that crosses tenants. It may touch the queue and what belongs to it, never the
// rows of a workspace's domain: those are for Tx.
func (s *Store) inTx(ctx context.Context, do func(db connection) error) error {
	return s.inTxWith(ctx, byIndex, do)
}

// inTxWith is inTx with the settings of a transaction on PostgreSQL.
func (s *Store) inTxWith(ctx context.Context, settings string, do func(db connection) error) error {
	begun, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // without effect after Commit
	if s.dialect == PostgreSQL {
		if _, err := begun.ExecContext(ctx, settings); err != nil {
			return err
		}
	}
	if err := do(begun); err != nil {
		return err
	}
	return noun(begun.Commit())
}

// scanRows is scanAll for a query about many rows at once: $1 is the workspace, {rows $2} the list.
func scanRows[K, T any](ctx context.Context, tx *Tx, text string, list []K, scan func(*sql.Rows, *T) error) ([]T, error) {
	rows, err := jsonRows(list)
	if err != nil {
		return nil, err
	}
	return scanAll(ctx, tx.scope, sqlQuery{text: tx.store.sql(text), args: []any{rows}, capacity: len(list)}, scan)
}
