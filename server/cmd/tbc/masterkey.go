package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/thebigclass/api/server"
	"github.com/thebigclass/api/store"
)

// masterKeyFile is the name of the development key beside the database.
const masterKeyFile = "tbc.masterkey"

// keyring is the configured master key or, in development, one that is made on
// the first start and kept beside the database, readable by its owner alone.
func (p *program) keyring(config server.Config) (*store.Keyring, error) {
	text := string(config.MasterKey)
	if text == "" {
		path := filepath.Join("data", masterKeyFile) // PostgreSQL in development: our own data folder
		if file := config.SQLitePath(); file != "" {
			path = filepath.Join(filepath.Dir(file), masterKeyFile)
		}
		kept, err := p.keptMasterKey(path)
		if err != nil {
			return nil, fmt.Errorf("master key in %s: %w", path, err)
		}
		text = kept
	}
	keyring, err := store.ParseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return keyring, nil
}

// keptMasterKey reads the file, and makes it if it is missing. Of two processes
// that make it at once one wins and both use its key: the finished file is
// linked into place, never written in place.
func (p *program) keptMasterKey(path string) (string, error) {
	if text, err := os.ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		return strings.TrimSpace(string(text)), err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	text := store.NewMasterKey(p.random)
	draft, err := os.CreateTemp(filepath.Dir(path), masterKeyFile+".*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(draft.Name()) }() // a draft that stays behind is harmless: mode 0600, and never read
	_, err = draft.WriteString(text + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return "", err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	kept, err := os.ReadFile(path)
	return strings.TrimSpace(string(kept)), err
}
