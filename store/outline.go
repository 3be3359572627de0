package store

import "time"

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
	Unlock          Unlock `gorm:"serializer:json"`
	LessonCount     int
	DurationSeconds int
	Lessons         []Lesson `gorm:"-"`
}

// Unlock says when a module opens for a student.
type Unlock struct {
	Type      string     `json:"type"` // immediate, after_days (of enrolling) or at_date
	AfterDays *int       `json:"afterDays,omitempty"`
	At        *time.Time `json:"at,omitempty"`
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
	Position        int    // from 1, within the course, so that one index orders the outline
	DurationSeconds int
	IsPreview       bool
}
