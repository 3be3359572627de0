package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Analytics sums up a workspace over calendar days of its time zone. Test orders are left out.
type Analytics struct {
	From, To    string // inclusive days, YYYY-MM-DD
	TimeZone    string
	Revenue     Revenue
	Students    StudentCounts
	Enrollments EnrollmentCounts
	Completion  Completion
	TopCourses  []CourseFigures // by new enrollments, then by subtotal; at most 10
}

// RevenueFigures are sums of money in minor units, and the counts behind them. Fees that are not known yet count as
// nothing; FeesPendingOrderCount says for how many orders. Orders fall on the day of payment, refunds on their own.
type RevenueFigures struct {
	Gross, Discount, Tax, GatewayFee, PlatformFee, Refunded, Net int64
	OrderCount, RefundCount, FeesPendingOrderCount               int64
}

// Revenue is the money of a window. The totals are the sum of Daily.
type Revenue struct {
	Currency string
	RevenueFigures
	Daily []DailyRevenue // every day of the window, oldest first, quiet days included
}

// DailyRevenue is the money of one calendar day.
type DailyRevenue struct {
	Date string
	RevenueFigures
}

// StudentCounts counts students: who came in the window, and who made progress or was enrolled in it.
type StudentCounts struct{ New, Active int64 }

// EnrollmentCounts counts what happened to enrollments in the window. Reinstated ones count as new, expired ones as
// revoked: as they are announced.
type EnrollmentCounts struct{ New, Completed, Revoked int64 }

// Completion says how far students come. Rate is the share of completed enrollments among all that are live at the
// end of the window, nil if there are none, and AveragePercent their mean progress.
type Completion struct {
	Rate               *float64
	AveragePercent     float64 // 0 to 100
	LessonsCompleted   int64
	CertificatesIssued int64
}

// CourseFigures is what happened to one course in the window. Subtotal sums up its order items before discounts.
type CourseFigures struct {
	CourseID, Title                    string
	Enrollments, Completions, Subtotal int64
}

// Analytics sums up the workspace over a window. It reads rollups only, so that its cost grows with the days of the
// window and the number of courses, never with orders or students.
func (w *Workspace) Analytics(ctx context.Context, window AnalyticsWindow) (Analytics, error) {
	info, err := w.Info(ctx)
	if err != nil {
		return Analytics{}, fmt.Errorf("analytics: %w", err)
	}
	span, err := w.span(ctx, window, info)
	if err != nil {
		return Analytics{}, fmt.Errorf("analytics: %w", err)
	}
	a := Analytics{From: span.from, To: span.to, TimeZone: info.TimeZone, Revenue: Revenue{Currency: info.Currency}}
	for _, read := range []func(context.Context, *Analytics) error{
		w.readDays, w.readStock, w.readActive, w.readTopCourses,
	} {
		if err := read(ctx, &a); err != nil {
			return Analytics{}, fmt.Errorf("analytics: %w", err)
		}
	}
	return a, nil
}

// datedFigures is one row of daily_rollups.
type datedFigures struct {
	day string
	dayFigures
}

// readDays reads the sums of each day by the primary key, fills in the quiet days and adds everything up.
func (w *Workspace) readDays(ctx context.Context, a *Analytics) error {
	calendar, err := days(a.From, a.To)
	if err != nil {
		return err
	}
	busy, err := scanAll(ctx, w.scope, sqlQuery{
		text: selectDaysSQL + ` WHERE workspace_id = $1 AND day >= $2 AND day <= $3 ORDER BY day`,
		args: []any{a.From, a.To}, capacity: len(calendar),
	}, func(row *sql.Rows, d *datedFigures) error { return row.Scan(targets(&d.day, d.fields())...) })
	if err != nil {
		return err
	}
	var total dayFigures
	a.Revenue.Daily = make([]DailyRevenue, len(calendar))
	for i, day := range calendar {
		a.Revenue.Daily[i].Date = day
		if len(busy) == 0 || busy[0].day != day {
			continue
		}
		a.Revenue.Daily[i].RevenueFigures = busy[0].revenue()
		add(&total, &busy[0].dayFigures)
		busy = busy[1:]
	}
	a.Revenue.RevenueFigures = total.revenue()
	a.Students.New = total.studentsNew
	a.Enrollments = EnrollmentCounts{New: total.enrollmentsNew, Completed: total.enrollmentsCompleted,
		Revoked: total.enrollmentsEnded}
	a.Completion.LessonsCompleted, a.Completion.CertificatesIssued = total.lessons, total.certificates
	return nil
}

func (f dayFigures) revenue() RevenueFigures {
	return RevenueFigures{
		Gross: f.gross, Discount: f.discount, Tax: f.tax, GatewayFee: f.gatewayFee, PlatformFee: f.platformFee,
		Refunded: f.refunded, Net: f.gross - f.gatewayFee - f.platformFee - f.refunded,
		OrderCount: f.orders, RefundCount: f.refunds, FeesPendingOrderCount: f.feesPending,
	}
}

// readStock works out the live enrollments at the end of the window: the sum of all days up to it.
func (w *Workspace) readStock(ctx context.Context, a *Analytics) error {
	sum, err := scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT CAST(COALESCE(SUM(live_change), 0) AS bigint), CAST(COALESCE(SUM(completed_change), 0) AS bigint),
				CAST(COALESCE(SUM(percent_change), 0) AS bigint)
			FROM daily_rollups WHERE workspace_id = $1 AND day <= $2`,
		args: []any{a.To},
	}, func(row *sql.Rows, s *stock) error { return row.Scan(&s.live, &s.completed, &s.percent) })
	if err != nil || sum.live == 0 {
		return err
	}
	rate := float64(sum.completed) / float64(sum.live)
	a.Completion.Rate = &rate
	a.Completion.AveragePercent = float64(sum.percent) / 100 / float64(sum.live)
	return nil
}

// readActive counts each student active in the window once: on the day before which the student was last active
// before the window.
func (w *Workspace) readActive(ctx context.Context, a *Analytics) (err error) {
	a.Students.Active, err = scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT CAST(COALESCE(SUM(students), 0) AS bigint) FROM activity_rollups
			WHERE workspace_id = $1 AND day >= $2 AND day <= $3 AND previous_day < $2`,
		args: []any{a.From, a.To},
	}, func(row *sql.Rows, n *int64) error { return row.Scan(n) })
	return err
}

// topCourses bounds Analytics.TopCourses.
const topCourses = 10

// readTopCourses adds up whole months, and the single days at the ends of the window, each by its primary key, and
// looks the titles of the first few up.
func (w *Workspace) readTopCourses(ctx context.Context, a *Analytics) (err error) {
	a.TopCourses, err = scanAll(ctx, w.scope, sqlQuery{
		text: fmt.Sprintf(`SELECT t.course_id, c.title, t.enrollments, t.completions, t.subtotal
			FROM (
				SELECT course_id, CAST(SUM(enrollments_new) AS bigint) AS enrollments,
					CAST(SUM(enrollments_completed) AS bigint) AS completions, CAST(SUM(subtotal_amount) AS bigint) AS subtotal
				FROM (
					SELECT * FROM course_month_rollups WHERE workspace_id = $1 AND month >= $2 AND month <= $3
					UNION ALL SELECT * FROM course_rollups WHERE workspace_id = $1 AND day >= $4 AND day <= $5
					UNION ALL SELECT * FROM course_rollups WHERE workspace_id = $1 AND day >= $6 AND day <= $7
				) s GROUP BY course_id ORDER BY enrollments DESC, subtotal DESC, course_id LIMIT %d
			) t JOIN courses c ON c.workspace_id = $1 AND c.id = t.course_id
			ORDER BY t.enrollments DESC, t.subtotal DESC, t.course_id`, topCourses),
		args: wholeMonths(a.From, a.To), capacity: topCourses,
	}, func(row *sql.Rows, c *CourseFigures) error {
		return row.Scan(&c.CourseID, &c.Title, &c.Enrollments, &c.Completions, &c.Subtotal)
	})
	return err
}
