package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
)

// emptyDir makes dir, or makes sure that there is nothing in it: a backup never overwrites another.
func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	return nil
}

// backup copies the main file, then the counters, each as of one moment and without stopping anyone. A key that
// was made in between has counters but no key in the copy, which harms nothing.
func (e *sqliteEngine) backup(ctx context.Context, dir string) error {
	if err := emptyDir(dir); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	for _, file := range []string{e.mainPath, e.usagePath} {
		if err := copySQLite(ctx, file, filepath.Join(dir, filepath.Base(file))); err != nil {
			return fmt.Errorf("back up %s: %w", file, err)
		}
	}
	return nil
}

// copySQLite uses a connection of its own: the writer goes on meanwhile.
func copySQLite(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", sqliteDSN(from, ""))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return errors.Join(err, db.Close())
}

// backup runs pg_dump into dir/tbc.dump, in the custom format that pg_restore reads.
func (e *postgresEngine) backup(ctx context.Context, dir string) error {
	tool, err := exec.LookPath("pg_dump")
	if err != nil {
		return errors.New("back up: pg_dump is not installed: install the client tools of PostgreSQL, or use the backup of your database's host")
	}
	if err := emptyDir(dir); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	address, password, err := withoutPassword(e.url)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	dump := exec.CommandContext(ctx, tool, "--format=custom", "--no-password",
		"--file="+filepath.Join(dir, "tbc.dump"), "--dbname="+address)
	if password != "" {
		dump.Env = append(os.Environ(), "PGPASSWORD="+password)
	}
	if output, err := dump.CombinedOutput(); err != nil {
		return fmt.Errorf("back up: pg_dump: %w: %s", err, output)
	}
	return nil
}

// withoutPassword takes the password out of a URL, since arguments of processes are seen by all users, and the
// options that libpq does not know.
func withoutPassword(address string) (clean, password string, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("the database URL cannot be read")
	}
	password, _ = parsed.User.Password()
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	query := parsed.Query()
	for _, option := range []string{"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
		"statement_timeout", "pool_max_conns"} {
		query.Del(option)
	}
	parsed.RawQuery = query.Encode()
	return parsed.String(), password, nil
}
