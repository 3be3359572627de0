package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// studentMove is a student whose enrollments changed. Active is 1 if that shows that the student was there.
type studentMove struct {
	Student string `json:"s"`
	Day     string `json:"y"`
	At      int64  `json:"t"`
	Active  int64  `json:"a"`
}

const (
	// addActiveDays counts each student as active on the day unless that is done, in the row of the day that the
	// student was last active on before.
	addActiveDays = `INSERT INTO activity_rollups (workspace_id, day, previous_day, students)
		SELECT $1, r.value->>'y', s.active_day, COUNT(*)
		FROM {rows $2} JOIN students s ON s.workspace_id = $1 AND s.id = r.value->>'s'
		WHERE s.active_day < r.value->>'y' GROUP BY r.value->>'y', s.active_day
		ON CONFLICT (workspace_id, day, previous_day) DO UPDATE SET students = activity_rollups.students + excluded.students`

	// sumUp sums the progress of students up anew from their enrollments, of which each has at most maxEnrollments. An
	// active_day after today is left by a time zone further east: Rebuild mends it.
	sumUp = `UPDATE students SET courses_enrolled = p.enrolled, courses_completed = p.completed,
			lessons_completed = p.lessons, average_percent = p.percent, updated_at = p.at,
			active_day = CASE WHEN p.active = 1 AND active_day < p.day THEN p.day ELSE active_day END,
			last_activity_at = CASE WHEN p.active = 1 THEN p.at ELSE last_activity_at END,
			certificates_earned = (SELECT COUNT(*) FROM certificates c
				WHERE c.workspace_id = $1 AND c.student_id = students.id)
		FROM (
			SELECT r.value->>'s' AS student_id, r.value->>'y' AS day, CAST(r.value->>'t' AS bigint) AS at,
				CAST(r.value->>'a' AS bigint) AS active, COUNT(e.id) AS enrolled,
				COUNT(CASE WHEN e.status = 'completed' THEN 1 END) AS completed,
				CAST(COALESCE(SUM(e.completed_lesson_count), 0) AS bigint) AS lessons,
				COALESCE(CAST(SUM(e.progress_percent) AS bigint) / NULLIF(COUNT(e.id), 0), 0) AS percent
			FROM {rows $2} LEFT JOIN enrollments e ON e.workspace_id = $1 AND e.student_id = r.value->>'s'
				AND e.status IN ('active', 'completed')
			GROUP BY 1, 2, 3, 4
		) p
		WHERE students.workspace_id = $1 AND students.id = p.student_id`
)

// moveStudents brings progress, activity and updatedAt of students up to date after changes of their enrollments.
func (tx *Tx) moveStudents(ctx context.Context, moved []*studentMove) error {
	var active []*studentMove
	for _, student := range moved {
		if student.Active == 1 {
			active = append(active, student)
		}
	}
	if err := writeRows(ctx, tx, addActiveDays, active); err != nil {
		return fmt.Errorf("count active students: %w", err)
	}
	return wrap("sum up students", writeRows(ctx, tx, sumUp, moved))
}

// sumUpStudent is moveStudents for one who did nothing.
func (tx *Tx) sumUpStudent(ctx context.Context, studentID string) error {
	return tx.moveStudents(ctx, []*studentMove{{Student: studentID, At: micros(tx.now)}})
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
