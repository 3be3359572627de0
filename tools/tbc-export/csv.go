package main

import (
	"errors"
	"regexp"
	"strings"
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
	f.rows++
	f.buffer = f.buffer[:0]
	for i, c := range cells {
		if i > 0 {
			f.buffer = append(f.buffer, ',')
		}
		f.buffer = appendField(f.buffer, c)
	}
	return f.out.write(append(f.buffer, '\r', '\n'))
}

// appendField writes a field of RFC 4180.
func appendField(to []byte, c cell) []byte {
	if c.absent {
		return to
	}
	value := c.text
	if c.kind == text {
		value = defuse(value)
	}
	if value != "" && !strings.ContainsAny(value, "\",\r\n") && strings.TrimSpace(value) == value {
		return append(to, value...)
	}
	to = append(to, '"')
	to = append(to, strings.ReplaceAll(value, `"`, `""`)...)
	return append(to, '"')
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// defuse keeps a spreadsheet from taking a text that a stranger wrote for a
// formula: an apostrophe before it makes it text. Plain numbers, telephone
// numbers among them, compute nothing and stay.
func defuse(value string) string {
	if value == "" || !strings.ContainsRune("=+-@\t\r\n", rune(value[0])) || plainNumber.MatchString(value) {
		return value
	}
	return "'" + value
}
