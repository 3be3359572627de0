package store

import (
	"context"
	"fmt"
	"strings"
)

// bulk is many rows of one table, for what GORM is too slow for: rebuilding and seeding. columns are those after
// workspace_id, which is set by itself; row gives their values for the i-th row.
type bulk struct {
	table   string
	columns []string
	rows    int
	row     func(i int) ([]any, error)
}

// part is the rows from from on, to till and without it.
func (b bulk) part(from, till int) bulk {
	row := b.row
	b.rows, b.row = till-from, func(i int) ([]any, error) { return row(from + i) }
	return b
}

// insert writes all rows.
func (b bulk) insert(ctx context.Context, s scope) error {
	write := b.insertEach
	if s.db.Dialector.Name() == PostgreSQL {
		write = b.insertArrays
	}
	return wrap("insert into "+b.table, noun(write(ctx, s)))
}

// insertEach prepares the statement of one row and runs it for each, for SQLite: it looks a parameter up among all
// of its statement, so that many rows in one take longer than as many statements.
func (b bulk) insertEach(ctx context.Context, s scope) error {
	places := strings.Repeat(", ?", len(b.columns))
	prepared, err := s.db.Statement.ConnPool.PrepareContext(ctx,
		"INSERT INTO "+b.table+" (workspace_id, "+strings.Join(b.columns, ", ")+") VALUES (?"+places+")")
	if err != nil {
		return err
	}
	defer prepared.Close()
	unwatched := context.WithoutCancel(ctx) // the driver starts a goroutine for each statement that can be canceled
	for i := range b.rows {
		row, err := b.row(i)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			_, err = prepared.ExecContext(unwatched, s.args(row)...)
		}
		if err != nil {
			return err
		}
	}
	if conn, ok := s.db.Statement.ConnPool.(*session); ok {
		conn.changed = conn.changed || b.rows > 0 // prepared statements run past it
	}
	return nil
}

// bulkArray is the number of rows in one statement of insertArrays. It bounds memory.
const bulkArray = 5000

// insertArrays sends a column as one array, for PostgreSQL, where each statement is a round trip.
func (b bulk) insertArrays(ctx context.Context, s scope) error {
	for from := 0; from < b.rows; from += bulkArray {
		part := b.part(from, min(from+bulkArray, b.rows))
		arrays := make([][]any, len(b.columns))
		for i := range part.rows {
			row, err := part.row(i)
			if err != nil {
				return err
			}
			for k, value := range row {
				arrays[k] = append(arrays[k], value)
			}
		}
		text, args := part.arraysSQL(arrays)
		if _, err := s.exec(ctx, text, args...); err != nil {
			return err
		}
	}
	return nil
}

// arraysSQL is the statement and its arguments. The values of an array tell its type; one of nothing but NULL has
// none, and its column is left out.
func (b bulk) arraysSQL(arrays [][]any) (text string, args []any) {
	var columns, places []string
	for k, column := range b.columns {
		if kind := arrayType(arrays[k]); kind != "" {
			args, columns = append(args, arrays[k]), append(columns, column)
			places = append(places, fmt.Sprintf("$%d::%s[]", len(args)+1, kind))
		}
	}
	return "INSERT INTO " + b.table + " (workspace_id, " + strings.Join(columns, ", ") + ") SELECT $1, * FROM unnest(" +
		strings.Join(places, ", ") + ")", args
}

func arrayType(values []any) string {
	for _, value := range values {
		switch value.(type) {
		case int, int64:
			return "bigint"
		case bool:
			return "boolean"
		case string:
			return "text"
		}
	}
	return ""
}
