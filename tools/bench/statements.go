package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// connect opens the database itself, beside or instead of a server: to count, and to write at once what the API would
// take hours for. The caller closes it.
func connect(db database) (*sql.DB, error) {
	if db.kind == postgres {
		return sql.Open("pgx", db.url)
	}
	return sql.Open("sqlite", "file:"+strings.TrimPrefix(db.url, "sqlite:")+"?_pragma=busy_timeout(10000)")
}

// scalar runs a query for one number.
func scalar(ctx context.Context, db database, query string, args ...any) (n int64, err error) {
	opened, err := connect(db)
	if err != nil {
		return 0, err
	}
	err = opened.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, errors.Join(err, opened.Close())
}

// count is how many rows a table has, or those of it that a condition after its name selects.
func (b *bench) count(ctx context.Context, db database, table string) (int, error) {
	n, err := scalar(ctx, db, "SELECT count(*) FROM "+table)
	return int(n), err
}

// settled brings statistics up to date, as autovacuum would in a while, and leaves nothing of a fill to be written
// during what follows.
func (b *bench) settled(ctx context.Context, db database) error {
	statements := []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	if db.kind == postgres {
		statements = []string{"VACUUM ANALYZE", "CHECKPOINT"}
	}
	return execute(ctx, db, statements...)
}

// execute runs statements one after the other on one connection.
func execute(ctx context.Context, db database, statements ...string) error {
	opened, err := connect(db)
	if err != nil {
		return err
	}
	opened.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err = opened.ExecContext(ctx, statement); err != nil {
			break
		}
	}
	return errors.Join(err, opened.Close())
}

// index is one that is not of a primary key.
type index struct{ name, definition string }

func secondaryIndexes(ctx context.Context, db database, tables ...string) (found []index, err error) {
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $1`
	if db.kind == postgres {
		query = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = $1 AND indexname <> tablename || '_pkey'`
	}
	opened, err := connect(db)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	for _, table := range tables {
		of, err := indexesOf(ctx, opened, query, table)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

func indexesOf(ctx context.Context, opened *sql.DB, query, table string) (found []index, err error) {
	rows, err := opened.QueryContext(ctx, query, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i index
		if err := rows.Scan(&i.name, &i.definition); err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, rows.Err()
}
