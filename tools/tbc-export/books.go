package main

// texts make columns out of what an entry says.
func texts(name string, value func(entry) string) field {
	return field{name, func(e entry) cell { return cell{text: value(e), absent: value(e) == ""} }}
}

func dates(name, layout string) field {
	return texts(name, func(e entry) string { return e.at.Format(layout) })
}

func always(name, value string) field {
	return texts(name, func(entry) string { return value })
}

func with(fields []field, more ...[]field) (all []field) {
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
var tally = book{
	orders:  with(tallyVoucher("Sales"), amounts),
	refunds: with(tallyVoucher("Credit Note"), amounts),
}

func tallyVoucher(kind string) []field {
	return []field{
		dates("Voucher Date", tallyDate),
		always("Voucher Type Name", kind),
		texts("Voucher Number", func(e entry) string { return e.number }),
		texts("Reference No.", func(e entry) string { return e.reference }),
		texts("Buyer/Supplier - Name", func(e entry) string { return e.customer }),
		texts("Item Name", func(e entry) string { return e.title }),
		texts("Narration", func(e entry) string { return e.narration }),
		texts("Currency", func(e entry) string { return e.currency }),
		texts("Payment Gateway", func(e entry) string { return e.means }),
	}
}

// quickbooks is for QuickBooks Online, which imports invoices and credit notes
// apart. Its own columns come first; the asterisk is in its names.
var quickbooks = book{
	orders: with([]field{
		texts("*InvoiceNo", func(e entry) string { return e.number }),
		texts("*Customer", func(e entry) string { return e.customer }),
		dates("*InvoiceDate", isoDate),
		dates("*DueDate", isoDate),
		texts("Memo", func(e entry) string { return e.narration }),
		texts("Item(Product/Service)", func(e entry) string { return e.title }),
		texts("ItemDescription", func(e entry) string { return e.reference }),
		always("ItemQuantity", "1"),
		{"ItemRate", func(e entry) cell { return e.amount(&e.gross) }},
		{"*ItemAmount", func(e entry) cell { return e.amount(&e.gross) }},
		{"ItemTaxAmount", func(e entry) cell { return e.amount(&e.tax) }},
		texts("Currency", func(e entry) string { return e.currency }),
	}, amounts),
	refunds: with([]field{
		texts("*CreditNoteNo", func(e entry) string { return e.number }),
		texts("*Customer", func(e entry) string { return e.customer }),
		dates("*CreditNoteDate", isoDate),
		texts("InvoiceNo", func(e entry) string { return e.order }),
		texts("Memo", func(e entry) string { return e.narration }),
		texts("Item(Product/Service)", func(e entry) string { return e.title }),
		texts("ItemDescription", func(e entry) string { return e.reference }),
		always("ItemQuantity", "1"),
		{"ItemRate", func(e entry) cell { return e.credit(e.gross) }},
		{"*ItemAmount", func(e entry) cell { return e.credit(e.gross) }},
		{"ItemTaxAmount", func(e entry) cell { return e.credit(e.tax) }},
		texts("Currency", func(e entry) string { return e.currency }),
	}, amounts),
}

// zoho is for Zoho Books, which imports invoices and credit notes apart.
var zoho = book{
	orders: with([]field{
		dates("Invoice Date", isoDate),
		texts("Invoice Number", func(e entry) string { return e.number }),
	}, zohoBuyer, []field{
		{"Item Price", func(e entry) cell { return e.amount(&e.gross) }},
		{"Item Tax Amount", func(e entry) cell { return e.amount(&e.tax) }},
		texts("Receipt Number", func(e entry) string { return e.receipt }),
	}, amounts),
	refunds: with([]field{
		dates("Credit Note Date", isoDate),
		texts("Credit Note Number", func(e entry) string { return e.number }),
		texts("Invoice#", func(e entry) string { return e.order }),
	}, zohoBuyer, []field{
		{"Item Price", func(e entry) cell { return e.credit(e.gross) }},
		{"Item Tax Amount", func(e entry) cell { return e.credit(e.tax) }},
	}, amounts),
}

var zohoBuyer = []field{
	texts("Customer Name", func(e entry) string { return e.customer }),
	texts("EmailID", func(e entry) string { return e.email }),
	texts("Currency Code", func(e entry) string { return e.currency }),
	texts("Reference#", func(e entry) string { return e.reference }),
	texts("Item Name", func(e entry) string { return e.title }),
	texts("Item Desc", func(e entry) string { return e.narration }),
	always("Quantity", "1"),
	always("Is Inclusive Tax", "true"),
}
