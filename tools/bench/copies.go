package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// copied makes a database like from, which no process may have open. What an earlier copy of that name held is gone.
func (b *bench) copied(ctx context.Context, from database, name string) (database, error) {
	to, err := b.place(from.kind, name)
	if err != nil {
		return to, err
	}
	if to.kind == sqlite {
		return to, copyFiles(from.folder, to.folder)
	}
	// By files: the other strategy writes every row to the log, which the next measurement would have to share.
	_, source, _ := strings.Cut(filepath.Base(from.folder), "-")
	_, err = b.cluster.Query(ctx, b.cluster.URL, "CREATE DATABASE bench_"+name+" TEMPLATE bench_"+source+" STRATEGY FILE_COPY")
	return to, err
}

// drop removes a database that nothing has open.
func (b *bench) drop(ctx context.Context, db database) error {
	if db.kind == sqlite {
		return os.RemoveAll(db.folder)
	}
	_, name, _ := strings.Cut(filepath.Base(db.folder), "-")
	_, err := b.cluster.Query(ctx, b.cluster.URL, "DROP DATABASE bench_"+name)
	return errors.Join(err, os.RemoveAll(db.folder))
}

// copyFiles copies the files of a SQLite database, the counters' included.
func copyFiles(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "tbc*.db*"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := copyFile(file, filepath.Join(to, filepath.Base(file))); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
