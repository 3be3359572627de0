package store_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// purchase is an order of courses, 5,000 each, by somebody whom the workspace does not know.
func purchase(paymentID string, courseIDs ...string) store.NewOrder {
	in := store.NewOrder{Email: "Buyer@Example.com", Name: "Buyer", Currency: "EUR", Gateway: "stripe", PaymentID: &paymentID}
	for _, id := range courseIDs {
		in.Items = append(in.Items, store.OrderItem{ProductID: &id, Kind: store.KindCourse, Title: "Course", Amount: 5000})
	}
	return in
}

// What an order caused is told once, as the API shows it afterwards.
func TestRecordOrder_TellsWhatItCaused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		a, b := s.course(1), s.course(1)
		got := s.record(purchase("pay_1", a.ID, b.ID, a.ID))
		if got.NewStudent == nil || len(got.NewStudent.Enrollments) != 2 || got.NewStudent.Progress.CoursesEnrolled != 2 {
			t.Fatalf("new student %+v", got.NewStudent)
		}
		if len(got.Enrolled) != 2 || got.Enrolled[0].CourseID != a.ID || got.Enrolled[1].CourseID != b.ID || len(got.Revoked) != 0 {
			t.Errorf("enrolled %+v", got.Enrolled)
		}
		if stored, err := s.Order(t.Context(), got.Order.ID); err != nil || len(stored.Entitlements) != 3 ||
			*stored.StudentID != got.NewStudent.ID || stored.Status != store.OrderPaid || stored.ReceiptNumber == nil {
			t.Errorf("%+v %v", stored, err)
		}
		in := purchase("pay_2", a.ID, s.course(1).ID)
		in.Email, in.Name = " buyer@example.COM", "Somebody Else"
		again := s.record(in)
		if again.NewStudent != nil || *again.Order.StudentID != got.NewStudent.ID || len(again.Enrolled) != 1 {
			t.Errorf("the same person made %+v and %d enrollments", again.NewStudent, len(again.Enrolled))
		}
		if name := s.reread(got.NewStudent.ID).DisplayName; name != "Buyer" {
			t.Errorf("an order renamed its buyer to %s", name)
		}
	})
}

// A payment is recorded once, whatever the repeat says and however many come at once.
func TestRecordOrder_PaymentIsRecordedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		var made atomic.Int64
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				err := s.Tx(t.Context(), func(tx *store.Tx) error {
					_, created, err := tx.RecordOrder(t.Context(), purchase("pay_1", course.ID))
					if created {
						made.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Errorf("%d orders of one payment", made.Load())
		}
		repeat := purchase("pay_1")
		repeat.Currency = "USD" // not even looked at
		got := s.record(repeat)
		if got.Order.GrossAmount != 5000 || got.NewStudent != nil || len(got.Enrolled) != 0 {
			t.Errorf("a repeat caused %+v", got)
		}
		other := purchase("pay_1", course.ID)
		other.Gateway = "razorpay"
		if elsewhere := s.record(other); elsewhere.Order.ID == got.Order.ID {
			t.Error("a payment of another gateway is the same order")
		}
	})
}

func TestRecordOrder_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s, other := newSchool(t, db), newSchool(t, db)
		course, draft, archived, foreign := s.course(1), s.draft(1), s.course(1), other.course(1)
		s.archive(archived.ID)
		tomorrow := s.Clock.Now().Add(24 * time.Hour)
		for name, c := range map[string]struct {
			change func(in *store.NewOrder)
			field  string // "-" is ErrNotFound
		}{
			"another currency": {func(in *store.NewOrder) { in.Currency = "USD" }, "/currency"},
			"a future payment": {func(in *store.NewOrder) { in.PaidAt = &tomorrow }, "/paidAt"},
			"no items":         {func(in *store.NewOrder) { in.Items = nil }, "/items"},
			"a sum past JSON": {func(in *store.NewOrder) {
				in.Items = []store.OrderItem{{Kind: "other", Amount: 1<<53 - 1}, {Kind: "other", Amount: 1}}
			}, "/items"},
			"a discount over the sum": {func(in *store.NewOrder) { in.DiscountAmount = 5001 }, "/discountAmount"},
			"a tax over gross":        {func(in *store.NewOrder) { in.TaxAmount = 5001 }, "/taxAmount"},
			"a fee over gross":        {func(in *store.NewOrder) { in.PlatformFeeAmount = ptr(int64(5001)) }, "/platformFeeAmount"},
			"a tax on no fee":         {func(in *store.NewOrder) { in.GatewayFeeTaxAmount = ptr(int64(1)) }, "/gatewayFeeTaxAmount"},
			"a draft":                 {func(in *store.NewOrder) { in.Items[0].ProductID = &draft.ID }, "/items/0/productId"},
			"an archived course":      {func(in *store.NewOrder) { in.Items[0].ProductID = &archived.ID }, "/items/0/productId"},
			"a foreign course":        {func(in *store.NewOrder) { in.Items[0].ProductID = &foreign.ID }, "-"},
			"a foreign course in a test order": {func(in *store.NewOrder) {
				in.Test, in.Items[0].ProductID = true, &foreign.ID
			}, "-"},
		} {
			in := purchase("pay_1", course.ID)
			c.change(&in)
			err := s.Tx(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.RecordOrder(t.Context(), in)
				return err
			})
			refusal, invalid := errors.AsType[*store.Invalid](err)
			if c.field == "-" && !errors.Is(err, store.ErrNotFound) || c.field != "-" && (!invalid || refusal.Field != c.field) {
				t.Errorf("%s: %v, want a refusal of %q", name, err, c.field)
			}
		}
		students, err := s.Students(t.Context(), store.StudentQuery{})
		if err != nil || len(students.Items) != 0 {
			t.Errorf("refused orders left %d students: %v", len(students.Items), err)
		}
	})
}

// Parts may add up to gross and no further, and only the part that reaches it takes access away.
func TestRefund_InPartsUpToGrossAndNoFurther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		a, b := s.course(1), s.course(1)
		bought := s.record(purchase("pay_1", a.ID, b.ID))
		s.record(purchase("pay_2", b.ID)) // covers b still
		id := bought.Order.ID
		for _, part := range []int64{1, 4999, 4999} {
			got := s.giveBack(store.NewRefund{OrderID: id, Amount: &part})
			if got.Order.Status != store.OrderPartiallyRefunded || len(got.Revoked) != 0 {
				t.Errorf("after %d: %s, revoked %+v", got.Order.RefundedAmount, got.Order.Status, got.Revoked)
			}
		}
		for _, amount := range []int64{2, 0, -1} {
			field, refused := s.refusal(func(tx *store.Tx) error {
				_, _, err := tx.Refund(t.Context(), store.NewRefund{OrderID: id, Amount: &amount})
				return err
			})
			if !refused || field != "/amount" {
				t.Errorf("%d of 1 left: refused %v at %q", amount, refused, field)
			}
		}
		last := store.NewRefund{OrderID: id, GatewayRefundID: ptr("rf_last"), Reason: ptr("left")}
		got := s.giveBack(last)
		if got.Order.Status != store.OrderRefunded || got.Order.RefundedAmount != 10_000 || len(got.Order.Refunds) != 4 ||
			*got.Order.Refunds[0].GatewayRefundID != "rf_last" {
			t.Errorf("%+v", got.Order)
		}
		if len(got.Revoked) != 1 || got.Revoked[0].CourseID != a.ID || got.Revoked[0].Status != store.EnrollmentRevoked {
			t.Errorf("revoked %+v", got.Revoked)
		}
		last.Amount = ptr(int64(7000)) // a repeat is known by its id alone
		if again := s.giveBack(last); len(again.Revoked) != 0 || !again.Order.UpdatedAt.Equal(got.Order.UpdatedAt) {
			t.Errorf("a repeat caused %+v", again)
		}
	})
}

// The contract shows an order with at most 1,000 refunds, so the last one has to end it.
func TestRefund_TheLastPossibleOneTakesAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		order := s.record(purchase("pay_1", s.course(1).ID)).Order
		s.tx(func(tx *store.Tx) error {
			for range 999 {
				if _, err := tx.Exec(t.Context(), `INSERT INTO refunds (workspace_id, id, created_at, updated_at, order_id, amount)
					SELECT $1, 'rfd_' || COUNT(*), 1, 1, CAST($2 AS text), 1 FROM refunds WHERE workspace_id = $1`, order.ID); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `UPDATE orders SET refunded_amount = 999, status = 'partially_refunded'
				WHERE workspace_id = $1`)
			return err
		})
		field, refused := s.refusal(func(tx *store.Tx) error {
			_, _, err := tx.Refund(t.Context(), store.NewRefund{OrderID: order.ID, Amount: ptr(int64(1))})
			return err
		})
		if !refused || field != "/amount" {
			t.Errorf("a thousandth refund that leaves something: %v %q", refused, field)
		}
		if got := s.refund(store.NewRefund{OrderID: order.ID}); got.Status != store.OrderRefunded || len(got.Refunds) != 1000 {
			t.Errorf("%s with %d refunds", got.Status, len(got.Refunds))
		}
	})
}

// Two refunds of all that is left, at the same moment: the money goes back once.
func TestRefund_TwiceAtOnceGivesBackOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course := s.course(1)
		for name, gatewayID := range map[string]*string{"without an id": nil, "with one id": ptr("rf_1")} {
			id := s.record(purchase("pay_"+strings.ReplaceAll(name, " ", "_"), course.ID)).Order.ID
			var made, refused atomic.Int64
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					err := s.Tx(t.Context(), func(tx *store.Tx) error {
						_, created, err := tx.Refund(t.Context(), store.NewRefund{OrderID: id, GatewayRefundID: gatewayID})
						if created {
							made.Add(1)
						}
						return err
					})
					if _, invalid := errors.AsType[*store.Invalid](err); invalid {
						refused.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if repeats := gatewayID != nil; made.Load() != 1 || repeats != (refused.Load() == 0) {
				t.Errorf("%s: %d made, %d refused", name, made.Load(), refused.Load())
			}
		}
		wantRebuildChangesNothing(t, db, s.Workspace)
	})
}
