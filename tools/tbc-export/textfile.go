package main

import (
	"bufio"
	"errors"
)

// textFile is written through a buffer, under the name of what is not whole yet.
type textFile struct {
	file   *file
	buffer *bufio.Writer
}

func newTextFile(d *disk, name string) (*textFile, error) {
	f, err := d.create(name + partial)
	if err != nil {
		return nil, err
	}
	return &textFile{f, bufio.NewWriterSize(f, 1<<20)}, nil
}

func (t *textFile) write(p []byte) error {
	_, err := t.buffer.Write(p)
	return err
}

// finish puts all of it on the disk. An error of an earlier write is told again.
func (t *textFile) finish() error {
	return errors.Join(t.buffer.Flush(), t.file.finish())
}
