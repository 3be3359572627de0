package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Certificate says that a student completed a course. Names are those of the day of issue, and StudentName is "" once
// the student was erased.
type Certificate struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	StudentID   string
	CourseID    string
	StudentName string
	CourseTitle string
	Grade       *string
	IssuedAt    time.Time `gorm:"serializer:micros"`
}

const certificateColumns = `workspace_id, id, created_at, updated_at, student_id, course_id, student_name, course_title,
	grade, issued_at`

func scanCertificate(row *sql.Rows, c *Certificate) error {
	return row.Scan(&c.WorkspaceID, &c.ID, at(&c.CreatedAt), at(&c.UpdatedAt), &c.StudentID, &c.CourseID,
		&c.StudentName, &c.CourseTitle, textOrNil(&c.Grade), at(&c.IssuedAt))
}

// Certificates lists certificates with one query, by certificates_created or certificates_updated.
func (w *Workspace) Certificates(ctx context.Context, opt ListOptions) (Page[Certificate], error) {
	list := listing[Certificate]{
		name: "certificates", columns: certificateColumns, from: "certificates c", alias: "c", scan: scanCertificate,
		stand: func(c *Certificate) (time.Time, time.Time, string) { return c.CreatedAt, c.UpdatedAt, c.ID },
	}
	return list.read(ctx, w, opt)
}

// Certificate reads a certificate: one query.
func (w *Workspace) Certificate(ctx context.Context, id string) (Certificate, error) {
	certificate, err := scanOne(ctx, w.scope, sqlQuery{
		text: `SELECT ` + certificateColumns + ` FROM certificates WHERE workspace_id = $1 AND id = $2`,
		args: []any{id}, capacity: 1,
	}, scanCertificate)
	return certificate, wrap("certificate "+id, err)
}

// PublicCertificate is what anybody may know of a certificate whose id they were given: no e-mail address, and no ids
// but its own.
type PublicCertificate struct {
	ID          string
	StudentName string
	CourseTitle string
	IssuedAt    time.Time
}

// PublicCertificate finds a certificate of any workspace by certificates_id, for the page on which it is verified.
// ErrNotFound also after the student was erased.
func (s *Store) PublicCertificate(ctx context.Context, id string) (PublicCertificate, error) {
	found, err := readAll(ctx, s.reader.Statement.ConnPool, sqlQuery{
		text: `SELECT id, student_name, course_title, issued_at FROM certificates WHERE id = $1 AND student_name <> ''
			ORDER BY workspace_id LIMIT 1`,
		args: []any{id}, capacity: 1,
	}, func(row *sql.Rows, c *PublicCertificate) error {
		return row.Scan(&c.ID, &c.StudentName, &c.CourseTitle, at(&c.IssuedAt))
	})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return PublicCertificate{}, fmt.Errorf("certificate %s: %w", id, err)
	}
	return found[0], nil
}

// NewCertificate is what a caller decides about a certificate.
type NewCertificate struct {
	StudentID string
	CourseID  string
	Grade     *string
}

// IssueCertificate certifies that a student completed a course and reports whether that is new: there is one
// certificate for each pair, and a repeat returns it unchanged.
func (tx *Tx) IssueCertificate(ctx context.Context, in NewCertificate) (Certificate, bool, error) {
	student, err := readStudent(ctx, tx.scope, "id", in.StudentID) // first: an erased student has no certificates
	if err != nil {
		return Certificate{}, false, fmt.Errorf("issue certificate: %w", err)
	}
	stored, err := scanOne(ctx, tx.scope, sqlQuery{
		text: `SELECT ` + certificateColumns + ` FROM certificates
			WHERE workspace_id = $1 AND student_id = $2 AND course_id = $3`,
		args: []any{in.StudentID, in.CourseID}, capacity: 1,
	}, scanCertificate)
	if !errors.Is(err, ErrNotFound) {
		return stored, false, wrap("issue certificate", err)
	}
	course, err := readCourse(ctx, tx.scope, in.CourseID)
	if err != nil {
		return Certificate{}, false, fmt.Errorf("issue certificate: %w", err)
	}
	if course.Status == CourseDraft {
		return Certificate{}, false, &Invalid{Field: "/courseId", Issue: "must be a published or archived course; this one is a draft"}
	}
	certificate := Certificate{WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now,
		StudentID: in.StudentID, CourseID: in.CourseID, StudentName: student.DisplayName, CourseTitle: course.Title,
		Grade: in.Grade, IssuedAt: tx.now}
	if certificate.ID, err = tx.newID(prefixCertificate); err != nil {
		return Certificate{}, false, err
	}
	return certificate, true, wrap("issue certificate", tx.keepCertificate(ctx, &certificate))
}

// keepCertificate stores a certificate and shows it on the enrollment, if there is one, and on the student.
func (tx *Tx) keepCertificate(ctx context.Context, c *Certificate) error {
	if err := insert(ctx, tx.scope, c); err != nil {
		return err
	}
	_, err := tx.scope.exec(ctx, `UPDATE enrollments SET certificate_id = $4, updated_at = $5
		WHERE workspace_id = $1 AND student_id = $2 AND course_id = $3`, c.StudentID, c.CourseID, c.ID, micros(tx.now))
	if err != nil {
		return err
	}
	if err := tx.addDay(ctx, tx.now, dayFigures{certificates: 1}); err != nil {
		return err
	}
	return tx.sumUpStudent(ctx, c.StudentID)
}
