package store

import (
	"context"
	"database/sql"
)

// Due is a row of some workspace whose time has come. A job opens a Tx of that workspace and looks again under its
// lock: other processes find the same rows.
type Due struct{ WorkspaceID, ID string }

// due runs a search over all workspaces. Its SQL selects workspace and id, may name the clock as {now}, and has the
// limit in $1.
func (s *Store) due(ctx context.Context, text string, limit int) ([]Due, error) {
	return readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{text: s.sql(text), args: []any{limit}, capacity: limit},
		func(row *sql.Rows, d *Due) error { return row.Scan(&d.WorkspaceID, &d.ID) })
}
