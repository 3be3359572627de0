package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	gormpostgres "gorm.io/driver/postgres"
)

// postgresEngine has two pools: one for admissions and health, so that no queue of slow queries delays them, and
// one for all else. Both heal by themselves when PostgreSQL comes back.
//
// Behind PgBouncer in transaction mode: nothing here outlives a transaction (locks are transaction locks, settings
// are set with set_config(…, true)). PgBouncer 1.21 and later tracks prepared statements; with an older one add
// default_query_exec_mode=exec to the URL, and ignore_startup_parameters = statement_timeout to its configuration,
// or statement_timeout= (empty) to the URL.
type postgresEngine struct {
	url   string
	pool  *sql.DB
	small *sql.DB
}

// openPostgres connects both pools. They hold 4 and 2 connections for each processor, at least 8 and 4.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	s.dialect, s.database = PostgreSQL, url
	procs := runtime.GOMAXPROCS(0)
	pool, err := s.openPool(url, max(8, 4*procs))
	if err != nil {
		return err
	}
	small, err := s.openPool(url, max(4, 2*procs))
	if err != nil {
		return err
	}
	if err := small.PingContext(ctx); err != nil {
		return err
	}
	if s.writer, err = gormOpen(gormpostgres.New(gormpostgres.Config{Conn: pool}), false); err != nil {
		return err
	}
	s.reader = s.writer
	s.engine = &postgresEngine{url: url, pool: pool, small: small}
	return nil
}

// openPool never uses the simple protocol unless the URL asks for it. Statements are prepared once for each
// connection, by pgx. A statement may take 30 s, unless the URL sets statement_timeout.
func (s *Store) openPool(url string, connections int) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database URL: %w", err)
	}
	if timeout, set := cfg.RuntimeParams["statement_timeout"]; !set {
		cfg.RuntimeParams["statement_timeout"] = "30s"
	} else if timeout == "" {
		delete(cfg.RuntimeParams, "statement_timeout")
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(time.Hour) // so that connections find a new primary or a rebalanced proxy in time
	s.closing = append(s.closing, db.Close)
	return db, nil
}

func (e *postgresEngine) clock(ctx context.Context) (time.Time, error) {
	us, err := pgNow(ctx, e.small)
	return fromMicros(us), err
}

func pgNow(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}) (us int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT tbc_now()`).Scan(&us)
	return us, err
}

func (e *postgresEngine) ping(ctx context.Context) error { return e.small.PingContext(ctx) }

// migrationLock is a transaction lock under an arbitrary number that only migrations use. A migration may take long.
const migrationLock = `SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7310586521);`

func (e *postgresEngine) migrator() migrator {
	return migrator{db: e.pool, dir: "postgres", lock: migrationLock}
}

func (e *postgresEngine) migrate(ctx context.Context) ([]string, error) {
	return e.migrator().apply(ctx, func(tx *sql.Tx) (int64, error) { return pgNow(ctx, tx) })
}

func (e *postgresEngine) pending(ctx context.Context) ([]string, error) {
	todo, err := e.migrator().pending(ctx, e.pool)
	return names("", todo), err
}

// lastUsed reads when each key was last admitted. Keys that were never used are absent.
func (e *postgresEngine) lastUsed(ctx context.Context, keyIDs []string) (map[string]time.Time, error) {
	return readLastUsed(ctx, e.pool, keyIDs)
}
