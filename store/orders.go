package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"
)

// Order states.
const (
	OrderPending           = "pending"
	OrderPaid              = "paid"
	OrderPartiallyRefunded = "partially_refunded"
	OrderRefunded          = "refunded"
	OrderFailed            = "failed"
	OrderCanceled          = "canceled"
)

// Order is a purchase. All amounts are minor units of Currency and obey
// gross = subtotal - discount and net = gross - gateway fee - platform fee - refunded;
// a fee that is not known is nil and makes the net nil. The database checks both.
type Order struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	Sequence int64 // counts up in the workspace; Number shows it
	Status   string
	Items    []OrderItem `gorm:"serializer:json"`

	StudentID     *string // nil for test orders, which create no student
	CustomerEmail *string
	CustomerName  *string

	Currency            string
	SubtotalAmount      int64
	DiscountAmount      int64
	GrossAmount         int64
	TaxAmount           int64 // contained in gross
	GatewayFeeAmount    *int64
	GatewayFeeTaxAmount *int64 // contained in the gateway's fee
	PlatformFeeAmount   *int64
	RefundedAmount      int64
	NetAmount           *int64
	CouponCode          *string

	Gateway   string // razorpay, stripe, manual or free
	Method    *string
	PaymentID *string // unique with Gateway in the workspace

	ReceiptNumber   *string
	ReceiptIssuedAt *time.Time `gorm:"serializer:micros"`
	TaxLines        []TaxLine  `gorm:"serializer:json"`

	Test       bool
	PaidAt     *time.Time `gorm:"serializer:micros"`
	RefundedAt *time.Time `gorm:"serializer:micros"` // of the newest refund

	Refunds      []Refund      `gorm:"-"` // newest first
	Entitlements []Entitlement `gorm:"-"` // oldest first
}

// Number is how people call the order.
func (o Order) Number() string { return "ORD-" + strconv.FormatInt(o.Sequence, 10) }

// OrderItem is one thing bought.
type OrderItem struct {
	ProductID *string `json:"productId"` // of kind course: the course's id; nil for what has no id here
	Kind      string  `json:"kind"`      // course, bundle, download, live_session or other
	Title     string  `json:"title"`
	Amount    int64   `json:"amount"`
}

// course reports whether the item is a course of the workspace.
func (i OrderItem) course() bool { return i.Kind == KindCourse && i.ProductID != nil }

// TaxLine is one tax of a receipt.
type TaxLine struct {
	Name        string  `json:"name"`
	RatePercent float64 `json:"ratePercent"`
	Amount      int64   `json:"amount"`
}

const orderColumns = `workspace_id, id, created_at, updated_at, sequence, status, items, student_id, customer_email,
	customer_name, currency, subtotal_amount, discount_amount, gross_amount, tax_amount, gateway_fee_amount,
	gateway_fee_tax_amount, platform_fee_amount, refunded_amount, net_amount, coupon_code, gateway, method, payment_id,
	receipt_number, receipt_issued_at, tax_lines, test, paid_at, refunded_at`

func scanOrder(row *sql.Rows, o *Order) error {
	o.Refunds, o.Entitlements = []Refund{}, []Entitlement{}
	return row.Scan(&o.WorkspaceID, &o.ID, at(&o.CreatedAt), at(&o.UpdatedAt), &o.Sequence, &o.Status, asJSON(&o.Items),
		textOrNil(&o.StudentID), textOrNil(&o.CustomerEmail), textOrNil(&o.CustomerName), &o.Currency,
		&o.SubtotalAmount, &o.DiscountAmount, &o.GrossAmount, &o.TaxAmount, amountOrNil(&o.GatewayFeeAmount),
		amountOrNil(&o.GatewayFeeTaxAmount), amountOrNil(&o.PlatformFeeAmount), &o.RefundedAmount,
		amountOrNil(&o.NetAmount), textOrNil(&o.CouponCode), &o.Gateway, textOrNil(&o.Method), textOrNil(&o.PaymentID),
		textOrNil(&o.ReceiptNumber), atOrNil(&o.ReceiptIssuedAt), asJSON(&o.TaxLines), &o.Test, atOrNil(&o.PaidAt),
		atOrNil(&o.RefundedAt))
}

// OrderQuery says which orders to list; nil is no filter. From is inclusive and To is not; both speak of createdAt,
// which also orders the list.
type OrderQuery struct {
	ListOptions
	StudentID, Status, PaymentID *string
	From, To                     *time.Time
}

// Orders lists orders with refunds and entitlements: three queries, whatever the number of rows.
func (w *Workspace) Orders(ctx context.Context, q OrderQuery) (Page[Order], error) {
	list := listing[Order]{
		name: "orders", columns: orderColumns, from: "orders o", alias: "o", scan: scanOrder,
		stand: func(o *Order) (time.Time, time.Time, string) { return o.CreatedAt, o.UpdatedAt, o.ID },
	}
	list.filter("o.student_id = %s", q.StudentID)
	list.filter("o.status = %s", q.Status)
	list.filter("o.payment_id = %s", q.PaymentID)
	list.filterTime("o.created_at >= %s", q.From)
	list.filterTime("o.created_at < %s", q.To)
	page, err := list.read(ctx, w, q.ListOptions)
	if err != nil {
		return page, err
	}
	return page, embedOrderParts(ctx, w.scope, page.Items)
}

// Order reads an order with refunds and entitlements: three queries.
func (w *Workspace) Order(ctx context.Context, id string) (Order, error) {
	return readOrder(ctx, w.scope, "id = $2", id)
}

// readOrder finds one order by a condition whose arguments begin at $2.
func readOrder(ctx context.Context, s scope, condition string, args ...any) (Order, error) {
	list, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + orderColumns + ` FROM orders WHERE workspace_id = $1 AND ` + condition,
		args: args, capacity: 1,
	}, scanOrder)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err == nil {
		err = embedOrderParts(ctx, s, list)
	}
	if err != nil {
		return Order{}, fmt.Errorf("order: %w", err)
	}
	return list[0], nil
}

// embedOrderParts fills Refunds and Entitlements of all orders with two queries.
func embedOrderParts(ctx context.Context, s scope, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	ids, byID := make([]string, len(orders)), make(map[string]*Order, len(orders))
	for i := range orders {
		ids[i], byID[orders[i].ID] = orders[i].ID, &orders[i]
	}
	refunds, err := refundsOf(ctx, s, ids)
	if err != nil {
		return wrap("refunds of orders", err)
	}
	for _, refund := range refunds {
		order := byID[refund.OrderID]
		order.Refunds = append(order.Refunds, refund)
	}
	entitlements, err := entitlementsOf(ctx, s, ids)
	if err != nil {
		return wrap("entitlements of orders", err)
	}
	for _, entitlement := range entitlements {
		order := byID[entitlement.OrderID]
		order.Entitlements = append(order.Entitlements, entitlement)
	}
	return nil
}
