package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// The published example: 5,000.00 paid with a fee of 121.54 leaves 4,878.46, and a full refund -121.54.
func TestRefund_KeepsTheGatewaysFee(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		order := s.record(store.NewOrder{Email: "a@example.com", Name: "A", Currency: "EUR",
			Items: []store.OrderItem{{Kind: "other", Title: "Poster", Amount: 600_000}}, DiscountAmount: 100_000,
			GatewayFeeAmount: ptr(int64(12_154)), PlatformFeeAmount: ptr(int64(0)), Gateway: "razorpay"}).Order
		if order.GrossAmount != 500_000 || *order.NetAmount != 487_846 {
			t.Errorf("gross %d, net %d", order.GrossAmount, *order.NetAmount)
		}
		order = s.refund(store.NewRefund{OrderID: order.ID})
		if *order.NetAmount != -12_154 || order.Status != store.OrderRefunded || len(order.Refunds) != 1 {
			t.Errorf("after the refund %+v", order)
		}
	})
}

func TestOrders_DatabaseHoldsTheArithmetic(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		s.order(s.student(), "pay_1", s.course(1).ID)
		for _, set := range []string{
			"gross_amount = gross_amount + 1", "net_amount = net_amount + 1", "net_amount = NULL", "refunded_amount = 1",
			"tax_amount = gross_amount + 1", "discount_amount = -1", "gateway_fee_amount = NULL", "status = 'refunded'",
			"status = 'failed'", "test = TRUE", "gateway_fee_tax_amount = 122", "gateway = 'cash'",
		} {
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), "UPDATE orders SET "+set+" WHERE workspace_id = $1")
				return err
			})
			if err == nil {
				t.Errorf("the database let %s through", set)
			}
		}
	})
}

func TestRecordOrder_SamePaymentIsTheSameOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		first, again := s.order(student, "pay_1", course.ID), s.order(student, "pay_1", course.ID)
		if first.ID != again.ID || len(again.Entitlements) != 1 {
			t.Errorf("%s and then %s with %d entitlements", first.ID, again.ID, len(again.Entitlements))
		}
		if e := s.reread(student.ID).Enrollments; len(e) != 1 || *e[0].OrderID != first.ID || e[0].Source != store.SourceCheckout {
			t.Errorf("enrollments %+v", e)
		}
	})
}

// An unknown fee is never guessed, and neither is what depends on it.
func TestRecordOrder_UnknownFeeMakesNetUnknown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		order := s.record(store.NewOrder{Email: "a@example.com", Name: "A", Currency: "EUR",
			Items: []store.OrderItem{{Kind: "other", Title: "Poster", Amount: 100}}, Gateway: "stripe",
			PlatformFeeAmount: ptr(int64(3))}).Order
		if order.NetAmount != nil {
			t.Errorf("net %d, want unknown", *order.NetAmount)
		}
		got, err := s.Analytics(t.Context(), store.AnalyticsWindow{Window: "7d"})
		if err != nil || got.Revenue.FeesPendingOrderCount != 1 || got.Revenue.Net != 97 {
			t.Errorf("%+v %v", got.Revenue.RevenueFigures, err)
		}
	})
}

func TestRecordOrder_TestOrdersLeaveNoTrace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		effects := s.record(store.NewOrder{Email: "a@example.com", Name: "A", Currency: "EUR",
			Items:   []store.OrderItem{{ProductID: &course.ID, Kind: "course", Title: "C", Amount: 100}},
			Gateway: "stripe", Test: true})
		order := effects.Order
		if effects.NewStudent != nil || len(effects.Enrolled) > 0 {
			t.Errorf("effects of a test order: %+v", effects)
		}
		s.refund(store.NewRefund{OrderID: order.ID})
		students, err := s.Students(t.Context(), store.StudentQuery{})
		if err != nil || len(students.Items) != 0 || len(order.Entitlements) != 0 {
			t.Errorf("%d students and %d entitlements of a test order", len(students.Items), len(order.Entitlements))
		}
		got, err := s.Analytics(t.Context(), store.AnalyticsWindow{Window: "7d"})
		if err != nil || got.Revenue.RevenueFigures != (store.RevenueFigures{}) {
			t.Errorf("analytics of a test order: %+v %v", got.Revenue.RevenueFigures, err)
		}
	})
}

func TestRefund_OnlyTheLastOneEndsAccess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(1), s.student()
		first, second := s.order(student, "pay_1", course.ID), s.order(student, "pay_2", course.ID)
		status := func() string { return s.reread(student.ID).Enrollments[0].Status }
		s.refund(store.NewRefund{OrderID: first.ID, Amount: ptr(int64(4999))})
		if status() != store.EnrollmentActive {
			t.Error("a part of the money back ended access")
		}
		s.refund(store.NewRefund{OrderID: first.ID, GatewayRefundID: ptr("rf_1")})
		if e := s.reread(student.ID).Enrollments[0]; e.Status != store.EnrollmentActive || *e.OrderID != second.ID {
			t.Errorf("another order covers the course, yet it is %s by %s", e.Status, *e.OrderID)
		}
		order := s.refund(store.NewRefund{OrderID: first.ID, GatewayRefundID: ptr("rf_1")})
		if len(order.Refunds) != 2 || order.Entitlements[0].RevokedAt == nil {
			t.Errorf("after repeating a refund: %d refunds, %+v", len(order.Refunds), order.Entitlements)
		}
		s.refund(store.NewRefund{OrderID: second.ID})
		if status() != store.EnrollmentRevoked {
			t.Errorf("all money is back and the enrollment is %s", status())
		}
		err := s.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.Refund(t.Context(), store.NewRefund{OrderID: second.ID})
			return err
		})
		if _, refused := errors.AsType[*store.Invalid](err); !refused {
			t.Errorf("refunding what is refunded: %v", err)
		}
	})
}

func TestOrders_FiltersFindWhatTheyName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, a, b := s.course(1), s.student(), s.student()
		first := s.order(a, "pay_1", course.ID)
		second := s.order(b, "pay_2", course.ID)
		third := s.order(a, "pay_3", course.ID)
		s.refund(store.NewRefund{OrderID: third.ID})
		before, after := second.CreatedAt, second.CreatedAt.Add(time.Microsecond)
		for name, c := range map[string]struct {
			q    store.OrderQuery
			want []string
		}{
			"student": {store.OrderQuery{StudentID: &a.ID}, []string{third.ID, first.ID}},
			"status":  {store.OrderQuery{Status: ptr("refunded")}, []string{third.ID}},
			"payment": {store.OrderQuery{PaymentID: ptr("pay_2")}, []string{second.ID}},
			"from":    {store.OrderQuery{From: &before}, []string{third.ID, second.ID}},
			"to":      {store.OrderQuery{To: &before}, []string{first.ID}},
			"between": {store.OrderQuery{From: &before, To: &after}, []string{second.ID}},
		} {
			page, err := s.Orders(t.Context(), c.q)
			var got []string
			for _, order := range page.Items {
				got = append(got, order.ID)
			}
			if err != nil || len(got) != len(c.want) || got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1] {
				t.Errorf("%s: %v %v, want %v", name, got, err, c.want)
			}
		}
	})
}
