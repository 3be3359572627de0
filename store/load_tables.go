package store

import (
	"fmt"
	"strings"
)

// loadRefundEvery is how many orders there are for each refunded one.
const loadRefundEvery = 50

func columnsOf(text string) []string { return strings.Fields(text) }

func (l *load) courseTable() bulk {
	n := len(l.courses)
	return bulk{table: "courses", rows: n, columns: columnsOf(`id created_at updated_at slug title subtitle description
		status visibility level language category tags price_amount price_currency instructor_id instructor_name
		module_count lesson_count duration_seconds enrolled_count certificate_enabled published_at`),
		row: func(i int) ([]any, error) {
			at := micros(l.at(i, n))
			return []any{l.courses[i], at, at, fmt.Sprintf("course-%d", i), fmt.Sprintf("Course number %d", i),
				"One of many", "A course of the load profile, with a text of ordinary length beside it.",
				CoursePublished, "public", "all", "en-IN", "practice", `["load"]`, 99_900 + i%100*1000, l.cal.currency,
				"usr_01JZ0L0AD0000000000000TEACH", "A Teacher", 0, 0, 0, l.enrolled(i), false, at}, nil
		}}
}

// enrolled is how many students take the i-th course.
func (l *load) enrolled(i int) (count int) {
	students, courses := len(l.students), len(l.courses)
	for k := range min(loadCourses, courses) {
		// Student s takes the courses s+k modulo the number of courses.
		first := ((i-k)%courses + courses) % courses
		if first < students {
			count += (students-first-1)/courses + 1
		}
	}
	return count
}

func (l *load) studentTable() bulk {
	n := len(l.students)
	return bulk{table: "students", rows: n, columns: columnsOf(`id created_at updated_at email email_folded display_name
		status external_id metadata tags source last_seen_at courses_enrolled courses_completed lessons_completed
		average_percent last_activity_at certificates_earned active_day`),
		row: func(i int) ([]any, error) {
			at := l.at(i, n)
			us, email := micros(at), fmt.Sprintf("student%d@load.example", i)
			var seen any
			day := ""
			if len(l.courses) > 0 {
				seen, day = us, l.cal.day(at)
			}
			return []any{l.students[i], us, us, email, email, fmt.Sprintf("Student %d", i), StudentActive,
				fmt.Sprintf("crm-%d", i), `{"city":"Pune"}`, `[]`, "load", seen, min(loadCourses, len(l.courses)), 0, 0,
				0, seen, 0, day}, nil
		}}
}

// loadPair is the k-th enrollment of a student, made when the student came.
type loadPair struct {
	id, studentID, courseID, title string
	at                             int64
}

// pairs are the enrollments of all students.
func (l *load) pairs() func(i int) (loadPair, error) {
	each := max(1, min(loadCourses, len(l.courses)))
	return func(i int) (loadPair, error) {
		student, course := i/each, (i/each+i%each)%len(l.courses)
		at := l.at(student, len(l.students))
		// The id follows from the pair, so that the two tables that need it agree.
		id := l.students[student][len(prefixStudent):]
		id = prefixEnrollment + id[:len(id)-1] + string("0123456789"[i%each])
		return loadPair{id: id, studentID: l.students[student], courseID: l.courses[course],
			title: fmt.Sprintf("Course number %d", course), at: micros(at)}, nil
	}
}

func (l *load) pairCount() int { return len(l.students) * min(loadCourses, len(l.courses)) }

func (l *load) enrollmentTable() bulk {
	pair := l.pairs()
	return bulk{table: "enrollments", rows: l.pairCount(), columns: columnsOf(`id created_at updated_at student_id
		course_id course_title status source progress_percent completed_lesson_count total_lesson_count enrolled_at history`),
		row: func(i int) ([]any, error) {
			p, err := pair(i)
			history := fmt.Sprintf(`[{"action":"enrolled","at":%q,"source":"import"}]`,
				fromMicros(p.at).Format("2006-01-02T15:04:05.999999Z07:00"))
			return []any{p.id, p.at, p.at, p.studentID, p.courseID, p.title, EnrollmentActive, SourceImport, 0, 0, 0, p.at,
				history}, err
		}}
}

func (l *load) stepTable() bulk {
	pair := l.pairs()
	return bulk{table: "enrollment_changes", rows: l.pairCount(), columns: columnsOf(`enrollment_id sequence student_id
		course_id action at source lessons live completed percent`),
		row: func(i int) ([]any, error) {
			p, err := pair(i)
			return []any{p.id, 1, p.studentID, p.courseID, ActionEnrolled, p.at, SourceImport, 0, 1, 0, 0}, err
		}}
}

// loadAmount is the gross amount of every order, with its taxes and fees.
const (
	loadAmount = 99_900
	loadTax    = 15_238
	loadFee    = 2_357
	loadFeeTax = 359
)

func (l *load) orderTable(n int) bulk {
	return bulk{table: "orders", rows: n, columns: columnsOf(`id created_at updated_at sequence status items student_id
		customer_email customer_name currency subtotal_amount discount_amount gross_amount tax_amount gateway_fee_amount
		gateway_fee_tax_amount platform_fee_amount refunded_amount net_amount gateway method payment_id receipt_number
		receipt_issued_at tax_lines test paid_at refunded_at`),
		row: func(i int) ([]any, error) {
			student, course := i%len(l.students), i%len(l.courses)
			at := l.at(i, n)
			us, status, refunded, refundedAt := micros(at), OrderPaid, 0, any(nil)
			if i%loadRefundEvery == loadRefundEvery-1 {
				status, refunded, refundedAt = OrderRefunded, loadAmount, us
			}
			items := fmt.Sprintf(`[{"productId":%q,"kind":"course","title":"Course number %d","amount":%d}]`,
				l.courses[course], course, loadAmount)
			return []any{l.orderID(i), us, us, 1001 + i, status, items, l.students[student],
				fmt.Sprintf("student%d@load.example", student), fmt.Sprintf("Student %d", student), l.cal.currency, loadAmount,
				0, loadAmount, loadTax, loadFee, loadFeeTax, 0, refunded, loadAmount - loadFee - refunded, "razorpay", "upi",
				fmt.Sprintf("pay_load%d", i), fmt.Sprintf("RCP-%d-%d", at.Year(), 1001+i), us, `[]`, false, us, refundedAt}, nil
		}}
}

// orderID is made from the order's number alone, so that refunds can name it.
func (l *load) orderID(i int) string { return fmt.Sprintf("%s01JZ0L0AD0%016d", prefixOrder, i) }

func (l *load) refundTable(orders int) bulk {
	return bulk{table: "refunds", rows: orders / loadRefundEvery,
		columns: columnsOf(`id created_at updated_at order_id amount reason`),
		row: func(i int) ([]any, error) {
			order := i*loadRefundEvery + loadRefundEvery - 1
			at := l.at(order, orders)
			id, err := newID(prefixRefund, at, l.random)
			return []any{id, micros(at), micros(at), l.orderID(order), loadAmount, "Load profile"}, err
		}}
}
