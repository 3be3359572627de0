package store

import (
	"context"
	"database/sql"
	"fmt"
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

// LessonEffects is what completed lessons caused beside the enrollment's progress.
type LessonEffects struct {
	Added       int          // lessons that were not completed before; 0: nothing changed
	Completed   bool         // whether the enrollment was completed by them
	Certificate *Certificate // issued for it, nil if there was one before or the course has none
}

// CompleteLessons adds to the completed lessons of a live enrollment. The last lesson completes the enrollment and,
// where the course has them, issues the certificate. Repeating it changes nothing.
// ErrNotFound for an unknown enrollment or lesson, Invalid for a lesson of another course.
func (tx *Tx) CompleteLessons(ctx context.Context, id string, lessonIDs []string) (Enrollment, LessonEffects, error) {
	e, err := tx.Enrollment(ctx, id)
	if err != nil {
		return Enrollment{}, LessonEffects{}, err
	}
	if !e.Live() {
		return Enrollment{}, LessonEffects{}, &Invalid{Field: "", Issue: "the enrollment is " + e.Status}
	}
	if err := tx.wantLessonsOf(ctx, e.CourseID, lessonIDs); err != nil {
		return Enrollment{}, LessonEffects{}, wrap("complete lessons", err)
	}
	added, err := tx.addCompletions(ctx, e, lessonIDs)
	if err != nil || added == 0 {
		return e, LessonEffects{}, wrap("complete lessons", err)
	}
	return tx.advance(ctx, e, added)
}

// wantLessonsOf refuses lessons that are not in the outline of the course.
func (tx *Tx) wantLessonsOf(ctx context.Context, courseID string, lessonIDs []string) error {
	type place struct{ lessonID, courseID string }
	keys := make([]completionRow, len(lessonIDs))
	for i, id := range lessonIDs {
		keys[i].Lesson = id
	}
	found, err := scanRows(ctx, tx, `SELECT id, course_id FROM lessons WHERE workspace_id = $1
		AND id IN (SELECT r.value->>'l' FROM {rows $2})`, keys,
		func(row *sql.Rows, p *place) error { return row.Scan(&p.lessonID, &p.courseID) })
	if err != nil {
		return err
	}
	courses := make(map[string]string, len(found))
	for _, p := range found {
		courses[p.lessonID] = p.courseID
	}
	for i, id := range lessonIDs {
		switch courses[id] {
		case courseID:
		case "":
			return fmt.Errorf("lesson %s: %w", id, ErrNotFound)
		default:
			return &Invalid{Field: fmt.Sprintf("/completedLessonIds/%d", i), Issue: "is a lesson of another course"}
		}
	}
	return nil
}

// completionRow is a lesson that was completed in an enrollment, as addCompletions takes it.
type completionRow struct {
	Enrollment string `json:"e"`
	Lesson     string `json:"l"`
	Student    string `json:"s"`
	At         int64  `json:"t"`
}

const keepCompletions = `INSERT INTO lesson_completions (workspace_id, enrollment_id, lesson_id, student_id, completed_at)
	SELECT $1, r.value->>'e', r.value->>'l', r.value->>'s', CAST(r.value->>'t' AS bigint) FROM {rows $2} WHERE true
	ON CONFLICT DO NOTHING`

// addCompletions stores the lessons that are not completed yet and counts them.
func (tx *Tx) addCompletions(ctx context.Context, e Enrollment, lessonIDs []string) (added int, err error) {
	list := make([]completionRow, len(lessonIDs))
	for i, id := range lessonIDs {
		list[i] = completionRow{Enrollment: e.ID, Lesson: id, Student: e.StudentID, At: micros(tx.now)}
	}
	rows, err := jsonRows(list)
	if err != nil {
		return 0, err
	}
	n, err := tx.scope.exec(ctx, tx.store.sql(keepCompletions), rows)
	return int(n), err
}

// advance moves an enrollment by newly completed lessons; the last one completes it.
func (tx *Tx) advance(ctx context.Context, before Enrollment, added int) (Enrollment, LessonEffects, error) {
	e, effects := before, LessonEffects{Added: added}
	e.CompletedLessonCount = min(e.CompletedLessonCount+added, e.TotalLessonCount)
	e.ProgressPercent = percentOf(e.CompletedLessonCount, e.TotalLessonCount)
	e.UpdatedAt = tx.now
	action := actionProgressed
	if e.Status == EnrollmentActive && e.CompletedLessonCount == e.TotalLessonCount {
		action, effects.Completed = ActionCompleted, true
		e.Status, e.CompletedAt = EnrollmentCompleted, &tx.now
		e.note(ActionCompleted, tx.now, e.Source)
	}
	taken := step{before: before, after: e, action: action, source: e.Source, lessons: added}
	err := tx.saveEnrollment(ctx, e)
	if err == nil {
		err = tx.take(ctx, taken)
	}
	if err == nil && effects.Completed {
		effects.Certificate, err = tx.certify(ctx, &e)
	}
	return e, effects, wrap("complete lessons", err)
}

// certify issues the certificate of a completed enrollment, where its course has them. One that was issued by hand
// before is shown on the enrollment and is not issued again: then it returns nil.
func (tx *Tx) certify(ctx context.Context, e *Enrollment) (*Certificate, error) {
	course, err := readCourse(ctx, tx.scope, e.CourseID)
	if err != nil || !course.CertificateEnabled {
		return nil, err
	}
	certificate, issued, err := tx.IssueCertificate(ctx, NewCertificate{StudentID: e.StudentID, CourseID: e.CourseID})
	if err != nil {
		return nil, err
	}
	shown := e.CertificateID != nil
	e.CertificateID = &certificate.ID
	if issued {
		return &certificate, nil
	}
	if shown {
		return nil, nil
	}
	return nil, tx.saveEnrollment(ctx, *e)
}
