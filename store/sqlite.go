package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	gormsqlite "gorm.io/driver/sqlite"
	_ "modernc.org/sqlite" // the driver "sqlite": no cgo, so that the program cross-compiles and needs no compiler
)

// sqliteEngine is one main file, and beside it one file for the counters (tbc.db and tbc-usage.db).
// The main file commits durably (FULL); the counters may lose their last commits when the machine loses power
// (NORMAL), not when the process dies.
type sqliteEngine struct {
	now       func() time.Time
	mainPath  string
	usagePath string
	writer    *sql.DB
	readers   *sql.DB
	usage     *sql.DB // one connection, for the reads and migrations of the counters' file
	admission *admissionQueue
}

// Each connection has a page cache and prepared statements of its own, outside Go's heap: with eight readers of 16 MB
// each, a busy server held 350 MB; with these it holds about 110. The operating system caches the file anyway.
const sqliteReaders = 4

// writerPages is 8 MB of cache for the writer, and a checkpoint for each 16 MB of the write-ahead log. A group of
// completions writes over a megabyte: at SQLite's own 4 MB a checkpoint would copy the same pages after every third commit.
const writerPages = "_pragma=cache_size(-8000)&_pragma=wal_autocheckpoint(4000)"

// openSQLite opens the files, which it creates with their folder if need be.
func (s *Store) openSQLite(ctx context.Context, file string, exclusive bool) error {
	s.dialect, s.database = SQLite, file
	if file == "" || strings.Contains(file, ":memory:") {
		return errors.New("a SQLite database needs a file: sqlite:path/to/file.db")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	base := strings.TrimSuffix(file, filepath.Ext(file))
	if exclusive {
		if err := s.holdSQLite(ctx, base+"-serve.lock"); err != nil {
			return err
		}
	}
	writer, err := s.openFile(ctx, file, 1, "_txlock=immediate&_pragma=synchronous(FULL)&"+writerPages)
	if err != nil {
		return err
	}
	usage, err := s.openFile(ctx, base+"-usage.db", 1, "_txlock=immediate&_pragma=synchronous(NORMAL)")
	if err != nil {
		return err
	}
	readers, err := s.openFile(ctx, file, sqliteReaders, "_pragma=query_only(1)&_pragma=cache_size(-2000)")
	if err != nil {
		return err
	}
	if s.writer, err = gormOpen(gormsqlite.New(gormsqlite.Config{Conn: writer}), false); err != nil {
		return err
	}
	if s.reader, err = gormOpen(gormsqlite.New(gormsqlite.Config{Conn: readers}), true); err != nil {
		return err
	}
	e := &sqliteEngine{now: s.now, mainPath: file, usagePath: base + "-usage.db", writer: writer, readers: readers, usage: usage}
	e.admission = startAdmissions(ctx, e.usagePath, e.mainPath, s.now)
	s.closing = append(s.closing, e.admission.close)
	s.engine = e
	return nil
}

// sqliteDSN adds the options that every connection has. Paths are escaped: a file may be called anything.
func sqliteDSN(file, options string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&" + options
}

// openFile opens a pool whose connections are kept: each has its page cache and its prepared statements.
func (s *Store) openFile(ctx context.Context, file string, connections int, options string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", sqliteDSN(file, options))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	s.closing = append(s.closing, db.Close)
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	return db, nil
}

// holdSQLite takes the exclusive lock of a small database of its own for as long as the Store is open. The kernel
// gives it back when the process dies, however it dies.
func (s *Store) holdSQLite(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(file)+"?_pragma=busy_timeout(0)")
	if err != nil {
		return err
	}
	s.closing = append(s.closing, db.Close)
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	s.closing = append(s.closing, conn.Close)
	if _, err := conn.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		return fmt.Errorf("%w: %s is locked: %w", ErrInUse, file, err)
	}
	return nil
}

func (e *sqliteEngine) clock(context.Context) (time.Time, error) { return e.now().UTC(), nil }

// ping asks both files. The counters' connection is free except while keys are listed or the file is migrated.
func (e *sqliteEngine) ping(ctx context.Context) error {
	return errors.Join(e.usage.PingContext(ctx), e.readers.PingContext(ctx))
}

func (e *sqliteEngine) migrators() (main, usage migrator) {
	return migrator{db: e.writer, dir: "sqlite"}, migrator{db: e.usage, dir: "sqlite/usage"}
}

const usagePrefix = "usage/"

// migrate brings the main file up to date, then the counters' file.
func (e *sqliteEngine) migrate(ctx context.Context) ([]string, error) {
	now := func(*sql.Tx) (int64, error) { return micros(e.now()), nil }
	main, usage := e.migrators()
	applied, err := main.apply(ctx, now)
	if err != nil {
		return nil, err
	}
	more, err := usage.apply(ctx, now)
	for _, name := range more {
		applied = append(applied, usagePrefix+name)
	}
	return applied, err
}

func (e *sqliteEngine) pending(ctx context.Context) ([]string, error) {
	main, usage := e.migrators()
	todo, err := main.pending(ctx, main.db)
	if err != nil {
		return nil, err
	}
	more, err := usage.pending(ctx, usage.db)
	return append(names("", todo), names(usagePrefix, more)...), err
}

// counters is where the counters of keys are read.
func (e *sqliteEngine) counters() querier { return e.usage }

func (e *sqliteEngine) admit(ctx context.Context, hash [32]byte) (Admission, error) {
	return e.admission.admit(ctx, hash)
}
