package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/thebigclass/api/tools/internal/ledger"
	"github.com/thebigclass/api/tools/internal/sheet"
)

// idColumn comes after the columns that the program imports.
const idColumn = "Transaction Id"

// files are orders.csv and refunds.csv. A row that is there is never changed: it may have been imported.
type files struct {
	book            ledger.Book
	orders, refunds sheet.Table
}

func newFiles(format, folder string) (files, error) {
	if !slices.Contains(ledger.Formats(), format) {
		return files{}, fmt.Errorf("%s is none of %s", formatVariable, strings.Join(ledger.Formats(), ", "))
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return files{}, err
	}
	book := ledger.BookOf(format)
	f := files{book, newTable(folder, "orders.csv", book.Orders), newTable(folder, "refunds.csv", book.Refunds)}
	return f, errors.Join(f.orders.Begin(), f.refunds.Begin())
}

func newTable(folder, name string, fields []ledger.Field) sheet.Table {
	t := sheet.Table{Path: filepath.Join(folder, name), Key: idColumn}
	for _, f := range fields {
		t.Columns = append(t.Columns, f.Name)
	}
	t.Columns = append(t.Columns, idColumn)
	return t
}

func (files) name() string { return "files" }

func (f files) enter(_ context.Context, t transaction) error {
	table, fields := f.orders, f.book.Orders
	if t.refund {
		table, fields = f.refunds, f.book.Refunds
	}
	// The note that a row was written may be lost in a crash, the row is not.
	if there, err := table.Has(t.ID); err != nil || there {
		return err
	}
	return table.Put(append(ledger.Row(fields, t.Entry), sheet.Cell{Text: t.ID}))
}
