package store

import (
	"context"
	"database/sql"
)

// Rebuild finds wrong counters by reading rows beside what they are counted from, and sets each by itself. One UPDATE
// over all rows would be shorter, but right after a bulk load PostgreSQL knows nothing of the tables and plans it so
// that its time grows with the square of the rows.

// trail is one student's newest activity, as the steps tell it, beside what is stored.
type trail struct {
	studentID, storedDay string
	storedAt             int64
	day                  string
	at                   int64
	erased               bool // a tombstone shows no activity
}

// activityMend is what a student's row should say.
type activityMend struct {
	studentID, day string
	at             int64
}

// follow goes on to the student's next activity.
func (r *recount) follow(t *trail, at int64) {
	day := r.dayOf(at)
	if day != t.day {
		r.active[activeDay{day, t.day}]++
	}
	t.day, t.at = day, at
}

// leave ends a student's trail and remembers the row if it is wrong.
func (r *recount) leave(t trail) {
	if t.studentID != "" && !t.erased && (t.day != t.storedDay || t.at != t.storedAt) {
		r.mends = append(r.mends, activityMend{t.studentID, t.day, t.at})
	}
}

// mendActivity sets the last activity of students whose rows are wrong.
func (r *recount) mendActivity(ctx context.Context) error {
	for _, mend := range r.mends {
		_, err := r.tx.scope.exec(ctx, `UPDATE students SET active_day = $3, last_activity_at = $4, updated_at = $5
			WHERE workspace_id = $1 AND id = $2`, mend.studentID, mend.day, mend.at, micros(r.tx.now))
		if err != nil {
			return wrap("mend the activity of students", err)
		}
	}
	return nil
}

// tally is a student's progress in the making, in the units of the database.
type tally struct {
	studentID                                           string
	enrolled, completed, lessons, percent, certificates int64
}

func (t tally) average() int64 {
	if t.enrolled == 0 {
		return 0
	}
	return t.percent / t.enrolled
}

// mendProgress sums up the students whose progress is not what their live enrollments add up to.
func (r *recount) mendProgress(ctx context.Context) error {
	const text = `SELECT s.id, s.courses_enrolled, s.courses_completed, s.lessons_completed, s.average_percent,
			s.certificates_earned,
			(SELECT COUNT(*) FROM certificates c WHERE c.workspace_id = s.workspace_id AND c.student_id = s.id),
			COALESCE(e.status, ''), COALESCE(e.completed_lesson_count, 0), COALESCE(e.progress_percent, 0)
		FROM students s LEFT JOIN enrollments e ON e.workspace_id = s.workspace_id AND e.student_id = s.id
			AND e.status IN ('active', 'completed')
		WHERE s.workspace_id = $1 AND s.deleted_at IS NULL ORDER BY s.id`
	var wrong []string
	var stored, counted tally
	var average int64
	leave := func() {
		if stored.enrolled != counted.enrolled || stored.completed != counted.completed || stored.lessons != counted.lessons ||
			stored.certificates != counted.certificates || average != counted.average() {
			wrong = append(wrong, stored.studentID)
		}
	}
	err := r.each(ctx, text, func(row *sql.Rows) error {
		var next tally
		var nextAverage, certificates, lessons, percent int64
		var status string
		err := row.Scan(&next.studentID, &next.enrolled, &next.completed, &next.lessons, &nextAverage, &next.certificates,
			&certificates, &status, &lessons, &percent)
		if err != nil {
			return err
		}
		if next.studentID != stored.studentID {
			leave()
			stored, average, counted = next, nextAverage, tally{certificates: certificates}
		}
		counted.count(status, lessons, percent)
		return nil
	})
	leave()
	for i := 0; err == nil && i < len(wrong); i++ {
		err = r.tx.sumUpStudent(ctx, wrong[i])
	}
	return wrap("mend the progress of students", err)
}

// count adds a live enrollment; status is "" where a student has none.
func (t *tally) count(status string, lessons, percent int64) {
	if status == "" {
		return
	}
	t.enrolled++
	t.lessons += lessons
	t.percent += percent
	if status == EnrollmentCompleted {
		t.completed++
	}
}

// mendCourses sets the counters of courses that are wrong.
func (r *recount) mendCourses(ctx context.Context) error {
	const text = `SELECT c.id, c.enrolled_count, (SELECT COUNT(*) FROM enrollments e
			WHERE e.workspace_id = c.workspace_id AND e.course_id = c.id AND e.status IN ('active', 'completed'))
		FROM courses c WHERE c.workspace_id = $1`
	missing := map[string]int64{}
	err := r.each(ctx, text, func(row *sql.Rows) error {
		var id string
		var stored, counted int64
		if err := row.Scan(&id, &stored, &counted); err != nil {
			return err
		}
		if stored != counted {
			missing[id] = counted - stored
		}
		return nil
	})
	if err != nil {
		return wrap("count the students of courses", err)
	}
	for id, change := range missing {
		if err := r.tx.countCourse(ctx, id, change); err != nil {
			return err
		}
	}
	return nil
}
