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

	ProgressPercent      float64 `gorm:"serializer:hundredths"` // 0 to 100, rounded down to hundredths
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
		&e.Status, &e.Source, textOrNil(&e.Note), textOrNil(&e.OrderID), percent(&e.ProgressPercent),
		whole(&e.CompletedLessonCount), whole(&e.TotalLessonCount), at(&e.EnrolledAt), atOrNil(&e.CompletedAt),
		atOrNil(&e.RevokedAt), textOrNil(&e.RevokedReason), atOrNil(&e.ExpiresAt), textOrNil(&e.CertificateID),
		asJSON(&e.History))
}

// enrollmentsOf reads all enrollments of some students, oldest first, by enrollments_pair. It is bounded by
// maxEnrollments a student. The plus keeps SQLite from taking the index that has this order, and so reading all
// enrollments of the workspace to sort a few.
func enrollmentsOf(ctx context.Context, s scope, studentIDs []string) ([]Enrollment, error) {
	places, args := idsIn(studentIDs, 2)
	return scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + enrollmentColumns + ` FROM enrollments WHERE workspace_id = $1 AND student_id IN (` + places + `)
			ORDER BY +created_at, id`,
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

// EnrollmentQuery says which enrollments to list; nil is no filter.
type EnrollmentQuery struct {
	ListOptions
	StudentID, CourseID, Status *string
}

// Enrollments lists enrollments with one query. The filters are served by enrollments_pair (a student has at most
// maxEnrollments), enrollments_course and enrollments_status.
func (w *Workspace) Enrollments(ctx context.Context, q EnrollmentQuery) (Page[Enrollment], error) {
	list := listing[Enrollment]{
		name: "enrollments", columns: enrollmentColumns, from: "enrollments e", alias: "e", scan: scanEnrollment,
		stand: func(e *Enrollment) (time.Time, time.Time, string) { return e.CreatedAt, e.UpdatedAt, e.ID },
	}
	list.filter("e.student_id = %s", q.StudentID)
	list.filter("e.course_id = %s", q.CourseID)
	list.filter("e.status = %s", q.Status)
	return list.read(ctx, w, q.ListOptions)
}

// Enrollment reads one enrollment: one query.
func (w *Workspace) Enrollment(ctx context.Context, id string) (Enrollment, error) {
	enrollment, err := readEnrollment(ctx, w.scope, "id = $2", id)
	return enrollment, wrap("enrollment "+id, err)
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
	if refusal := tx.refuse(in, course, known, len(student.Enrollments)); refusal != nil {
		return Enrollment{}, false, refusal
	}
	taken, err := tx.admit(in, course, known)
	if err == nil {
		err = tx.saveEnrollment(ctx, taken.after)
	}
	if err == nil {
		err = tx.take(ctx, taken)
	}
	if err != nil {
		return Enrollment{}, false, fmt.Errorf("enrol student %s: %w", in.StudentID, err)
	}
	return taken.after, true, nil
}

// refuse tells what forbids a new or reinstated enrollment of a student who has count of them; known is zero for a
// new one.
func (tx *Tx) refuse(in NewEnrollment, course Course, known Enrollment, count int) error {
	if course.Status != CoursePublished {
		return &Invalid{Field: "/courseId", Issue: "must be a published course; this one is " + course.Status}
	}
	if in.ExpiresAt != nil && !in.ExpiresAt.After(tx.now) {
		return &Invalid{Field: "/expiresAt", Issue: "must be in the future"}
	}
	if known.ID == "" && count >= maxEnrollments {
		return &Invalid{Field: "/studentId", Issue: fmt.Sprintf("the student has %d enrollments, which is the limit", maxEnrollments)}
	}
	return nil
}

// admit is the step that gives access: to a new enrollment, or again to a known one. Nothing is stored yet.
func (tx *Tx) admit(in NewEnrollment, course Course, known Enrollment) (step, error) {
	if known.ID != "" {
		return step{before: known, after: tx.reinstated(in, known), action: ActionReinstated, source: in.Source}, nil
	}
	enrollment := Enrollment{
		WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now,
		StudentID: in.StudentID, CourseID: in.CourseID, CourseTitle: course.Title, Status: EnrollmentActive,
		Source: in.Source, Note: in.Note, OrderID: in.orderID, ExpiresAt: in.ExpiresAt,
		TotalLessonCount: course.LessonCount, EnrolledAt: tx.now,
	}
	enrollment.note(ActionEnrolled, tx.now, in.Source)
	var err error
	enrollment.ID, err = tx.newID(prefixEnrollment)
	return step{after: enrollment, action: ActionEnrolled, source: in.Source}, err
}

// reinstated has access again. A course that was completed before stays completed.
func (tx *Tx) reinstated(in NewEnrollment, known Enrollment) Enrollment {
	e := known
	e.Status, e.RevokedAt, e.RevokedReason, e.UpdatedAt = EnrollmentActive, nil, nil, tx.now
	if e.CompletedAt != nil {
		e.Status = EnrollmentCompleted
	}
	e.Source, e.OrderID, e.ExpiresAt = in.Source, in.orderID, in.ExpiresAt
	if in.Note != nil {
		e.Note = in.Note
	}
	e.note(ActionReinstated, tx.now, in.Source)
	return e
}

// note puts a change of state at the head of the history, which keeps the newest maxHistory.
func (e *Enrollment) note(action string, at time.Time, source string) {
	newest := HistoryEntry{Action: action, At: at, Source: source}
	e.History = append([]HistoryEntry{newest}, e.History[:min(len(e.History), maxHistory-1)]...)
}

// Revoke takes access away and reports whether there was any. The progress is kept.
func (tx *Tx) Revoke(ctx context.Context, id string, reason *string, source string) (Enrollment, bool, error) {
	return tx.end(ctx, id, ending{status: EnrollmentRevoked, action: ActionRevoked, reason: reason, source: source})
}

// Expire ends an enrollment if its time is over, and reports whether it did. State never changes by looking at the
// clock while reading: a job finds what is due by DueExpiries, and this looks again under the lock.
func (tx *Tx) Expire(ctx context.Context, id string) (Enrollment, bool, error) {
	e, err := tx.Enrollment(ctx, id)
	if err != nil || e.ExpiresAt == nil || e.ExpiresAt.After(tx.now) {
		return e, false, err
	}
	reason := EnrollmentExpired
	return tx.end(ctx, id, ending{status: EnrollmentExpired, action: ActionExpired, reason: &reason})
}

// DueExpiries finds at most limit live enrollments that have expired, over all workspaces, the longest overdue first.
// It is served by enrollments_expiry, which has only what can still expire.
func (s *Store) DueExpiries(ctx context.Context, limit int) ([]Due, error) {
	found, err := s.due(ctx, `SELECT workspace_id, id FROM enrollments
		WHERE expires_at IS NOT NULL AND status IN ('active', 'completed') AND expires_at <= {now}
		ORDER BY expires_at LIMIT $1`, limit)
	return found, wrap("find expired enrollments", err)
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
	ended := tx.ended(e, how)
	if err := tx.saveEnrollment(ctx, ended.after); err != nil {
		return Enrollment{}, false, err
	}
	return ended.after, true, tx.take(ctx, ended)
}

// ended is the step that takes access away. Nothing is stored yet.
func (tx *Tx) ended(before Enrollment, how ending) step {
	e := before
	e.Status, e.RevokedAt, e.RevokedReason, e.UpdatedAt = how.status, &tx.now, how.reason, tx.now
	if how.source == "" {
		how.source = e.Source
	}
	e.note(how.action, tx.now, how.source)
	return step{before: before, after: e, action: how.action, source: how.source}
}
