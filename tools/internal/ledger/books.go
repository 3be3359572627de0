package ledger

import (
	"slices"

	"github.com/thebigclass/api/tools/internal/sheet"
)

// Book is the columns of what an accounting program imports: of sales, and of refunds.
type Book struct{ Orders, Refunds []Field }

// Field is a column.
type Field struct {
	Name  string
	value func(Entry) sheet.Cell
}

// Row is an entry in these columns.
func Row(fields []Field, e Entry) []sheet.Cell {
	cells := make([]sheet.Cell, 0, len(fields))
	for _, f := range fields {
		cells = append(cells, f.value(e))
	}
	return cells
}

// The programs whose columns are known.
const (
	Tally      = "tally"
	QuickBooks = "quickbooks"
	Zoho       = "zoho"
)

// Formats are their names.
func Formats() []string { return slices.Clone(formats) }

var formats = []string{Tally, QuickBooks, Zoho}

// BookOf is the columns of one of Formats.
func BookOf(format string) Book {
	return map[string]Book{Tally: tally, QuickBooks: quickbooks, Zoho: zoho}[format]
}

// amounts are the columns of all formats.
var amounts = []Field{
	{"Gross Amount", func(e Entry) sheet.Cell { return e.amount(&e.Gross) }},
	{"Tax Amount", func(e Entry) sheet.Cell { return e.amount(&e.Tax) }},
	{"Gateway Fee", func(e Entry) sheet.Cell { return e.amount(e.GatewayFee) }},
	{"Platform Fee", func(e Entry) sheet.Cell { return e.amount(e.PlatformFee) }},
	{"Net Amount", func(e Entry) sheet.Cell { return e.amount(e.Net) }},
}

// texts make columns out of what an entry says.
func texts(name string, value func(Entry) string) Field {
	return Field{name, func(e Entry) sheet.Cell { return sheet.Cell{Text: value(e), Absent: value(e) == ""} }}
}

func dates(name, layout string) Field {
	return texts(name, func(e Entry) string { return e.At.Format(layout) })
}

func always(name, value string) Field {
	return texts(name, func(Entry) string { return value })
}

func with(fields []Field, more ...[]Field) (all []Field) {
	all = append(all, fields...)
	for _, m := range more {
		all = append(all, m...)
	}
	return all
}

// Dates are written so that no setting of a country can read the month as a day.
const (
	isoDate   = "2006-01-02"
	tallyDate = "02-Jan-2006"
)

// tally is for TallyPrime, which imports vouchers from a sheet through a mapping
// template: a row is a voucher.
var tally = Book{
	Orders:  with(tallyVoucher("Sales"), amounts),
	Refunds: with(tallyVoucher("Credit Note"), amounts),
}

func tallyVoucher(kind string) []Field {
	return []Field{
		dates("Voucher Date", tallyDate),
		always("Voucher Type Name", kind),
		texts("Voucher Number", func(e Entry) string { return e.Number }),
		texts("Reference No.", func(e Entry) string { return e.Reference }),
		texts("Buyer/Supplier - Name", func(e Entry) string { return e.Customer }),
		texts("Item Name", func(e Entry) string { return e.Title }),
		texts("Narration", func(e Entry) string { return e.Narration }),
		texts("Currency", func(e Entry) string { return e.Currency }),
		texts("Payment Gateway", func(e Entry) string { return e.Means }),
	}
}

// quickbooks is for QuickBooks Online, which imports invoices and credit notes
// apart. Its own columns come first; the asterisk is in its names.
var quickbooks = Book{
	Orders: with([]Field{
		texts("*InvoiceNo", func(e Entry) string { return e.Number }),
		texts("*Customer", func(e Entry) string { return e.Customer }),
		dates("*InvoiceDate", isoDate),
		dates("*DueDate", isoDate),
		texts("Memo", func(e Entry) string { return e.Narration }),
		texts("Item(Product/Service)", func(e Entry) string { return e.Title }),
		texts("ItemDescription", func(e Entry) string { return e.Reference }),
		always("ItemQuantity", "1"),
		{"ItemRate", func(e Entry) sheet.Cell { return e.amount(&e.Gross) }},
		{"*ItemAmount", func(e Entry) sheet.Cell { return e.amount(&e.Gross) }},
		{"ItemTaxAmount", func(e Entry) sheet.Cell { return e.amount(&e.Tax) }},
		texts("Currency", func(e Entry) string { return e.Currency }),
	}, amounts),
	Refunds: with([]Field{
		texts("*CreditNoteNo", func(e Entry) string { return e.Number }),
		texts("*Customer", func(e Entry) string { return e.Customer }),
		dates("*CreditNoteDate", isoDate),
		texts("InvoiceNo", func(e Entry) string { return e.Order }),
		texts("Memo", func(e Entry) string { return e.Narration }),
		texts("Item(Product/Service)", func(e Entry) string { return e.Title }),
		texts("ItemDescription", func(e Entry) string { return e.Reference }),
		always("ItemQuantity", "1"),
		{"ItemRate", func(e Entry) sheet.Cell { return e.credit(e.Gross) }},
		{"*ItemAmount", func(e Entry) sheet.Cell { return e.credit(e.Gross) }},
		{"ItemTaxAmount", func(e Entry) sheet.Cell { return e.credit(e.Tax) }},
		texts("Currency", func(e Entry) string { return e.Currency }),
	}, amounts),
}

// zoho is for Zoho Books, which imports invoices and credit notes apart.
var zoho = Book{
	Orders: with([]Field{
		dates("Invoice Date", isoDate),
		texts("Invoice Number", func(e Entry) string { return e.Number }),
	}, zohoBuyer, []Field{
		{"Item Price", func(e Entry) sheet.Cell { return e.amount(&e.Gross) }},
		{"Item Tax Amount", func(e Entry) sheet.Cell { return e.amount(&e.Tax) }},
		texts("Receipt Number", func(e Entry) string { return e.Receipt }),
	}, amounts),
	Refunds: with([]Field{
		dates("Credit Note Date", isoDate),
		texts("Credit Note Number", func(e Entry) string { return e.Number }),
		texts("Invoice#", func(e Entry) string { return e.Order }),
	}, zohoBuyer, []Field{
		{"Item Price", func(e Entry) sheet.Cell { return e.credit(e.Gross) }},
		{"Item Tax Amount", func(e Entry) sheet.Cell { return e.credit(e.Tax) }},
	}, amounts),
}

var zohoBuyer = []Field{
	texts("Customer Name", func(e Entry) string { return e.Customer }),
	texts("EmailID", func(e Entry) string { return e.Email }),
	texts("Currency Code", func(e Entry) string { return e.Currency }),
	texts("Reference#", func(e Entry) string { return e.Reference }),
	texts("Item Name", func(e Entry) string { return e.Title }),
	texts("Item Desc", func(e Entry) string { return e.Narration }),
	always("Quantity", "1"),
	always("Is Inclusive Tax", "true"),
}
