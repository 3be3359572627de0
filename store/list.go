package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// listing is a hand-scanned list of rows of one workspace, paged by keyset.
type listing[T any] struct {
	name    string // binds cursors to the list
	columns string
	from    string // a table or a join
	alias   string // of the table whose created_at (or updated_at) and id order the list
	scan    func(*sql.Rows, *T) error
	stand   func(*T) (createdAt, updatedAt time.Time, id string)

	conditions string
	args       []any    // $2 and on
	filters    []string // what the conditions are, for the cursor
}

// filter adds a condition; the one verb of format is the place of its argument. A nil value is no filter.
func (l *listing[T]) filter(format string, value *string) {
	if value == nil {
		return
	}
	l.add(format, *value, *value)
}

// filterTime is filter for a time.
func (l *listing[T]) filterTime(format string, value *time.Time) {
	if value == nil {
		return
	}
	l.add(format, micros(*value), value.UTC().Format(time.RFC3339Nano))
}

func (l *listing[T]) add(format string, arg any, name string) {
	l.args = append(l.args, arg)
	l.conditions += fmt.Sprintf(" AND "+format, fmt.Sprintf("$%d", len(l.args)+1))
	l.filters = append(l.filters, format, name)
}

// read reads one page with one query.
func (l *listing[T]) read(ctx context.Context, w *Workspace, opt ListOptions) (Page[T], error) {
	k, err := w.keyset(l.name, opt, l.filters...)
	if err != nil {
		return Page[T]{}, fmt.Errorf("list %s: %w", l.name, err)
	}
	after, args := k.where(l.alias, len(l.args)+2)
	items, err := scanAll(ctx, w.scope, sqlQuery{
		text: "SELECT " + l.columns + " FROM " + l.from + " WHERE " + l.alias + ".workspace_id = $1" + l.conditions +
			after + k.order(l.alias),
		args:     append(l.args, args...),
		capacity: k.limit + 1,
	}, l.scan)
	if err != nil {
		return Page[T]{}, fmt.Errorf("list %s: %w", l.name, err)
	}
	return pageOf(k, items, l.stand), nil
}
