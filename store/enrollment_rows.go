package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// enrollmentRow is an enrollment as keepEnrollmentRows takes it, in the units of the database.
type enrollmentRow struct {
	ID            string  `json:"id"`
	CreatedAt     int64   `json:"ca"`
	UpdatedAt     int64   `json:"ua"`
	StudentID     string  `json:"s"`
	CourseID      string  `json:"c"`
	CourseTitle   string  `json:"ct"`
	Status        string  `json:"st"`
	Source        string  `json:"so"`
	Note          *string `json:"n"`
	OrderID       *string `json:"o"`
	Percent       int64   `json:"p"`
	Completed     int     `json:"cl"`
	Total         int     `json:"tl"`
	EnrolledAt    int64   `json:"ea"`
	CompletedAt   any     `json:"da"`
	RevokedAt     any     `json:"ra"`
	RevokedReason *string `json:"rr"`
	ExpiresAt     any     `json:"xa"`
	CertificateID *string `json:"ce"`
	History       string  `json:"h"`
}

// keepEnrollmentRows writes new enrollments, and of stored ones all that may change.
const keepEnrollmentRows = `INSERT INTO enrollments (workspace_id, id, created_at, updated_at, student_id, course_id,
		course_title, status, source, note, order_id, progress_percent, completed_lesson_count, total_lesson_count,
		enrolled_at, completed_at, revoked_at, revoked_reason, expires_at, certificate_id, history)
	SELECT $1, r.value->>'id', CAST(r.value->>'ca' AS bigint), CAST(r.value->>'ua' AS bigint), r.value->>'s',
		r.value->>'c', r.value->>'ct', r.value->>'st', r.value->>'so', r.value->>'n', r.value->>'o',
		CAST(r.value->>'p' AS bigint), CAST(r.value->>'cl' AS bigint), CAST(r.value->>'tl' AS bigint),
		CAST(r.value->>'ea' AS bigint), CAST(r.value->>'da' AS bigint), CAST(r.value->>'ra' AS bigint),
		r.value->>'rr', CAST(r.value->>'xa' AS bigint), r.value->>'ce', r.value->>'h'
	FROM {rows $2} WHERE true
	ON CONFLICT (workspace_id, id) DO UPDATE SET updated_at = excluded.updated_at, status = excluded.status,
		source = excluded.source, note = excluded.note, order_id = excluded.order_id,
		progress_percent = excluded.progress_percent, completed_lesson_count = excluded.completed_lesson_count,
		total_lesson_count = excluded.total_lesson_count, completed_at = excluded.completed_at,
		revoked_at = excluded.revoked_at, revoked_reason = excluded.revoked_reason, expires_at = excluded.expires_at,
		certificate_id = excluded.certificate_id, history = excluded.history`

// keepEnrollments writes new and changed enrollments, each once, in one statement.
func (tx *Tx) keepEnrollments(ctx context.Context, list []Enrollment) error {
	rows := make([]enrollmentRow, len(list))
	for i, e := range list {
		history, err := json.Marshal(e.History)
		if err != nil {
			return fmt.Errorf("keep enrollment %s: %w", e.ID, err)
		}
		rows[i] = enrollmentRow{ID: e.ID, CreatedAt: micros(e.CreatedAt), UpdatedAt: micros(e.UpdatedAt),
			StudentID: e.StudentID, CourseID: e.CourseID, CourseTitle: e.CourseTitle, Status: e.Status, Source: e.Source,
			Note: e.Note, OrderID: e.OrderID, Percent: inHundredths(e.ProgressPercent), Completed: e.CompletedLessonCount,
			Total: e.TotalLessonCount, EnrolledAt: micros(e.EnrolledAt), CompletedAt: microsOrNil(e.CompletedAt),
			RevokedAt: microsOrNil(e.RevokedAt), RevokedReason: e.RevokedReason, ExpiresAt: microsOrNil(e.ExpiresAt),
			CertificateID: e.CertificateID, History: string(history)}
	}
	return wrap("keep enrollments", noun(writeRows(ctx, tx, keepEnrollmentRows, rows)))
}

// saveEnrollment is keepEnrollments for one.
func (tx *Tx) saveEnrollment(ctx context.Context, e Enrollment) error {
	return tx.keepEnrollments(ctx, []Enrollment{e})
}
