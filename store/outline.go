package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// CourseDetail is a course with its outline: modules and lessons in their order.
type CourseDetail struct {
	Course
	Modules []Module
}

// Module is a chapter of a course. LessonCount and DurationSeconds sum up its lessons.
type Module struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	CourseID        string
	Title           string
	Description     *string
	Position        int    // from 1, within the course
	Unlock          string // immediate, or sequential: when the module before it is completed
	LessonCount     int
	DurationSeconds int
	Lessons         []Lesson `gorm:"-"`
}

// Lesson is what the service tells about a lesson: never its content.
type Lesson struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	CourseID        string
	ModuleID        string
	Title           string
	Type            string // video, text, pdf, document, embed, audio, quiz, live or recording
	Position        int    // from 1, within the module
	DurationSeconds int
	IsPreview       bool
}

const moduleColumns = `workspace_id, id, created_at, updated_at, course_id, title, description, position, unlock,
	lesson_count, duration_seconds`

func scanModule(row *sql.Rows, m *Module) error {
	m.Lessons = []Lesson{}
	return row.Scan(&m.WorkspaceID, &m.ID, at(&m.CreatedAt), at(&m.UpdatedAt), &m.CourseID, &m.Title,
		textOrNil(&m.Description), whole(&m.Position), &m.Unlock, whole(&m.LessonCount), whole(&m.DurationSeconds))
}

const lessonColumns = `workspace_id, id, created_at, updated_at, course_id, module_id, title, type, position,
	duration_seconds, is_preview`

func scanLesson(row *sql.Rows, l *Lesson) error {
	return row.Scan(&l.WorkspaceID, &l.ID, at(&l.CreatedAt), at(&l.UpdatedAt), &l.CourseID, &l.ModuleID, &l.Title,
		&l.Type, whole(&l.Position), whole(&l.DurationSeconds), &l.IsPreview)
}

// readOutline reads the modules of a course with their lessons: two queries, at most 100 modules and 500 lessons,
// in the order of modules_course and lessons_course.
func readOutline(ctx context.Context, s scope, courseID string) ([]Module, error) {
	modules, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + moduleColumns + ` FROM modules WHERE workspace_id = $1 AND course_id = $2 ORDER BY position`,
		args: []any{courseID}, capacity: 16,
	}, scanModule)
	if err != nil {
		return nil, err
	}
	lessons, err := scanAll(ctx, s, sqlQuery{
		text: `SELECT ` + lessonColumns + ` FROM lessons WHERE workspace_id = $1 AND course_id = $2 ORDER BY position`,
		args: []any{courseID}, capacity: 64,
	}, scanLesson)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*Module, len(modules))
	for i := range modules {
		byID[modules[i].ID] = &modules[i]
	}
	for _, lesson := range lessons {
		module := byID[lesson.ModuleID]
		module.Lessons = append(module.Lessons, lesson)
	}
	return modules, nil
}

// NewCourse is what a caller decides about a course. It begins as a draft.
type NewCourse struct {
	Slug               string
	Title              string
	Subtitle           *string
	Description        *string
	Visibility         string
	Level              string
	Language           string
	Category           *string
	Tags               []string
	ThumbnailURL       *string
	PriceAmount        int64
	CompareAtAmount    *int64
	Instructor         Instructor
	CertificateEnabled bool
	Modules            []NewModule
}

// NewModule is a module to be made; its place is that in the list.
type NewModule struct {
	Title       string
	Description *string
	Unlock      string
	Lessons     []NewLesson
}

// NewLesson is a lesson to be made; its place is that in the list.
type NewLesson struct {
	Title           string
	Type            string
	DurationSeconds int
	IsPreview       bool
}

// The largest outline of a course.
const (
	maxModules = 100
	maxLessons = 500
)

// CreateCourse makes a draft with its outline. ErrConflict if the slug is taken.
func (tx *Tx) CreateCourse(ctx context.Context, in NewCourse) (CourseDetail, error) {
	cal, err := tx.calendar(ctx)
	if err != nil {
		return CourseDetail{}, err
	}
	detail, err := tx.outline(in)
	if err != nil {
		return CourseDetail{}, fmt.Errorf("create course: %w", err)
	}
	course := &detail.Course
	course.CreatedAt, course.UpdatedAt, course.Status = tx.now, tx.now, CourseDraft
	course.Slug, course.Title, course.Subtitle, course.Description = in.Slug, in.Title, in.Subtitle, in.Description
	course.Visibility, course.Level, course.Language, course.Category = in.Visibility, in.Level, in.Language, in.Category
	course.Tags, course.ThumbnailURL, course.Instructor = notNil(in.Tags), in.ThumbnailURL, in.Instructor
	course.Price = Price{Amount: in.PriceAmount, Currency: cal.currency, CompareAtAmount: in.CompareAtAmount}
	course.CertificateEnabled = in.CertificateEnabled
	if err := insert(ctx, tx.scope, course); err != nil {
		return CourseDetail{}, fmt.Errorf("create course: %w", err)
	}
	return detail, wrap("create the outline", tx.insertOutline(ctx, detail.Modules))
}

// outline lays out the modules and lessons of a course that is not stored yet, and counts them.
func (tx *Tx) outline(in NewCourse) (detail CourseDetail, err error) {
	if detail.ID, err = tx.newID(prefixCourse); err != nil {
		return detail, err
	}
	for _, newModule := range in.Modules {
		module := Module{CreatedAt: tx.now, UpdatedAt: tx.now, CourseID: detail.ID, Title: newModule.Title,
			Description: newModule.Description, Position: len(detail.Modules) + 1, Unlock: newModule.Unlock}
		if module.ID, err = tx.newID(prefixModule); err != nil {
			return detail, err
		}
		for _, newLesson := range newModule.Lessons {
			lesson := Lesson{CreatedAt: tx.now, UpdatedAt: tx.now, CourseID: detail.ID, ModuleID: module.ID,
				Title: newLesson.Title, Type: newLesson.Type, Position: module.LessonCount + 1,
				DurationSeconds: newLesson.DurationSeconds, IsPreview: newLesson.IsPreview}
			if lesson.ID, err = tx.newID(prefixLesson); err != nil {
				return detail, err
			}
			module.Lessons = append(module.Lessons, lesson)
			module.LessonCount++
			module.DurationSeconds += lesson.DurationSeconds
		}
		detail.Modules = append(detail.Modules, module)
		detail.ModuleCount++
		detail.LessonCount += module.LessonCount
		detail.DurationSeconds += module.DurationSeconds
	}
	if detail.ModuleCount > maxModules || detail.LessonCount > maxLessons {
		return detail, &Invalid{Field: "/modules", Issue: "a course has at most 100 modules and 500 lessons"}
	}
	return detail, nil
}

func (tx *Tx) insertOutline(ctx context.Context, modules []Module) error {
	if err := insertAll(ctx, tx.scope, modules); err != nil {
		return err
	}
	var lessons []Lesson
	for _, module := range modules {
		lessons = append(lessons, module.Lessons...)
	}
	return insertAll(ctx, tx.scope, lessons)
}

// notNil makes an absent list an empty one: that is how lists are stored.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
