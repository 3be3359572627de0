package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/thebigclass/api/store"
)

const adminVariable = "TBC_TEST_POSTGRES_URL"

// Postgres is a fresh database on the test server, dropped at the end of the test.
func Postgres(tb testing.TB) *DB {
	tb.Helper()
	admin := adminDB(tb)
	template, err := templateOnce(tb.Context(), admin)
	if err != nil {
		tb.Fatalf("prepare the template database: %v", err)
	}
	return openPostgres(tb, admin, template)
}

// emptyPostgres has no tables yet, and no clock that a test could set.
func emptyPostgres(tb testing.TB) *DB {
	tb.Helper()
	return openPostgres(tb, adminDB(tb), "template0")
}

func openPostgres(tb testing.TB, admin *sql.DB, template string) *DB {
	tb.Helper()
	name := "tbc_test_" + strings.ToLower(rand.Text())
	mustExec(tb, admin, `CREATE DATABASE `+name+` TEMPLATE `+template)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if _, err := admin.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Errorf("drop %s: %v", name, err)
		}
	})
	db := &DB{cfg: store.Config{URL: databaseURL(name), Keyring: NewKeyring(tb)}}
	db.Clock = &Clock{now: Start, publish: publisher(tb, db.cfg.URL)}
	db.cfg.Now = db.Clock.Now
	db.Store = db.Open(tb)
	return db
}

// adminDB connects to the server that the tests may make databases on.
func adminDB(tb testing.TB) *sql.DB {
	tb.Helper()
	if os.Getenv(adminVariable) == "" {
		tb.Fatalf("no PostgreSQL to test on: run make test, which starts one, or set %s", adminVariable)
	}
	return openSQL(tb, os.Getenv(adminVariable))
}

func openSQL(tb testing.TB, address string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(tb testing.TB, db *sql.DB, text string) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), text); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}

// databaseURL is the admin URL with another database.
func databaseURL(name string) string {
	address, err := url.Parse(os.Getenv(adminVariable))
	if err != nil {
		panic(adminVariable + " is not a URL")
	}
	address.Path = "/" + name
	return address.String()
}

// setClock replaces the database's clock by one that stands still, or by the machine's.
func setClock(ctx context.Context, db *sql.DB, now time.Time, running bool) error {
	text := fmt.Sprintf(`SELECT %d::bigint`, now.UnixMicro())
	if running {
		text = `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`
	}
	_, err := db.ExecContext(ctx, `CREATE OR REPLACE FUNCTION tbc_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$`+text+`$$`)
	return err
}

// publisher sets the clock of a test's database. It connects when the test first moves the clock: few do.
func publisher(tb testing.TB, address string) func(time.Time, bool) {
	open := sync.OnceValue(func() *sql.DB { return openSQL(tb, address) })
	return func(now time.Time, running bool) {
		if err := setClock(tb.Context(), open(), now, running); err != nil {
			tb.Errorf("set the clock: %v", err)
		}
	}
}

var (
	templateMu   sync.Mutex
	templateName string
)

// templateOnce makes the migrated database that all others are copied from. It is named after the migrations, so
// that all test programs share it and an old one is never taken for a new one.
func templateOnce(ctx context.Context, admin *sql.DB) (string, error) {
	templateMu.Lock()
	defer templateMu.Unlock()
	if templateName != "" {
		return templateName, nil
	}
	name, err := templateFor()
	if err != nil {
		return "", err
	}
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	const lock = 7310586522 // one test program makes the template, the others wait
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, lock) }()
	if err := makeTemplate(ctx, conn, name); err != nil {
		return "", err
	}
	templateName = name
	return name, nil
}

func templateFor() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(store.Migrations(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(store.Migrations(), file)
		h.Write([]byte(file))
		h.Write(text)
		return err
	})
	return "tbc_template_" + hex.EncodeToString(h.Sum(nil)[:8]), err
}

// makeTemplate migrates under another name first: a template that exists is complete.
func makeTemplate(ctx context.Context, conn *sql.Conn, name string) error {
	var exists bool
	err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		return err
	}
	draft := name + "_draft"
	for _, text := range []string{`DROP DATABASE IF EXISTS ` + draft, `CREATE DATABASE ` + draft} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if err := fillTemplate(ctx, databaseURL(draft)); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+draft+` RENAME TO `+name)
	return err
}

func fillTemplate(ctx context.Context, address string) error {
	ring, err := store.ParseKeyring(store.NewMasterKey(rand.Reader))
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{URL: address, Keyring: ring, Now: func() time.Time { return Start }})
	if err != nil {
		return err
	}
	if _, err := s.Migrate(ctx); err != nil {
		return fmt.Errorf("%w (%w)", err, s.Close())
	}
	if err := s.Close(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	return setClock(ctx, db, Start, false)
}
