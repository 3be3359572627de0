package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/thebigclass/api/store"
	"github.com/thebigclass/api/store/storetest"
)

// countedTable is a table and those of its columns that Rebuild must get right.
type countedTable struct{ name, columns, order string }

// countedTables are all counters and rollups, and updated_at, which Rebuild must not move without need.
var countedTables = []countedTable{
	{"daily_rollups", `day, gross_amount, discount_amount, tax_amount, gateway_fee_amount, platform_fee_amount,
		refunded_amount, order_count, refund_count, fees_pending_order_count, students_new, enrollments_new,
		enrollments_completed, enrollments_revoked, lessons_completed, certificates_issued, live_change,
		completed_change, percent_change`, "day"},
	{"course_rollups", "day, course_id, subtotal_amount, enrollments_new, enrollments_completed", "day, course_id"},
	{"course_month_rollups", "month, course_id, subtotal_amount, enrollments_new, enrollments_completed", "month, course_id"},
	{"activity_rollups", "day, previous_day, students", "day, previous_day"},
	{"courses", "id, enrolled_count, updated_at", "id"},
	{"students", `id, courses_enrolled, courses_completed, lessons_completed, average_percent, last_activity_at,
		certificates_earned, active_day, updated_at`, "id"},
}

func (c countedTable) dump(t testing.TB, w *store.Workspace) string {
	t.Helper()
	text, err := w.DumpTable(t.Context(), c.name, c.columns, c.order)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantRebuildChangesNothing rebuilds and compares everything that is counted.
func wantRebuildChangesNothing(t testing.TB, db *storetest.DB, w *store.Workspace) {
	t.Helper()
	before := map[string]string{}
	for _, table := range countedTables {
		before[table.name] = table.dump(t, w)
	}
	if err := db.Rebuild(t.Context(), w.ID()); err != nil {
		t.Fatal(err)
	}
	for _, table := range countedTables {
		if after := table.dump(t, w); after != before[table.name] {
			t.Errorf("%s before:\n%sand rebuilt:\n%s", table.name, before[table.name], after)
		}
	}
}

func TestRebuild_MendsWhatSomebodyBroke(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *storetest.DB) {
		s := newSchool(t, db)
		course, student := s.course(4), s.student()
		e := s.enroll(student.ID, course.ID)
		s.complete(e, course, 3)
		s.order(student, "pay_1", course.ID)
		right := map[string]string{}
		for _, table := range countedTables[:3] {
			right[table.name] = table.dump(t, s.Workspace)
		}
		s.tx(func(tx *store.Tx) error {
			for _, text := range []string{
				"UPDATE daily_rollups SET gross_amount = 1, live_change = 7 WHERE workspace_id = $1",
				"DELETE FROM course_rollups WHERE workspace_id = $1",
				"UPDATE course_month_rollups SET subtotal_amount = 3 WHERE workspace_id = $1",
				"UPDATE activity_rollups SET students = 9 WHERE workspace_id = $1",
				"UPDATE courses SET enrolled_count = 5 WHERE workspace_id = $1",
				"UPDATE students SET average_percent = 1, active_day = '', last_activity_at = NULL WHERE workspace_id = $1",
			} {
				if _, err := tx.Exec(t.Context(), text); err != nil {
					return err
				}
			}
			return nil
		})
		if err := db.Rebuild(t.Context(), s.ID()); err != nil {
			t.Fatal(err)
		}
		for _, table := range countedTables[:3] {
			if got := table.dump(t, s.Workspace); got != right[table.name] {
				t.Errorf("%s:\n%swant:\n%s", table.name, got, right[table.name])
			}
		}
		if got := s.rereadCourse(course.ID); got.EnrolledCount != 1 {
			t.Errorf("enrolledCount %d, want 1", got.EnrolledCount)
		}
		if got := s.reread(student.ID).Progress; got.AveragePercent != 75 || got.LastActivityAt == nil {
			t.Errorf("progress %+v", got)
		}
	})
}

func microsText(at time.Time) string { return strconv.FormatInt(at.UnixMicro(), 10) }
