package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// sumUpSQL sums the progress of one student ($3) up anew from the student's enrollments, of which there are at most
// maxEnrollments. $2 is the time that updated_at gets.
const sumUpSQL = `UPDATE students SET courses_enrolled = p.enrolled, courses_completed = p.completed,
		lessons_completed = p.lessons, average_percent = p.percent, updated_at = $2,
		certificates_earned = (SELECT COUNT(*) FROM certificates WHERE workspace_id = $1 AND student_id = $3)
	FROM (
		SELECT COUNT(*) AS enrolled, COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed,
			CAST(COALESCE(SUM(completed_lesson_count), 0) AS bigint) AS lessons,
			COALESCE(CAST(SUM(progress_percent) AS bigint) / NULLIF(COUNT(*), 0), 0) AS percent
		FROM enrollments WHERE workspace_id = $1 AND student_id = $3 AND status IN ('active', 'completed')
	) p
	WHERE students.workspace_id = $1 AND students.id = $3`

// sumUpStudent brings a student's progress and updatedAt up to date after a change of an enrollment.
func (tx *Tx) sumUpStudent(ctx context.Context, studentID string) error {
	n, err := tx.scope.exec(ctx, sumUpSQL, micros(tx.now), studentID)
	return wrap("sum up student "+studentID, affected(int(n), err))
}

// markActive notes that the student did something now: progress, or a new enrollment.
func (tx *Tx) markActive(ctx context.Context, studentID string) error {
	cal, err := tx.calendar(ctx)
	if err != nil {
		return err
	}
	last, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT active_day FROM students WHERE workspace_id = $1 AND id = $2`, args: []any{studentID},
	}, scanText)
	if err != nil {
		return wrap("mark student active", err)
	}
	today := max(cal.day(tx.now), last) // a day after today is left by a time zone further east: Rebuild mends it
	if last < today {
		if err := tx.addActive(ctx, today, last); err != nil {
			return err
		}
	}
	_, err = tx.scope.exec(ctx, `UPDATE students SET active_day = $3, last_activity_at = $4
		WHERE workspace_id = $1 AND id = $2`, studentID, today, micros(tx.now))
	return wrap("mark student active", err)
}

// lessonCompletion says when a lesson was completed in an enrollment.
type lessonCompletion struct {
	WorkspaceID  string
	EnrollmentID string
	LessonID     string
	StudentID    string
	CompletedAt  time.Time `gorm:"serializer:micros"`
}

// CompleteLessons adds to the completed lessons of a live enrollment and reports whether any was new. The last
// lesson completes the enrollment and, where the course has them, issues the certificate.
// ErrNotFound for an unknown enrollment or lesson, Invalid for a lesson of another course.
func (tx *Tx) CompleteLessons(ctx context.Context, enrollmentID string, lessonIDs []string) (Enrollment, bool, error) {
	e, err := tx.Enrollment(ctx, enrollmentID)
	if err != nil {
		return Enrollment{}, false, err
	}
	if !e.Live() {
		return Enrollment{}, false, &Invalid{Field: "", Issue: "the enrollment is " + e.Status}
	}
	added, err := tx.addCompletions(ctx, e, lessonIDs)
	if err != nil || added == 0 {
		return e, false, wrap("complete lessons", err)
	}
	e, err = tx.advance(ctx, e, added)
	return e, true, wrap("complete lessons", err)
}

// addCompletions stores the lessons that are not completed yet and counts them.
func (tx *Tx) addCompletions(ctx context.Context, e Enrollment, lessonIDs []string) (added int, err error) {
	for i, id := range lessonIDs {
		courseID, err := scanOne(ctx, tx.scope, sqlQuery{
			text: `SELECT course_id FROM lessons WHERE workspace_id = $1 AND id = $2`, args: []any{id},
		}, func(row *sql.Rows, courseID *string) error { return row.Scan(courseID) })
		if err != nil {
			return 0, fmt.Errorf("lesson %s: %w", id, err)
		}
		if courseID != e.CourseID {
			return 0, &Invalid{Field: fmt.Sprintf("/completedLessonIds/%d", i), Issue: "is a lesson of another course"}
		}
		created, err := insertNew(ctx, tx.scope, &lessonCompletion{WorkspaceID: tx.WorkspaceID(), EnrollmentID: e.ID,
			LessonID: id, StudentID: e.StudentID, CompletedAt: tx.now})
		if err != nil {
			return 0, err
		}
		if created {
			added++
		}
	}
	return added, nil
}

// advance moves an enrollment by newly completed lessons; the last one completes it.
func (tx *Tx) advance(ctx context.Context, before Enrollment, added int) (Enrollment, error) {
	e := before
	e.CompletedLessonCount = min(e.CompletedLessonCount+added, e.TotalLessonCount)
	e.ProgressPercent = percentOf(e.CompletedLessonCount, e.TotalLessonCount)
	e.UpdatedAt = tx.now
	action := actionProgressed
	if e.Status == EnrollmentActive && e.CompletedLessonCount == e.TotalLessonCount {
		action = ActionCompleted
		e.Status, e.CompletedAt = EnrollmentCompleted, &tx.now
		e.note(ActionCompleted, tx.now, e.Source)
	}
	if err := tx.saveEnrollment(ctx, e); err != nil {
		return Enrollment{}, err
	}
	taken := step{before: before, after: e, action: action, source: e.Source, lessons: added}
	if err := tx.take(ctx, taken); err != nil || action != ActionCompleted {
		return e, err
	}
	return tx.certify(ctx, e)
}

// certify issues the certificate of a completed enrollment, where its course has them.
func (tx *Tx) certify(ctx context.Context, e Enrollment) (Enrollment, error) {
	course, err := readCourse(ctx, tx.scope, e.CourseID)
	if err != nil || !course.CertificateEnabled {
		return e, err
	}
	certificate, _, err := tx.IssueCertificate(ctx, NewCertificate{StudentID: e.StudentID, CourseID: e.CourseID})
	if err == nil {
		e.CertificateID = &certificate.ID
	}
	return e, err
}
