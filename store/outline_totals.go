package store

import (
	"context"
	"database/sql"
)

// A new outline changes the progress of everybody in the course, so it is computed where the rows are: by five
// statements, whatever their number. What a learner completed stays completed, but only lessons that are in the outline
// count. $2 is the course and $3 the number of its lessons.
const outlineProgress = `(SELECT d.*, CASE WHEN CAST($3 AS bigint) = 0 THEN 0
			ELSE d.completed * 10000 / CAST($3 AS bigint) END AS percent
		FROM (SELECT e.id, e.student_id, e.status, e.progress_percent AS former, (
				SELECT COUNT(*) FROM lesson_completions k
					JOIN lessons l ON l.workspace_id = k.workspace_id AND l.id = k.lesson_id
				WHERE k.workspace_id = e.workspace_id AND k.enrollment_id = e.id) AS completed
			FROM enrollments e WHERE e.workspace_id = $1 AND e.course_id = $2) d) p`

const (
	// recordOutline enters the change into the record of all steps. It counts no lessons and no activity, since the
	// learners did nothing.
	recordOutline = `INSERT INTO enrollment_changes (workspace_id, enrollment_id, sequence, student_id, course_id, action,
			at, source, lessons, live, completed, percent)
		SELECT $1, p.id, 1 + COALESCE((SELECT MAX(c.sequence) FROM enrollment_changes c
				WHERE c.workspace_id = $1 AND c.enrollment_id = p.id), 0),
			p.student_id, $2, '` + actionProgressed + `', CAST($4 AS bigint), '` + sourceOutline + `', 0, 0, 0, p.percent - p.former
		FROM ` + outlineProgress + ` WHERE p.status IN ('active', 'completed') AND p.percent <> p.former`

	sumOutline = `SELECT CAST(COALESCE(SUM(p.percent - p.former), 0) AS bigint) FROM ` + outlineProgress + `
		WHERE p.status IN ('active', 'completed')`

	// retotalEnrollments leaves alone what did not change. $5 is the course's title.
	retotalEnrollments = `UPDATE enrollments SET total_lesson_count = $3, completed_lesson_count = p.completed,
			progress_percent = p.percent, course_title = $5, updated_at = $4
		FROM ` + outlineProgress + ` WHERE enrollments.workspace_id = $1 AND enrollments.id = p.id
			AND (total_lesson_count <> $3 OR completed_lesson_count <> p.completed OR progress_percent <> p.percent
				OR course_title <> $5)`

	// retotalStudents sums up those whose enrollments this Tx changed: no other one has its time ($3).
	retotalStudents = `UPDATE students SET lessons_completed = p.lessons, average_percent = p.percent, updated_at = $3
		FROM (SELECT e.student_id,
				CAST(COALESCE(SUM(CASE WHEN e.status IN ('active', 'completed') THEN e.completed_lesson_count END), 0)
					AS bigint) AS lessons,
				COALESCE(CAST(SUM(CASE WHEN e.status IN ('active', 'completed') THEN e.progress_percent END) AS bigint)
					/ NULLIF(COUNT(CASE WHEN e.status IN ('active', 'completed') THEN 1 END), 0), 0) AS percent
			FROM enrollments t JOIN enrollments e ON e.workspace_id = t.workspace_id AND e.student_id = t.student_id
			WHERE t.workspace_id = $1 AND t.course_id = $2 AND t.updated_at = $3 GROUP BY e.student_id) p
		WHERE students.workspace_id = $1 AND students.id = p.student_id`
)

// retotal brings all enrollments of a course up to its stored outline and its title, ended ones too, and with them the
// students and the day. It never completes an enrollment and never reopens one.
func (tx *Tx) retotal(ctx context.Context, course Course) error {
	now := micros(tx.now)
	if _, err := tx.scope.exec(ctx, recordOutline, course.ID, course.LessonCount, now); err != nil {
		return wrap("record the new outline", err)
	}
	moved, err := scanOne(ctx, tx.scope, sqlQuery{text: sumOutline, args: []any{course.ID, course.LessonCount}},
		func(row *sql.Rows, sum *int64) error { return row.Scan(sum) })
	if err != nil {
		return wrap("sum up the new outline", err)
	}
	if moved != 0 {
		if err := tx.addDay(ctx, tx.now, dayFigures{percentChange: moved}); err != nil {
			return err
		}
	}
	n, err := tx.scope.exec(ctx, retotalEnrollments, course.ID, course.LessonCount, now, course.Title)
	if err != nil || n == 0 {
		return wrap("bring enrollments to the new outline", err)
	}
	_, err = tx.scope.exec(ctx, retotalStudents, course.ID, now)
	return wrap("sum up the students of the course", err)
}
