package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver, pure Go
)

const sqliteName = "export.sqlite"

// sqliteSink writes all tables into one database. Nothing reads it before it is
// whole, so it needs neither a journal nor patience with the disk: a run that is
// cut off makes it anew.
type sqliteSink struct {
	ctx  context.Context
	disk *disk
	db   *sql.DB
	rows int
}

func newSQLiteSink(ctx context.Context, d *disk) (*sqliteSink, error) {
	f, err := d.create(sqliteName + partial) // for its owner alone
	if err != nil {
		return nil, err
	}
	if err := f.finish(); err != nil {
		return nil, err
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: d.path(sqliteName + partial)}).EscapedPath()}
	db, err := sql.Open("sqlite", name.String()+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &sqliteSink{ctx: ctx, disk: d, db: db}, nil
}

func (s *sqliteSink) take(resource string, each func(func([]byte) error) error) error {
	if err := s.disk.allow("write", sqliteName); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(s.ctx, nil)
	if err != nil {
		return err
	}
	if err := s.fill(tx, newTable(resource), each); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// fill makes a resource's tables and their rows.
func (s *sqliteSink) fill(tx *sql.Tx, t *table, each func(func([]byte) error) error) (err error) {
	inserts := map[*table]*sql.Stmt{}
	for _, part := range t.all() {
		for _, statement := range part.definition() {
			if _, err := tx.ExecContext(s.ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
		insert, err := tx.PrepareContext(s.ctx, part.insert())
		if err != nil {
			return err
		}
		defer insert.Close()
		inserts[part] = insert
	}
	return t.splitAll(each, func(part *table, cells []cell) error {
		s.rows++
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c.value()
		}
		_, err := inserts[part].ExecContext(s.ctx, values...)
		return err
	})
}

func (s *sqliteSink) finish() ([]written, error) {
	if err := s.db.Close(); err != nil {
		return nil, err
	}
	f, err := s.disk.open(sqliteName+partial, 0)
	if err != nil {
		return nil, err
	}
	if err := f.finish(); err != nil {
		return nil, err
	}
	return name(s.disk, []written{{Name: sqliteName, Rows: s.rows}})
}

// definition makes the table. Ids of resources are unique; parts are found by
// what they are of.
func (t *table) definition() []string {
	var columns []string
	for _, c := range t.columns {
		definition := fmt.Sprintf("%q %s", c.name, []string{text: "TEXT", integer: "INTEGER", real: "REAL", boolean: "INTEGER"}[c.kind])
		if c.name == "id" && t.of == "" {
			definition += " PRIMARY KEY"
		}
		columns = append(columns, definition)
	}
	statements := []string{fmt.Sprintf("CREATE TABLE %q (%s)", t.name, strings.Join(columns, ", "))}
	if t.of != "" {
		statements = append(statements, fmt.Sprintf("CREATE INDEX %q ON %q (%q)", t.name+"_of", t.name, t.of))
	}
	return statements
}

func (t *table) insert() string {
	return fmt.Sprintf("INSERT INTO %q VALUES (?%s)", t.name, strings.Repeat(", ?", len(t.columns)-1))
}

// value is what the driver stores. A number that is none stays a text, which
// SQLite takes.
func (c cell) value() any {
	switch {
	case c.absent:
		return nil
	case c.kind == integer:
		if n, err := strconv.ParseInt(c.text, 10, 64); err == nil {
			return n
		}
	case c.kind == real:
		if n, err := strconv.ParseFloat(c.text, 64); err == nil {
			return n
		}
	case c.kind == boolean:
		return c.text == "true"
	}
	return c.text
}
