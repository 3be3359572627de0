package main

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/thebigclass/api/gen/client"
	"github.com/thebigclass/api/tools/internal/money"
)

// entry is a sale or a refund, as an accountant sees it. Amounts are in minor
// units; those of a refund are below zero. A fee that is not known is nil.
type entry struct {
	number, order  string
	at             time.Time // in the workspace's time zone
	customer       string
	email          string
	title          string
	reference      string // the gateway's id
	narration      string
	currency       string
	gross, tax     int64
	gatewayFee     *int64
	platformFee    *int64
	net            *int64
	receipt, means string
}

// orderEntry is the sale alone: what was refunded is an entry of its own.
func orderEntry(o client.Order, zone *time.Location) entry {
	e := entry{
		number: o.Number, order: o.Number, at: o.PaidAt.In(zone), title: titles(o), currency: o.Currency,
		customer: customer(o), email: plain(o.Customer.Email), reference: plain(o.Payment.PaymentID), means: string(o.Payment.Gateway),
		gross: o.GrossAmount, tax: o.TaxAmount, gatewayFee: o.GatewayFeeAmount, platformFee: o.PlatformFeeAmount,
	}
	if o.Receipt != nil {
		e.receipt = o.Receipt.Number
	}
	e.narration = "Order " + o.Number
	if e.gatewayFee != nil && e.platformFee != nil {
		net := e.gross - *e.gatewayFee - *e.platformFee
		e.net = &net
	}
	return e
}

// refundEntries are the refunds, oldest first. Each takes its share of the tax
// with it; rounding never adds up, since shares are differences of sums. No fee
// comes back.
func refundEntries(o client.Order, zone *time.Location) (entries []entry) {
	refunds := slices.SortedStableFunc(slices.Values(o.Refunds), func(a, b client.Refund) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var returned, taxed int64
	for i, r := range refunds {
		returned += r.Amount
		tax := share(o.TaxAmount, returned, o.GrossAmount) - taxed
		taxed += tax
		none, net := int64(0), -r.Amount
		e := orderEntry(o, zone)
		e.number, e.at, e.reference = fmt.Sprintf("%s-R%d", o.Number, i+1), r.CreatedAt.In(zone), plain(r.GatewayRefundID)
		e.gross, e.tax, e.gatewayFee, e.platformFee, e.net = -r.Amount, -tax, &none, &none, &net
		e.narration = strings.TrimSuffix("Refund of order "+o.Number+": "+plain(r.Reason), ": ")
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
func (e entry) amount(minor *int64) cell {
	if minor == nil {
		return cell{absent: true}
	}
	return cell{text: money.Decimal(*minor, e.currency), kind: real}
}

// credit is an amount as credit notes have it, above zero.
func (e entry) credit(minor int64) cell {
	minor = -minor
	return e.amount(&minor)
}
