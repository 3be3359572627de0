package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // not every machine knows the zone of a workspace

	"github.com/spf13/cobra"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/ledger"
)

const accountingLong = `Writes paid orders and their refunds into FOLDER, as two CSV files whose columns an
accounting program imports: orders.csv as invoices or sales, refunds.csv as credit
notes. README.md tells what each column is. Test orders are left out.

Amounts are in the currency's main unit. Dates are those of the workspace's time
zone. Gross, tax, fees and net are in the same five columns of all formats, those of
refunds below zero: both files together add up to what the analytics report. A fee
that is not known yet is empty, and so is net, where the analytics count what is known.`

var accountingFormats = ledger.Formats()

// newAccounting shares the common flags with its parent.
func newAccounting(common *options, c console) *cobra.Command {
	var format string
	var includeTest bool
	cmd := &cobra.Command{
		Use:   "accounting --format tally|quickbooks|zoho FOLDER",
		Short: "Export orders and refunds for an accounting program",
		Long:  accountingLong,
		Args:  oneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			o := *common
			o.format, o.includeTest, o.only = format, includeTest, ordersName
			return start(cmd.Context(), o, args[0], c)
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "whose columns to write: tally, quickbooks or zoho")
	cmd.Flags().BoolVar(&includeTest, "include-test", false, "write test orders too")
	return cmd
}

// accountingSink writes the two files of a book.
type accountingSink struct {
	disk        *disk
	book        ledger.Book
	zone        *time.Location
	includeTest bool
	files       []written
}

func newAccountingSink(d *disk, s *state) (*accountingSink, error) {
	zone, err := time.LoadLocation(s.Workspace.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the workspace's time zone: %w", err)
	}
	return &accountingSink{disk: d, book: ledger.BookOf(s.Request.Format), zone: zone, includeTest: s.Request.Test}, nil
}

func (a *accountingSink) take(resource string, each func(func([]byte) error) error) error {
	orders, err := newBookFile(a.disk, "orders", a.book.Orders)
	if err != nil {
		return err
	}
	refunds, err := newBookFile(a.disk, "refunds", a.book.Refunds)
	if err != nil {
		return errors.Join(err, orders.out.finish())
	}
	err = each(func(line []byte) error {
		var o client.Order
		if err := json.Unmarshal(line, &o); err != nil {
			return err
		}
		if o.PaidAt == nil || o.Test && !a.includeTest {
			return nil
		}
		err := orders.writeEntry(a.book.Orders, ledger.OrderEntry(o, a.zone))
		for _, e := range ledger.RefundEntries(o, a.zone) {
			err = errors.Join(err, refunds.writeEntry(a.book.Refunds, e))
		}
		return err
	})
	a.files = []written{
		{Name: "orders.csv", Resource: resource, Rows: orders.rows}, {Name: "refunds.csv", Resource: resource, Rows: refunds.rows},
	}
	return errors.Join(err, orders.out.finish(), refunds.out.finish())
}

func (a *accountingSink) finish() ([]written, error) { return name(a.disk, a.files) }

func newBookFile(d *disk, name string, fields []ledger.Field) (*csvFile, error) {
	t := &table{name: name}
	for _, f := range fields {
		t.columns = append(t.columns, column{name: f.Name})
	}
	return newCSVFile(d, t)
}

func (f *csvFile) writeEntry(fields []ledger.Field, e ledger.Entry) error {
	return f.writeRow(ledger.Row(fields, e))
}
