package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Numbered SQL for each dialect. Once released a file is never edited: its checksum is recorded and compared.
//
//go:embed migrations
var migrations embed.FS

// Migrations is the numbered SQL of both dialects, for tools and tests that need to know its state.
func Migrations() fs.FS { return migrations }

// migration is one numbered file. Its name is the file's without the extension.
type migration struct {
	name     string
	text     string
	checksum string
}

// loadMigrations reads the SQL files of one folder in the order of their numbers.
func loadMigrations(dir string) ([]migration, error) {
	files, err := fs.Glob(migrations, path.Join("migrations", dir, "*.sql"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	list := make([]migration, 0, len(files))
	for _, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		list = append(list, migration{
			name:     strings.TrimSuffix(path.Base(file), ".sql"),
			text:     string(text),
			checksum: hex.EncodeToString(sum[:]),
		})
	}
	return list, nil
}

// migrator brings one database up to date. lock is SQL that makes others wait until the transaction ends; SQLite
// needs none, since its transactions are immediate.
type migrator struct {
	db   *sql.DB
	dir  string
	lock string
}

const journal = `CREATE TABLE IF NOT EXISTS schema_migrations (
	name text NOT NULL PRIMARY KEY, checksum text NOT NULL, applied_at bigint NOT NULL)`

// apply runs what is pending in one transaction: a failure leaves the schema as it was.
func (m migrator) apply(ctx context.Context, now func(*sql.Tx) (int64, error)) (applied []string, err error) {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // without effect after Commit
	if _, err := tx.ExecContext(ctx, m.lock+journal); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	todo, err := m.pending(ctx, tx)
	if err != nil || len(todo) == 0 {
		return nil, err
	}
	for _, next := range todo {
		if err := m.run(ctx, tx, next, now); err != nil {
			return nil, fmt.Errorf("migration %s: %w", next.name, err)
		}
		applied = append(applied, next.name)
	}
	return applied, tx.Commit()
}

func (m migrator) run(ctx context.Context, tx *sql.Tx, next migration, now func(*sql.Tx) (int64, error)) error {
	if _, err := tx.ExecContext(ctx, next.text); err != nil {
		return err
	}
	at, err := now(tx)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO schema_migrations (name, checksum, applied_at) VALUES ($1, $2, $3)`,
		next.name, next.checksum, at)
	return err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// pending lists what has not been applied. It fails if an applied file was edited afterwards, or if the database
// is newer than this program.
func (m migrator) pending(ctx context.Context, db querier) ([]migration, error) {
	all, err := loadMigrations(m.dir)
	if err != nil {
		return nil, err
	}
	applied, err := m.applied(ctx, db)
	if err != nil {
		return nil, err
	}
	var todo []migration
	for _, next := range all {
		checksum, done := applied[next.name]
		if done && checksum != next.checksum {
			return nil, fmt.Errorf("migration %s was edited after it had been applied", next.name)
		}
		if !done {
			todo = append(todo, next)
		}
		delete(applied, next.name)
	}
	for name := range applied {
		return nil, fmt.Errorf("the database has migration %s, which this version does not know", name)
	}
	return todo, nil
}

// applied reads the journal: checksums by name. No journal means that nothing has been applied.
func (m migrator) applied(ctx context.Context, db querier) (map[string]string, error) {
	exists, err := m.hasJournal(ctx, db)
	if err != nil || !exists {
		return nil, err
	}
	found, err := db.QueryContext(ctx, `SELECT name, checksum FROM schema_migrations`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	applied := map[string]string{}
	for found.Next() {
		var name, checksum string
		if err := found.Scan(&name, &checksum); err != nil {
			return nil, err
		}
		applied[name] = checksum
	}
	return applied, found.Err()
}

func (m migrator) hasJournal(ctx context.Context, db querier) (bool, error) {
	text := `SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'`
	if m.lock != "" {
		text = `SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migrations')`
	}
	found, err := db.QueryContext(ctx, text)
	if err != nil {
		return false, err
	}
	defer found.Close()
	var n int
	for found.Next() {
		if err := found.Scan(&n); err != nil {
			return false, err
		}
	}
	return n > 0, found.Err()
}

// names of migrations, with a prefix that tells the databases of one store apart.
func names(prefix string, list []migration) []string {
	var out []string
	for _, m := range list {
		out = append(out, prefix+m.name)
	}
	return out
}
