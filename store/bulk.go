package store

import (
	"context"
	"strconv"
	"strings"
)

// Bounds of one statement of insertRows. PostgreSQL allows 65,535 parameters and SQLite 32,766.
const (
	bulkParameters = 30_000
	bulkRows       = 500
)

// insertRows writes many rows of one table in few statements. columns are those after workspace_id, which is set by
// itself. It is for what GORM is too slow for: rebuilding and seeding.
func insertRows(ctx context.Context, s scope, table string, columns []string, rows [][]any) error {
	size := min(bulkRows, bulkParameters/len(columns))
	for len(rows) > 0 {
		n := min(size, len(rows))
		args := make([]any, 0, n*len(columns))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := s.exec(ctx, insertRowsSQL(table, columns, n), args...); err != nil {
			return wrap("insert into "+table, err)
		}
		rows = rows[n:]
	}
	return nil
}

func insertRowsSQL(table string, columns []string, rows int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + table + " (workspace_id, " + strings.Join(columns, ", ") + ") VALUES ")
	place := 2
	for i := range rows {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString("($1")
		for range columns {
			text.WriteString(",$" + strconv.Itoa(place))
			place++
		}
		text.WriteByte(')')
	}
	return text.String()
}
