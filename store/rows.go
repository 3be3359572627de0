package store

import (
	"context"
	"database/sql"
	"strings"

	"gorm.io/gorm"
)

// This is the only file that may call gorm.G. GORM drops a Where that was put on the database before G, so the
// tenant condition is chained here, after it, once, and no other file can forget it.

// scope is where a statement may look: the rows of one workspace, on one connection pool or transaction.
// It is held by Workspace and Tx alone, and neither can be made without a workspace id.
type scope struct {
	db          *gorm.DB
	workspaceID string
}

// rows starts a read, an update or a delete of the workspace's own rows.
// Chain "column = ?" conditions only: struct conditions drop zero fields.
func rows[T any](s scope) gorm.ChainInterface[T] {
	return gorm.G[T](s.db).Where("workspace_id = ?", s.workspaceID)
}

// insert writes one row. ErrConflict if a unique value is taken, ErrReference if a foreign key leads nowhere.
func insert[T any](ctx context.Context, s scope, row *T) error {
	return noun(gorm.G[T](s.db).Create(ctx, row))
}

// insertAll writes many rows, at most 200 in a statement (SQLite and PostgreSQL bound the number of parameters).
func insertAll[T any](ctx context.Context, s scope, list []T) error {
	if len(list) == 0 {
		return nil
	}
	return noun(gorm.G[T](s.db).CreateInBatches(ctx, &list, 200))
}

// affected is for the result of an update or a delete that must have hit a row.
func affected(n int, err error) error {
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return noun(err)
}

// query runs hand-written SQL with placeholders $1, $2, …; $1 is always the workspace id and args follow from $2.
// On both dialects the statement is prepared once for each connection. The caller reads the rows to the end.
func (s scope) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.db.Statement.ConnPool.QueryContext(ctx, text, s.args(args)...)
}

// exec is query for statements without rows; it reports how many rows it changed.
func (s scope) exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := s.db.Statement.ConnPool.ExecContext(ctx, text, s.args(args)...)
	if err != nil {
		return 0, noun(err)
	}
	return result.RowsAffected()
}

func (s scope) args(args []any) []any {
	all := make([]any, 0, len(args)+1)
	return append(append(all, s.workspaceID), args...)
}

// scanAll runs query and reads every row with scan. It is what hot lists use: decoding rows by reflection
// is a third to a half of a list's cost. capacity is the number of rows expected.
func scanAll[T any](ctx context.Context, s scope, q sqlQuery, scan func(*sql.Rows, *T) error) ([]T, error) {
	found, err := s.query(ctx, q.text, q.args...)
	if err != nil {
		return nil, noun(err)
	}
	defer found.Close()
	list := make([]T, 0, q.capacity)
	for found.Next() {
		var row T
		if err := scan(found, &row); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, noun(found.Err())
}

// scanOne is scanAll for at most one row. ErrNotFound if there is none.
func scanOne[T any](ctx context.Context, s scope, q sqlQuery, scan func(*sql.Rows, *T) error) (T, error) {
	list, err := scanAll(ctx, s, q, scan)
	if err != nil || len(list) == 0 {
		var none T
		if err == nil {
			err = ErrNotFound
		}
		return none, err
	}
	return list[0], nil
}

// sqlQuery is hand-written SQL: args fill $2, $3, … ($1 is the workspace id).
type sqlQuery struct {
	text     string
	args     []any
	capacity int
}

// session is what GORM runs the statements of a Tx on. It notes whether any row changed, so that a Tx that
// changed nothing can be rolled back, and it carries the workspace that inserted rows belong to.
type session struct {
	*sql.Tx
	workspaceID string
	changed     bool
}

// ExecContext implements gorm.ConnPool.
func (s *session) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	result, err := s.Tx.ExecContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		s.changed = true
	}
	return result, nil
}

// QueryContext implements gorm.ConnPool. A statement that is no plain SELECT may have changed rows.
func (s *session) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s.changed = s.changed || !strings.HasPrefix(strings.TrimSpace(text), "SELECT")
	return s.Tx.QueryContext(ctx, text, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (s *session) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	s.changed = s.changed || !strings.HasPrefix(strings.TrimSpace(text), "SELECT")
	return s.Tx.QueryRowContext(ctx, text, args...)
}

// stampWorkspace runs before every insert through GORM: a row written in a Tx belongs to its workspace,
// whatever the caller put into the field.
func stampWorkspace(db *gorm.DB) {
	s, ok := db.Statement.ConnPool.(*session)
	if !ok || db.Statement.Schema == nil || db.Statement.Schema.LookUpField("workspace_id") == nil {
		return
	}
	db.Statement.SetColumn("workspace_id", s.workspaceID, true)
}
