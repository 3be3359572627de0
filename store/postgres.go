package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
	small *pgxpool.Pool // without database/sql in between: every request passes here
}

// openPostgres connects both pools. They hold 4 and 2 connections for each processor, at least 8 and 4.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	s.dialect, s.database = PostgreSQL, url
	procs := runtime.GOMAXPROCS(0)
	pool, err := s.openPool(url, max(8, 4*procs))
	if err != nil {
		return err
	}
	small, err := s.openSmallPool(ctx, url, max(4, 2*procs))
	if err != nil {
		return err
	}
	if s.writer, err = gormOpen(gormpostgres.New(gormpostgres.Config{Conn: pool}), false); err != nil {
		return err
	}
	s.reader = s.writer
	s.engine = &postgresEngine{url: url, pool: pool, small: small}
	return nil
}

// Connections are renewed every hour, so that they find a new primary or a rebalanced proxy in time.
const (
	connectionLife = time.Hour
	connectTimeout = 5 * time.Second
)

// openPool is the pool under GORM. Statements are prepared once for each connection, by pgx, and never sent by the
// simple protocol unless the URL asks for it.
func (s *Store) openPool(url string, connections int) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database URL: %w", err)
	}
	boundTimes(cfg)
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(connectionLife)
	s.closing = append(s.closing, db.Close)
	return db, nil
}

func (s *Store) openSmallPool(ctx context.Context, url string, connections int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database URL: %w", err)
	}
	boundTimes(cfg.ConnConfig)
	cfg.MaxConns, cfg.MaxConnLifetime = int32(connections), connectionLife
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.closing = append(s.closing, func() error { pool.Close(); return nil })
	return pool, pool.Ping(ctx)
}

// boundTimes lets a statement take 30 s, unless the URL sets statement_timeout. Empty there, it is not sent at all.
func boundTimes(cfg *pgx.ConnConfig) {
	if timeout, set := cfg.RuntimeParams["statement_timeout"]; !set {
		cfg.RuntimeParams["statement_timeout"] = "30s"
	} else if timeout == "" {
		delete(cfg.RuntimeParams, "statement_timeout")
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
}

const clockPostgres = `SELECT tbc_now()`

func (e *postgresEngine) clock(ctx context.Context) (time.Time, error) {
	var us int64
	err := e.small.QueryRow(ctx, clockPostgres).Scan(&us)
	return fromMicros(us), err
}

func pgNow(ctx context.Context, tx *sql.Tx) (us int64, err error) {
	err = tx.QueryRowContext(ctx, clockPostgres).Scan(&us)
	return us, err
}

func (e *postgresEngine) ping(ctx context.Context) error { return e.small.Ping(ctx) }

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

// counters is where the counters of keys are read.
func (e *postgresEngine) counters() querier { return e.pool }
