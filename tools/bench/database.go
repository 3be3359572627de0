package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// masterKey is a key for benchmarks alone: 32 zero bytes.
const masterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// database is one that the benchmark made and filled.
type database struct {
	kind   string // sqlite or postgres
	url    string
	folder string // working folder of every tbc that uses it
}

// plan is what tbc seed --profile load is asked for; the numbers are totals over all workspaces.
type plan struct{ workspaces, courses, students, orders int }

// open makes an empty database under the given name, in this run's folder or on its cluster.
func (b *bench) open(ctx context.Context, kind, name string) (database, error) {
	db, err := b.place(kind, name)
	if err == nil && kind == postgres {
		_, err = b.cluster.Query(ctx, b.cluster.URL, "CREATE DATABASE bench_"+name)
	}
	return db, err
}

// place is where a database of that name belongs.
func (b *bench) place(kind, name string) (database, error) {
	db := database{kind: kind, folder: filepath.Join(b.folder, kind+"-"+name)}
	if kind == sqlite {
		db.url = "sqlite:" + filepath.Join(db.folder, "tbc.db")
	} else {
		db.url = strings.Replace(b.cluster.URL, "/postgres?", "/bench_"+name+"?", 1)
	}
	return db, os.MkdirAll(db.folder, 0o700)
}

// seed fills the database. On PostgreSQL it then brings the lists into the order of time, since the seed writes one
// workspace after the other, while in life the rows of all workspaces arrive mixed and a page's rows lie apart; and
// it brings statistics up to date, as autovacuum would in a while.
func (b *bench) seed(ctx context.Context, db database, p plan) error {
	b.progress("%s: seeding %d workspaces, %d courses, %d students, %d orders", db.kind, p.workspaces, p.courses, p.students, p.orders)
	_, err := b.tbc(ctx, db, "seed", "--profile", "load", "--json", "--workspaces", strconv.Itoa(p.workspaces),
		"--courses", strconv.Itoa(p.courses), "--students", strconv.Itoa(p.students), "--orders", strconv.Itoa(p.orders))
	if err != nil || db.kind == sqlite {
		return err
	}
	for _, statement := range []string{
		"CREATE INDEX bench_order ON courses (created_at, id)", "CLUSTER courses USING bench_order", "DROP INDEX bench_order",
		"CREATE INDEX bench_order ON students (created_at, id)", "CLUSTER students USING bench_order", "DROP INDEX bench_order",
		"VACUUM ANALYZE",
	} {
		if _, err := b.cluster.Query(ctx, db.url, statement); err != nil {
			return err
		}
	}
	return nil
}

// filled is open, migrate and seed.
func (b *bench) filled(ctx context.Context, kind, name string, p plan) (database, error) {
	db, err := b.open(ctx, kind, name)
	if err != nil {
		return db, err
	}
	if _, err := b.tbc(ctx, db, "migrate"); err != nil {
		return db, err
	}
	return db, b.seed(ctx, db, p)
}

// workspaces are the ids of the database's workspaces.
func (b *bench) workspaces(ctx context.Context, db database) ([]string, error) {
	out, err := b.tbc(ctx, db, "workspace", "list", "--json")
	if err != nil {
		return nil, err
	}
	var listed []struct{ ID string }
	if err := json.Unmarshal(out, &listed); err != nil {
		return nil, fmt.Errorf("tbc workspace list: %w", err)
	}
	ids := make([]string, 0, len(listed))
	for _, w := range listed {
		ids = append(ids, w.ID)
	}
	return ids, nil
}

// benchScopes are what all groups together need.
const benchScopes = "read:courses,read:students,read:orders,read:analytics,write:students,write:enrollments,write:webhooks"

// tokens makes one key, of limits that no run reaches, for each of the first n workspaces.
func (b *bench) tokens(ctx context.Context, db database, n int) ([]string, error) {
	ids, err := b.workspaces(ctx, db)
	if err != nil {
		return nil, err
	}
	if len(ids) < n {
		return nil, fmt.Errorf("the seeded database has %d workspaces, want %d", len(ids), n)
	}
	tokens := make([]string, n)
	for i := range tokens {
		if tokens[i], err = b.key(ctx, db, ids[i], benchScopes); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// key makes one of limits that no run reaches, and returns its secret.
func (b *bench) key(ctx context.Context, db database, workspace, scopes string) (string, error) {
	const limit = "1000000000"
	out, err := b.tbc(ctx, db, "key", "create", "--json", "--workspace", workspace, "--name", "bench",
		"--scope", scopes, "--rate-minute", limit, "--rate-day", limit)
	if err != nil {
		return "", err
	}
	var key struct{ Secret string }
	if err := json.Unmarshal(out, &key); err != nil {
		return "", fmt.Errorf("tbc key create: %w", err)
	}
	return key.Secret, nil
}

// tbc runs the built binary on the database and returns what it prints.
func (b *bench) tbc(ctx context.Context, db database, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, b.binary, args...)
	cmd.Dir, cmd.Env = db.folder, environment(db, "127.0.0.1:0")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("tbc %s: %w: %s", strings.Join(args, " "), err, lastLine(exit.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("tbc %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}

// environment is all that a tbc under test sees: defaults but for the database, the address, the master key
// and the access log, which the yardstick does not write either.
func environment(db database, addr string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + db.folder, "TMPDIR=" + os.TempDir(),
		"DATABASE_URL=" + db.url, "TBC_ADDR=" + addr, "TBC_MASTER_KEY=" + masterKey, "TBC_LOG_LEVEL=warn",
	}
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
