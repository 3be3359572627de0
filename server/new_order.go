package server

import (
	"fmt"
	"math"

	"github.com/thebigclass/api/gen"
	"github.com/thebigclass/api/store"
)

// checkOrder finds what the schema cannot say about an order's members, all of it at once.
func checkOrder(body gen.OrderCreate) error {
	var details []gen.ErrorDetail
	fault := func(field, issue string) { details = append(details, gen.ErrorDetail{Field: field, Issue: issue}) }
	for i, item := range body.Items {
		at := fmt.Sprintf("/items/%d", i)
		isCourse := item.Kind == gen.ProductKindCourse
		switch {
		case item.CourseID != nil && !isCourse:
			fault(at+"/courseId", "goes only with the kind course")
		case item.CourseID != nil && item.ProductID != nil:
			fault(at+"/courseId", "must not stand beside productId, which means the same here")
		case isCourse && item.CourseID == nil && item.ProductID == nil:
			fault(at+"/courseId", "is needed for the kind course")
		}
		if item.Title == nil && !isCourse {
			fault(at+"/title", "is needed for every kind but course")
		}
	}
	gateway := body.Payment.Gateway
	if body.Payment.PaymentID == nil && (gateway == gen.PaymentGatewayRazorpay || gateway == gen.PaymentGatewayStripe) {
		fault("/payment/paymentId", "is needed for the gateway "+string(gateway))
	}
	if gateway == gen.PaymentGatewayFree && gross(body) != 0 {
		fault("/payment/gateway", "is free, but the gross amount is not 0")
	}
	if len(details) == 0 {
		return nil
	}
	return &problem{code: gen.ErrorCodeInvalidRequest, details: details}
}

// gross is what was paid, from members that have been validated one by one.
func gross(body gen.OrderCreate) (sum int64) {
	for _, item := range body.Items {
		sum += item.Amount
	}
	if body.DiscountAmount != nil {
		sum -= *body.DiscountAmount
	}
	return sum
}

// newOrder reads the body. The tax that it names is the one line of the receipt.
func newOrder(body gen.OrderCreate) store.NewOrder {
	fresh := store.NewOrder{
		Email:               body.Customer.Email,
		Name:                body.Customer.Name,
		Items:               make([]store.OrderItem, len(body.Items)),
		Status:              store.OrderPaid,
		Currency:            body.Currency,
		GatewayFeeAmount:    body.GatewayFeeAmount,
		GatewayFeeTaxAmount: body.GatewayFeeTaxAmount,
		PlatformFeeAmount:   body.PlatformFeeAmount,
		CouponCode:          body.CouponCode,
		Gateway:             string(body.Payment.Gateway),
		Method:              body.Payment.Method,
		PaymentID:           body.Payment.PaymentID,
		PaidAt:              body.PaidAt,
		Test:                valueOr(body.Test, false),
	}
	fresh.DiscountAmount, fresh.TaxAmount = valueOr(body.DiscountAmount, 0), valueOr(body.TaxAmount, 0)
	fresh.TaxLines = taxLines(fresh.TaxAmount, gross(body))
	for i, item := range body.Items {
		fresh.Items[i] = orderItem(item)
	}
	return fresh
}

// taxLines is a receipt's one line. Its rate is of the price before tax, to
// hundredths of a per cent: what the amounts say, since the caller does not.
func taxLines(tax, gross int64) []store.TaxLine {
	if tax <= 0 {
		return nil
	}
	rate := 100.0
	if gross >= 2*tax {
		rate = math.Round(float64(tax)/float64(gross-tax)*10_000) / 100
	}
	return []store.TaxLine{{Name: "Tax", RatePercent: rate, Amount: tax}}
}

// orderItem has no title where the course's own is meant.
func orderItem(item gen.OrderItemCreate) store.OrderItem {
	product := item.ProductID
	if item.CourseID != nil {
		product = item.CourseID
	}
	return store.OrderItem{ProductID: product, Kind: string(item.Kind), Title: valueOr(item.Title, ""), Amount: item.Amount}
}

// valueOr is the value of an optional member, or what stands for its absence.
func valueOr[T any](sent *T, absent T) T {
	if sent == nil {
		return absent
	}
	return *sent
}
