package main

import (
	"errors"

	"github.com/thebigclass/api/tools/internal/sheet"
)

// csvSink writes a file for each table, as RFC 4180 has it: commas, CRLF, a
// heading, and quotation marks where they are needed. Null is an empty field, an
// empty text is "".
type csvSink struct {
	disk  *disk
	files []written
}

func (s *csvSink) take(resource string, each func(func([]byte) error) error) error {
	t := newTable(resource)
	open := map[*table]*csvFile{}
	var err error
	for _, part := range t.all() {
		f, failed := newCSVFile(s.disk, part)
		if err = errors.Join(err, failed); err != nil {
			break
		}
		open[part] = f
	}
	if err == nil {
		err = t.splitAll(each, func(part *table, cells []cell) error { return open[part].write(cells) })
	}
	for _, part := range t.all() {
		if f := open[part]; f != nil {
			err = errors.Join(err, f.out.finish())
			s.files = append(s.files, written{Name: part.name + ".csv", Resource: resource, Rows: f.rows})
		}
	}
	return err
}

func (s *csvSink) finish() ([]written, error) { return name(s.disk, s.files) }

// csvFile is one of them.
type csvFile struct {
	out    *textFile
	rows   int
	row    []sheet.Cell // these two are used again for every row
	buffer []byte
}

func newCSVFile(d *disk, t *table) (*csvFile, error) {
	out, err := newTextFile(d, t.name+".csv")
	if err != nil {
		return nil, err
	}
	f := &csvFile{out: out, rows: -1} // the heading is no row
	heading := make([]cell, 0, len(t.columns))
	for _, c := range t.columns {
		heading = append(heading, cell{text: c.name})
	}
	return f, f.write(heading)
}

func (f *csvFile) write(cells []cell) error {
	f.row = f.row[:0]
	for _, c := range cells {
		f.row = append(f.row, sheet.Cell{Text: c.text, Number: c.kind != text, Absent: c.absent})
	}
	return f.writeRow(f.row)
}

func (f *csvFile) writeRow(row []sheet.Cell) error {
	f.rows++
	f.buffer = sheet.AppendRow(f.buffer[:0], row)
	return f.out.write(f.buffer)
}
