package store

import (
	"context"
	"fmt"
	"time"
)

// Goods and services tax, in percent, which Indian prices contain, and the gateway's fee, to which it is added.
const (
	gstPercent     = 18
	gatewayPercent = 2
)

// demoOrder is an order of the demo, whose fees and taxes follow from its price.
type demoOrder struct{ NewOrder }

// purchase is an order of one course through Razorpay. What was paid in the last five days is not settled yet, so its
// fees are not known.
func (d *demo) purchase(student NewStudent, course demoCourse, at time.Time) *demoOrder {
	d.orders++
	id := d.courses[course.Slug].ID
	payment, method := fmt.Sprintf("pay_N7tya%09d", 314_159*d.orders), []string{"upi", "card", "netbanking"}[d.orders%3]
	order := &demoOrder{NewOrder{
		Email: student.Email, Name: student.DisplayName, Currency: "INR",
		Items:   []OrderItem{{ProductID: &id, Kind: KindCourse, Title: course.Title, Amount: course.PriceAmount}},
		Gateway: "razorpay", Method: &method, PaymentID: &payment,
	}}
	if d.now.Sub(at) > 5*24*time.Hour {
		order.settle()
	}
	order.tax()
	return order
}

// settle makes the fees known.
func (o *demoOrder) settle() {
	gross := o.subtotal() - o.DiscountAmount
	fee := gross * gatewayPercent / 100
	feeTax := fee * gstPercent / 100
	fee += feeTax
	platform := int64(0)
	o.GatewayFeeAmount, o.GatewayFeeTaxAmount, o.PlatformFeeAmount = &fee, &feeTax, &platform
}

// tax works out what gross contains, half for the centre and half for the state.
func (o *demoOrder) tax() {
	gross := o.subtotal() - o.DiscountAmount
	o.TaxAmount = gross * gstPercent / (100 + gstPercent)
	central := o.TaxAmount / 2
	o.TaxLines = []TaxLine{
		{Name: "CGST", RatePercent: gstPercent / 2, Amount: central},
		{Name: "SGST", RatePercent: gstPercent / 2, Amount: o.TaxAmount - central},
	}
}

// discount takes a coupon's amount off, and works fees and taxes out again.
func (o *demoOrder) discount(amount int64, coupon string) {
	o.DiscountAmount, o.CouponCode = amount, &coupon
	if o.GatewayFeeAmount != nil {
		o.settle()
	}
	o.tax()
}

// byHand is an order paid by bank transfer: no gateway, no fees.
func (o *demoOrder) byHand() {
	method, none := "bank transfer", int64(0)
	o.Gateway, o.Method, o.PaymentID = "manual", &method, nil
	o.GatewayFeeAmount, o.GatewayFeeTaxAmount, o.PlatformFeeAmount = &none, &none, &none
}

// buy plans the order and what the path says of refunds.
func (d *demo) buy(order *demoOrder, path demoPath, at time.Time) {
	var bought OrderEffects
	d.later(at, func(ctx context.Context) (err error) {
		bought, _, err = d.tx.RecordOrder(ctx, order.NewOrder)
		return err
	})
	if path.refund == 0 && !path.left {
		return
	}
	d.later(at.AddDate(0, 0, 6), func(ctx context.Context) error {
		refundID := "rfnd_N7" + bought.Order.ID[len(bought.Order.ID)-10:]
		in := NewRefund{OrderID: bought.Order.ID, GatewayRefundID: &refundID}
		reason := "Could not attend"
		if path.refund > 0 {
			reason = "One month missed"
			in.Amount = &path.refund
		}
		in.Reason = &reason
		_, _, err := d.tx.Refund(ctx, in)
		return err
	})
}

// planOddOrders adds the orders that every business has beside the good ones.
func (d *demo) planOddOrders() {
	courses := demoCourses()
	for i, odd := range []struct {
		day          int
		status, name string
		test         bool
	}{
		{3, OrderPaid, "Meera Test", true}, {11, OrderFailed, "Tara Banerjee", false}, {19, OrderCanceled, "Uma Das", false},
		{27, OrderFailed, "Vikram Seth", false}, {40, OrderPaid, "Meera Test", true}, {52, OrderFailed, "Neha Bhatt", false},
		{demoDays - 1, OrderPending, "Rukmini Varma", false}, {demoDays - 1, OrderPending, "Omkar Patil", false},
	} {
		at := d.at(odd.day)
		order := d.purchase(demoStudent(i, odd.name, demoPath{}), courses[i%3], at)
		order.Status, order.Test = odd.status, odd.test
		if odd.status != OrderPaid {
			order.GatewayFeeAmount, order.GatewayFeeTaxAmount, order.PlatformFeeAmount = nil, nil, nil
		}
		d.later(at, func(ctx context.Context) error {
			_, _, err := d.tx.RecordOrder(ctx, order.NewOrder)
			return err
		})
	}
}
