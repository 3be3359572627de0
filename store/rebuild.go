package store

import (
	"context"
	"database/sql"
	"sort"
	"strings"
)

// Rebuild computes all counters and rollups of a workspace again, from the rows that they sum up. It is one Tx:
// readers see the old sums or the new ones. Rows whose counters were right keep their updatedAt.
// It reads every order once, so it takes seconds for a million of them.
func (s *Store) Rebuild(ctx context.Context, workspaceID string) error {
	return wrap("rebuild "+workspaceID, s.Workspace(workspaceID).Tx(ctx, func(tx *Tx) error { return tx.rebuild(ctx) }))
}

func (tx *Tx) rebuild(ctx context.Context) error {
	cal, err := tx.calendar()
	if err == nil && tx.store.dialect == PostgreSQL {
		// Reading a million orders is one statement and may well take longer than others are allowed to.
		_, err = scanOne(ctx, tx.scope, sqlQuery{text: "SELECT set_config('statement_timeout', '0', true) WHERE $1 <> ''"}, scanText)
	}
	if err != nil {
		return err
	}
	r := &recount{tx: tx, cal: cal, sums: map[string]*dayFigures{},
		courses: map[courseDay]*courseFigures{}, active: map[activeDay]int64{}}
	for _, pass := range []func(context.Context) error{
		r.orders, r.refunds, r.students, r.steps, r.certificates, r.store, r.mendActivity, r.mendProgress, r.mendCourses,
	} {
		if err := pass(ctx); err != nil {
			return err
		}
	}
	return nil
}

// recount gathers the sums of a workspace. Its size grows with days and courses, not with orders.
type recount struct {
	tx      *Tx
	cal     calendar
	sums    map[string]*dayFigures
	courses map[courseDay]*courseFigures
	active  map[activeDay]int64
	mends   []activityMend
}

type courseDay struct{ day, courseID string }

type activeDay struct{ day, previous string }

// dayOf is the calendar day of an instant in microseconds.
func (r *recount) dayOf(us int64) string { return r.cal.day(fromMicros(us)) }

// day are the sums of the calendar day of an instant.
func (r *recount) day(us int64) *dayFigures { return entry(r.sums, r.dayOf(us)) }

func entry[K comparable, V any](m map[K]*V, key K) *V {
	value, known := m[key]
	if !known {
		value = new(V)
		m[key] = value
	}
	return value
}

// each runs scan on every row of a query.
func (r *recount) each(ctx context.Context, text string, scan func(*sql.Rows) error) error {
	found, err := r.tx.scope.query(ctx, text)
	if err != nil {
		return noun(err)
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found); err != nil {
			return err
		}
	}
	return noun(found.Err())
}

func (r *recount) orders(ctx context.Context) error {
	const text = `SELECT paid_at, items, gross_amount, discount_amount, tax_amount, gateway_fee_amount, platform_fee_amount
		FROM orders WHERE workspace_id = $1 AND paid_at IS NOT NULL AND NOT test`
	return r.each(ctx, text, func(row *sql.Rows) error {
		var paidAt int64
		var o Order
		err := row.Scan(&paidAt, asJSON(&o.Items), &o.GrossAmount, &o.DiscountAmount, &o.TaxAmount,
			amountOrNil(&o.GatewayFeeAmount), amountOrNil(&o.PlatformFeeAmount))
		if err != nil {
			return err
		}
		figures := o.figures()
		add(r.day(paidAt), &figures)
		for courseID, subtotal := range o.subtotals() {
			entry(r.courses, courseDay{r.dayOf(paidAt), courseID}).subtotal += subtotal
		}
		return nil
	})
}

func (r *recount) refunds(ctx context.Context) error {
	const text = `SELECT r.created_at, r.amount FROM refunds r
		JOIN orders o ON o.workspace_id = r.workspace_id AND o.id = r.order_id
		WHERE r.workspace_id = $1 AND NOT o.test`
	return r.each(ctx, text, func(row *sql.Rows) error {
		var at, amount int64
		if err := row.Scan(&at, &amount); err != nil {
			return err
		}
		add(r.day(at), &dayFigures{refunded: amount, refunds: 1})
		return nil
	})
}

func (r *recount) students(ctx context.Context) error {
	return r.each(ctx, `SELECT created_at FROM students WHERE workspace_id = $1`, func(row *sql.Rows) error {
		var at int64
		if err := row.Scan(&at); err != nil {
			return err
		}
		r.day(at).studentsNew++
		return nil
	})
}

func (r *recount) certificates(ctx context.Context) error {
	return r.each(ctx, `SELECT issued_at FROM certificates WHERE workspace_id = $1`, func(row *sql.Rows) error {
		var at int64
		if err := row.Scan(&at); err != nil {
			return err
		}
		r.day(at).certificates++
		return nil
	})
}

// steps reads all steps of all enrollments, student by student in the order of time, which also tells on which days
// each student was active.
func (r *recount) steps(ctx context.Context) error {
	const text = `SELECT s.id, s.active_day, COALESCE(s.last_activity_at, 0), s.deleted_at IS NOT NULL,
			c.course_id, c.action, c.source, c.at,
			c.lessons, c.live, c.completed, c.percent
		FROM enrollment_changes c JOIN students s ON s.workspace_id = c.workspace_id AND s.id = c.student_id
		WHERE c.workspace_id = $1 ORDER BY s.id, c.at`
	var last trail
	err := r.each(ctx, text, func(row *sql.Rows) error {
		var next trail
		var courseID string
		var at int64
		var facts stepFacts
		err := row.Scan(&next.studentID, &next.storedDay, &next.storedAt, &next.erased, &courseID, &facts.action,
			&facts.source, &at, &facts.lessons, &facts.change.live, &facts.change.completed, &facts.change.percent)
		if err != nil {
			return err
		}
		figures, ofCourse := facts.figures(), facts.courseFigures()
		add(r.day(at), &figures)
		if ofCourse != (courseFigures{}) {
			add(entry(r.courses, courseDay{r.dayOf(at), courseID}), &ofCourse)
		}
		if next.studentID != last.studentID {
			r.leave(last)
			last = next
		}
		if facts.active() {
			r.follow(&last, at)
		}
		return nil
	})
	r.leave(last)
	return err
}

// store replaces the rollups by what was counted, in the order of their keys.
func (r *recount) store(ctx context.Context) error {
	for _, table := range []string{"daily_rollups", "course_rollups", "course_month_rollups", "activity_rollups"} {
		if _, err := r.tx.scope.exec(ctx, `DELETE FROM `+table+` WHERE workspace_id = $1`); err != nil {
			return wrap("empty "+table, err)
		}
	}
	var daily, courses, active [][]any
	for day, f := range r.sums {
		if *f != (dayFigures{}) {
			daily = append(daily, withFigures(f, day))
		}
	}
	for key, f := range r.courses {
		if *f != (courseFigures{}) {
			courses = append(courses, withFigures(f, key.day, key.courseID))
		}
	}
	for key, students := range r.active {
		active = append(active, []any{key.day, key.previous, students})
	}
	err := r.insertSorted(ctx, "daily_rollups", append([]string{"day"}, dayColumns...), daily)
	if err == nil {
		err = r.insertSorted(ctx, "course_rollups", append([]string{"day", "course_id"}, courseDayColumns...), courses)
	}
	if err == nil {
		_, err = r.tx.scope.exec(ctx, `INSERT INTO course_month_rollups (workspace_id, month, course_id, `+strings.Join(courseDayColumns, ", ")+`)
			SELECT workspace_id, substr(day, 1, 7), course_id, SUM(subtotal_amount), SUM(enrollments_new), SUM(enrollments_completed)
			FROM course_rollups WHERE workspace_id = $1 GROUP BY workspace_id, substr(day, 1, 7), course_id`)
	}
	if err == nil {
		err = r.insertSorted(ctx, "activity_rollups", []string{"day", "previous_day", "students"}, active)
	}
	return err
}

func (r *recount) insertSorted(ctx context.Context, table string, columns []string, rows [][]any) error {
	sort.Slice(rows, func(i, j int) bool { return rows[i][0].(string) < rows[j][0].(string) })
	all := bulk{table: table, columns: columns, rows: len(rows), row: func(i int) ([]any, error) { return rows[i], nil }}
	return all.insert(ctx, r.tx.scope)
}
