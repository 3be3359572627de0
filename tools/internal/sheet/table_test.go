package sheet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thebigclass/api/tools/internal/sheet"
)

func table(t *testing.T) sheet.Table {
	return sheet.Table{Path: filepath.Join(t.TempDir(), "t.csv"), Columns: []string{"Id", "Name", "Amount"}, Key: "Id"}
}

func row(id, name, amount string) []sheet.Cell {
	return []sheet.Cell{{Text: id}, {Text: name}, {Text: amount, Number: true}}
}

func put(t *testing.T, to sheet.Table, cells []sheet.Cell) {
	t.Helper()
	if err := to.Put(cells); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the file has %q, want %q: %v", got, want, err)
	}
}

// A key has one row, in its first place, and no text becomes a formula, however often the file is rewritten.
func TestTable_AKeyHasOneRow(t *testing.T) {
	t.Parallel()
	to := table(t)
	if err := to.Begin(); err != nil {
		t.Fatal(err)
	}
	wantFile(t, to.Path, "Id,Name,Amount\r\n")
	put(t, to, row("1", "=1+1", "-5.00"))
	put(t, to, row("2", "Asha, \"A\"\nNair", "1.00"))
	put(t, to, row("1", "@SUM(A1)", "-6.00"))
	wantFile(t, to.Path, "Id,Name,Amount\r\n1,'@SUM(A1),-6.00\r\n2,\"Asha, \"\"A\"\"\nNair\",1.00\r\n")
	for key, want := range map[string]bool{"1": true, "3": false, "Id": false} {
		if got, err := to.Has(key); err != nil || got != want {
			t.Errorf("Has(%s) is %v, %v", key, got, err)
		}
	}
}

// Whoever adds a column or sorts the file in a spreadsheet finds that again; so do byte order marks no harm.
func TestTable_WhatAPersonAddedStays(t *testing.T) {
	t.Parallel()
	to := table(t)
	if err := os.WriteFile(to.Path, []byte("\ufeffNote,Id,Amount,Name\n=1+1,1,2,Asha\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	put(t, to, row("1", "Ishaan", "3"))
	put(t, to, row("2", "Meera", "4"))
	wantFile(t, to.Path, "Note,Id,Amount,Name\r\n=1+1,1,3,Ishaan\r\n,2,4,Meera\r\n")
	if info, err := os.Stat(to.Path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

// A file of somebody else is not written to, and no attempt leaves anything beside it.
func TestTable_AnotherFileIsRefused(t *testing.T) {
	t.Parallel()
	to := table(t)
	const text = "Date,Amount\n2026-05-19,1\n"
	if err := os.WriteFile(to.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{to.Begin(), to.Put(row("1", "x", "1"))} {
		if err == nil || !strings.Contains(err.Error(), `no column "Id"`) {
			t.Errorf("it says %v", err)
		}
	}
	wantFile(t, to.Path, text)
	if left, err := os.ReadDir(filepath.Dir(to.Path)); err != nil || len(left) != 1 {
		t.Errorf("%d files, %v", len(left), err)
	}
}
