package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Student states. An invited student has been sent an invitation and has not come yet.
const (
	StudentInvited  = "invited"
	StudentActive   = "active"
	StudentInactive = "inactive"
)

// Student is a learner of a workspace with all its enrollments.
type Student struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	Email       string // as it was given
	EmailFolded string // what makes it unique in the workspace
	DisplayName string
	Phone       *string // E.164
	Status      string
	ExternalID  *string
	Metadata    map[string]string `gorm:"serializer:json"`
	Tags        []string          `gorm:"serializer:json"`
	Source      *string
	LastSeenAt  *time.Time `gorm:"serializer:micros"`

	Progress    StudentProgress `gorm:"embedded"`
	ActiveDay   string          // the local day of the newest activity, "" before the first
	Enrollments []Enrollment    `gorm:"-"` // oldest first
}

// StudentProgress sums up a student's active and completed enrollments.
type StudentProgress struct {
	CoursesEnrolled    int
	CoursesCompleted   int
	LessonsCompleted   int
	AveragePercent     float64    `gorm:"serializer:hundredths"` // 0 to 100, rounded down to hundredths
	LastActivityAt     *time.Time `gorm:"serializer:micros"`
	CertificatesEarned int
}

const studentColumns = `s.workspace_id, s.id, s.created_at, s.updated_at, s.email, s.email_folded, s.display_name,
	s.phone, s.status, s.external_id, s.metadata, s.tags, s.source, s.last_seen_at, s.courses_enrolled,
	s.courses_completed, s.lessons_completed, s.average_percent, s.last_activity_at, s.certificates_earned, s.active_day`

func scanStudent(row *sql.Rows, s *Student) error { return scanStudentAnd(row, s) }

// scanStudentAnd scans columns that follow those of the student too.
func scanStudentAnd(row *sql.Rows, s *Student, more ...any) error {
	s.Enrollments = []Enrollment{}
	p := &s.Progress
	return row.Scan(append([]any{&s.WorkspaceID, &s.ID, at(&s.CreatedAt), at(&s.UpdatedAt), &s.Email, &s.EmailFolded,
		&s.DisplayName, textOrNil(&s.Phone), &s.Status, textOrNil(&s.ExternalID), asJSON(&s.Metadata), asJSON(&s.Tags),
		textOrNil(&s.Source), atOrNil(&s.LastSeenAt), whole(&p.CoursesEnrolled), whole(&p.CoursesCompleted),
		whole(&p.LessonsCompleted), percent(&p.AveragePercent), atOrNil(&p.LastActivityAt), whole(&p.CertificatesEarned),
		&s.ActiveDay}, more...)...)
}

// StudentQuery says which students to list; nil is no filter.
type StudentQuery struct {
	ListOptions
	Email, ExternalID, Status, Tag *string
}

// Students lists students with progress and all their enrollments: two queries, whatever the number of rows.
func (w *Workspace) Students(ctx context.Context, q StudentQuery) (Page[Student], error) {
	list := listing[Student]{
		name: "students", columns: studentColumns, from: "students s", alias: "s", scan: scanStudent,
		stand: func(s *Student) (time.Time, time.Time, string) { return s.CreatedAt, s.UpdatedAt, s.ID },
	}
	list.conditions = " AND s.deleted_at IS NULL"
	if q.Email != nil {
		folded := fold(*q.Email)
		list.filter("s.email_folded = %s", &folded)
	}
	list.filter("s.external_id = %s", q.ExternalID)
	list.filter("s.status = %s", q.Status)
	if q.UpdatedSince == nil && q.Tag != nil {
		// In the order of student_tags itself, so that a rare tag costs no more than a frequent one.
		list.from = "student_tags t JOIN students s ON s.workspace_id = t.workspace_id AND s.id = t.id"
		list.alias = "t"
		list.filter("t.tag = %s", q.Tag)
	} else {
		list.filter("EXISTS (SELECT 1 FROM student_tags t WHERE t.workspace_id = $1 AND t.id = s.id AND t.tag = %s)", q.Tag)
	}
	page, err := list.read(ctx, w, q.ListOptions)
	if err != nil {
		return page, err
	}
	return page, embedEnrollments(ctx, w.scope, page.Items)
}

// Student reads a student with progress and enrollments: two queries.
func (w *Workspace) Student(ctx context.Context, id string) (Student, error) {
	return readStudent(ctx, w.scope, "id", id)
}

// Student reads a student as the Tx sees it.
func (tx *Tx) Student(ctx context.Context, id string) (Student, error) {
	return readStudent(ctx, tx.scope, "id", id)
}

// readStudent finds a student by a unique column, which is a constant. An erased one is not found.
func readStudent(ctx context.Context, s scope, column, value string) (Student, error) {
	list, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + studentColumns + ` FROM students s
			WHERE s.workspace_id = $1 AND s.` + column + ` = $2 AND s.deleted_at IS NULL`,
		args: []any{value}, capacity: 1,
	}, scanStudent)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err == nil {
		err = embedEnrollments(ctx, s, list)
	}
	if err != nil {
		return Student{}, fmt.Errorf("student: %w", err)
	}
	return list[0], nil
}

// embedEnrollments fills Enrollments of all students with one query.
func embedEnrollments(ctx context.Context, s scope, students []Student) error {
	if len(students) == 0 {
		return nil
	}
	ids, byID := make([]string, len(students)), make(map[string]*Student, len(students))
	for i := range students {
		ids[i], byID[students[i].ID] = students[i].ID, &students[i]
	}
	list, err := enrollmentsOf(ctx, s, ids)
	if err != nil {
		return wrap("enrollments of students", err)
	}
	for _, enrollment := range list {
		student := byID[enrollment.StudentID]
		student.Enrollments = append(student.Enrollments, enrollment)
	}
	return nil
}

// NewStudent is what a caller decides about a student. Status "" is active.
type NewStudent struct {
	Email       string
	DisplayName string
	Phone       *string
	Status      string
	ExternalID  *string
	Metadata    map[string]string
	Tags        []string
	Source      *string
}

// CreateStudent makes a student, or returns the one that has the e-mail address already, unchanged.
func (tx *Tx) CreateStudent(ctx context.Context, in NewStudent) (student Student, created bool, err error) {
	stored, err := readStudent(ctx, tx.scope, "email_folded", fold(in.Email))
	if !errors.Is(err, ErrNotFound) {
		return stored, false, err
	}
	if student, err = tx.newStudent(in); err != nil {
		return Student{}, false, err
	}
	if err := insert(ctx, tx.scope, &student); err != nil {
		return Student{}, false, fmt.Errorf("create student: %w", err)
	}
	if err := insertAll(ctx, tx.scope, student.tagRows()); err != nil {
		return Student{}, false, fmt.Errorf("tag student: %w", err)
	}
	return student, true, tx.addDay(ctx, tx.now, dayFigures{studentsNew: 1})
}

// newStudent makes a student who is not stored yet.
func (tx *Tx) newStudent(in NewStudent) (Student, error) {
	student := Student{
		WorkspaceID: tx.WorkspaceID(), CreatedAt: tx.now, UpdatedAt: tx.now,
		Email: strings.TrimSpace(in.Email), EmailFolded: fold(in.Email), DisplayName: in.DisplayName, Phone: in.Phone,
		Status: in.Status, ExternalID: in.ExternalID, Metadata: in.Metadata, Tags: notNil(in.Tags), Source: in.Source,
		Enrollments: []Enrollment{},
	}
	if student.Status == "" {
		student.Status = StudentActive
	}
	if student.Metadata == nil {
		student.Metadata = map[string]string{}
	}
	var err error
	student.ID, err = tx.newID(prefixStudent)
	return student, err
}

// studentTag is one tag of one student, in the order of the list of students.
type studentTag struct {
	WorkspaceID string
	Tag         string
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	ID          string
}

// TableName tells GORM what its own rule for plurals would get right only by chance.
func (studentTag) TableName() string { return "student_tags" }

// tagRows are the student's tags, each once.
func (s Student) tagRows() []studentTag {
	var list []studentTag
	seen := map[string]bool{}
	for _, tag := range s.Tags {
		if !seen[tag] {
			list = append(list, studentTag{WorkspaceID: s.WorkspaceID, Tag: tag, CreatedAt: s.CreatedAt, ID: s.ID})
		}
		seen[tag] = true
	}
	return list
}
