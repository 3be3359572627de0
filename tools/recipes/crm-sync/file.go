package main

import (
	"context"

	"github.com/thebigclass/api/tools/internal/sheet"
)

// file is a CSV file with a row for each student, told apart by the student's id.
type file struct{ table sheet.Table }

func newFile(path string) (file, error) {
	f := file{sheet.Table{Path: path, Columns: []string{"Student Id", "Email", "Name", "Phone", "Tags", "Courses"}, Key: "Student Id"}}
	return f, f.table.Begin()
}

func (file) name() string { return "file" }

func (f file) put(_ context.Context, c contact) error {
	return f.table.Put([]sheet.Cell{
		{Text: c.id}, {Text: c.email}, {Text: c.name}, {Text: c.phone}, {Text: list(c.tags)}, {Text: list(c.courses)},
	})
}
