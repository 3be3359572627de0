package store_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// A history takes seconds with the race detector on, so the tests run fewer than rapid's hundred.
// For more of them, run go test ./store -run History -rapid.checks=1000.
func init() {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
}

// After any history, the sums that were kept change by change are those that Rebuild counts and those that follow
// from the rows.
func TestHistory_IncrementsEqualRebuildEqualRows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			h := &history{school: newSchool(t, db), rt: rt}
			h.courses = append(h.courses, h.course(2), h.course(3), h.course(0))
			h.students = append(h.students, h.student())
			rt.Repeat(map[string]func(*rapid.T){
				"student": h.newStudent, "enroll": h.enrollAny, "revoke": h.revokeAny, "expire": h.expireDue, "learn": h.learn,
				"order": h.orderAny, "refund": h.refundAny, "sleep": h.sleep,
				"edit": h.editAny, "update": h.updateAny, "batch": h.batchAny, "erase": h.eraseAny,
			})
			wantRebuildChangesNothing(t, db, h.Workspace)
			h.wantTotalsOfRows()
			h.wantOutlinesInEnrollments()
		})
	})
}

// history is a school in which things happen at random.
type history struct {
	*school
	rt       *rapid.T
	courses  []store.CourseDetail
	students []store.Student
	orders   []store.Order
	payments int
	gone     int64 // erased students who had enrollments: figures still count them
}

func pick[T any](rt *rapid.T, what string, list []T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(rt, what)]
}

func (h *history) newStudent(*rapid.T) { h.students = append(h.students, h.student()) }

func (h *history) updateAny(rt *rapid.T) {
	i := rapid.IntRange(0, len(h.students)-1).Draw(rt, "student")
	h.count++
	email := fmt.Sprintf("moved-%d@example.com", h.count)
	h.students[i], _ = h.update(h.students[i].ID, store.StudentPatch{Email: store.To(email)})
}

// eraseAny leaves at least one student, whom the other steps need.
func (h *history) eraseAny(rt *rapid.T) {
	if len(h.students) < 2 {
		return
	}
	i := rapid.IntRange(0, len(h.students)-1).Draw(rt, "student")
	if len(h.reread(h.students[i].ID).Enrollments) > 0 {
		h.gone++
	}
	h.erase(h.students[i].ID)
	h.students = append(h.students[:i:i], h.students[i+1:]...)
}

func (h *history) batchAny(rt *rapid.T) {
	var items []store.BatchItem
	for range rapid.IntRange(1, 6).Draw(rt, "items") {
		item := store.BatchItem{CourseID: pick(rt, "course", h.courses).ID, Email: pick(rt, "student", h.students).Email}
		if rapid.Bool().Draw(rt, "new") {
			item.Email, item.DisplayName = fmt.Sprintf("batch-%d@example.com", rapid.IntRange(0, 9).Draw(rt, "who")), "New"
		}
		items = append(items, item)
	}
	for _, outcome := range h.batch(items, false) {
		if outcome.NewStudent != nil {
			h.students = append(h.students, *outcome.NewStudent)
		}
	}
}

func (h *history) sleep(rt *rapid.T) {
	h.Clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
}

func (h *history) enrollAny(rt *rapid.T) {
	studentID, courseID := pick(rt, "student", h.students).ID, pick(rt, "course", h.courses).ID
	if rapid.Bool().Draw(rt, "for a day") {
		h.enrollFor(studentID, courseID, 24*time.Hour)
		return
	}
	h.enroll(studentID, courseID)
}

// anyEnrollment is one of a student's, ok is false if there is none.
func (h *history) anyEnrollment(rt *rapid.T) (e store.Enrollment, ok bool) {
	list := h.reread(pick(rt, "student", h.students).ID).Enrollments
	if len(list) == 0 {
		return e, false
	}
	return pick(rt, "enrollment", list), true
}

func (h *history) revokeAny(rt *rapid.T) {
	e, ok := h.anyEnrollment(rt)
	if !ok {
		return
	}
	h.tx(func(tx *store.Tx) error {
		_, _, err := tx.Revoke(h.tb.Context(), e.ID, nil, store.SourceManual)
		return err
	})
}

// expireDue does what the job does: it looks for what is due, and expires it.
func (h *history) expireDue(*rapid.T) {
	due, err := h.DueExpiries(h.tb.Context(), 100)
	if err != nil {
		h.tb.Fatal(err)
	}
	for _, found := range due {
		if found.WorkspaceID != h.ID() {
			continue // of the histories before
		}
		if _, ended := h.expire(found.ID, 0); !ended {
			h.tb.Errorf("%s was due and did not expire", found.ID)
		}
	}
}

func (h *history) learn(rt *rapid.T) {
	e, ok := h.anyEnrollment(rt)
	if !ok || !e.Live() {
		return
	}
	for _, course := range h.courses {
		if course.ID == e.CourseID {
			h.complete(e, course, rapid.IntRange(0, course.LessonCount).Draw(rt, "lessons"))
		}
	}
}

func (h *history) orderAny(rt *rapid.T) {
	h.payments++
	first, second := pick(rt, "course", h.courses).ID, pick(rt, "course", h.courses).ID
	bought := []string{first}
	if second != first {
		bought = append(bought, second)
	}
	h.orders = append(h.orders, h.order(pick(rt, "student", h.students), fmt.Sprintf("pay_%d", h.payments), bought...))
}

func (h *history) refundAny(rt *rapid.T) {
	if len(h.orders) == 0 {
		return
	}
	i := rapid.IntRange(0, len(h.orders)-1).Draw(rt, "order")
	left := h.orders[i].GrossAmount - h.orders[i].RefundedAmount
	if left == 0 {
		return
	}
	amount := rapid.Int64Range(1, left).Draw(rt, "amount")
	if rapid.Bool().Draw(rt, "all") {
		amount = left
	}
	h.orders[i] = h.refund(store.NewRefund{OrderID: h.orders[i].ID, Amount: &amount})
}

// wantTotalsOfRows adds up what the API shows of each row and compares it with analytics over everything.
func (h *history) wantTotalsOfRows() {
	h.tb.Helper()
	ctx := h.tb.Context()
	got, err := h.Analytics(ctx, store.AnalyticsWindow{Window: "all"})
	if err != nil {
		h.tb.Fatal(err)
	}
	want := store.RevenueFigures{}
	for _, o := range walk(h.tb, func(opt store.ListOptions) (store.Page[store.Order], error) {
		return h.Orders(ctx, store.OrderQuery{ListOptions: opt})
	}) {
		want.Gross, want.Refunded, want.Net = want.Gross+o.GrossAmount, want.Refunded+o.RefundedAmount, want.Net+*o.NetAmount
		want.GatewayFee += *o.GatewayFeeAmount
		want.OrderCount, want.RefundCount = want.OrderCount+1, want.RefundCount+int64(len(o.Refunds))
	}
	if got.Revenue.RevenueFigures != want {
		h.tb.Errorf("revenue %+v, want %+v", got.Revenue.RevenueFigures, want)
	}
	h.wantStockOfRows(got)
}

func (h *history) wantStockOfRows(got store.Analytics) {
	h.tb.Helper()
	ctx := h.tb.Context()
	var live, completed, percent float64
	var active int64
	for _, s := range walk(h.tb, func(opt store.ListOptions) (store.Page[store.Student], error) {
		return h.Students(ctx, store.StudentQuery{ListOptions: opt})
	}) {
		if len(s.Enrollments) > 0 {
			active++
		}
		for _, e := range s.Enrollments {
			if e.Live() {
				live, percent = live+1, percent+e.ProgressPercent
			}
			if e.Status == store.EnrollmentCompleted {
				completed++
			}
		}
	}
	active += h.gone
	if got.Students.Active != active {
		h.tb.Errorf("%d active students, want %d", got.Students.Active, active)
	}
	if live == 0 {
		if got.Completion.Rate != nil {
			h.tb.Errorf("rate %v of nothing, want none", *got.Completion.Rate)
		}
		return
	}
	if got.Completion.Rate == nil || *got.Completion.Rate != completed/live {
		h.tb.Errorf("rate %v, want %v of %v", got.Completion.Rate, completed, live)
	}
	if diff := got.Completion.AveragePercent - percent/live; diff > 0.001 || diff < -0.001 {
		h.tb.Errorf("average %v, want %v", got.Completion.AveragePercent, percent/live)
	}
}
