package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/thebigclass/api/store"
)

// SQLite is a fresh database in a folder that goes with the test.
func SQLite(tb testing.TB) *DB {
	tb.Helper()
	files, err := sqliteTemplate()
	if err != nil {
		tb.Fatalf("prepare the template files: %v", err)
	}
	dir := tb.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return openSQLite(tb, dir)
}

// emptySQLite has no tables yet.
func emptySQLite(tb testing.TB) *DB {
	tb.Helper()
	return openSQLite(tb, tb.TempDir())
}

func openSQLite(tb testing.TB, dir string) *DB {
	tb.Helper()
	clock := &Clock{now: Start}
	db := &DB{Clock: clock, cfg: store.Config{
		URL:     "sqlite:" + filepath.Join(dir, templateFile),
		Keyring: NewKeyring(tb),
		Now:     clock.Now,
	}}
	db.Store = db.Open(tb)
	return db
}

const templateFile = "tbc.db"

// sqliteTemplate migrates once for each test program and keeps the bytes of the files: a copy of them is a fresh
// database at a tenth of the time.
var sqliteTemplate = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "tbc-template")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	err = migrateTemplate(filepath.Join(dir, templateFile))
	for _, name := range []string{templateFile, "tbc-usage.db"} {
		content, missing := os.ReadFile(filepath.Join(dir, name))
		err = errors.Join(err, missing)
		files[name] = content
	}
	return files, errors.Join(err, os.RemoveAll(dir))
})

// migrateTemplate closes the files before it returns, which moves everything out of their write-ahead logs.
func migrateTemplate(file string) error {
	ring, err := store.ParseKeyring(store.NewMasterKey(rand.Reader))
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{URL: "sqlite:" + file, Keyring: ring, Now: (&Clock{now: Start}).Now})
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}
