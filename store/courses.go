package store

import "time"

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
	Level        *string
	Language     *string // a BCP 47 tag
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
