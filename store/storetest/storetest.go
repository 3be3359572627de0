// Package storetest gives every test a fresh, migrated database, on SQLite and on PostgreSQL.
package storetest

import (
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"

	"github.com/thebigclass/api/store"
)

// DB is a Store on a database of the test's own, with a clock that the test sets.
type DB struct {
	*store.Store
	Clock *Clock
	cfg   store.Config
}

// Each runs test on both databases, in parallel: subtests "sqlite" and "postgres".
func Each(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Helper()
	t.Run(store.SQLite, func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run(store.PostgreSQL, func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// EachEmpty is Each without the migrations.
func EachEmpty(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Helper()
	for dialect, fresh := range map[string]func(testing.TB) *DB{
		store.SQLite: emptySQLite, store.PostgreSQL: emptyPostgres,
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

// Open opens the same database once more, as another process would.
func (db *DB) Open(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), db.cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// URL is the database's, for a test that looks at it from outside or opens it differently.
func (db *DB) URL() string { return db.cfg.URL }

// Config is what the database was opened with.
func (db *DB) Config() store.Config { return db.cfg }

// NewKeyring is a ring with one key of its own.
func NewKeyring(tb testing.TB) *store.Keyring {
	tb.Helper()
	ring, err := store.ParseKeyring(store.NewMasterKey(rand.Reader))
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// Exec changes the database from outside, for a test of what no call of the store does.
func (db *DB) Exec(tb testing.TB, text string, args ...any) {
	tb.Helper()
	driver, address := "pgx", db.cfg.URL
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	raw, err := sql.Open(driver, address)
	if err != nil {
		tb.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(tb.Context(), text, args...); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}
