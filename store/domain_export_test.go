package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// DumpTable is all rows of a workspace in a table, as text, in the order of the given columns.
func (w *Workspace) DumpTable(ctx context.Context, table, columns, order string) (string, error) {
	found, err := w.scope.query(ctx, `SELECT `+columns+` FROM `+table+` WHERE workspace_id = $1 ORDER BY `+order)
	if err != nil {
		return "", err
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for found.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := found.Scan(values...); err != nil {
			return "", err
		}
		for _, value := range values {
			fmt.Fprintf(&text, "%s|", value.(*sql.NullString).String)
		}
		text.WriteByte('\n')
	}
	return text.String(), found.Err()
}

// Statements are the texts of the statements that a read of the workspace runs.
func (w *Workspace) Statements(ctx context.Context, read func(w *Workspace) error) (texts []string, args [][]any, err error) {
	counted := &countingPool{ConnPool: w.scope.db.Statement.ConnPool}
	db := w.scope.db.WithContext(ctx)
	db.Statement.ConnPool = counted
	err = read(&Workspace{store: w.store, scope: scope{db: db, workspaceID: w.scope.workspaceID}})
	return counted.Texts, counted.Args, err
}

// countingPool remembers what went through it.
type countingPool struct {
	gorm.ConnPool
	Texts []string
	Args  [][]any
}

// QueryContext implements gorm.ConnPool.
func (p *countingPool) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	p.Texts, p.Args = append(p.Texts, text), append(p.Args, args)
	return p.ConnPool.QueryContext(ctx, text, args...)
}

// ExecContext implements gorm.ConnPool.
func (p *countingPool) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	p.Texts, p.Args = append(p.Texts, text), append(p.Args, args)
	return p.ConnPool.ExecContext(ctx, text, args...)
}

// CountStatements remembers the statements that the Tx runs from now on, those at its end included.
func (tx *Tx) CountStatements() (texts *[]string) {
	counted := &countingPool{ConnPool: tx.scope.db.Statement.ConnPool}
	tx.scope.db.Statement.ConnPool = counted
	return &counted.Texts
}
