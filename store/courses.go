package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Course states. The list shows published courses; archived ones stay readable by id,
// since their learners keep access.
const (
	CourseDraft     = "draft"
	CoursePublished = "published"
	CourseArchived  = "archived"
)

// Course is a course without its outline.
type Course struct {
	WorkspaceID string    `gorm:"primaryKey"`
	ID          string    `gorm:"primaryKey"`
	CreatedAt   time.Time `gorm:"serializer:micros;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:micros;autoUpdateTime:false"`

	Slug         string // unique in the workspace
	Title        string
	Subtitle     *string
	Description  *string
	Status       string
	Visibility   string // public, unlisted or private
	Level        string // all, beginner, intermediate or advanced
	Language     string // a BCP 47 tag
	Category     *string
	Tags         []string `gorm:"serializer:json"`
	ThumbnailURL *string

	Price      Price      `gorm:"embedded;embeddedPrefix:price_"`
	Instructor Instructor `gorm:"embedded;embeddedPrefix:instructor_"`

	ModuleCount        int
	LessonCount        int
	DurationSeconds    int
	EnrolledCount      int // active and completed enrollments
	CertificateEnabled bool
	PublishAt          *time.Time `gorm:"serializer:micros"`
	PublishedAt        *time.Time `gorm:"serializer:micros"`
	ArchivedAt         *time.Time `gorm:"serializer:micros"`
}

// Price is what a course costs, in minor units of its currency.
type Price struct {
	Amount          int64
	Currency        string
	CompareAtAmount *int64
}

// Instructor is who a course names as its teacher: a user of the workspace.
type Instructor struct {
	ID   string
	Name string
}

const courseColumns = `workspace_id, id, created_at, updated_at, slug, title, subtitle, description, status, visibility,
	level, language, category, tags, thumbnail_url, price_amount, price_currency, price_compare_at_amount,
	instructor_id, instructor_name, module_count, lesson_count, duration_seconds, enrolled_count,
	certificate_enabled, publish_at, published_at, archived_at`

func scanCourse(row *sql.Rows, c *Course) error {
	return row.Scan(&c.WorkspaceID, &c.ID, at(&c.CreatedAt), at(&c.UpdatedAt), &c.Slug, &c.Title,
		textOrNil(&c.Subtitle), textOrNil(&c.Description), &c.Status, &c.Visibility,
		&c.Level, &c.Language, textOrNil(&c.Category), asJSON(&c.Tags), textOrNil(&c.ThumbnailURL),
		&c.Price.Amount, &c.Price.Currency, amountOrNil(&c.Price.CompareAtAmount),
		&c.Instructor.ID, &c.Instructor.Name, whole(&c.ModuleCount), whole(&c.LessonCount), whole(&c.DurationSeconds),
		whole(&c.EnrolledCount), &c.CertificateEnabled, atOrNil(&c.PublishAt), atOrNil(&c.PublishedAt),
		atOrNil(&c.ArchivedAt))
}

// CourseQuery says which courses to list. Status "" is published.
type CourseQuery struct {
	ListOptions
	Status string
}

// Courses lists courses of one status with one query, served by courses_created or courses_updated.
func (w *Workspace) Courses(ctx context.Context, q CourseQuery) (Page[Course], error) {
	if q.Status == "" {
		q.Status = CoursePublished
	}
	list := listing[Course]{
		name: "courses", columns: courseColumns, from: "courses c", alias: "c", scan: scanCourse,
		stand: func(c *Course) (time.Time, time.Time, string) { return c.CreatedAt, c.UpdatedAt, c.ID },
	}
	list.filter("c.status = %s", &q.Status)
	return list.read(ctx, w, q.ListOptions)
}

// Course reads a course with its outline: three queries. A draft is ErrNotFound unless drafts is true.
func (w *Workspace) Course(ctx context.Context, id string, drafts bool) (CourseDetail, error) {
	course, err := readCourse(ctx, w.scope, id)
	if err == nil && course.Status == CourseDraft && !drafts {
		err = ErrNotFound
	}
	if err != nil {
		return CourseDetail{}, fmt.Errorf("course %s: %w", id, err)
	}
	modules, err := readOutline(ctx, w.scope, id)
	return CourseDetail{Course: course, Modules: modules}, wrap("outline of course "+id, err)
}

func readCourse(ctx context.Context, s scope, id string) (Course, error) {
	return scanOne(ctx, s, sqlQuery{
		text: `SELECT ` + courseColumns + ` FROM courses WHERE workspace_id = $1 AND id = $2`,
		args: []any{id}, capacity: 1,
	}, scanCourse)
}
