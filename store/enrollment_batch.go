package store

import (
	"context"
	"database/sql"
	"fmt"
)

// BatchItem is one enrollment of a batch: of a known student, or of whoever has the e-mail address, who becomes a
// student if nobody has it.
type BatchItem struct {
	StudentID          *string
	Email, DisplayName string // if StudentID is nil
	CourseID           string
}

// What became of an item.
const (
	BatchCreated    = "created"
	BatchExisting   = "existing"
	BatchReinstated = "reinstated"
	BatchFailed     = "failed"
)

// BatchOutcome is what became of an item. Err says why it failed, as Enroll would, with fields below the item; if it
// did, nothing of the item is stored.
type BatchOutcome struct {
	Status     string
	Enrollment Enrollment
	NewStudent *Student // whom this item made, as of before the enrollment
	Err        error
}

// EnrollBatch enrols by many items, at most 100, in their order. Each succeeds or fails alone, and a later item sees
// what an earlier one did. New students are invited if sendInvite is true, which the caller then mails to them.
// It runs at most 13 statements, whatever the number of items; a kind of outcome that does not occur saves some.
func (tx *Tx) EnrollBatch(ctx context.Context, items []BatchItem, sendInvite bool) ([]BatchOutcome, error) {
	b := &batch{tx: tx, status: StudentActive, known: map[batchPair]Enrollment{}}
	if sendInvite {
		b.status = StudentInvited
	}
	if err := b.load(ctx, items); err != nil {
		return nil, fmt.Errorf("enrol a batch: %w", err)
	}
	outcomes := make([]BatchOutcome, len(items))
	for i, item := range items {
		outcome, err := b.enroll(item)
		if err != nil {
			outcome = BatchOutcome{Status: BatchFailed, Err: err}
		}
		outcomes[i] = outcome
	}
	return outcomes, wrap("enrol a batch", b.keep(ctx))
}

// batch is a batch in the making: what the items refer to, and what they have done so far.
type batch struct {
	tx      *Tx
	status  string // of new students
	courses map[string]Course
	byID    map[string]*batchStudent
	byEmail map[string]*batchStudent // folded
	known   map[batchPair]Enrollment

	students []Student
	steps    []step
}

type batchPair struct{ studentID, courseID string }

// batchStudent is a student with the number of enrollments.
type batchStudent struct {
	Student
	count int
	fresh bool // not stored, and not among the new students yet
}

// batchKey is what an item refers to, as statements take it.
type batchKey struct {
	Student string `json:"s"`
	Email   string `json:"e"`
	Course  string `json:"c"`
}

// load reads all that the items refer to: three queries.
func (b *batch) load(ctx context.Context, items []BatchItem) error {
	keys := make([]batchKey, len(items))
	for i, item := range items {
		keys[i] = batchKey{Email: fold(item.Email), Course: item.CourseID}
		if item.StudentID != nil {
			keys[i].Student, keys[i].Email = *item.StudentID, ""
		}
	}
	if err := b.loadCourses(ctx, keys); err != nil {
		return err
	}
	if err := b.loadStudents(ctx, keys); err != nil {
		return err
	}
	for i, key := range keys {
		if student, found := b.byEmail[key.Email]; found {
			keys[i].Student = student.ID
		}
	}
	return b.loadEnrollments(ctx, keys)
}

func (b *batch) loadCourses(ctx context.Context, keys []batchKey) error {
	list, err := scanRows(ctx, b.tx, `SELECT `+courseColumns+` FROM courses WHERE workspace_id = $1
		AND id IN (SELECT r.value->>'c' FROM {rows $2})`, keys, scanCourse)
	b.courses = make(map[string]Course, len(list))
	for _, course := range list {
		b.courses[course.ID] = course
	}
	return wrap("courses", err)
}

// batchStudents finds students by id or by address. The primary key and students_email serve it.
const batchStudents = `SELECT ` + studentColumns + `, (SELECT COUNT(*) FROM enrollments e
			WHERE e.workspace_id = s.workspace_id AND e.student_id = s.id)
		FROM (SELECT s.id FROM {rows $2} JOIN students s ON s.workspace_id = $1 AND s.id = r.value->>'s'
			WHERE s.deleted_at IS NULL
			UNION SELECT s.id FROM {rows $2} JOIN students s ON s.workspace_id = $1 AND s.email_folded = r.value->>'e'
			WHERE s.deleted_at IS NULL) found
		JOIN students s ON s.workspace_id = $1 AND s.id = found.id`

func (b *batch) loadStudents(ctx context.Context, keys []batchKey) error {
	list, err := scanRows(ctx, b.tx, batchStudents, keys, scanBatchStudent)
	b.byID, b.byEmail = make(map[string]*batchStudent, len(list)), make(map[string]*batchStudent, len(list))
	for i := range list {
		b.byID[list[i].ID], b.byEmail[list[i].EmailFolded] = &list[i], &list[i]
	}
	return wrap("students", err)
}

func scanBatchStudent(row *sql.Rows, s *batchStudent) error {
	return scanStudentAnd(row, &s.Student, whole(&s.count))
}

// loadEnrollments finds the enrollments of the items' pairs by enrollments_pair.
func (b *batch) loadEnrollments(ctx context.Context, keys []batchKey) error {
	list, err := scanRows(ctx, b.tx, `SELECT `+enrollmentColumns+` FROM enrollments WHERE workspace_id = $1
		AND (student_id, course_id) IN (SELECT r.value->>'s', r.value->>'c' FROM {rows $2})`, keys, scanEnrollment)
	for _, e := range list {
		b.known[batchPair{e.StudentID, e.CourseID}] = e
	}
	return wrap("enrollments", err)
}

// enroll does one item. It changes the batch only if the item succeeds.
func (b *batch) enroll(item BatchItem) (BatchOutcome, error) {
	course, found := b.courses[item.CourseID]
	if !found {
		return BatchOutcome{}, fmt.Errorf("enrol in course %s: %w", item.CourseID, ErrNotFound)
	}
	student, err := b.student(item)
	if err != nil {
		return BatchOutcome{}, err
	}
	pair := batchPair{student.ID, course.ID}
	known := b.known[pair]
	if known.ID != "" && known.Live() {
		return BatchOutcome{Status: BatchExisting, Enrollment: known}, nil
	}
	in := NewEnrollment{StudentID: student.ID, CourseID: course.ID, Source: SourceAPI}
	if refusal := b.tx.refuse(in, course, known, student.count); refusal != nil {
		return BatchOutcome{}, refusal
	}
	taken, err := b.tx.admit(in, course, known)
	if err != nil {
		return BatchOutcome{}, err
	}
	b.known[pair] = taken.after
	b.steps = append(b.steps, taken)
	outcome := BatchOutcome{Status: BatchReinstated, Enrollment: taken.after, NewStudent: b.welcome(student)}
	if known.ID == "" {
		outcome.Status = BatchCreated
		student.count++
	}
	return outcome, nil
}

// student is whom an item speaks of, perhaps a student who is not stored yet.
func (b *batch) student(item BatchItem) (*batchStudent, error) {
	if item.StudentID != nil {
		if student, found := b.byID[*item.StudentID]; found {
			return student, nil
		}
		return nil, fmt.Errorf("enrol student %s: %w", *item.StudentID, ErrNotFound)
	}
	if student, found := b.byEmail[fold(item.Email)]; found {
		return student, nil
	}
	made, err := b.tx.newStudent(NewStudent{Email: item.Email, DisplayName: item.DisplayName, Status: b.status})
	return &batchStudent{Student: made, fresh: true}, err
}

// welcome puts a student who is not stored yet among the new ones, so that later items find them.
func (b *batch) welcome(s *batchStudent) *Student {
	if !s.fresh {
		return nil
	}
	s.fresh = false
	b.byID[s.ID], b.byEmail[s.EmailFolded] = s, s
	b.students = append(b.students, s.Student)
	made := s.Student
	return &made
}

// keep writes what the items did.
func (b *batch) keep(ctx context.Context) error {
	if len(b.steps) == 0 {
		return nil
	}
	if err := insertAll(ctx, b.tx.scope, b.students); err != nil {
		return wrap("create students", err)
	}
	enrollments := make([]Enrollment, len(b.steps))
	for i, s := range b.steps {
		enrollments[i] = s.after
	}
	if err := b.tx.keepEnrollments(ctx, enrollments); err != nil {
		return err
	}
	return b.tx.takeAll(ctx, b.steps, dayFigures{studentsNew: int64(len(b.students))})
}
