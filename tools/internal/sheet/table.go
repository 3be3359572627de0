package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/thebigclass/api/tools/internal/wholefile"
)

// Table is a CSV file with a heading and one row for each key. Every change writes a new file and puts it in the place of
// the old one: neither a crash nor a full disk leaves half a row, and whoever reads it sees the one before or the one
// after. That costs a pass over the file, which is nothing up to some hundred thousand rows.
//
// Columns that somebody has added, and the order of columns and rows, stay. Whoever saves an older state over the file takes
// the rows of the meantime away for good, so what people edit should be a copy.
type Table struct {
	Path    string
	Columns []string
	Key     string // the column that tells rows apart
}

// bom is what some spreadsheets write before the heading.
const bom = "\ufeff"

// Begin makes the file if there is none, so that what is wrong with its name or its heading is known before the first row.
func (t Table) Begin() error {
	rows, err := t.read()
	if err != nil {
		return err
	}
	if _, err := t.places(rows[0]); err != nil {
		return err
	}
	if _, err := os.Stat(t.Path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return wholefile.Write(t.Path, encode(rows))
}

// Has tells whether there is a row of this key.
func (t Table) Has(key string) (bool, error) {
	rows, err := t.read()
	if err != nil {
		return false, err
	}
	places, err := t.places(rows[0])
	if err != nil {
		return false, err
	}
	return rowOf(rows, places[t.Key], key) > 0, nil
}

// Put writes the row, in the order of Columns, in the place of the one with the same key, or as the last one. It is on the
// disk when Put returns.
func (t Table) Put(cells []Cell) error {
	rows, err := t.read()
	if err != nil {
		return err
	}
	places, err := t.places(rows[0])
	if err != nil {
		return err
	}
	key := cells[slices.Index(t.Columns, t.Key)].Text
	at := rowOf(rows, places[t.Key], key)
	if at < 0 {
		at = len(rows)
		rows = append(rows, nil)
	}
	for len(rows[at]) < len(rows[0]) {
		rows[at] = append(rows[at], "")
	}
	for i, column := range t.Columns {
		rows[at][places[column]] = cells[i].stored()
	}
	return wholefile.Write(t.Path, encode(rows))
}

// stored is what a reader of the file gets for a cell.
func (c Cell) stored() string {
	switch {
	case c.Absent:
		return ""
	case c.Number:
		return c.Text
	default:
		return Defuse(c.Text)
	}
}

// read gives the rows as they stand in the file, the heading first.
func (t Table) read() ([][]string, error) {
	text, err := os.ReadFile(t.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return [][]string{slices.Clone(t.Columns)}, nil
	}
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte(bom))))
	r.FieldsPerRecord = -1 // a spreadsheet may have cut empty fields at the end
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as CSV: %w", t.Path, err)
	}
	if len(rows) == 0 {
		rows = [][]string{slices.Clone(t.Columns)}
	}
	return rows, nil
}

// places are where the columns stand in the file.
func (t Table) places(heading []string) (map[string]int, error) {
	places := map[string]int{}
	for _, column := range t.Columns {
		at := slices.Index(heading, column)
		if at < 0 {
			return nil, fmt.Errorf("%s has no column %q: it is another file, or its heading was changed; move it away or name another one", t.Path, column)
		}
		places[column] = at
	}
	return places, nil
}

// rowOf is the place of the row with this key, or -1.
func rowOf(rows [][]string, column int, key string) int {
	for i, row := range rows {
		if i > 0 && column < len(row) && row[column] == key {
			return i
		}
	}
	return -1
}

// encode takes texts as they are: they were defused when they came in, and what a person has typed is theirs.
func encode(rows [][]string) (text []byte) {
	for _, row := range rows {
		cells := make([]Cell, 0, len(row))
		for _, value := range row {
			cells = append(cells, Cell{Text: value, Number: true, Absent: value == ""})
		}
		text = AppendRow(text, cells)
	}
	return text
}
