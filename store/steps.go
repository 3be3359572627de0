package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// actionProgressed is a step that changes no state, so the embedded history does not show it.
const actionProgressed = "progressed"

// sourceOutline marks steps that a new outline of the course made, not the student.
const sourceOutline = "outline"

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
	action, source string
	lessons        int64
	change         stock
}

func (s step) facts() stepFacts {
	before, after := s.before.stock(), s.after.stock()
	return stepFacts{action: s.action, source: s.source, lessons: int64(s.lessons), change: stock{
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
func (f stepFacts) active() bool {
	return f.action != ActionRevoked && f.action != ActionExpired && f.source != sourceOutline
}

// take records a step of a stored enrollment and moves every sum that it moves.
func (tx *Tx) take(ctx context.Context, s step) error {
	return tx.takeAll(ctx, []step{s}, dayFigures{})
}

// takeAll records steps of stored enrollments, at most one of each, and moves every sum that they move: of the day,
// to which besides is added too, of the courses, of the students. It runs as many statements for many as for one.
func (tx *Tx) takeAll(ctx context.Context, steps []step, besides dayFigures) error {
	cal, err := tx.calendar()
	if err != nil {
		return err
	}
	m := movement{today: cal.day(tx.now), now: micros(tx.now), day: besides,
		courses: map[string]*courseMove{}, students: map[string]*studentMove{}}
	for _, s := range steps {
		m.add(s)
	}
	if err := writeRows(ctx, tx, recordSteps, m.changes); err != nil {
		return fmt.Errorf("record steps of enrollments: %w", err)
	}
	if m.day != (dayFigures{}) {
		if err := tx.addDay(ctx, tx.now, m.day); err != nil {
			return err
		}
	}
	if err := tx.moveCourses(ctx, m); err != nil {
		return err
	}
	return tx.moveStudents(ctx, slices.Collect(maps.Values(m.students)))
}

// movement is what steps add up to. Its rows carry everything that their statements need.
type movement struct {
	today    string
	now      int64
	day      dayFigures
	changes  []changeRow
	courses  map[string]*courseMove
	students map[string]*studentMove
}

func (m *movement) add(s step) {
	facts := s.facts()
	figures, ofCourse := facts.figures(), facts.courseFigures()
	add(&m.day, &figures)
	m.changes = append(m.changes, changeRow{Enrollment: s.after.ID, Student: s.after.StudentID, Course: s.after.CourseID,
		Action: s.action, Source: s.source, At: m.now, Lessons: facts.lessons, Live: facts.change.live,
		Completed: facts.change.completed, Percent: facts.change.percent})
	course := entry(m.courses, s.after.CourseID)
	course.Course, course.Day, course.At = s.after.CourseID, m.today, m.now
	course.Live += facts.change.live
	course.New += ofCourse.enrollmentsNew
	course.Completed += ofCourse.enrollmentsCompleted
	student := entry(m.students, s.after.StudentID)
	student.Student, student.Day, student.At = s.after.StudentID, m.today, m.now
	if facts.active() {
		student.Active = 1
	}
}

// changeRow is a row of enrollment_changes.
type changeRow struct {
	Enrollment string `json:"e"`
	Student    string `json:"s"`
	Course     string `json:"c"`
	Action     string `json:"a"`
	Source     string `json:"o"`
	At         int64  `json:"t"`
	Lessons    int64  `json:"n"`
	Live       int64  `json:"l"`
	Completed  int64  `json:"d"`
	Percent    int64  `json:"p"`
}

// The number of a step goes on from the enrollment's last one, by the primary key.
const recordSteps = `INSERT INTO enrollment_changes (workspace_id, enrollment_id, sequence, student_id, course_id, action,
		at, source, lessons, live, completed, percent)
	SELECT $1, r.value->>'e', 1 + COALESCE((SELECT MAX(c.sequence) FROM enrollment_changes c
			WHERE c.workspace_id = $1 AND c.enrollment_id = r.value->>'e'), 0),
		r.value->>'s', r.value->>'c', r.value->>'a', CAST(r.value->>'t' AS bigint), r.value->>'o',
		CAST(r.value->>'n' AS bigint), CAST(r.value->>'l' AS bigint), CAST(r.value->>'d' AS bigint),
		CAST(r.value->>'p' AS bigint)
	FROM {rows $2}`

// courseMove is what steps change about a course: its sums of the day, and how many live enrollments it has.
type courseMove struct {
	Course    string `json:"c"`
	Day       string `json:"y"`
	At        int64  `json:"t"`
	Live      int64  `json:"l"`
	New       int64  `json:"n"`
	Completed int64  `json:"d"`
}

const (
	addCourseDays = `INSERT INTO course_rollups (workspace_id, day, course_id, subtotal_amount, enrollments_new,
			enrollments_completed)
		SELECT $1, r.value->>'y', r.value->>'c', 0, CAST(r.value->>'n' AS bigint), CAST(r.value->>'d' AS bigint)
		FROM {rows $2} WHERE true
		ON CONFLICT (workspace_id, day, course_id) DO UPDATE SET
			enrollments_new = course_rollups.enrollments_new + excluded.enrollments_new,
			enrollments_completed = course_rollups.enrollments_completed + excluded.enrollments_completed`
	addCourseMonths = `INSERT INTO course_month_rollups (workspace_id, month, course_id, subtotal_amount, enrollments_new,
			enrollments_completed)
		SELECT $1, substr(r.value->>'y', 1, 7), r.value->>'c', 0, CAST(r.value->>'n' AS bigint), CAST(r.value->>'d' AS bigint)
		FROM {rows $2} WHERE true
		ON CONFLICT (workspace_id, month, course_id) DO UPDATE SET
			enrollments_new = course_month_rollups.enrollments_new + excluded.enrollments_new,
			enrollments_completed = course_month_rollups.enrollments_completed + excluded.enrollments_completed`
	countCourses = `UPDATE courses SET enrolled_count = enrolled_count + CAST(r.value->>'l' AS bigint),
			updated_at = CAST(r.value->>'t' AS bigint)
		FROM {rows $2} WHERE courses.workspace_id = $1 AND courses.id = r.value->>'c'`
)

func (tx *Tx) moveCourses(ctx context.Context, m movement) error {
	var busy, counted []courseMove
	for _, course := range m.courses {
		if course.New != 0 || course.Completed != 0 {
			busy = append(busy, *course)
		}
		if course.Live != 0 {
			counted = append(counted, *course)
		}
	}
	if err := writeRows(ctx, tx, addCourseDays, busy); err != nil {
		return fmt.Errorf("add to the days of courses: %w", err)
	}
	if err := writeRows(ctx, tx, addCourseMonths, busy); err != nil {
		return fmt.Errorf("add to the months of courses: %w", err)
	}
	return wrap("count the enrollments of courses", writeRows(ctx, tx, countCourses, counted))
}

// countCourse moves the course's counter of live enrollments, and with it the course's updatedAt.
func (tx *Tx) countCourse(ctx context.Context, courseID string, change int64) error {
	move := courseMove{Course: courseID, At: micros(tx.now), Live: change}
	return wrap("count enrollments of course "+courseID, writeRows(ctx, tx, countCourses, []courseMove{move}))
}
