package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
)

// Bounds of one statement of insertRows. SQLite allows 32,766 parameters.
const (
	bulkParameters = 30_000
	bulkRows       = 500
	bulkDocument   = 5000 // on PostgreSQL
)

// insertRows writes many rows of one table in few statements. columns are those after workspace_id, which is set by
// itself. It is for what GORM is too slow for: rebuilding and seeding.
func insertRows(ctx context.Context, s scope, table string, columns []string, rows [][]any) error {
	if s.db.Dialector.Name() == PostgreSQL {
		return insertRowsJSON(ctx, s, table, columns, rows)
	}
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

// insertRowsJSON is insertRows for PostgreSQL, where thousands of parameters cost more than the rows: they travel as
// one JSON document, and the table's own row type reads it.
func insertRowsJSON(ctx context.Context, s scope, table string, columns []string, rows [][]any) error {
	list := strings.Join(columns, ", ")
	text := "INSERT INTO " + table + " (workspace_id, " + list + ") SELECT $1, " + list +
		" FROM json_populate_recordset(NULL::" + table + ", $2::json)"
	for len(rows) > 0 {
		n := min(bulkDocument, len(rows))
		objects := make([]map[string]any, n)
		for i, row := range rows[:n] {
			objects[i] = make(map[string]any, len(columns))
			for k, column := range columns {
				objects[i][column] = row[k]
			}
		}
		document, err := json.Marshal(objects)
		if err == nil {
			_, err = s.exec(ctx, text, string(document))
		}
		if err != nil {
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
