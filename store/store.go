// Package store keeps everything that the service knows, in SQLite (the embedded default) or in PostgreSQL.
//
// Store opens the database and has the few calls that cross tenants. Workspace reads the rows of one tenant. Tx
// reads and writes them, one Tx of a workspace at a time. A tenant query without a workspace id cannot be written
// down. Errors are nouns (ErrNotFound); no protocol is known here.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Config says which database, and hands in what the store must not take for itself.
type Config struct {
	// URL is sqlite:path/to/file.db, or postgres://… with the options of pgx.
	URL string
	// Keyring seals kept answers and webhook secrets, and the key of cursors is derived from it.
	Keyring *Keyring
	// Now is the clock of a SQLite database. PostgreSQL has its own: tbc_now().
	Now func() time.Time
	// Rand is the source of tokens and ids; nil is crypto/rand.
	Rand io.Reader
	// Log hears of what no caller is told; nil is silence.
	Log *slog.Logger
	// Exclusive refuses to open SQLite files that another exclusive Store has open, in any process.
	// A server sets it; the command line shares the files with the server.
	Exclusive bool
}

// The two dialects, as Store.Dialect names them.
const (
	SQLite     = "sqlite"
	PostgreSQL = "postgres"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect   string
	reader    *gorm.DB // several connections
	writer    *gorm.DB // one connection on SQLite; on PostgreSQL the same pool as reader
	engine    engine
	lines     turnstile
	keyring   *Keyring
	now       func() time.Time
	rand      io.Reader
	log       *slog.Logger
	closing   []func() error // in the order of opening
	followers followers      // of the feeds of workspaces
	queued    chan struct{}  // holds one signal that deliveries became due
	lane      laneKey        // where the last claim of deliveries ended
	turn      int            // counts claims
	writers   writers        // of counts of deliveries
	database  string         // the path of SQLite's main file, or the URL of PostgreSQL
}

// engine is what differs between the two databases beyond the text of a statement.
type engine interface {
	admit(ctx context.Context, hash [32]byte) (Admission, error)
	counters() querier
	clock(ctx context.Context) (time.Time, error)
	ping(ctx context.Context) error
	migrate(ctx context.Context) ([]string, error)
	pending(ctx context.Context) ([]string, error)
	backup(ctx context.Context, dir string) error
	pools() []Pool
}

// Open connects. It does not migrate: see Migrate and PendingMigrations.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Keyring == nil || cfg.Now == nil {
		return nil, errors.New("open the store: Config needs a Keyring and Now")
	}
	s := &Store{keyring: cfg.Keyring, now: cfg.Now, rand: cfg.Rand, log: cfg.Log, queued: make(chan struct{}, 1)}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	err := s.connect(ctx, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the store: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, cfg Config) error {
	if path, ok := strings.CutPrefix(cfg.URL, "sqlite:"); ok {
		return s.openSQLite(ctx, path, cfg.Exclusive)
	}
	if strings.HasPrefix(cfg.URL, "postgres://") || strings.HasPrefix(cfg.URL, "postgresql://") {
		return s.openPostgres(ctx, cfg.URL)
	}
	return errors.New("the database URL must begin with sqlite: or postgres://")
}

// Close ends all connections. Calling it twice is safe.
func (s *Store) Close() error {
	var faults []error
	for i := len(s.closing) - 1; i >= 0; i-- {
		faults = append(faults, s.closing[i]())
	}
	s.closing = nil
	return errors.Join(faults...)
}

// Dialect is SQLite or PostgreSQL.
func (s *Store) Dialect() string { return s.dialect }

// Ping reports whether the database answers. It uses the small pool that admissions use, so that a pool full of
// slow queries does not make the process look dead.
func (s *Store) Ping(ctx context.Context) error { return s.engine.ping(ctx) }

// Clock is the time that decides: that of the database, or Config.Now on SQLite.
func (s *Store) Clock(ctx context.Context) (time.Time, error) { return s.engine.clock(ctx) }

// Migrate applies what is pending under a lock, so that several processes may start at once, and returns the names
// of what it applied.
func (s *Store) Migrate(ctx context.Context) ([]string, error) { return s.engine.migrate(ctx) }

// PendingMigrations are the names of what Migrate would apply. It changes nothing.
func (s *Store) PendingMigrations(ctx context.Context) ([]string, error) {
	return s.engine.pending(ctx)
}

// Backup writes a consistent copy into dir, which must be empty or not exist. For SQLite it copies both files with
// VACUUM INTO, each as of one moment, while the server may go on working: the counters' copy is the later one.
// For PostgreSQL it runs pg_dump, which must be installed.
func (s *Store) Backup(ctx context.Context, dir string) error { return s.engine.backup(ctx, dir) }

// gormOpen is GORM without what surprises: no transaction around single writes, no logger of its own, and every
// insert stamped with the workspace of its Tx.
func gormOpen(dialector gorm.Dialector, prepare bool) (*gorm.DB, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
		PrepareStmt:            prepare,
		PrepareStmtMaxSize:     500,
	})
	if err != nil {
		return nil, err
	}
	return db, db.Callback().Create().Before("gorm:create").Register("tbc:workspace", stampWorkspace)
}
