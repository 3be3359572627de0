package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// What is not whole yet has this ending.
const partial = ".partial"

// disk is the folder that is written to. Its files are for their owner alone:
// they hold names, addresses and payments.
type disk struct {
	folder string

	// before is asked before everything that changes the folder; an error of it
	// is the disk's. Nil outside tests.
	before func(operation, name string) error
}

func (d *disk) path(name string) string { return filepath.Join(d.folder, name) }

func (d *disk) allow(operation, name string) error {
	if d.before == nil {
		return nil
	}
	return d.before(operation, name)
}

// file is one that is being written.
type file struct {
	*os.File
	disk *disk
	name string
}

// Write implements io.Writer. As on a full disk, a part may have been written
// when it fails.
func (f *file) Write(p []byte) (int, error) {
	if err := f.disk.allow("write", f.name); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

// finish makes what was written last, and closes the file.
func (f *file) finish() error {
	return errors.Join(f.sync(), f.Close())
}

func (f *file) sync() error {
	if err := f.disk.allow("sync", f.name); err != nil {
		return err
	}
	return f.Sync()
}

// create starts a file anew.
func (d *disk) create(name string) (*file, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d *disk) open(name string, flags int) (*file, error) {
	if err := d.allow("open", name); err != nil {
		return nil, err
	}
	opened, err := os.OpenFile(d.path(name), flags, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{opened, d, name}, nil
}

// keep gives a file that is whole its name, for good.
func (d *disk) keep(from, to string) error {
	if err := d.allow("rename", to); err != nil {
		return err
	}
	if err := os.Rename(d.path(from), d.path(to)); err != nil {
		return err
	}
	return d.settle()
}

// settle makes the names in the folder outlast a loss of power. Windows does so
// by itself, and cannot open a folder.
func (d *disk) settle() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(d.folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (d *disk) remove(name string) error {
	if err := d.allow("remove", name); err != nil {
		return err
	}
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (d *disk) has(name string) bool {
	_, err := os.Stat(d.path(name))
	return err == nil
}

// writeWhole replaces a small file at once: it is the old or the new one.
func (d *disk) writeWhole(name string, content []byte) error {
	f, err := d.create(name + partial)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.finish(); err != nil {
		return err
	}
	return d.keep(name+partial, name)
}

// sum returns a file's size and checksum.
func (d *disk) sum(name string) (size int64, checksum string, err error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	hash := sha256.New()
	if size, err = io.Copy(hash, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), nil
}
