package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// dayFigures are the sums of one calendar day, or of many; also what one change adds to them.
// The order of fields is that of dayColumns.
type dayFigures struct {
	gross, discount, tax, gatewayFee, platformFee, refunded int64
	orders, refunds, feesPending                            int64
	studentsNew                                             int64
	enrollmentsNew, enrollmentsCompleted, enrollmentsEnded  int64
	lessons, certificates                                   int64
	liveChange, completedChange, percentChange              int64
}

var dayColumns = []string{
	"gross_amount", "discount_amount", "tax_amount", "gateway_fee_amount", "platform_fee_amount", "refunded_amount",
	"order_count", "refund_count", "fees_pending_order_count",
	"students_new",
	"enrollments_new", "enrollments_completed", "enrollments_revoked",
	"lessons_completed", "certificates_issued",
	"live_change", "completed_change", "percent_change",
}

// fields are pointers to all figures, in the order of dayColumns: one list to add, scan and store by.
func (f *dayFigures) fields() []*int64 {
	return []*int64{
		&f.gross, &f.discount, &f.tax, &f.gatewayFee, &f.platformFee, &f.refunded,
		&f.orders, &f.refunds, &f.feesPending,
		&f.studentsNew,
		&f.enrollmentsNew, &f.enrollmentsCompleted, &f.enrollmentsEnded,
		&f.lessons, &f.certificates,
		&f.liveChange, &f.completedChange, &f.percentChange,
	}
}

// courseFigures are the sums of one course on one day.
type courseFigures struct {
	subtotal, enrollmentsNew, enrollmentsCompleted int64
}

var courseDayColumns = []string{"subtotal_amount", "enrollments_new", "enrollments_completed"}

func (f *courseFigures) fields() []*int64 {
	return []*int64{&f.subtotal, &f.enrollmentsNew, &f.enrollmentsCompleted}
}

// figures is what dayFigures and courseFigures have in common.
type figures interface{ fields() []*int64 }

func add(to, delta figures) {
	sums, added := to.fields(), delta.fields()
	for i := range sums {
		*sums[i] += *added[i]
	}
}

// Adding to a row that may not exist yet, by its primary key.
var (
	addDaySQL         = upsertSums("daily_rollups", []string{"workspace_id", "day"}, dayColumns)
	addCourseSQL      = upsertSums("course_rollups", []string{"workspace_id", "day", "course_id"}, courseDayColumns)
	addCourseMonthSQL = upsertSums("course_month_rollups", []string{"workspace_id", "month", "course_id"}, courseDayColumns)
)

// selectDaysSQL reads days with all their sums; targets is what it scans into.
var selectDaysSQL = "SELECT day, " + strings.Join(dayColumns, ", ") + " FROM daily_rollups"

func targets(day *string, sums []*int64) []any {
	list := []any{day}
	for _, sum := range sums {
		list = append(list, sum)
	}
	return list
}

// upsertSums is an INSERT that adds to the sums of the row if its key is there already.
func upsertSums(table string, key, sums []string) string {
	all := append(append([]string{}, key...), sums...)
	places, sets := make([]string, len(all)), make([]string, len(sums))
	for i := range all {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	for i, c := range sums {
		sets[i] = fmt.Sprintf("%s = %s.%s + excluded.%s", c, table, c, c)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s", table,
		strings.Join(all, ", "), strings.Join(places, ", "), strings.Join(key, ", "), strings.Join(sets, ", "))
}

// withFigures appends the values of f to the key of its row.
func withFigures(f figures, key ...any) []any {
	for _, value := range f.fields() {
		key = append(key, *value)
	}
	return key
}

// addDay adds to the sums of the calendar day of at.
func (tx *Tx) addDay(ctx context.Context, at time.Time, delta dayFigures) error {
	cal, err := tx.calendar()
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, addDaySQL, withFigures(&delta, cal.day(at))...)
	return wrap("add to the day", err)
}

// addCourseDay adds to the sums of a course on the calendar day of at, and in its month.
func (tx *Tx) addCourseDay(ctx context.Context, courseID string, at time.Time, delta courseFigures) error {
	cal, err := tx.calendar()
	if err != nil {
		return err
	}
	day := cal.day(at)
	if _, err = tx.scope.exec(ctx, addCourseSQL, withFigures(&delta, day, courseID)...); err != nil {
		return wrap("add to the course's day", err)
	}
	_, err = tx.scope.exec(ctx, addCourseMonthSQL, withFigures(&delta, monthOf(day), courseID)...)
	return wrap("add to the course's month", err)
}

// monthOf is the month, YYYY-MM, of a day.
func monthOf(day string) string { return day[:len("2006-01")] }

// wrap says what failed, and keeps nil nil.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
