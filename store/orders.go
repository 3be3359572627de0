package store

import (
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

	Refunds      []Refund      `gorm:"-"` // oldest first
	Entitlements []Entitlement `gorm:"-"` // oldest first
}

// Number is how people call the order.
func (o Order) Number() string { return "ORD-" + strconv.FormatInt(o.Sequence, 10) }

// OrderItem is one thing bought.
type OrderItem struct {
	ProductID string `json:"productId"` // of kind course: the course's id
	Kind      string `json:"kind"`      // course, bundle, download, membership, live_session or other
	Title     string `json:"title"`
	Amount    int64  `json:"amount"`
}

// TaxLine is one tax of a receipt.
type TaxLine struct {
	Name            string `json:"name"`
	RateBasisPoints int    `json:"rateBasisPoints"` // 1800 is 18 %
	Amount          int64  `json:"amount"`
}
