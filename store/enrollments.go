package store

import "time"

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
