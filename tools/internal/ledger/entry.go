// Package ledger is orders and refunds as accounting programs take them: entries, and the columns that each program imports.
package ledger

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/money"
	"github.com/thebigclass/api/tools/internal/sheet"
)

// Entry is a sale or a refund, as an accountant sees it. Amounts are in minor
// units; those of a refund are below zero. A fee that is not known is nil.
type Entry struct {
	ID             string // the service's, of the order or the refund
	Number, Order  string
	At             time.Time // in the workspace's time zone
	Customer       string
	Email          string
	Title          string
	Reference      string // the gateway's id
	Narration      string
	Currency       string
	Gross, Tax     int64
	GatewayFee     *int64
	PlatformFee    *int64
	Net            *int64
	Receipt, Means string
}

// OrderEntry is the sale alone: what was refunded is an entry of its own.
func OrderEntry(o client.Order, zone *time.Location) Entry {
	e := Entry{
		ID: o.ID, Number: o.Number, Order: o.Number, At: o.PaidAt.In(zone), Title: titles(o), Currency: o.Currency,
		Customer: customer(o), Email: plain(o.Customer.Email), Reference: plain(o.Payment.PaymentID), Means: string(o.Payment.Gateway),
		Gross: o.GrossAmount, Tax: o.TaxAmount, GatewayFee: o.GatewayFeeAmount, PlatformFee: o.PlatformFeeAmount,
	}
	if o.Receipt != nil {
		e.Receipt = o.Receipt.Number
	}
	e.Narration = "Order " + o.Number
	if e.GatewayFee != nil && e.PlatformFee != nil {
		net := e.Gross - *e.GatewayFee - *e.PlatformFee
		e.Net = &net
	}
	return e
}

// RefundEntries are the refunds, oldest first. Each takes its share of the tax
// with it; rounding never adds up, since shares are differences of sums. No fee
// comes back.
func RefundEntries(o client.Order, zone *time.Location) (entries []Entry) {
	refunds := slices.SortedStableFunc(slices.Values(o.Refunds), func(a, b client.Refund) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var returned, taxed int64
	for i, r := range refunds {
		returned += r.Amount
		tax := share(o.TaxAmount, returned, o.GrossAmount) - taxed
		taxed += tax
		none, net := int64(0), -r.Amount
		e := OrderEntry(o, zone)
		e.ID, e.Number, e.At, e.Reference = r.ID, fmt.Sprintf("%s-R%d", o.Number, i+1), r.CreatedAt.In(zone), plain(r.GatewayRefundID)
		e.Gross, e.Tax, e.GatewayFee, e.PlatformFee, e.Net = -r.Amount, -tax, &none, &none, &net
		e.Narration = strings.TrimSuffix("Refund of order "+o.Number+": "+plain(r.Reason), ": ")
		entries = append(entries, e)
	}
	return entries
}

// share is of*part/whole, rounded down. The product may be over 64 bits.
func share(of, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	product := new(big.Int).Mul(big.NewInt(of), big.NewInt(part))
	return product.Quo(product, big.NewInt(whole)).Int64()
}

func titles(o client.Order) string {
	var all []string
	for _, item := range o.Items {
		all = append(all, item.Title)
	}
	return strings.Join(all, " + ")
}

// customer is a name in any case, since no program takes a document without one.
func customer(o client.Order) string {
	return cmp.Or(plain(o.Customer.Name), plain(o.Customer.Email), plain(o.Customer.StudentID), "Erased customer")
}

func plain[T ~string](text *T) string {
	if text == nil {
		return ""
	}
	return string(*text)
}

// amount is in the currency's main unit; what is not known is empty.
func (e Entry) amount(minor *int64) sheet.Cell {
	if minor == nil {
		return sheet.Cell{Absent: true}
	}
	return sheet.Cell{Text: money.Decimal(*minor, e.Currency), Number: true}
}

// credit is an amount as credit notes have it, above zero.
func (e Entry) credit(minor int64) sheet.Cell {
	minor = -minor
	return e.amount(&minor)
}
