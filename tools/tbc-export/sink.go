package main

import (
	"context"
	"errors"
)

// sink is a format: it turns the rows that were collected into the files that a
// person asked for. What it has written gets its name only in finish.
type sink interface {
	// take writes all rows of a resource.
	take(resource string, each func(do func(line []byte) error) error) error
	// finish names the files that are now whole.
	finish() ([]written, error)
}

// written is a file of the export, as the manifest lists it.
type written struct {
	Name     string `json:"name"`
	Resource string `json:"resource,omitempty"` // none: all of them
	Rows     int    `json:"rows"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
}

const (
	jsonlFormat  = "jsonl"
	csvFormat    = "csv"
	sqliteFormat = "sqlite"
)

// newSink is the format of that name.
func newSink(ctx context.Context, d *disk, s *state) (sink, error) {
	switch s.Request.Format {
	case jsonlFormat:
		return &jsonlSink{disk: d}, nil
	case csvFormat:
		return &csvSink{disk: d}, nil
	case sqliteFormat:
		return newSQLiteSink(ctx, d)
	}
	return newAccountingSink(d, s)
}

// jsonlSink writes a file for each resource: the objects as the service sent
// them, one in a line.
type jsonlSink struct {
	disk  *disk
	files []written
}

func (j *jsonlSink) take(resource string, each func(func([]byte) error) error) error {
	out, err := newTextFile(j.disk, resource+".jsonl")
	if err != nil {
		return err
	}
	count := 0
	err = each(func(line []byte) error {
		count++
		return errors.Join(out.write(line), out.write([]byte{'\n'}))
	})
	if err := errors.Join(err, out.finish()); err != nil {
		return err
	}
	j.files = append(j.files, written{Name: resource + ".jsonl", Resource: resource, Rows: count})
	return nil
}

func (j *jsonlSink) finish() ([]written, error) { return name(j.disk, j.files) }

// name gives files their names, sizes and checksums.
func name(d *disk, files []written) ([]written, error) {
	for i := range files {
		f := &files[i]
		if err := d.keep(f.Name+partial, f.Name); err != nil {
			return nil, err
		}
		var err error
		if f.Bytes, f.SHA256, err = d.sum(f.Name); err != nil {
			return nil, err
		}
	}
	return files, nil
}
