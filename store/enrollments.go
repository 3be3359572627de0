package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Enrollment states. Active and completed ones give access; revoked and expired ones
// can be reinstated.
const (
	EnrollmentActive    = "active"
	EnrollmentCompleted = "completed"
	EnrollmentRevoked   = "revoked"
	EnrollmentExpired   = "expired"
)

// What made an enrollment, or changed it.
const (
	SourceAPI      = "api"
	SourceCheckout = "checkout"
	SourceManual   = "manual"
	SourceImport   = "import"
)

// Actions in the history of an enrollment.
const (
	ActionEnrolled   = "enrolled"
	ActionCompleted  = "completed"
	ActionRevoked    = "revoked"
	ActionReinstated = "reinstated"
	ActionExpired    = "expired"
)

// Enrollment is a student's access to a course and progress in it. There is one row for
// each pair of student and course, whatever happens to it.
type Enrollment struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	StudentID   string
	CourseID    string
	CourseTitle string
	Status      string
	Source      string
	Note        *string
	OrderID     *string

	ProgressPercent      int // 0 to 100, rounded down
	CompletedLessonCount int
	TotalLessonCount     int
	EnrolledAt           time.Time  `gorm:"serializer:micros"` // the first time
	CompletedAt          *time.Time `gorm:"serializer:micros"`
	RevokedAt            *time.Time `gorm:"serializer:micros"` // also of an expired one
	RevokedReason        *string
	ExpiresAt            *time.Time `gorm:"serializer:micros"`
	CertificateID        *string

	History []HistoryEntry `gorm:"serializer:json"` // the newest 20, newest first
}

// HistoryEntry is one change of an enrollment's state.
type HistoryEntry struct {
	Action string    `json:"action"`
	At     time.Time `json:"at"`
	Source string    `json:"source"`
}

// Live reports whether the enrollment gives access.
func (e Enrollment) Live() bool {
	return e.Status == EnrollmentActive || e.Status == EnrollmentCompleted
}

// Bounds of what a student embeds.
const (
	maxEnrollments = 500 // a student
	maxHistory     = 20  // an enrollment; the rest is in enrollment_changes
)

const enrollmentColumns = `workspace_id, id, created_at, updated_at, student_id, course_id, course_title, status, source,
	note, order_id, progress_percent, completed_lesson_count, total_lesson_count, enrolled_at, completed_at, revoked_at,
	revoked_reason, expires_at, certificate_id, history`

func scanEnrollment(row *sql.Rows, e *Enrollment) error {
	return row.Scan(&e.WorkspaceID, &e.ID, at(&e.CreatedAt), at(&e.UpdatedAt), &e.StudentID, &e.CourseID, &e.CourseTitle,
		&e.Status, &e.Source, textOrNil(&e.Note), textOrNil(&e.OrderID), whole(&e.ProgressPercent),
		whole(&e.CompletedLessonCount), whole(&e.TotalLessonCount), at(&e.EnrolledAt), atOrNil(&e.CompletedAt),
		atOrNil(&e.RevokedAt), textOrNil(&e.RevokedReason), atOrNil(&e.ExpiresAt), textOrNil(&e.CertificateID),
		asJSON(&e.History))
}

// enrollmentsOf reads all enrollments of some students, oldest first, by enrollments_pair. It is bounded by
// maxEnrollments a student.
func enrollmentsOf(ctx context.Context, s scope, studentIDs []string) ([]Enrollment, error) {
	places, args := idsIn(studentIDs, 2)
	return scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + enrollmentColumns + ` FROM enrollments WHERE workspace_id = $1 AND student_id IN (` + places + `)
			ORDER BY created_at, id`,
		args: args, capacity: 2 * len(studentIDs),
	}, scanEnrollment)
}

// readEnrollment finds one enrollment by a condition whose arguments begin at $2.
func readEnrollment(ctx context.Context, s scope, condition string, args ...any) (Enrollment, error) {
	return scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + enrollmentColumns + ` FROM enrollments WHERE workspace_id = $1 AND ` + condition,
		args: args, capacity: 1,
	}, scanEnrollment)
}

// Enrollment reads an enrollment as the Tx sees it.
func (tx *Tx) Enrollment(ctx context.Context, id string) (Enrollment, error) {
	enrollment, err := readEnrollment(ctx, tx.scope, "id = $2", id)
	return enrollment, wrap("enrollment "+id, err)
}

// NewEnrollment is what a caller decides about an enrollment. Source "" is api.
type NewEnrollment struct {
	StudentID string
	CourseID  string
	Note      *string
	ExpiresAt *time.Time
	Source    string

	orderID *string // the order that pays for it
}

// Enroll gives a student access to a published course and reports whether that is new. An active or completed
// enrollment is returned as it is; a revoked or expired one is reinstated with its progress.
// ErrNotFound if the student or the course is not of this workspace.
func (tx *Tx) Enroll(ctx context.Context, in NewEnrollment) (enrollment Enrollment, created bool, err error) {
	if in.Source == "" {
		in.Source = SourceAPI
	}
	in.ExpiresAt = stored(in.ExpiresAt)
	course, err := readCourse(ctx, tx.scope, in.CourseID)
	if err != nil {
		return Enrollment{}, false, fmt.Errorf("enrol in course %s: %w", in.CourseID, err)
	}
	student, err := readStudent(ctx, tx.scope, "id", in.StudentID)
	if err != nil {
		return Enrollment{}, false, fmt.Errorf("enrol student %s: %w", in.StudentID, err)
	}
	known, err := readEnrollment(ctx, tx.scope, "student_id = $2 AND course_id = $3", in.StudentID, in.CourseID)
	switch {
	case err == nil && known.Live():
		return known, false, nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return Enrollment{}, false, fmt.Errorf("enrol student %s: %w", in.StudentID, err)
	}
	if refusal := tx.refuse(in, course, student, known); refusal != nil {
		return Enrollment{}, false, refusal
	}
	if err == nil {
		enrollment, err = tx.reinstate(ctx, in, known)
	} else {
		enrollment, err = tx.enrollNew(ctx, in, course)
	}
	if err != nil {
		return Enrollment{}, false, fmt.Errorf("enrol student %s: %w", in.StudentID, err)
	}
	return enrollment, true, tx.countEnrolled(ctx, enrollment, student)
}

// refuse tells what forbids a new or reinstated enrollment.
func (tx *Tx) refuse(in NewEnrollment, course Course, student Student, stored Enrollment) error {
	if course.Status != CoursePublished {
		return &Invalid{Field: "/courseId", Issue: "must be a published course; this one is " + course.Status}
	}
	if in.ExpiresAt != nil && !in.ExpiresAt.After(tx.now) {
		return &Invalid{Field: "/expiresAt", Issue: "must be in the future"}
	}
	if stored.ID == "" && len(student.Enrollments) >= maxEnrollments {
		return &Invalid{Field: "/studentId", Issue: fmt.Sprintf("the student has %d enrollments, which is the limit", maxEnrollments)}
	}
	return nil
}

func (tx *Tx) enrollNew(ctx context.Context, in NewEnrollment, course Course) (Enrollment, error) {
	enrollment := Enrollment{
		WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now,
		StudentID: in.StudentID, CourseID: in.CourseID, CourseTitle: course.Title, Status: EnrollmentActive,
		Source: in.Source, Note: in.Note, OrderID: in.orderID, ExpiresAt: in.ExpiresAt,
		TotalLessonCount: course.LessonCount, EnrolledAt: tx.now,
		History: []HistoryEntry{{Action: ActionEnrolled, At: tx.now, Source: in.Source}},
	}
	var err error
	if enrollment.ID, err = tx.newID(prefixEnrollment); err != nil {
		return Enrollment{}, err
	}
	if err := insert(ctx, tx.scope, &enrollment); err != nil {
		return Enrollment{}, err
	}
	return enrollment, tx.keepChange(ctx, enrollment)
}

// reinstate gives access again. A course that was completed before stays completed.
func (tx *Tx) reinstate(ctx context.Context, in NewEnrollment, e Enrollment) (Enrollment, error) {
	e.Status, e.RevokedAt, e.RevokedReason = EnrollmentActive, nil, nil
	if e.CompletedAt != nil {
		e.Status = EnrollmentCompleted
	}
	e.Source, e.OrderID, e.ExpiresAt = in.Source, in.orderID, in.ExpiresAt
	if in.Note != nil {
		e.Note = in.Note
	}
	return tx.change(ctx, e, ActionReinstated, in.Source)
}

// change stores an enrollment whose state has moved, with the step in its history.
func (tx *Tx) change(ctx context.Context, e Enrollment, action, source string) (Enrollment, error) {
	newest := HistoryEntry{Action: action, At: tx.now, Source: source}
	e.History = append([]HistoryEntry{newest}, e.History[:min(len(e.History), maxHistory-1)]...)
	e.UpdatedAt = tx.now
	if err := tx.saveEnrollment(ctx, e); err != nil {
		return Enrollment{}, err
	}
	return e, tx.keepChange(ctx, e)
}

// saveEnrollment writes all that may change of an enrollment.
func (tx *Tx) saveEnrollment(ctx context.Context, e Enrollment) error {
	n, err := rows[Enrollment](tx.scope).Where("id = ?", e.ID).
		Select("status", "source", "note", "order_id", "progress_percent", "completed_lesson_count", "completed_at",
			"revoked_at", "revoked_reason", "expires_at", "certificate_id", "history", "updated_at").
		Updates(ctx, e)
	return wrap("save enrollment "+e.ID, affected(n, err))
}

// keepChange writes the newest entry of the history to the record of all changes.
func (tx *Tx) keepChange(ctx context.Context, e Enrollment) error {
	newest := e.History[0]
	_, err := tx.scope.exec(ctx, `INSERT INTO enrollment_changes
			(workspace_id, enrollment_id, sequence, student_id, course_id, action, at, source)
		SELECT $1, $2, 1 + COALESCE(MAX(sequence), 0), $3, $4, $5, $6, $7
		FROM enrollment_changes WHERE workspace_id = $1 AND enrollment_id = $2`,
		e.ID, e.StudentID, e.CourseID, newest.Action, micros(newest.At), newest.Source)
	return wrap("keep the change of enrollment "+e.ID, err)
}

// countEnrolled moves all counters that a new or reinstated enrollment moves.
func (tx *Tx) countEnrolled(ctx context.Context, e Enrollment, student Student) error {
	if err := tx.countCourse(ctx, e.CourseID, 1); err != nil {
		return err
	}
	today := dayFigures{enrollmentsNew: 1}
	if e.History[0].Action == ActionEnrolled {
		today.cohortSize = 1
	}
	if err := tx.addDay(ctx, tx.now, today); err != nil {
		return err
	}
	if err := tx.addCourseDay(ctx, e.CourseID, tx.now, courseFigures{enrollmentsNew: 1}); err != nil {
		return err
	}
	return tx.markActive(ctx, student)
}

// countCourse moves the course's counter of enrollments, and with it the course's updatedAt.
func (tx *Tx) countCourse(ctx context.Context, courseID string, step int) error {
	n, err := tx.scope.exec(ctx, `UPDATE courses SET enrolled_count = enrolled_count + $3, updated_at = $4
		WHERE workspace_id = $1 AND id = $2`, courseID, step, micros(tx.now))
	return wrap("count enrollments of course "+courseID, affected(int(n), err))
}

// Revoke takes access away and reports whether there was any. The progress is kept.
func (tx *Tx) Revoke(ctx context.Context, id string, reason *string, source string) (Enrollment, bool, error) {
	return tx.end(ctx, id, ending{status: EnrollmentRevoked, action: ActionRevoked, reason: reason, source: source})
}

// Expire ends an enrollment whose time is over and reports whether it was live. Whoever calls it decides that the
// time is over: state never changes by looking at the clock while reading.
func (tx *Tx) Expire(ctx context.Context, id string) (Enrollment, bool, error) {
	reason := EnrollmentExpired
	return tx.end(ctx, id, ending{status: EnrollmentExpired, action: ActionExpired, reason: &reason})
}

// ending is how an enrollment ends. Source "" is the enrollment's own.
type ending struct {
	status, action, source string
	reason                 *string
}

func (tx *Tx) end(ctx context.Context, id string, how ending) (Enrollment, bool, error) {
	e, err := tx.Enrollment(ctx, id)
	if err != nil || !e.Live() {
		return e, false, err
	}
	e.Status, e.RevokedAt, e.RevokedReason = how.status, &tx.now, how.reason
	if how.source == "" {
		how.source = e.Source
	}
	if e, err = tx.change(ctx, e, how.action, how.source); err != nil {
		return Enrollment{}, false, err
	}
	if err := tx.countCourse(ctx, e.CourseID, -1); err != nil {
		return Enrollment{}, false, err
	}
	if err := tx.addDay(ctx, tx.now, dayFigures{enrollmentsEnded: 1}); err != nil {
		return Enrollment{}, false, err
	}
	return e, true, tx.sumUpStudent(ctx, e.StudentID)
}
