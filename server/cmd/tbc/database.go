package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
)

// database is an opened store with what opened it.
type database struct {
	*store.Store
	config server.Config
	log    *slog.Logger
}

// open reads the configuration and opens the database. In development it
// brings the schema up to date; in production an old schema is refused, since
// migrating there is a decision.
func (p *program) open(ctx context.Context, exclusive bool) (*database, error) {
	config, err := server.ReadConfig(p.lookup)
	if err != nil {
		return nil, err
	}
	db, err := p.openUnmigrated(ctx, config, exclusive)
	if err != nil {
		return nil, err
	}
	if err := db.bringUp(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openUnmigrated opens the database as it is.
func (p *program) openUnmigrated(ctx context.Context, config server.Config, exclusive bool) (*database, error) {
	log := p.logger(config)
	if path := config.SQLitePath(); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("make the database's directory: %w", err)
		}
	}
	keyring, err := p.keyring(config)
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, store.Config{
		URL: string(config.DatabaseURL), Keyring: keyring,
		Now: p.now, Rand: p.random, Log: log, Exclusive: exclusive,
	})
	if errors.Is(err, store.ErrInUse) {
		return nil, fmt.Errorf("another tbc serve has %s open: stop it first", config.DatabaseURL)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", config.DatabaseURL, err)
	}
	return &database{Store: opened, config: config, log: log}, nil
}

// bringUp migrates in development and refuses an old schema in production.
func (db *database) bringUp(ctx context.Context) error {
	if !db.config.Production {
		_, err := db.Migrate(ctx)
		return err
	}
	pending, err := db.PendingMigrations(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the schema of %s is old (%s not applied): run tbc migrate", db.config.DatabaseURL, strings.Join(pending, ", "))
	}
	return nil
}

// logger writes to stderr, so that what commands print stays clean.
func (p *program) logger(config server.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: config.LogLevel}
	if config.LogFormat == "text" || (config.LogFormat == "" && isTerminal(p.stderr)) {
		return slog.New(slog.NewTextHandler(p.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, options))
}

func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
