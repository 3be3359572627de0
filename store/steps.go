package store

import (
	"context"
	"database/sql"
	"fmt"
)

// actionProgressed is a step that changes no state, so the embedded history does not show it.
const actionProgressed = "progressed"

// step is one thing that happened to an enrollment. The record of all steps, enrollment_changes, is what rollups are
// computed from, so whatever moves an enrollment's status or progress must be a step.
type step struct {
	before, after  Enrollment // before is zero for a new enrollment
	action, source string
	lessons        int // newly completed
}

// stock is what one enrollment, or many, add to the sums over live enrollments.
type stock struct{ live, completed, percent int64 }

func (e Enrollment) stock() stock {
	if !e.Live() {
		return stock{}
	}
	s := stock{live: 1, percent: inHundredths(e.ProgressPercent)}
	if e.Status == EnrollmentCompleted {
		s.completed = 1
	}
	return s
}

// stepFacts are what rollups need to know of a step: a row of enrollment_changes.
type stepFacts struct {
	action  string
	lessons int64
	change  stock
}

func (s step) facts() stepFacts {
	before, after := s.before.stock(), s.after.stock()
	return stepFacts{action: s.action, lessons: int64(s.lessons), change: stock{
		live: after.live - before.live, completed: after.completed - before.completed, percent: after.percent - before.percent,
	}}
}

// figures are what the step adds to its day. Reinstated enrollments count as new and expired ones as revoked.
func (f stepFacts) figures() dayFigures {
	day := dayFigures{lessons: f.lessons, liveChange: f.change.live, completedChange: f.change.completed,
		percentChange: f.change.percent}
	switch f.action {
	case ActionEnrolled, ActionReinstated:
		day.enrollmentsNew = 1
	case ActionCompleted:
		day.enrollmentsCompleted = 1
	case ActionRevoked, ActionExpired:
		day.enrollmentsEnded = 1
	}
	return day
}

// courseFigures are what the step adds to the day of its course.
func (f stepFacts) courseFigures() courseFigures {
	day := f.figures()
	return courseFigures{enrollmentsNew: day.enrollmentsNew, enrollmentsCompleted: day.enrollmentsCompleted}
}

// active reports whether the step shows that the student was there.
func (f stepFacts) active() bool { return f.action != ActionRevoked && f.action != ActionExpired }

// take records a step of a stored enrollment and moves every sum that it moves: of the day, of the course, of the
// student.
func (tx *Tx) take(ctx context.Context, s step) error {
	facts := s.facts()
	if err := tx.record(ctx, s, facts); err != nil {
		return fmt.Errorf("record step of enrollment %s: %w", s.after.ID, err)
	}
	if err := tx.addDay(ctx, tx.now, facts.figures()); err != nil {
		return err
	}
	if figures := facts.courseFigures(); figures != (courseFigures{}) {
		if err := tx.addCourseDay(ctx, s.after.CourseID, tx.now, figures); err != nil {
			return err
		}
	}
	if facts.change.live != 0 {
		if err := tx.countCourse(ctx, s.after.CourseID, facts.change.live); err != nil {
			return err
		}
	}
	if facts.active() {
		if err := tx.markActive(ctx, s.after.StudentID); err != nil {
			return err
		}
	}
	return tx.sumUpStudent(ctx, s.after.StudentID)
}

func (tx *Tx) record(ctx context.Context, s step, facts stepFacts) error {
	sequence, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT COALESCE(MAX(sequence), 0) + 1 FROM enrollment_changes WHERE workspace_id = $1 AND enrollment_id = $2`,
		args: []any{s.after.ID},
	}, func(row *sql.Rows, n *int64) error { return row.Scan(n) })
	if err != nil {
		return err
	}
	_, err = tx.scope.exec(ctx, `INSERT INTO enrollment_changes (workspace_id, enrollment_id, sequence, student_id,
			course_id, action, at, source, lessons, live, completed, percent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		s.after.ID, sequence, s.after.StudentID, s.after.CourseID, s.action, micros(tx.now), s.source,
		facts.lessons, facts.change.live, facts.change.completed, facts.change.percent)
	return err
}

// countCourse moves the course's counter of live enrollments, and with it the course's updatedAt.
func (tx *Tx) countCourse(ctx context.Context, courseID string, change int64) error {
	n, err := tx.scope.exec(ctx, `UPDATE courses SET enrolled_count = enrolled_count + $3, updated_at = $4
		WHERE workspace_id = $1 AND id = $2`, courseID, change, micros(tx.now))
	return wrap("count enrollments of course "+courseID, affected(int(n), err))
}
