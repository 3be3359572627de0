package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// rows reads a spool back: each row once, in its last form, and no row of an
// object that was deleted during the walk.
type rows struct {
	path string
	kept spool
	late time.Time

	last    map[string]int64 // by id: where the last form of a late row begins
	deleted map[string]bool
}

// openRows finds out which rows are there twice. Only what changed since the
// walk began can be, so that no more ids than those are held in memory.
func openRows(d *disk, resource string, s *state, deleted map[string]bool) (*rows, error) {
	r := &rows{path: d.path(spoolName(resource)), kept: *s.spool(resource), late: s.Late, last: map[string]int64{}, deleted: deleted}
	if r.kept.Late == 0 {
		return r, nil
	}
	return r, r.scan(true, func(offset int64, _ []byte, found row) error {
		if !found.changed().Before(r.late) {
			r.last[found.ID] = offset
		}
		return nil
	})
}

// each calls do with every row that counts.
func (r *rows) each(do func(line []byte) error) error {
	return r.scan(len(r.last)+len(r.deleted) > 0, func(offset int64, line []byte, found row) error {
		if last, late := r.last[found.ID]; late && last != offset || r.deleted[found.ID] {
			return nil
		}
		return do(line)
	})
}

// scan goes through all lines, and ends with an error unless they are those that the walk wrote. It looks for their ids
// only where they matter, since that takes longer than all the rest.
func (r *rows) scan(ids bool, do func(offset int64, line []byte, found row) error) error {
	f, err := os.Open(r.path)
	if errors.Is(err, os.ErrNotExist) {
		return r.whole(spool{}) // there is none if the resource had no step that was begun
	}
	if err != nil {
		return err
	}
	defer f.Close()
	reader := bufio.NewReaderSize(f, 1<<20)
	for read := (spool{}); ; {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			read.add(line, 0)
			return r.whole(read)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", r.path, err)
		}
		var found row
		if ids {
			if found, err = readRow(line); err != nil {
				return fmt.Errorf("read %s: %w", r.path, err)
			}
		}
		if err := do(read.Bytes, line[:len(line)-1], found); err != nil {
			return err
		}
		read.add(line, 0)
	}
}

// whole tells whether what was read is what the walk wrote.
func (r *rows) whole(read spool) error {
	if read.Bytes != r.kept.Bytes || read.CRC != r.kept.CRC {
		return fmt.Errorf("%s is not as this program left it; export into an empty folder", r.path)
	}
	return nil
}
