package store

import (
	"context"
	"database/sql"
)

// SQLite runs a statement about many rows fastest as a prepared one, once for each row: reading the rows from a JSON
// document costs it three times as much. PostgreSQL, where each run is a journey, takes one array for each column.

// execRows runs a statement once for each row and returns how many rows each run changed. A run takes
// microseconds, so ctx is heard between transactions only: to watch it costs SQLite's driver a goroutine for each run.
func execRows[R any](ctx context.Context, db connection, text string, rows []R, args func(R) []any) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ctx = context.WithoutCancel(ctx)
	prepared, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, noun(err)
	}
	defer prepared.Close()
	changed := make([]int64, len(rows))
	for i, row := range rows {
		done, err := prepared.ExecContext(ctx, args(row)...)
		if err != nil {
			return nil, noun(err)
		}
		if changed[i], err = done.RowsAffected(); err != nil {
			return nil, err
		}
		if tx, ok := db.(*session); ok && changed[i] > 0 {
			tx.changed = true // a prepared statement passes it by
		}
	}
	return changed, nil
}

// readRows is execRows for statements that read: it runs one once for each list of arguments.
func readRows[T any](ctx context.Context, db connection, text string, runs [][]any, scan func(*sql.Rows, *T) error) ([]T, error) {
	ctx = context.WithoutCancel(ctx)
	prepared, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, noun(err)
	}
	defer prepared.Close()
	list := make([]T, 0, len(runs))
	for _, args := range runs {
		found, err := prepared.QueryContext(ctx, args...)
		if err == nil {
			list, err = appendRows(list, found, scan)
		}
		if err != nil {
			return nil, noun(err)
		}
	}
	return list, nil
}

// argumentsOf are the lists of arguments for readRows.
func argumentsOf[R any](rows []R, args func(R) []any) [][]any {
	runs := make([][]any, len(rows))
	for i, row := range rows {
		runs[i] = args(row)
	}
	return runs
}

// appendRows reads to the end, or SQLite's log never shrinks.
func appendRows[T any](list []T, found *sql.Rows, scan func(*sql.Rows, *T) error) ([]T, error) {
	defer found.Close()
	for found.Next() {
		var row T
		if err := scan(found, &row); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, found.Err()
}
