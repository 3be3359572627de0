package payload

import (
	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// Order is an order with its money split, receipt, refunds and entitlements.
// Fees that are not known are null, never guessed.
func Order(o store.Order) gen.Order {
	return gen.Order{
		ID:                  o.ID,
		Number:              o.Number(),
		Status:              gen.OrderStatus(o.Status),
		Items:               List(o.Items, orderItem),
		Customer:            gen.OrderCustomer{StudentID: o.StudentID, Email: o.CustomerEmail, Name: o.CustomerName},
		Currency:            o.Currency,
		SubtotalAmount:      o.SubtotalAmount,
		DiscountAmount:      o.DiscountAmount,
		GrossAmount:         o.GrossAmount,
		TaxAmount:           o.TaxAmount,
		GatewayFeeAmount:    o.GatewayFeeAmount,
		GatewayFeeTaxAmount: o.GatewayFeeTaxAmount,
		PlatformFeeAmount:   o.PlatformFeeAmount,
		RefundedAmount:      o.RefundedAmount,
		NetAmount:           o.NetAmount,
		CouponCode:          o.CouponCode,
		Payment:             gen.OrderPayment{Gateway: gen.PaymentGateway(o.Gateway), Method: o.Method, PaymentID: o.PaymentID},
		Receipt:             receipt(o),
		Refunds:             List(o.Refunds, refund),
		Entitlements:        List(o.Entitlements, entitlement),
		Test:                o.Test,
		PaidAt:              utcOrNull(o.PaidAt),
		RefundedAt:          utcOrNull(o.RefundedAt),
		CreatedAt:           utc(o.CreatedAt),
		UpdatedAt:           utc(o.UpdatedAt),
	}
}

func orderItem(i store.OrderItem) gen.OrderItem {
	return gen.OrderItem{ProductID: i.ProductID, Kind: gen.ProductKind(i.Kind), Title: i.Title, Amount: i.Amount}
}

// receipt is null until one was issued.
func receipt(o store.Order) *gen.OrderReceipt {
	if o.ReceiptNumber == nil || o.ReceiptIssuedAt == nil {
		return nil
	}
	return &gen.OrderReceipt{Number: *o.ReceiptNumber, IssuedAt: utc(*o.ReceiptIssuedAt), TaxLines: List(o.TaxLines, taxLine)}
}

func taxLine(t store.TaxLine) gen.TaxLine {
	return gen.TaxLine{Name: t.Name, RatePercent: t.RatePercent, Amount: t.Amount}
}

func refund(r store.Refund) gen.Refund {
	return gen.Refund{ID: r.ID, Amount: r.Amount, Reason: r.Reason, GatewayRefundID: r.GatewayRefundID, CreatedAt: utc(r.CreatedAt)}
}

func entitlement(e store.Entitlement) gen.Entitlement {
	return gen.Entitlement{
		ID:        e.ID,
		Type:      gen.ProductKind(e.Type),
		Reference: e.Reference,
		Source:    gen.EnrollmentSource(e.Source),
		GrantedAt: utc(e.GrantedAt),
		ExpiresAt: utcOrNull(e.ExpiresAt),
		RevokedAt: utcOrNull(e.RevokedAt),
	}
}
