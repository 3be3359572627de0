package store

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

// Exec lets tests of the store's guarantees write tables of their own in a Tx; $1 is the workspace id.
func (tx *Tx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	return tx.scope.exec(ctx, text, args...)
}

// TxWithoutLock is Tx without the one-writer rule: the clock's time, and nothing that orders commits. It shows that
// a test of the rule would notice its absence.
func (w *Workspace) TxWithoutLock(ctx context.Context, do func(tx *Tx) error) error {
	begun, err := w.store.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }()
	now, err := pgNow(ctx, begun)
	if err != nil {
		return err
	}
	conn := &session{Tx: begun, workspaceID: w.ID()}
	db := w.store.writer.WithContext(ctx)
	db.Statement.ConnPool = conn
	tx := &Tx{
		store: w.store, scope: scope{db: db, workspaceID: w.ID()}, now: fromMicros(now), span: trace.SpanFromContext(ctx),
	}
	if err := do(tx); err != nil {
		return err
	}
	return begun.Commit()
}

// Lines is the number of workspaces that somebody holds or waits for in this process.
func (s *Store) Lines() int {
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	return len(s.lines.lines)
}

// SealedTables are the tables that Rekey goes through, by name.
func SealedTables() []string {
	var names []string
	for _, table := range sealedTables {
		names = append(names, table.name)
	}
	slices.Sort(names)
	return names
}

// LimitPages makes SQLite's main file full: it may grow by that many pages and no more.
func (s *Store) LimitPages(ctx context.Context, more int) error {
	writer := s.engine.(*sqliteEngine).writer
	var pages int
	if err := writer.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
		return err
	}
	_, err := writer.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+more))
	return err
}

// FigureStatements are the texts that Figures runs, with their arguments, and what it runs before them.
func (s *Store) FigureStatements() (before string, texts []string, args [][]any) {
	lanes := eachLaneSQLite
	if s.dialect == PostgreSQL {
		before, lanes = byIndex, eachLanePostgres
	}
	return before, []string{s.sql(readFigures), s.sql(lanes + stalledOfLanes)},
		[][]any{{FigureMost}, {"", "", StalledAfter.Microseconds()}}
}
