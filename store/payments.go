package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// KindCourse is the kind of an order's item that enrols in a course.
const KindCourse = "course"

// Bounds of an order: its items, and any amount, since what is larger is no exact number in JSON.
const (
	maxItems  = 100
	maxAmount = 1<<53 - 1
)

// NewOrder is what a caller says about a purchase. Status "" is paid. Fees that are not known stay nil: they are
// never guessed. PaidAt nil is now; only a paid order has one.
type NewOrder struct {
	Email, Name string // of the customer
	Items       []OrderItem
	Status      string

	Currency            string
	DiscountAmount      int64
	TaxAmount           int64
	GatewayFeeAmount    *int64
	GatewayFeeTaxAmount *int64
	PlatformFeeAmount   *int64
	CouponCode          *string
	TaxLines            []TaxLine

	Gateway   string
	Method    *string
	PaymentID *string
	PaidAt    *time.Time
	Test      bool
}

// OrderEffects is an order with what recording or refunding it changed elsewhere: whoever made the change has to tell
// of each. All are as the Tx leaves them.
type OrderEffects struct {
	Order      Order
	NewStudent *Student     // whom the order made, with the enrollments it gave
	Enrolled   []Enrollment // new and reinstated, in the order of the items
	Revoked    []Enrollment // that nothing covers any more
}

// RecordOrder stores a purchase and reports whether it is new: the same gateway and payment return the first one
// unchanged. A paid order creates its student if needed, grants what was bought and enrols in the courses.
// Test orders and unpaid ones only exist: they create nothing and enter no analytics.
// ErrNotFound if an item names a course that the workspace does not have.
func (tx *Tx) RecordOrder(ctx context.Context, in NewOrder) (OrderEffects, bool, error) {
	if in.PaymentID != nil {
		known, err := readOrder(ctx, tx.scope, "payment_id = $2 AND gateway = $3", *in.PaymentID, in.Gateway)
		if !errors.Is(err, ErrNotFound) {
			return OrderEffects{Order: known}, false, err
		}
	}
	order, err := tx.price(ctx, in)
	if err != nil {
		return OrderEffects{}, false, err
	}
	effects, err := tx.keepOrder(ctx, order, in)
	return effects, err == nil, wrap("record order", err)
}

// keepOrder stores an order that has been priced, with all that follows from it.
func (tx *Tx) keepOrder(ctx context.Context, order Order, in NewOrder) (OrderEffects, error) {
	var err error
	if order.Items, err = tx.nameItems(ctx, in.Items); err != nil {
		return OrderEffects{}, err
	}
	newStudent, err := tx.customer(ctx, &order, in)
	if err != nil {
		return OrderEffects{}, err
	}
	effects := OrderEffects{Order: order}
	if err := insert(ctx, tx.scope, &effects.Order); err != nil || order.Status != OrderPaid || order.Test {
		return effects, err
	}
	if err := tx.grant(ctx, &effects); err != nil {
		return OrderEffects{}, err
	}
	if newStudent {
		student, err := tx.Student(ctx, *order.StudentID) // again, for the enrollments
		if err != nil {
			return OrderEffects{}, err
		}
		effects.NewStudent = &student
	}
	return effects, tx.countOrder(ctx, order)
}

// nameItems gives items of the kind course that have no title that of their course: one query.
// ErrNotFound if a course among the items does not exist.
func (tx *Tx) nameItems(ctx context.Context, items []OrderItem) ([]OrderItem, error) {
	wanted := map[string]bool{}
	for _, item := range items {
		if item.course() {
			wanted[*item.ProductID] = true
		}
	}
	if len(wanted) == 0 {
		return items, nil
	}
	places, args := idsIn(slices.Sorted(maps.Keys(wanted)), 2)
	found, err := scanAll(ctx, tx.scope, sqlQuery{
		text: `SELECT id, title FROM courses WHERE workspace_id = $1 AND id IN (` + places + `)`, args: args,
	}, func(row *sql.Rows, title *[2]string) error { return row.Scan(&title[0], &title[1]) })
	if err == nil && len(found) < len(wanted) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("courses of the items", err)
	}
	named := slices.Clone(items)
	for i := range named {
		for _, title := range found {
			if named[i].course() && named[i].Title == "" && *named[i].ProductID == title[0] {
				named[i].Title = title[1]
			}
		}
	}
	return named, nil
}

// price works out the order's amounts, number and receipt.
func (tx *Tx) price(ctx context.Context, in NewOrder) (Order, error) {
	cal, err := tx.calendar()
	if err != nil {
		return Order{}, err
	}
	if err := in.check(cal, tx.now); err != nil {
		return Order{}, err
	}
	order := Order{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now, Status: in.Status,
		Items: in.Items, Currency: in.Currency, DiscountAmount: in.DiscountAmount, TaxAmount: in.TaxAmount,
		GatewayFeeAmount: in.GatewayFeeAmount, GatewayFeeTaxAmount: in.GatewayFeeTaxAmount,
		PlatformFeeAmount: in.PlatformFeeAmount, CouponCode: in.CouponCode, Gateway: in.Gateway, Method: in.Method,
		PaymentID: in.PaymentID, TaxLines: notNil(in.TaxLines), Test: in.Test,
		Refunds: []Refund{}, Entitlements: []Entitlement{}}
	order.SubtotalAmount = in.subtotal()
	order.GrossAmount = order.SubtotalAmount - order.DiscountAmount
	order.NetAmount = order.net()
	if order.ID, err = tx.newID(prefixOrder); err != nil {
		return Order{}, err
	}
	if order.Sequence, err = tx.nextOrderSequence(ctx); err != nil {
		return Order{}, err
	}
	if order.Status == "" {
		order.Status = OrderPaid
	}
	if order.Status == OrderPaid {
		order.PaidAt = &tx.now
		if in.PaidAt != nil {
			order.PaidAt = stored(in.PaidAt)
		}
		number := fmt.Sprintf("RCP-%d-%d", order.PaidAt.In(cal.zone).Year(), order.Sequence)
		order.ReceiptNumber, order.ReceiptIssuedAt = &number, order.PaidAt
	}
	return order, nil
}

func (in NewOrder) subtotal() (sum int64) {
	for _, item := range in.Items {
		sum += item.Amount
	}
	return sum
}

// check refuses amounts that cannot be, each by the member at fault. The database would refuse them too, but not
// say why.
func (in NewOrder) check(cal calendar, now time.Time) error {
	for i, item := range in.Items {
		if item.Amount < 0 || item.Amount > maxAmount {
			return &Invalid{Field: fmt.Sprintf("/items/%d/amount", i), Issue: fmt.Sprintf("must be from 0 to %d", int64(maxAmount))}
		}
	}
	subtotal := in.subtotal()
	gross := subtotal - in.DiscountAmount
	outside := func(amount *int64, highest int64) bool { return amount != nil && (*amount < 0 || *amount > highest) }
	feeTaxLimit := int64(0)
	if in.GatewayFeeAmount != nil {
		feeTaxLimit = *in.GatewayFeeAmount
	}
	switch {
	case len(in.Items) == 0 || len(in.Items) > maxItems:
		return &Invalid{Field: "/items", Issue: "must have 1 to 100 items"}
	case subtotal > maxAmount:
		return &Invalid{Field: "/items", Issue: fmt.Sprintf("must add up to at most %d", int64(maxAmount))}
	case in.Currency != cal.currency:
		return &Invalid{Field: "/currency", Issue: "must be " + cal.currency + ", the currency of the workspace"}
	case outside(&in.DiscountAmount, subtotal):
		return &Invalid{Field: "/discountAmount", Issue: "must be from 0 to the sum of the items"}
	case outside(&in.TaxAmount, gross):
		return &Invalid{Field: "/taxAmount", Issue: "must be from 0 to the gross amount, which contains it"}
	case outside(in.GatewayFeeAmount, gross):
		return &Invalid{Field: "/gatewayFeeAmount", Issue: "must be from 0 to the gross amount"}
	case outside(in.GatewayFeeTaxAmount, feeTaxLimit):
		return &Invalid{Field: "/gatewayFeeTaxAmount", Issue: "must be from 0 to the gateway's fee, which contains it"}
	case outside(in.PlatformFeeAmount, gross):
		return &Invalid{Field: "/platformFeeAmount", Issue: "must be from 0 to the gross amount"}
	case in.PaidAt != nil && in.PaidAt.After(now):
		return &Invalid{Field: "/paidAt", Issue: "must not be in the future"}
	}
	return nil
}

// net is what the seller keeps, nil while a fee is not known.
func (o Order) net() *int64 {
	if o.GatewayFeeAmount == nil || o.PlatformFeeAmount == nil {
		return nil
	}
	net := o.GrossAmount - *o.GatewayFeeAmount - *o.PlatformFeeAmount - o.RefundedAmount
	return &net
}

// nextOrderSequence counts on from the workspace's last order, by orders_sequence. Nobody else can count meanwhile.
func (tx *Tx) nextOrderSequence(ctx context.Context) (int64, error) {
	return scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT COALESCE(MAX(sequence), 1000) + 1 FROM orders WHERE workspace_id = $1`,
	}, func(row *sql.Rows, n *int64) error { return row.Scan(n) })
}

// customer names the buyer and reports whether the order made the student. A paid order does if it has to; others
// find one or have none.
func (tx *Tx) customer(ctx context.Context, order *Order, in NewOrder) (created bool, err error) {
	order.CustomerEmail, order.CustomerName = &in.Email, &in.Name
	if order.Test {
		return false, nil
	}
	var student Student
	if order.Status == OrderPaid {
		source := SourceCheckout
		student, created, err = tx.CreateStudent(ctx, NewStudent{Email: in.Email, DisplayName: in.Name, Source: &source})
	} else if student, err = readStudent(ctx, tx.scope, "email_folded", fold(in.Email)); errors.Is(err, ErrNotFound) {
		return false, nil
	}
	order.StudentID = &student.ID
	return created, err
}

// countOrder enters a paid order into the figures of its day and of the courses bought.
func (tx *Tx) countOrder(ctx context.Context, order Order) error {
	if err := tx.addDay(ctx, *order.PaidAt, order.figures()); err != nil {
		return err
	}
	for courseID, subtotal := range order.subtotals() {
		if err := tx.addCourseDay(ctx, courseID, *order.PaidAt, courseFigures{subtotal: subtotal}); err != nil {
			return err
		}
	}
	return nil
}

// figures are what a paid order adds to its day. Unknown fees add nothing, and are counted.
func (o Order) figures() dayFigures {
	f := dayFigures{gross: o.GrossAmount, discount: o.DiscountAmount, tax: o.TaxAmount, orders: 1}
	if o.GatewayFeeAmount != nil {
		f.gatewayFee = *o.GatewayFeeAmount
	}
	if o.PlatformFeeAmount != nil {
		f.platformFee = *o.PlatformFeeAmount
	}
	if o.GatewayFeeAmount == nil || o.PlatformFeeAmount == nil {
		f.feesPending = 1
	}
	return f
}

// subtotals are the sums of an order's items by course, before the discount.
func (o Order) subtotals() map[string]int64 {
	sums := map[string]int64{}
	for _, item := range o.Items {
		if item.course() {
			sums[*item.ProductID] += item.Amount
		}
	}
	return sums
}

// atItem moves the field of a refusal to the item of an order that caused it.
func atItem(i int, err error) error {
	if refusal, ok := errors.AsType[*Invalid](err); ok {
		return &Invalid{Field: fmt.Sprintf("/items/%d/productId", i), Issue: refusal.Issue}
	}
	return err
}
